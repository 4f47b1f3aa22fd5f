/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json: whatever the bytes, it is read or refused with a reason; what
 * is read can be written, and what was written reads back as the same.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "spec/default.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void load_and_write(struct arena *a, struct buf *out, char *text, size_t len, bool must)
{
	struct error e = {.code = -1};
	struct config c;

	if (config_load(&c, a, text, len, &e) == 0) {
		config_write(&c, out);
		return;
	}
	if (must || e.code != 0 || e.text[0] == '\0') {
		fprintf(stderr, "%s: %s (%d)\n%.*s\n", e.at, e.text, e.code, (int)len, text);
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = {0};
	struct buf first = buf_new(&a), second = buf_new(&a);
	char *copy = malloc(size + !size); /* not in the arena: a sanitizer sees its end */

	if (!copy)
		abort();
	memcpy(copy, data, size);
	load_and_write(&a, &first, copy, size, false);
	if (first.len) {
		load_and_write(&a, &second, arena_strndup(&a, first.s, first.len), first.len, true);
		if (first.len != second.len || memcmp(first.s, second.s, first.len) != 0)
			abort();
	}
	arena_free(&a);
	free(copy);
	return 0;
}
