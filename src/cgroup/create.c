/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/controllers.h"
#include "cgroup/cpuset.h"
#include "cgroup/dir.h"
#include "cgroup/hierarchy.h"
#include "cgroup/knob.h"
#include "cgroup/limits.h"
#include "cgroup/owner.h"
#include "cgroup/systemd.h"
#include "cgroup/walk.h"
#include "sys/self.h"

/*
 * The spec asks for this check (config-linux.md "Cgroup ownership", "cgroupsPath"): limits of
 * ours would hit processes of somebody else, and our process would never get to run.
 */
static int check_fit(const struct cgroup_dir *d, int fd, struct error *e)
{
	int n = pids_count(fd);
	char state[32] = "";

	if (n < 0)
		return fail_errno(e, "cannot look for processes in cgroup \"%s%s\"", d->mountpoint,
				  d->path);
	if (n > 0)
		return fail_at(e, "linux.cgroupsPath", 0,
			       "container's cgroup is not empty: %d process(es) found in \"%s%s\"",
			       n, d->mountpoint, d->path);
	if (dir_is_v2(d))
		knob_line(fd, "cgroup.freeze", state, sizeof(state));
	else
		knob_line(fd, "freezer.state", state, sizeof(state));
	if (str_eq(state, "1") || str_eq(state, "FROZEN") || str_eq(state, "FREEZING"))
		return fail_at(e, "linux.cgroupsPath", 0,
			       "container's cgroup unexpectedly frozen: \"%s%s\"", d->mountpoint,
			       d->path);
	return 0;
}

/*
 * What has to be there: the controllers of the limits.  What should be: those of the blocks
 * that linux.resources has, even empty ones, because who sends a block reads statistics.
 */
static void wanted_controllers(controller_list *out, struct arena *a, const struct cgroup_place *p,
			       const struct resources *r, const limit_list *limits, bool fresh)
{
	const struct controller blocks[] = {
		{.name = r && r->memory ? "memory" : NULL},
		{.name = r && r->cpu ? "cpu" : NULL},
		{.name = r && r->pids ? "pids" : NULL},
		{.name = r && r->block_io ? "io" : NULL},
	};
	const char *last = "";

	out->v = ARENA_ARRAY(a, limits->n + ARRAY_SIZE(blocks), struct controller);
	out->n = 0;
	for (size_t i = 0; i < limits->n; i++) {
		const struct limit *l = &limits->v[i];
		int dir = place_index(p, l->controller);

		if ((l->neutral && fresh) || str_eq(l->controller, last) ||
		    str_eq(l->controller, "cgroup"))
			continue;
		if (dir >= 0 && dir_is_v2(&p->dirs.v[dir]))
			out->v[out->n++] = (struct controller){l->controller, l->at};
		last = l->controller;
	}
	for (size_t i = 0; i < ARRAY_SIZE(blocks); i++) {
		const char *v1 =
			blocks[i].name && str_eq(blocks[i].name, "io") ? "blkio" : blocks[i].name;
		int dir = v1 ? place_index(p, v1) : -1;

		if (dir >= 0 && dir_is_v2(&p->dirs.v[dir]))
			out->v[out->n++] = blocks[i];
	}
}

/* The first limit that needs directory @i of the place, or NULL: then it can be done without. */
static const struct limit *limit_in(const struct cgroup_place *p, size_t i,
				    const limit_list *limits)
{
	for (size_t k = 0; k < limits->n; k++)
		if (!limits->v[k].neutral && place_index(p, limits->v[k].controller) == (int)i)
			return &limits->v[k];
	return NULL;
}

/* Whether it is the user who lacks the right, not the request that is wrong. */
static bool not_ours(const struct facts *f, int code)
{
	bool rootless =
		f->rootless == ROOTLESS_AUTO ? facts_unprivileged(f) : f->rootless == ROOTLESS_TRUE;

	return code == EROFS || (rootless && (code == EACCES || code == EPERM));
}

static int explain_undelegated(const struct cgroup_dir *d, const struct facts *f,
			       const struct limit *l, int code, struct error *e)
{
	return fail_at(
		e, l->at, code,
		"cannot create cgroup \"%s%s\", which %s needs: user %u may not use cgroups here; run "
		"in a delegated one (systemd-run --user --scope -p Delegate=yes ...) or leave "
		"linux.resources out",
		d->mountpoint, d->path, l->file, (unsigned int)f->euid);
}

struct creation {
	struct cgroup_place *place;
	const struct config *config;
	const struct facts *facts;
	const limit_list *limits;
	struct arena *arena;
	bool fresh;
};

/* What else the directory in the cgroup2 tree has to have. */
static int prepare_v2(struct cgroup *g, struct creation *c, size_t i, bool existed, struct error *e)
{
	struct cgroup_dir *d = &c->place->dirs.v[i];
	controller_list controllers;

	g->v2 = cgroup_dir(g, i);
	if (g->v2 < 0)
		return fail_errno(e, "cannot open cgroup \"%s%s\"", d->mountpoint, d->path);
	wanted_controllers(&controllers, c->arena, c->place, c->config->linux_.resources, c->limits,
			   !existed);
	if (controllers_enable(d, g->v2, &controllers, e) < 0)
		return -1;
	return owner_set(g->v2, c->config, e);
}

/* One directory of the place, fit to be joined. 0, -1, or 1: done without. */
static int create_dir(struct cgroup *g, struct creation *c, size_t i, struct error *e)
{
	struct cgroup_dir *d = &c->place->dirs.v[i];
	int *fd = &g->dirs[i];

	*fd = -1;
	if (dir_make(d, c->arena, fd, e) < 0) {
		const struct limit *l = limit_in(c->place, i, c->limits);

		if (!not_ours(c->facts, e->code))
			return -1;
		return l ? explain_undelegated(d, c->facts, l, e->code, e) : 1;
	}
	if (*fd >= 0 && c->place->driver != CGROUP_DRIVER_SYSTEMD) {
		if (check_fit(d, *fd, e) < 0)
			return -1;
		c->fresh = false;
	}
	if (word_in(d->hierarchy, ',', "cpuset") && cpuset_fill(d, *fd < 0, e) < 0)
		return -1;
	return dir_is_v2(d) ? prepare_v2(g, c, i, *fd >= 0, e) : 0;
}

/* Takes directory @i out of the place. */
static void drop_dir(struct cgroup_place *p, size_t i)
{
	memmove(&p->dirs.v[i], &p->dirs.v[i + 1], (p->dirs.n - i - 1) * sizeof(p->dirs.v[0]));
	p->dirs.n--;
}

void cgroup_foresee(struct cgroup_place *p, struct arena *a)
{
	bool missing = true;

	/* what the first hierarchy has, the others have too, nearly always */
	for (size_t i = 0; i < p->dirs.n && missing; i++)
		missing = dir_foresee(&p->dirs.v[i], a) || i > 0;
}

static void undo(const struct cgroup_place *p)
{
	for (size_t i = 0; i < p->dirs.n; i++)
		if (p->dirs.v[i].made)
			dir_unmake(&p->dirs.v[i]);
}

static int create_dirs(struct cgroup *g, struct creation *c, struct error *e)
{
	struct cgroup_place *p = c->place;

	for (size_t i = 0; i < p->dirs.n;) {
		int r = create_dir(g, c, i, e);

		if (r < 0)
			return -1;
		if (r > 0)
			drop_dir(p, i);
		else
			i++;
	}
	if (p->dirs.n == 0)
		p->driver = CGROUP_DRIVER_DISABLED;
	return 0;
}

/* systemd has made the unit's cgroup where it was foretold; in other v1 hierarchies it makes none. */
static int check_unit(const struct cgroup_place *p, struct arena *a, struct error *e)
{
	size_t below = strlen(unit_subgroup(p));

	FOR_EACH(d, p->dirs) {
		const char *path = arena_printf(a, "%s%.*s", d->mountpoint,
						(int)(strlen(d->path) - below), d->path);

		if (!dir_is_v2(d) && !word_in(d->hierarchy, ',', "name=systemd"))
			continue;
		if (access(path, F_OK) < 0)
			return fail_at(e, "linux.cgroupsPath", errno,
				       "systemd has started \"%s\", but not in cgroup \"%s\"",
				       p->unit, path);
	}
	return 0;
}

static int make_delegated(struct cgroup *g, const struct config *c, struct error *e)
{
	const char *name = config_annotation(c, ANNOTATION_DELEGATE);
	int procs;

	if (!name || g->v2 < 0)
		return 0;
	procs = owner_delegate(g->v2, name, c, e);
	if (procs < 0)
		return -1;
	g->tasks[g->task_count++] = procs;
	return 0;
}

int cgroup_create(struct cgroup *out, struct arena *a, struct cgroup_place *p,
		  const struct config *c, const struct facts *f, struct error *e)
{
	struct cgroup g = {.place = p, .v2 = -1, .dirs = ARENA_ARRAY(a, p->dirs.n, int)};
	limit_list limits = {0};
	struct creation creation = {p, c, f, &limits, a, .fresh = true};
	mode_t mask;
	int r;

	if (cgroup_limits(&limits, a, c->linux_.resources, f, e) < 0)
		return -1;
	if (p->dirs.n == 0 && limits_refuse_disabled(&limits, e) < 0)
		return -1;
	if (p->driver == CGROUP_DRIVER_SYSTEMD && check_unit(p, a, e) < 0)
		return -1;
	for (size_t i = 0; i < p->dirs.n; i++) {
		g.dirs[i] = -1;
		p->dirs.v[i].made = NULL;
	}
	mask = umask(022); /* others may look into a cgroup */
	r = create_dirs(&g, &creation, e);
	if (r == 0)
		r = cgroup_open_tasks(&g, a, e);
	if (r == 0)
		r = make_delegated(&g, c, e);
	umask(mask);
	g.fresh = creation.fresh;
	if (r < 0) {
		cgroup_close(
			&g); /* first: undoing needs descriptors, which may be what has run out */
		undo(p);
		return -1;
	}
	*out = g;
	return 0;
}
