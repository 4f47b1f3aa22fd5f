/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_INTELRDT_H
#define YACR_HOST_INTELRDT_H

/*
 * linux.intelRdt: groups of the resctrl file system (config-linux.md "IntelRdt"; the kernel's
 * Documentation/filesystems/resctrl.rst).  @root is the directory where it is mounted.
 */

#include <sys/types.h>

#include "plan/plan.h"
#include "spec/state.h"

/* Finds where it is mounted: a directory descriptor. e->code ENODEV: nowhere. */
int rdt_open(struct error *e);

/*
 * Finds the group that @op asks for or makes it, writes its schemata, and makes the monitoring
 * group.  What has been made is in *@out also on failure.
 */
int rdt_make(struct rdt_group *out, int root, const struct plan *p, const struct op_intel_rdt *op,
	     struct error *e);

/* With all threads that it begins from here on. */
int rdt_join(int root, const struct rdt_group *g, pid_t pid, struct error *e);

/*
 * Removes what was made; @deleted: not what a closID names, since others may have come to use it.
 * That there is nothing is no error.
 */
int rdt_remove(int root, const struct rdt_group *g, bool deleted, struct error *e);
int rdt_remove_recorded(const struct state *s, bool deleted, struct error *e);

/* A process that exec adds to a container. When the group is gone, so are the others from it. */
int rdt_join_recorded(const struct state *s, pid_t pid, struct error *e);

/* The schemata of a group, to put them back. */
struct rdt_schemata {
	char text[4096];
};

/*
 * Writes the l3CacheSchema and memBwSchema that are there.  On failure all is put back; else
 * rdt_put_back() does it, with *@before.
 */
int rdt_update(struct rdt_schemata *before, int root, const struct rdt_group *g,
	       const struct intel_rdt *r, struct error *e);
void rdt_put_back(const struct rdt_schemata *before, int root, const struct rdt_group *g);

#endif
