/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/limits.h"

#include <string.h>

static struct limit *memory_limit(struct limits *l, const char *file, struct opt_i64 v,
				  const char *at)
{
	struct limit *added =
		limit_add(l, "memory", file, at, "%s", number_or(l->arena, v.v, "-1"));

	added->neutral = v.v < 0;
	return added;
}

static void memory_and_swap(struct limits *l, const struct memory *m)
{
	struct opt_i64 swap = m->swap;

	if (GIVEN(m->limit))
		memory_limit(l, "memory.limit_in_bytes", m->limit, RESOURCES "memory.limit");
	/* no limit, so none with swap either: the kernel wants memory <= memory and swap */
	if (GIVEN(m->limit) && m->limit.v < 0 && !GIVEN(swap))
		swap = m->limit;
	if (GIVEN(swap)) {
		struct limit *added = memory_limit(l, "memory.memsw.limit_in_bytes", swap,
						   RESOURCES "memory.swap");

		added->optional = swap.v < 0; /* a kernel that does not count swap limits nothing */
	}
}

int limits_v1_memory(struct limits *l, const struct resources *r, struct error *e)
{
	const struct memory *m = r->memory;

	(void)e;
	if (!m)
		return 0;
	memory_and_swap(l, m);
	if (GIVEN(m->reservation))
		memory_limit(l, "memory.soft_limit_in_bytes", m->reservation,
			     RESOURCES "memory.reservation");
	/* deprecated in the kernel (5.4) and the spec (1.1.0): where it is gone, it is gone */
	if (GIVEN(m->kernel))
		memory_limit(l, "memory.kmem.limit_in_bytes", m->kernel, RESOURCES "memory.kernel")
			->optional = true;
	if (GIVEN(m->kernel_tcp))
		memory_limit(l, "memory.kmem.tcp.limit_in_bytes", m->kernel_tcp,
			     RESOURCES "memory.kernelTCP");
	if (m->swappiness.set)
		limit_add(l, "memory", "memory.swappiness", RESOURCES "memory.swappiness", "%llu",
			  (unsigned long long)m->swappiness.v);
	if (m->disable_oom_killer.set)
		limit_add(l, "memory", "memory.oom_control", RESOURCES "memory.disableOOMKiller",
			  "%d", m->disable_oom_killer.v)
			->neutral = !m->disable_oom_killer.v;
	if (m->use_hierarchy.set)
		limit_add(l, "memory", "memory.use_hierarchy", RESOURCES "memory.useHierarchy",
			  "%d", m->use_hierarchy.v);
	return 0;
}

static void cpu_u64(struct limits *l, const char *file, struct opt_u64 v, const char *at)
{
	limit_add(l, "cpu", file, at, "%llu", (unsigned long long)v.v);
}

/* apply.c tries again what the kernel refuses before its counterpart is written: any order will do. */
static void bandwidth(struct limits *l, const struct cpu *c)
{
	if (GIVEN(c->period)) {
		cpu_u64(l, "cpu.cfs_period_us", c->period, RESOURCES "cpu.period");
		l->v[l->n - 1].neutral = c->period.v == PERIOD_USUAL;
	}
	if (GIVEN(c->quota))
		limit_add(l, "cpu", "cpu.cfs_quota_us", RESOURCES "cpu.quota", "%s",
			  number_or(l->arena, c->quota.v, "-1"))
			->neutral = c->quota.v < 0;
	if (c->burst.set) {
		cpu_u64(l, "cpu.cfs_burst_us", c->burst, RESOURCES "cpu.burst");
		l->v[l->n - 1].neutral = c->burst.v == 0;
		l->v[l->n - 1].optional = c->burst.v == 0;
	}
}

int limits_v1_cpu(struct limits *l, const struct resources *r, struct error *e)
{
	const struct cpu *c = r->cpu;

	if (!c)
		return 0;
	/* the kernel would write another number than was asked for */
	if (GIVEN(c->shares) && (c->shares.v < 2 || c->shares.v > 262144))
		return fail_at(e, RESOURCES "cpu.shares", 0,
			       "cpu shares must be 2 to 262144, not %llu",
			       (unsigned long long)c->shares.v);
	if (GIVEN(c->shares) && !cpu_is_idle(c)) {
		cpu_u64(l, "cpu.shares", c->shares, RESOURCES "cpu.shares");
		l->v[l->n - 1].neutral = c->shares.v == 1024;
	}
	if (GIVEN(c->realtime_period))
		cpu_u64(l, "cpu.rt_period_us", c->realtime_period, RESOURCES "cpu.realtimePeriod");
	if (GIVEN(c->realtime_runtime))
		limit_add(l, "cpu", "cpu.rt_runtime_us", RESOURCES "cpu.realtimeRuntime", "%lld",
			  (long long)c->realtime_runtime.v);
	bandwidth(l, c);
	if (c->idle.set) {
		limit_add(l, "cpu", "cpu.idle", RESOURCES "cpu.idle", "%lld", (long long)c->idle.v);
		l->v[l->n - 1].neutral = c->idle.v == 0;
		l->v[l->n - 1].optional = c->idle.v == 0;
	}
	return 0;
}

int limits_v1_cpuset(struct limits *l, const struct resources *r, struct error *e)
{
	(void)e;
	if (r->cpu && r->cpu->cpus && r->cpu->cpus[0])
		limit_add(l, "cpuset", "cpuset.cpus", RESOURCES "cpu.cpus", "%s", r->cpu->cpus);
	if (r->cpu && r->cpu->mems && r->cpu->mems[0])
		limit_add(l, "cpuset", "cpuset.mems", RESOURCES "cpu.mems", "%s", r->cpu->mems);
	return 0;
}

/* The scheduler that gave blkio.weight is gone since 5.0; BFQ has files of its own. */
static void weight(struct limits *l, const char *file, const char *or_file, const char *at,
		   const char *value)
{
	struct limit *added = limit_add(l, "blkio", file, at, "%s", value);

	added->or_file = or_file;
	added->or_value = or_file ? value : NULL;
}

static void throttle(struct limits *l, const throttle_devices *list, const char *file,
		     const char *name)
{
	for (size_t i = 0; i < list->n; i++)
		limit_add(l, "blkio", file, at_item(l->arena, name, i, NULL), "%lld:%lld %llu",
			  (long long)list->v[i].major.v, (long long)list->v[i].minor.v,
			  (unsigned long long)list->v[i].rate.v);
}

int limits_v1_blkio(struct limits *l, const struct resources *r, struct error *e)
{
	const struct block_io *b = r->block_io;

	(void)e;
	if (!b)
		return 0;
	if (GIVEN(b->weight))
		weight(l, "blkio.weight", "blkio.bfq.weight", RESOURCES "blockIO.weight",
		       arena_printf(l->arena, "%u", b->weight.v));
	if (GIVEN(b->leaf_weight))
		weight(l, "blkio.leaf_weight", NULL, RESOURCES "blockIO.leafWeight",
		       arena_printf(l->arena, "%u", b->leaf_weight.v));
	for (size_t i = 0; i < b->weight_device.n; i++) {
		const struct weight_device *d = &b->weight_device.v[i];
		const char *device = arena_printf(l->arena, "%lld:%lld", (long long)d->major.v,
						  (long long)d->minor.v);

		if (d->weight.set)
			weight(l, "blkio.weight_device", "blkio.bfq.weight_device",
			       at_item(l->arena, "blockIO.weightDevice", i, "weight"),
			       arena_printf(l->arena, "%s %u", device, d->weight.v));
		if (d->leaf_weight.set)
			weight(l, "blkio.leaf_weight_device", NULL,
			       at_item(l->arena, "blockIO.weightDevice", i, "leafWeight"),
			       arena_printf(l->arena, "%s %u", device, d->leaf_weight.v));
	}
	throttle(l, &b->throttle_read_bps, "blkio.throttle.read_bps_device",
		 "blockIO.throttleReadBpsDevice");
	throttle(l, &b->throttle_write_bps, "blkio.throttle.write_bps_device",
		 "blockIO.throttleWriteBpsDevice");
	throttle(l, &b->throttle_read_iops, "blkio.throttle.read_iops_device",
		 "blockIO.throttleReadIOPSDevice");
	throttle(l, &b->throttle_write_iops, "blkio.throttle.write_iops_device",
		 "blockIO.throttleWriteIOPSDevice");
	return 0;
}

int limits_v1_hugetlb(struct limits *l, const struct resources *r, struct error *e)
{
	(void)e;
	for (size_t i = 0; i < r->hugepage_limits.n; i++) {
		const struct hugepage_limit *h = &r->hugepage_limits.v[i];
		const char *at = at_item(l->arena, "hugepageLimits", i, "limit");

		limit_add(l, "hugetlb",
			  arena_printf(l->arena, "hugetlb.%s.limit_in_bytes", h->page_size), at,
			  "%llu", (unsigned long long)h->limit.v);
		/* reservations are counted since 5.7; faults, above, always */
		limit_add(l, "hugetlb",
			  arena_printf(l->arena, "hugetlb.%s.rsvd.limit_in_bytes", h->page_size),
			  at, "%llu", (unsigned long long)h->limit.v)
			->optional = true;
	}
	return 0;
}

int limits_v1_net_cls(struct limits *l, const struct resources *r, struct error *e)
{
	(void)e;
	if (r->network && GIVEN(r->network->class_id))
		limit_add(l, "net_cls", "net_cls.classid", RESOURCES "network.classID", "%u",
			  r->network->class_id.v);
	return 0;
}

int limits_v1_net_prio(struct limits *l, const struct resources *r, struct error *e)
{
	(void)e;
	for (size_t i = 0; r->network && i < r->network->priorities.n; i++)
		limit_add(l, "net_prio", "net_prio.ifpriomap",
			  at_item(l->arena, "network.priorities", i, NULL), "%s %u",
			  r->network->priorities.v[i].name, r->network->priorities.v[i].priority.v);
	return 0;
}
