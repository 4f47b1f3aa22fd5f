/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_WALK_H
#define YACR_CGROUP_WALK_H

/* Walking a cgroup's tree and its processes by descriptors. */

#include <stdbool.h>
#include <stddef.h>

/* The name of some child cgroup of @dir: 1, 0 when there is none, -1 with errno. */
int child_first(int dir, char *name, size_t size);

/*
 * Calls @visit for each process of @dir and of every cgroup below it.  A cgroup that goes away
 * meanwhile is no error.  @visit returns -1 to stop.  0, or -1 with errno.
 */
typedef int (*pid_visitor)(int pid, void *context);
int pids_visit(int dir, pid_visitor visit, void *context);

/* Of @dir itself, without what is below. */
int pids_visit_one(int dir, pid_visitor visit, void *context);

/* How many processes are in @dir and below; -1 with errno. */
int pids_count(int dir);

#endif
