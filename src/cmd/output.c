/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/output.h"

#include <string.h>

#include "base/fd.h"

#define MIN_WIDTH 12
#define PADDING 3

const struct name format_names[] = {
	{"table", FORMAT_TABLE},
	{"json", FORMAT_JSON},
	{NULL},
};

int output(const struct buf *b, struct error *e)
{
	if (file_write_all(STDOUT_FILENO, b->s, b->len) < 0)
		return fail_errno(e, "cannot write to standard output");
	return 0;
}

struct columns columns_new(struct arena *a, size_t columns)
{
	return (struct columns){.arena = a, .columns = columns};
}

void columns_add(struct columns *c, const char *cell)
{
	c->cells = arena_more(c->arena, c->cells, c->n, sizeof(*c->cells));
	c->cells[c->n++] = cell;
}

static size_t width_of(const struct columns *c, size_t column)
{
	size_t width = MIN_WIDTH;

	for (size_t i = column; i < c->n; i += c->columns) {
		size_t wanted = strlen(c->cells[i]) + PADDING;

		if (wanted > width)
			width = wanted;
	}
	return width;
}

void columns_write(const struct columns *c, struct buf *out)
{
	size_t *widths = ARENA_ARRAY(c->arena, c->columns, size_t);

	for (size_t column = 0; column + 1 < c->columns; column++)
		widths[column] = width_of(c, column);
	for (size_t i = 0; i < c->n; i++) {
		size_t column = i % c->columns;

		if (column + 1 < c->columns)
			buf_printf(out, "%-*s", (int)widths[column], c->cells[i]);
		else
			buf_printf(out, "%s\n", c->cells[i]);
	}
}
