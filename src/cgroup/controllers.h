/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_CONTROLLERS_H
#define YACR_CGROUP_CONTROLLERS_H

#include "spec/state.h"

/* A controller that a cgroup2 directory shall have, and who says so. */
struct controller {
	const char *name;
	/* path in config.json; NULL: it would be nice to have, its absence is no error */
	const char *at;
};
typedef LIST(struct controller) controller_list;

/*
 * Enables what the directory @fd of @d lacks, in each cgroup on the way down to it.  When a
 * level refuses, the error says which one and why.
 */
int controllers_enable(const struct cgroup_dir *d, int fd, const controller_list *wanted,
		       struct error *e);

#endif
