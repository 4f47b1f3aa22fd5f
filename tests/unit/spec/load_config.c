/* SPDX-License-Identifier: Apache-2.0 */
/* Loads the config on standard input. Prints the path of the error and exits with 1 when it is refused. */
#include <stdio.h>
#include <string.h>

#include "spec/default.h"

static char text[1 << 20];

int main(void)
{
	size_t len = fread(text, 1, sizeof(text), stdin);
	struct buf out = buf_new(arena_main());
	struct config c;
	struct error e;

	if (config_load(&c, arena_main(), text, len, &e) < 0) {
		printf("%s\n%s\n", e.at, e.text);
		return 1;
	}
	config_write(&c, &out);
	fwrite(out.s, 1, out.len, stdout);
	return 0;
}
