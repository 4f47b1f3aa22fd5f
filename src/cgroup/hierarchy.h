/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_HIERARCHY_H
#define YACR_CGROUP_HIERARCHY_H

/* Questions about a layout and a place that several modules ask. */

#include "cgroup/cgroup.h"

/* The mounted v1 hierarchy that has @controller, or NULL. */
const struct cgroup_hierarchy *hierarchy_v1(const struct facts *f, const char *controller);

/* The mounted cgroup2 hierarchy, or NULL. */
const struct cgroup_hierarchy *hierarchy_v2(const struct facts *f);

/* Index in @p of the directory where @controller's files are: its v1 one, else cgroup2; -1: none. */
int place_index(const struct cgroup_place *p, const char *controller);

/* Index of the one in the cgroup2 tree; -1: none. */
int place_v2(const struct cgroup_place *p);

/* The directory is in the cgroup2 tree. */
static inline bool dir_is_v2(const struct cgroup_dir *d)
{
	return d->hierarchy[0] == '\0';
}

/* Where cgroups cannot be expected to be ours: limits that nobody asked for are done without. */
static inline bool facts_unprivileged(const struct facts *f)
{
	return f->euid != 0 || f->in_userns;
}

/* place.c: @name, of the annotation @at, can be that of one cgroup. */
int check_cgroup_name(const char *at, const char *name, struct error *e);

/* The directory as a path on the host. */
const char *dir_path(struct arena *a, const struct cgroup_dir *d);

#endif
