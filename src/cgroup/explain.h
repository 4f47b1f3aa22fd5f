/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_EXPLAIN_H
#define YACR_CGROUP_EXPLAIN_H

/* What create would write to the container's cgroup, and how `explain` prints it. */

#include "base/buf.h"
#include "base/json_write.h"
#include "cgroup/cgroup.h"

/*
 * Pure: the limits and device rules that cgroup_create() and cgroup_limit() would write for a
 * new container, in their order, or the error that they would make of them.  On cgroup2 device
 * rules are one program; each rule of it is a line with the file "(program)", oldest first.
 */
int cgroup_explain(limit_list *out, struct arena *a, const struct cgroup_place *p,
		   const struct resources *r, const struct facts *f, struct error *e);

/* One line per limit; and as JSON: "limits", with "controller", "file", "value", "config". */
void limits_print(struct buf *out, const limit_list *limits);
void limits_print_json(struct json_writer *w, const limit_list *limits);

/* The value of a line: nobody shall write lines of ours. */
void explain_value(struct buf *out, const char *value);

/* Ends the line that began at @start with @at, in the column of plan_print(). */
void explain_at(struct buf *out, size_t start, const char *at);

#endif
