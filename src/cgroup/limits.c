/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/limits.h"

#include <errno.h>
#include <limits.h>
#include <stdarg.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "cgroup/hierarchy.h"

struct limit *limit_add(struct limits *l, const char *controller, const char *file, const char *at,
			const char *format, ...)
{
	struct buf value = buf_new(l->arena);
	va_list args;

	l->v = arena_more(l->arena, l->v, l->n, sizeof(*l->v));
	va_start(args, format);
	buf_vprintf(&value, format, args);
	va_end(args);
	l->v[l->n] =
		(struct limit){.controller = controller, .file = file, .at = at, .value = value.s};
	return &l->v[l->n++];
}

const char *number_or(struct arena *a, int64_t value, const char *unlimited)
{
	return value < 0 ? unlimited : arena_printf(a, "%lld", (long long)value);
}

const char *at_item(struct arena *a, const char *name, size_t index, const char *member)
{
	return arena_printf(a, RESOURCES "%s[%zu]%s%s", name, index, member ? "." : "",
			    member ? member : "");
}

int limits_pids(struct limits *l, const struct resources *r, struct error *e)
{
	(void)e;
	if (r->pids && r->pids->limit.set)
		limit_add(l, "pids", "pids.max", RESOURCES "pids.limit", "%s",
			  number_or(l->arena, r->pids->limit.v, "max"))
			->neutral = r->pids->limit.v < 0;
	return 0;
}

int limits_rdma(struct limits *l, const struct resources *r, struct error *e)
{
	(void)e;
	FOR_EACH(d, r->rdma) {
		const char *handles = "", *objects = "";

		if (d->hca_handles.set)
			handles = arena_printf(l->arena, " hca_handle=%u", d->hca_handles.v);
		if (d->hca_objects.set)
			objects = arena_printf(l->arena, " hca_object=%u", d->hca_objects.v);
		limit_add(l, "rdma", "rdma.max",
			  arena_printf(l->arena, RESOURCES "rdma.%s", d->device), "%s%s%s",
			  d->device, handles, objects);
	}
	return 0;
}

/* In this order they are written. v2's network block is refused once, by the first of its two rows. */
static const struct {
	const char *controller;
	limits_of_block v1, v2;
} blocks[] = {
	{"cpuset", limits_v1_cpuset, limits_v2_cpuset},
	{"memory", limits_v1_memory, limits_v2_memory},
	{"cpu", limits_v1_cpu, limits_v2_cpu},
	{"pids", limits_pids, limits_pids},
	{"blkio", limits_v1_blkio, limits_v2_io},
	{"hugetlb", limits_v1_hugetlb, limits_v2_hugetlb},
	{"net_cls", limits_v1_net_cls, limits_v2_network},
	{"net_prio", limits_v1_net_prio, limits_v2_network},
	{"rdma", limits_rdma, limits_rdma},
};

/* Where nothing could hold a limit it is an error, unless it asks for what is so anyhow. */
static int refuse(struct limits *l, size_t from, const char *controller, struct error *e)
{
	for (size_t i = from; i < l->n; i++)
		if (!l->v[i].neutral)
			return fail_at(
				e, l->v[i].at, 0,
				"cannot set %s: no cgroup hierarchy with the controller \"%s\" is mounted",
				l->v[i].file, controller);
	l->n = from;
	return 0;
}

/*
 * A file of cgroup2 by name.  Its controller is the name's first part; "cgroup" is the core.
 * Unknown names are written too: the spec wants kernels to come to be usable.
 */
static int add_unified(struct limits *l, const struct pair *p, const struct facts *f,
		       struct error *e)
{
	const char *at = arena_printf(l->arena, RESOURCES "unified.%s", p->key);
	const char *dot = strchr(p->key, '.');
	const char *controller = arena_strndup(l->arena, p->key, dot ? (size_t)(dot - p->key) : 0);

	if (strchr(p->key, '/') || controller[0] == '\0' || strlen(p->key) > NAME_MAX)
		return fail_at(e, at, 0, "\"%s\" is not the name of a cgroup file", p->key);
	if (!hierarchy_v2(f))
		return fail_at(e, at, 0, "cannot set %s: this host has no cgroup v2 hierarchy",
			       p->key);
	if (hierarchy_v1(f, str_eq(controller, "io") ? "blkio" : controller))
		return fail_at(e, at, 0,
			       "cannot set %s: the controller \"%s\" is in a cgroup v1 hierarchy",
			       p->key, controller);
	/* a line each: what takes several, as io.max does, takes one per write */
	for (const char *line = p->value; *line;) {
		size_t len = strcspn(line, "\n");

		if (len > 0)
			limit_add(l, controller, p->key, at, "%.*s", (int)len, line);
		line += len + (line[len] == '\n');
	}
	return 0;
}

int cgroup_limits(limit_list *out, struct arena *a, const struct resources *r,
		  const struct facts *f, struct error *e)
{
	struct resources nothing = {0};
	struct limits l = {.arena = a};

	if (!r)
		r = &nothing;
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		bool v1 = hierarchy_v1(f, blocks[i].controller), v2 = hierarchy_v2(f);
		size_t from = l.n;

		if ((v1 || !v2 ? blocks[i].v1 : blocks[i].v2)(&l, r, e) < 0)
			return -1;
		if (!v1 && !v2 && refuse(&l, from, blocks[i].controller, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < r->unified.n; i++)
		if (add_unified(&l, &r->unified.v[i], f, e) < 0)
			return -1;
	*out = (limit_list){.v = l.v, .n = l.n};
	return 0;
}

int limits_refuse_disabled(const limit_list *limits, struct error *e)
{
	for (size_t i = 0; i < limits->n; i++)
		if (!limits->v[i].neutral)
			return fail_at(e, limits->v[i].at, 0,
				       "cannot set %s: cgroups are disabled or not mounted",
				       limits->v[i].file);
	return 0;
}
