/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_CPUSET_H
#define YACR_CGROUP_CPUSET_H

#include "spec/state.h"

/*
 * v1: a new cpuset has no processors and no memory, and nobody can join it before it has.  Gives
 * @d, which was just made (@fresh) or not, what the next directory above it has, and those in
 * between the same, as far as they have nothing.
 */
int cpuset_fill(const struct cgroup_dir *d, bool fresh, struct error *e);

#endif
