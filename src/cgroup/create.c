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
		return fail(e, errno, "cannot look for processes in cgroup \"%s%s\"", d->mountpoint,
			    d->path);
	if (n > 0)
		return fail_at(e, "linux.cgroupsPath", 0,
			       "container's cgroup is not empty: %d process(es) found in \"%s%s\"",
			       n, d->mountpoint, d->path);
	if (dir_is_v2(d))
		knob_read(fd, "cgroup.freeze", state, sizeof(state));
	else
		knob_read(fd, "freezer.state", state, sizeof(state));
	if (str_eq(state, "1") || str_eq(state, "FROZEN") || str_eq(state, "FREEZING"))
		return fail_at(e, "linux.cgroupsPath", 0,
			       "container's cgroup unexpectedly frozen: \"%s%s\"", d->mountpoint,
			       d->path);
	return 0;
}

/* v1: a new cpuset has no processors and no memory, and nobody can join it before it has. */
static int inherit(int dir, const char *file, char *value, size_t size)
{
	AUTO_CLOSE int parent = -1;

	value[0] = '\0';
	if (knob_read(dir, file, value, size) != 0)
		return value[0] != '\0' ? 0 : -1;
	parent = openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (parent < 0 || inherit(parent, file, value, size) < 0)
		return -1;
	return knob_write(dir, file, value);
}

static int fill_cpuset(const struct cgroup_dir *d, int fd, struct error *e)
{
	char value[4096];

	if (inherit(fd, "cpuset.cpus", value, sizeof(value)) < 0)
		return fail(e, errno, "cannot give cgroup \"%s%s\" its parent's cpuset.cpus",
			    d->mountpoint, d->path);
	if (inherit(fd, "cpuset.mems", value, sizeof(value)) < 0)
		return fail(e, errno, "cannot give cgroup \"%s%s\" its parent's cpuset.mems",
			    d->mountpoint, d->path);
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

/* One directory of the place, fit to be joined. The descriptor, -1, or -2: done without. */
static int create_dir(struct creation *c, size_t i, struct error *e)
{
	struct cgroup_dir *d = &c->place->dirs.v[i];
	controller_list controllers;
	bool existed = false;
	AUTO_CLOSE int fd = dir_make(d, c->arena, &existed, e);

	if (fd < 0 && not_ours(c->facts, e->code)) {
		const struct limit *l = limit_in(c->place, i, c->limits);

		return l ? explain_undelegated(d, c->facts, l, e->code, e) : -2;
	}
	if (fd < 0)
		return -1;
	if (existed && c->place->driver != CGROUP_DRIVER_SYSTEMD) {
		if (check_fit(d, fd, e) < 0)
			return -1;
		c->fresh = false;
	}
	if (word_in(d->hierarchy, ',', "cpuset") && fill_cpuset(d, fd, e) < 0)
		return -1;
	if (!dir_is_v2(d))
		return TAKE_FD(fd);
	wanted_controllers(&controllers, c->arena, c->place, c->config->linux_.resources, c->limits,
			   !existed);
	if (controllers_enable(d, fd, &controllers, e) < 0)
		return -1;
	if (owner_set(fd, c->config, e) < 0)
		return -1;
	return TAKE_FD(fd);
}

/* Takes directory @i out of the place. */
static void drop_dir(struct cgroup_place *p, size_t i)
{
	memmove(&p->dirs.v[i], &p->dirs.v[i + 1], (p->dirs.n - i - 1) * sizeof(p->dirs.v[0]));
	p->dirs.n--;
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
		int fd = create_dir(c, i, e);

		if (fd == -2) {
			drop_dir(p, i);
			continue;
		}
		if (fd < 0)
			return -1;
		if (dir_is_v2(&p->dirs.v[i]))
			g->v2 = fd;
		g->dirs[i++] = fd;
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

int cgroup_open(struct cgroup *out, struct arena *a, const struct cgroup_place *p, struct error *e)
{
	struct cgroup g = {.place = p, .v2 = -1, .dirs = ARENA_ARRAY(a, p->dirs.n, int)};

	for (size_t i = 0; i < p->dirs.n; i++)
		g.dirs[i] = -1;
	for (size_t i = 0; i < p->dirs.n; i++) {
		const struct cgroup_dir *d = &p->dirs.v[i];

		g.dirs[i] = openat(AT_FDCWD, dir_path(a, d),
				   O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (g.dirs[i] < 0 && errno != ENOENT) {
			fail(e, errno, "cannot open cgroup \"%s%s\"", d->mountpoint, d->path);
			cgroup_close(&g);
			return -1;
		}
		if (dir_is_v2(d))
			g.v2 = g.dirs[i];
	}
	*out = g;
	return 0;
}

void cgroup_close(struct cgroup *g)
{
	self_close_each(g->dirs, g->place->dirs.n);
	self_close_each(g->tasks, g->task_count);
	g->task_count = 0;
	g->v2 = -1;
}
