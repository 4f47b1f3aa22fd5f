/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/controllers.h"
#include "cgroup/devices.h"
#include "cgroup/hierarchy.h"
#include "cgroup/knob.h"
#include "cgroup/present.h"
#include "cgroup/undo.h"
#include "sys/self.h"

/*
 * What is written to: lines for one file follow each other.  Files stay open until there are
 * many, because numbers that follow each other are closed by one call.
 */
struct writing {
	const struct cgroup *cgroup;
	struct undo *undo; /* NULL: nobody wants the old values back */
	int dir;	   /* whose file was opened last, and its name */
	const char *name;
	size_t n;
	int fds[24];
};

static int write_open(const struct writing *w, const char *value)
{
	int dir = w->undo ? cgroup_dir(w->cgroup, (size_t)w->dir) : -1;
	const char *before = w->undo ? undo_value(w->undo, dir, w->name, value) : NULL;

	if (write(w->fds[w->n - 1], value, strlen(value)) < 0)
		return -1;
	if (w->undo)
		undo_add(w->undo, dir, w->name, before);
	return 0;
}

static void close_all(struct writing *w)
{
	self_close_each(w->fds, w->n);
	w->n = 0;
}

static int write_value(struct writing *w, int dir, const char *name, const char *value)
{
	if (w->n == 0 || w->dir != dir || !str_eq(w->name, name)) {
		int fd = cgroup_file(w->cgroup, (size_t)dir, name, O_WRONLY);

		if (fd < 0)
			return -1;
		if (w->n == ARRAY_SIZE(w->fds))
			close_all(w);
		w->fds[w->n++] = fd;
		w->dir = dir;
		w->name = name;
	}
	return write_open(w, value);
}

/* The numbers say it all: no errno behind them. */
static int in_use(const struct limit *l, uint64_t usage, struct error *e)
{
	return fail_at(e, l->at, 0, "cannot set %s to %s bytes: the container already uses %llu",
		       l->file, l->value, (unsigned long long)usage);
}

/* The kernel can take a limit below the present usage and kill for it; the config forbids that. */
static int check_usage(const struct cgroup *g, int i, const struct limit *l, struct error *e)
{
	uint64_t limit, usage;

	if (!l->usage || str_to_u64(l->value, UINT64_MAX, &limit) < 0 ||
	    knob_number(cgroup_dir(g, (size_t)i), l->usage, &usage) < 0 || usage <= limit)
		return 0;
	return in_use(l, usage, e);
}

static int refused(const struct cgroup *g, int i, const struct limit *l, int code, struct error *e)
{
	const struct cgroup_dir *d = &g->place->dirs.v[i];
	uint64_t usage;

	if (code == ENOENT)
		return fail_at(e, l->at, code,
			       "cannot set %s to \"%s\": this kernel has no such cgroup file",
			       l->file, l->value);
	if (code == EBUSY && str_eq(l->controller, "memory") &&
	    knob_number(cgroup_dir(g, (size_t)i), "memory.usage_in_bytes", &usage) == 0)
		return in_use(l, usage, e);
	return fail_at(e, l->at, code, "cannot set %s to \"%s\" in cgroup \"%s%s\"", l->file,
		       l->value, d->mountpoint, d->path);
}

/* 0, 1 when the kernel says EINVAL, -1. */
static int apply_one(struct writing *w, const struct limit *l, struct error *e)
{
	const struct cgroup *g = w->cgroup;
	int i = cgroup_dir_with(g, l->controller, !g->fresh);

	if (i < 0)
		return !errno && (l->neutral || l->optional)
			       ? 0
			       : fail_at(e, l->at, errno,
					 "cannot set %s: the container has no %s cgroup", l->file,
					 l->controller);
	if (check_usage(g, i, l, e) < 0)
		return -1;
	if (write_value(w, i, l->file, l->value) == 0)
		return 0;
	if (errno == ENOENT && l->or_file && write_value(w, i, l->or_file, l->or_value) == 0)
		return 0;
	if (l->optional && (errno == ENOENT || errno == EOPNOTSUPP || errno == EPERM))
		return 0;
	if (errno == EINVAL) {
		refused(g, i, l, EINVAL, e);
		return 1;
	}
	return refused(g, i, l, errno, e);
}

/*
 * The kernel checks pairs of values against each other as they come (memory and memory plus
 * swap, quota and period, weight and idle).  Which of two has to be first depends on what
 * they are now, so what is refused is tried again after the rest.
 */
#define AGAIN_MAX 16

static int apply(const struct cgroup *g, const limit_list *limits, struct undo *undo,
		 struct error *e)
{
	struct writing w = {.cgroup = g, .undo = undo};
	const struct limit *again[AGAIN_MAX];
	size_t again_count = 0;
	int r = 0;

	for (size_t i = 0; i < limits->n && r == 0; i++) {
		const struct limit *l = &limits->v[i];

		if (l->neutral && g->fresh)
			continue;
		r = apply_one(&w, l, e);
		if (r == 1 && again_count < AGAIN_MAX) {
			again[again_count++] = l;
			r = 0;
		}
	}
	for (size_t i = 0; i < again_count && r == 0; i++)
		r = apply_one(&w, again[i], e);
	close_all(&w);
	return r == 0 ? 0 : -1;
}

int cgroup_apply(const struct cgroup *g, const limit_list *limits, struct error *e)
{
	return apply(g, limits, NULL, e);
}

int cgroup_limit(const struct cgroup *g, struct arena *a, const struct resources *r,
		 const struct facts *f, struct error *e)
{
	limit_list limits;

	if (g->place->dirs.n == 0)
		return 0;
	return cgroup_limits(&limits, a, r, f, e) < 0 ? -1 : cgroup_apply(g, &limits, e);
}

/* A controller that nobody asked for at create is not enabled yet. */
static int enable_more(const struct cgroup *g, struct arena *a, const limit_list *limits,
		       struct error *e)
{
	controller_list wanted = {.v = ARENA_ARRAY(a, limits->n, struct controller)};
	const struct cgroup_dir *d = NULL;

	for (size_t i = 0; i < g->place->dirs.n; i++)
		if (dir_is_v2(&g->place->dirs.v[i]))
			d = &g->place->dirs.v[i];
	if (!d || g->v2 < 0)
		return 0;
	FOR_EACH(l, *limits) {
		int i = place_index(g->place, l->controller);

		if (i < 0 || &g->place->dirs.v[i] != d || str_eq(l->controller, "cgroup"))
			continue;
		if (wanted.n == 0 || !str_eq(wanted.v[wanted.n - 1].name, l->controller))
			wanted.v[wanted.n++] =
				(struct controller){l->controller, l->neutral ? NULL : l->at};
	}
	return controllers_enable(d, g->v2, &wanted, e);
}

/* v1's device rules are several writes, of which some may have come through. */
static int update_devices(const struct cgroup *g, struct arena *a, const struct resources *r,
			  const struct facts *f, struct buf *left, struct error *e)
{
	int i = place_index(g->place, "devices");

	if (r->devices.n == 0 || devices_apply(g, a, r, f, true, e) == 0)
		return 0;
	if (i >= 0 && !dir_is_v2(&g->place->dirs.v[i]))
		buf_printf(left, "%sdevice rules", left->len ? ", " : "");
	return -1;
}

/* The keeper writes the files too, and coarser: what it has written is not the last word. */
static int tell(const struct cgroup_keeper *k, const struct cgroup *g, const struct resources *r,
		const limit_list *limits, struct buf *left, struct error *e)
{
	if (!k)
		return 0;
	if (k->tell(k->ctx, r, e) < 0)
		return -1;
	buf_puts(left, "the unit's properties");
	return apply(g, limits, NULL, e);
}

int cgroup_update(const struct cgroup *g, struct arena *a, const struct resources *r,
		  const struct facts *f, const struct cgroup_keeper *keeper, struct error *e)
{
	struct resources given = {0};
	struct undo undo = {.arena = a};
	struct buf left = buf_new(a);
	device_rules rules;
	limit_list limits;

	if (r)
		present_fill(&given, a, g, r);
	if (cgroup_limits(&limits, a, &given, f, e) < 0 || devices_rules(&rules, a, &given, e) < 0)
		return -1;
	if (g->place->dirs.n == 0 && limits.n > 0)
		return fail_at(e, limits.v[0].at, 0, "cannot set %s: the container has no cgroup",
			       limits.v[0].file);
	if (enable_more(g, a, &limits, e) == 0 && apply(g, &limits, &undo, e) == 0 &&
	    tell(keeper, g, &given, &limits, &left, e) == 0 &&
	    update_devices(g, a, &given, f, &left, e) == 0)
		return 0;
	undo_all(&undo, &left);
	if (left.len) {
		struct error cause = *e;

		fail_at(e, cause.at, cause.code, "%s (changed already, and not put back: %s)",
			cause.text, left.s);
	}
	return -1;
}
