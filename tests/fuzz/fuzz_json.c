/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Any bytes: skipping and reading agree on what is JSON, an error says where,
 * and a value is found where it is.
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check(bool holds, const char *what)
{
	if (holds)
		return;
	fprintf(stderr, "does not hold: %s\n", what);
	abort();
}

static void check_string(const char *s)
{
	const char *end = s + strlen(s);

	for (size_t n; s < end; s += n) {
		n = utf8_length(s, end);
		check(n > 0, "strings are UTF-8");
	}
}

static int read_value(struct json *j, struct error *e);

static int read_members(struct json *j, struct error *e)
{
	const char *key;
	int r;

	if (json_enter_object(j, e) < 0)
		return -1;
	while ((r = json_next_key(j, &key, e)) > 0) {
		check_string(key);
		if (read_value(j, e) < 0)
			return -1;
	}
	return r;
}

static int read_elements(struct json *j, struct error *e)
{
	int r;

	if (json_enter_array(j, e) < 0)
		return -1;
	while ((r = json_next_element(j, e)) > 0)
		if (read_value(j, e) < 0)
			return -1;
	return r;
}

static int read_number(struct json *j, struct error *e)
{
	struct json before = *j;
	struct error ignored;
	uint64_t u;
	int64_t i;

	if (json_i64(j, &i, &ignored) == 0 || j->broken)
		return j->broken ? json_skip(&before, e) : 0;
	*j = before;
	if (json_u64(j, &u, &ignored) == 0)
		return 0;
	*j = before;
	return json_skip(j, e);
}

static int read_value(struct json *j, struct error *e)
{
	const char *s;
	bool b;

	switch (json_peek(j, e)) {
	case JSON_NULL: return json_null(j, e);
	case JSON_BOOL: return json_bool(j, &b, e);
	case JSON_NUMBER: return read_number(j, e);
	case JSON_STRING:
		if (json_string(j, &s, e) < 0)
			return -1;
		check_string(s);
		return 0;
	case JSON_ARRAY: return read_elements(j, e);
	case JSON_OBJECT: return read_members(j, e);
	default: return -1;
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct error skip_error = {0}, read_error = {0};
	struct arena a = {0};
	struct json_place place;
	struct json j;
	bool skipped, read;

	skipped = json_begin(&j, &a, text, size, &skip_error) == 0 &&
		  json_skip(&j, &skip_error) == 0 && json_end(&j, &skip_error) == 0;
	read = json_begin(&j, &a, text, size, &read_error) == 0 &&
	       read_value(&j, &read_error) == 0 && json_end(&j, &read_error) == 0;

	check(skipped || strncmp(skip_error.text, "line ", 5) == 0, "an error says where");
	if (!strstr(skip_error.text, "appears twice"))
		check(skipped == read, "skipping is as strict as reading");
	check((json_locate(text, size, "a[1].b", &place) == 0) == skipped,
	      "places are found in JSON");
	arena_free(&a);
	return 0;
}
