/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_UNDO_H
#define YACR_CGROUP_UNDO_H

/* What cgroup files held before an update, for an update that fails halfway. */

#include "base/arena.h"
#include "base/buf.h"

struct undo_step {
	int dir; /* borrowed */
	const char *file;
	const char *before; /* NULL: cannot be put back */
};

struct undo {
	struct arena *arena;
	struct undo_step *v;
	size_t n;
};

/*
 * What is to be written to @file to have it as it is now.  NULL when one write does not do
 * that: a file with a line per device, or one that cannot be read.
 */
const char *undo_value(const struct undo *u, int dir, const char *file, const char *value);

/* @file has been written to. */
void undo_add(struct undo *u, int dir, const char *file, const char *before);

/* Puts all back, the last one first; the names of files that stay as they are go to @left. */
void undo_all(const struct undo *u, struct buf *left);

#endif
