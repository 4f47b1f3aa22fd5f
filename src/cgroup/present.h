/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_PRESENT_H
#define YACR_CGROUP_PRESENT_H

#include "cgroup/cgroup.h"

/*
 * cgroup2 has one file for what the spec has two properties for (cpu.max), and counts swap by
 * itself, where the spec counts it together with memory.  When an update gives one of such a
 * pair, the other one keeps its present value: *@out is @r with that value read from @g.
 */
void present_fill(struct resources *out, struct arena *a, const struct cgroup *g,
		  const struct resources *r);

#endif
