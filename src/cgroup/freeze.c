/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <string.h>

#include "base/fd.h"
#include "base/list.h"
#include "base/str.h"
#include "cgroup/dir.h"
#include "cgroup/events.h"
#include "cgroup/freezer.h"
#include "cgroup/hierarchy.h"
#include "cgroup/knob.h"
#include "sys/clock.h"

#define FREEZE_MS 5000

/* @state is freezer.state, which is closed. */
static int is_frozen(int state)
{
	char text[64];

	return knob_line_of(state, text, sizeof(text)) < 0 ? -1 : str_eq(text, "FROZEN");
}

int freezer_is_frozen(int dir, bool v2)
{
	return v2 ? events_value(dir, "frozen")
		  : is_frozen(openat(dir, "freezer.state", O_RDONLY | O_CLOEXEC));
}

int freezer_is_told(int dir, bool v2)
{
	uint64_t told;

	if (knob_number(dir, v2 ? "cgroup.freeze" : "freezer.self_freezing", &told) < 0)
		return -1;
	return told != 0;
}

bool freezer_is_held(int dir, bool v2)
{
	uint64_t held = 0;

	if (!v2)
		return knob_number(dir, "freezer.parent_freezing", &held) == 0 && held;

	AUTO_CLOSE int above = openat(dir, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
	return above >= 0 && events_value(above, "frozen") > 0;
}

int freezer_write(int dir, bool v2, bool frozen)
{
	if (v2)
		return knob_write(dir, "cgroup.freeze", frozen ? "1" : "0");
	return knob_write(dir, "freezer.state", frozen ? "FROZEN" : "THAWED");
}

int freezer_wait(int dir, bool v2, bool frozen, int64_t ms)
{
	int64_t end = now_ms() + ms, nap = 1;

	if (v2)
		return events_wait(dir, "frozen", frozen, ms);
	while (freezer_is_frozen(dir, v2) != frozen) {
		if (now_ms() >= end) {
			errno = ETIMEDOUT;
			return -1;
		}
		sleep_ms(nap);
		nap = nap < 32 ? nap * 2 : nap;
		/* v1 looks again at tasks that forked or were traced only when it is written to */
		if (freezer_write(dir, v2, frozen) < 0)
			return -1;
	}
	return 0;
}

void cgroup_roots_close(struct cgroup_roots *roots)
{
	for (size_t i = 0; i < ARRAY_SIZE(roots->of); i++)
		if (roots->of[i].mountpoint)
			close_fd(&roots->of[i].dir);
	*roots = (struct cgroup_roots){0};
}

static int open_below(struct cgroup_root *root, const struct cgroup_dir *d, const char *file)
{
	char path[PATH_MAX];

	if (!root->mountpoint || !str_eq(root->mountpoint, d->mountpoint)) {
		if (root->mountpoint)
			close_fd(&root->dir);
		root->mountpoint = d->mountpoint;
		root->dir = openat(AT_FDCWD, d->mountpoint, O_PATH | O_DIRECTORY | O_CLOEXEC);
	}
	if (root->dir < 0 || str_format(path, sizeof(path), ".%s/%s", d->path, file) < 0)
		return -1;
	return openat(root->dir, path, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
}

/* 1, 0 also when it is gone, -1. */
static int dir_is_frozen(const struct cgroup_dir *d, struct cgroup_roots *roots)
{
	bool v2 = dir_is_v2(d);
	const char *name = v2 ? "cgroup.events" : "freezer.state";
	/* The directory stays closed: who asks wants to know nothing else of it. */
	int file = roots ? open_below(&roots->of[v2], d, name) : dir_file(d, name, O_RDONLY);
	int r = v2 ? events_value_of(file, "frozen") : is_frozen(file);

	return r < 0 && errno == ENOENT ? 0 : r;
}

int cgroup_is_frozen(const struct cgroup_place *p, struct cgroup_roots *roots)
{
	int i = place_index(p, "freezer"), v2 = place_v2(p);
	int r = i < 0 ? 0 : dir_is_frozen(&p->dirs.v[i], roots);

	/* hybrid: somebody may have used the other one */
	if (r == 0 && v2 >= 0 && v2 != i && dir_is_frozen(&p->dirs.v[v2], roots) > 0)
		return 1;
	return r;
}

bool cgroup_holds_the_killed(const struct cgroup_place *p)
{
	int i = place_index(p, "freezer");

	return i >= 0 && !dir_is_v2(&p->dirs.v[i]) && dir_is_frozen(&p->dirs.v[i], NULL) > 0;
}

bool cgroup_is_freezing(const struct cgroup *g)
{
	int i = cgroup_dir_with(g, "freezer", true);

	if (i < 0)
		return false;
	return freezer_is_told(g->dirs[i], dir_is_v2(&g->place->dirs.v[i])) > 0 ||
	       (g->v2 >= 0 && g->dirs[i] != g->v2 && freezer_is_told(g->v2, true) > 0);
}

/* The processes ended, and somebody removed the cgroup: then nothing holds them any more. */
static int refused(bool frozen, struct error *e)
{
	bool gone = errno == ENODEV || errno == ENOENT;
	const char *what = frozen ? "freeze" : "thaw";

	if (gone && !frozen)
		return 0;
	if (gone)
		return fail_errno(e, "cannot %s the container: its cgroup is gone", what);
	return fail_errno(e, "cannot %s the container's cgroup", what);
}

int cgroup_freeze(const struct cgroup *g, bool frozen, struct error *e)
{
	const char *what = frozen ? "freeze" : "thaw";
	/* v1's where it is mounted, as engines expect */
	int i = cgroup_dir_with(g, "freezer", true);
	bool v2;

	if (i < 0)
		return fail(e, errno, "cannot %s the container: it has no cgroup with a freezer",
			    what);
	v2 = dir_is_v2(&g->place->dirs.v[i]);
	if (!frozen && g->v2 >= 0 && !v2)
		freezer_write(g->v2, true, false);
	if (freezer_write(g->dirs[i], v2, frozen) < 0)
		return refused(frozen, e);
	if (!frozen && freezer_is_held(g->dirs[i], v2))
		return fail(e, 0, "cannot thaw the container: a cgroup above its own is frozen");
	if (freezer_wait(g->dirs[i], v2, frozen, FREEZE_MS) == 0)
		return 0;
	if (errno != ETIMEDOUT)
		return refused(frozen, e);
	if (frozen)
		freezer_write(g->dirs[i], v2, false);
	return fail(e, ETIMEDOUT,
		    "cannot %s the container: its processes did not follow within %d s", what,
		    FREEZE_MS / 1000);
}
