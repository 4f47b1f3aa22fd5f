/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CMD_OUTPUT_H
#define YACR_CMD_OUTPUT_H

#include "base/buf.h"
#include "base/str.h"

/* Writes all of @b to standard output. A full disk or a closed pipe is a failure like any other. */
int output(const struct buf *b, struct error *e);

/* What list and ps print. */
enum output_format { FORMAT_TABLE, FORMAT_JSON };
extern const struct name format_names[]; /* "table", "json" */

/* Lines of cells, each column as wide as its widest cell needs: tabs of at least 12, 3 apart. */
struct columns {
	struct arena *arena;
	const char **cells;
	size_t columns, n;
};

struct columns columns_new(struct arena *a, size_t columns);
void columns_add(struct columns *c, const char *cell); /* row by row; the string must stay */
void columns_write(const struct columns *c, struct buf *out);

#endif
