/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_LIMITS_H
#define YACR_CGROUP_LIMITS_H

/* What limits.c, limits_v1.c and limits_v2.c share: pure, from linux.resources to lines to write. */

#include "cgroup/cgroup.h"

#define RESOURCES "linux.resources."
#define PERIOD_USUAL 100000 /* the microseconds of cpu.period that a new cgroup has */

/*
 * Of an optional number: 0 is "not set", for everything but pids and burst, as engines send it for
 * what was not given.  One that is absent is 0, too.
 */
#define GIVEN(number) ((number).v != 0)

struct limits {
	struct arena *arena;
	struct limit *v;
	size_t n;
};

/* Appends one; the value is formatted. The pointer is good until the next one is added. */
struct limit *limit_add(struct limits *l, const char *controller, const char *file, const char *at,
			const char *format, ...) PRINTF_LIKE(5, 6);

/* "-1" for any negative number where v1 wants it, "max" on v2. */
const char *number_or(struct arena *a, int64_t value, const char *unlimited);

/* "linux.resources.NAME[INDEX].MEMBER" */
const char *at_item(struct arena *a, const char *name, size_t index, const char *member);

/*
 * One block of linux.resources (of a whole, so that all have one type) for one controller.
 * Those of v1 cannot fail: every value has a file there.
 */
typedef int (*limits_of_block)(struct limits *l, const struct resources *r, struct error *e);

int limits_v1_memory(struct limits *l, const struct resources *r, struct error *e);
int limits_v1_cpu(struct limits *l, const struct resources *r, struct error *e);
int limits_v1_cpuset(struct limits *l, const struct resources *r, struct error *e);
int limits_v1_blkio(struct limits *l, const struct resources *r, struct error *e);
int limits_v1_hugetlb(struct limits *l, const struct resources *r, struct error *e);
int limits_v1_net_cls(struct limits *l, const struct resources *r, struct error *e);
int limits_v1_net_prio(struct limits *l, const struct resources *r, struct error *e);

int limits_v2_memory(struct limits *l, const struct resources *r, struct error *e);
int limits_v2_cpu(struct limits *l, const struct resources *r, struct error *e);
int limits_v2_cpuset(struct limits *l, const struct resources *r, struct error *e);
int limits_v2_io(struct limits *l, const struct resources *r, struct error *e);
int limits_v2_hugetlb(struct limits *l, const struct resources *r, struct error *e);
int limits_v2_network(struct limits *l, const struct resources *r, struct error *e);

/* The same files in both. */
int limits_pids(struct limits *l, const struct resources *r, struct error *e);
int limits_rdma(struct limits *l, const struct resources *r, struct error *e);

/* Without a cgroup, limits that nothing can hold are an error; that it is missing otherwise is not. */
int limits_refuse_disabled(const limit_list *limits, struct error *e);

/*
 * cpu.weight (1..10000) of cpu.shares (2..262144): ceil(10^((x^2 + 125x) / 612 - 7/34)) with
 * x = log2(shares), the curve through 1, 100 and 10000 that runtimes agreed on in 2025.
 */
unsigned int weight_of_shares(uint64_t shares);

/* An idle group has no weight: the kernel takes none while it is idle, and forgets the one before. */
bool cpu_is_idle(const struct cpu *c);

#endif
