/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The spec's resources are those of cgroup v1.  Here they become cgroup2's:
 * converted where there is a conversion, accepted where the value is what
 * cgroup2 does anyhow, refused otherwise (config-linux.md "Unified").
 */
#include "cgroup/limits.h"

#include <string.h>

static int no_counterpart(struct error *e, const char *at, const char *what)
{
	return fail_at(e, at, 0, "%s cannot be set: cgroup v2 has no counterpart of it", what);
}

/*
 * v1 limits memory plus swap, v2 swap alone.  @swap is the sum, or negative.
 * Returns in *@out bytes, -1 without limit.
 */
static int swap_alone(int64_t *out, const struct memory *m, int64_t swap, struct error *e)
{
	if (swap < 0) {
		*out = -1;
		return 0;
	}
	if (!GIVEN(m->limit))
		return fail_at(e, RESOURCES "memory.swap", 0,
			       "memory plus swap cannot be limited without a limit of memory");
	if (m->limit.v < 0) { /* memory itself without limit: the number can only mean swap */
		*out = swap;
		return 0;
	}
	if (swap < m->limit.v)
		return fail_at(e, RESOURCES "memory.swap", 0,
			       "memory plus swap (%lld) must not be below memory (%lld)",
			       (long long)swap, (long long)m->limit.v);
	*out = swap - m->limit.v;
	return 0;
}

static int add_swap(struct limits *l, const struct memory *m, struct error *e)
{
	bool check = m->check_before_update.set && m->check_before_update.v;
	bool follows = !GIVEN(m->swap) && GIVEN(m->limit) && m->limit.v < 0;
	struct limit *added;
	int64_t swap = -1;

	if (!GIVEN(m->swap) && !follows)
		return 0;
	if (swap_alone(&swap, m, follows ? -1 : m->swap.v, e) < 0)
		return -1;
	added = limit_add(l, "memory", "memory.swap.max", RESOURCES "memory.swap", "%s",
			  number_or(l->arena, swap, "max"));
	added->optional = swap <= 0; /* a kernel that does not swap, or not count it, uses none */
	added->neutral = swap < 0;
	added->usage = check && swap >= 0 ? "memory.swap.current" : NULL;
	return 0;
}

/* What has no file here. kernel is deprecated everywhere: not worth an error that nobody can act on. */
static int check_memory(const struct memory *m, struct error *e)
{
	if (GIVEN(m->kernel_tcp) && m->kernel_tcp.v > 0)
		return no_counterpart(e, RESOURCES "memory.kernelTCP",
				      "a limit of kernel memory for TCP");
	if (m->swappiness.set)
		return no_counterpart(e, RESOURCES "memory.swappiness", "swappiness");
	if (m->disable_oom_killer.set && m->disable_oom_killer.v)
		return no_counterpart(e, RESOURCES "memory.disableOOMKiller",
				      "a disabled OOM killer");
	if (m->use_hierarchy.set && !m->use_hierarchy.v)
		return no_counterpart(e, RESOURCES "memory.useHierarchy",
				      "memory that is not hierarchical");
	return 0;
}

int limits_v2_memory(struct limits *l, const struct resources *r, struct error *e)
{
	const struct memory *m = r->memory;

	if (!m)
		return 0;
	if (check_memory(m, e) < 0)
		return -1;
	if (GIVEN(m->limit)) {
		struct limit *added = limit_add(l, "memory", "memory.max", RESOURCES "memory.limit",
						"%s", number_or(l->arena, m->limit.v, "max"));

		added->neutral = m->limit.v < 0;
		if (m->limit.v > 0 && m->check_before_update.set && m->check_before_update.v)
			added->usage = "memory.current";
	}
	if (add_swap(l, m, e) < 0)
		return -1;
	if (GIVEN(m->reservation))
		limit_add(l, "memory", "memory.low", RESOURCES "memory.reservation", "%s",
			  number_or(l->arena, m->reservation.v, "max"));
	return 0;
}

/* "QUOTA PERIOD"; a period that is not given stays what it is. */
static void add_bandwidth(struct limits *l, const struct cpu *c)
{
	bool period = GIVEN(c->period);
	const char *quota = GIVEN(c->quota) ? number_or(l->arena, c->quota.v, "max") : "max";

	if (!GIVEN(c->quota) && !period)
		return;
	if (period)
		limit_add(l, "cpu", "cpu.max",
			  GIVEN(c->quota) ? RESOURCES "cpu.quota" : RESOURCES "cpu.period",
			  "%s %llu", quota, (unsigned long long)c->period.v)
			->neutral = quota[0] == 'm' && c->period.v == PERIOD_USUAL;
	else
		limit_add(l, "cpu", "cpu.max", RESOURCES "cpu.quota", "%s", quota)->neutral =
			c->quota.v < 0;
}

int limits_v2_cpu(struct limits *l, const struct resources *r, struct error *e)
{
	const struct cpu *c = r->cpu;
	struct limit *added;

	if (!c)
		return 0;
	if (GIVEN(c->realtime_runtime))
		return no_counterpart(e, RESOURCES "cpu.realtimeRuntime", "realtime run time");
	if (GIVEN(c->realtime_period))
		return no_counterpart(e, RESOURCES "cpu.realtimePeriod", "the realtime period");
	if (GIVEN(c->shares) && !cpu_is_idle(c))
		limit_add(l, "cpu", "cpu.weight", RESOURCES "cpu.shares", "%u",
			  weight_of_shares(c->shares.v))
			->neutral = weight_of_shares(c->shares.v) == 100;
	add_bandwidth(l, c);
	if (c->burst.set) {
		added = limit_add(l, "cpu", "cpu.max.burst", RESOURCES "cpu.burst", "%llu",
				  (unsigned long long)c->burst.v);
		added->optional = added->neutral = c->burst.v == 0;
	}
	if (c->idle.set) {
		added = limit_add(l, "cpu", "cpu.idle", RESOURCES "cpu.idle", "%lld",
				  (long long)c->idle.v);
		added->optional = added->neutral = c->idle.v == 0;
	}
	return 0;
}

int limits_v2_cpuset(struct limits *l, const struct resources *r, struct error *e)
{
	return limits_v1_cpuset(l, r, e);
}

/* BFQ's 1..1000 to the 1..10000 of io.weight, for kernels whose scheduler is another. */
static unsigned int io_weight(unsigned int weight)
{
	return weight < 10 ? 1 : 1 + (weight - 10) * 9999 / 990;
}

static void add_weight(struct limits *l, const char *at, const char *device, unsigned int weight)
{
	struct limit *added = limit_add(l, "io", "io.bfq.weight", at, "%s%u", device, weight);

	added->or_file = "io.weight";
	added->or_value = arena_printf(l->arena, "%s%u", device, io_weight(weight));
}

static void throttle(struct limits *l, const throttle_devices *list, const char *key,
		     const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		limit_add(l, "io", "io.max", at_item(l->arena, name, i, NULL), "%lld:%lld %s=%s",
			  (long long)list->v[i].major.v, (long long)list->v[i].minor.v, key,
			  list->v[i].rate.v == 0
				  ? "max"
				  : arena_printf(l->arena, "%llu",
						 (unsigned long long)list->v[i].rate.v));
}

int limits_v2_io(struct limits *l, const struct resources *r, struct error *e)
{
	const struct block_io *b = r->block_io;

	if (!b)
		return 0;
	if (GIVEN(b->leaf_weight))
		return no_counterpart(e, RESOURCES "blockIO.leafWeight", "the leaf weight");
	if (GIVEN(b->weight))
		add_weight(l, RESOURCES "blockIO.weight", "", b->weight.v);
	for (size_t i = 0; i < b->weight_device.n; i++) {
		const struct weight_device *d = &b->weight_device.v[i];

		if (GIVEN(d->leaf_weight))
			return no_counterpart(
				e, at_item(l->arena, "blockIO.weightDevice", i, "leafWeight"),
				"the leaf weight");
		if (d->weight.set)
			add_weight(l, at_item(l->arena, "blockIO.weightDevice", i, "weight"),
				   arena_printf(l->arena, "%lld:%lld ", (long long)d->major.v,
						(long long)d->minor.v),
				   d->weight.v);
	}
	throttle(l, &b->throttle_read_bps, "rbps", "blockIO.throttleReadBpsDevice");
	throttle(l, &b->throttle_write_bps, "wbps", "blockIO.throttleWriteBpsDevice");
	throttle(l, &b->throttle_read_iops, "riops", "blockIO.throttleReadIOPSDevice");
	throttle(l, &b->throttle_write_iops, "wiops", "blockIO.throttleWriteIOPSDevice");
	return 0;
}

int limits_v2_hugetlb(struct limits *l, const struct resources *r, struct error *e)
{
	(void)e;
	for (size_t i = 0; i < r->hugepage_limits.n; i++) {
		const struct hugepage_limit *h = &r->hugepage_limits.v[i];
		const char *at = at_item(l->arena, "hugepageLimits", i, "limit");

		limit_add(l, "hugetlb", arena_printf(l->arena, "hugetlb.%s.max", h->page_size), at,
			  "%llu", (unsigned long long)h->limit.v);
		limit_add(l, "hugetlb", arena_printf(l->arena, "hugetlb.%s.rsvd.max", h->page_size),
			  at, "%llu", (unsigned long long)h->limit.v)
			->optional = true;
	}
	return 0;
}

int limits_v2_network(struct limits *l, const struct resources *r, struct error *e)
{
	(void)l;
	if (r->network && GIVEN(r->network->class_id))
		return no_counterpart(e, RESOURCES "network.classID", "a network class");
	if (r->network && r->network->priorities.n > 0)
		return no_counterpart(e, RESOURCES "network.priorities", "a network priority");
	return 0;
}
