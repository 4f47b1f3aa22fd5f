/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>

#include "base/str.h"
#include "cgroup/cgroup.h"
#include "cgroup/dir.h"
#include "cgroup/hierarchy.h"
#include "sys/self.h"

int cgroup_open(struct cgroup *out, struct arena *a, const struct cgroup_place *p, struct error *e)
{
	struct cgroup g = {.place = p, .v2 = -1, .dirs = ARENA_ARRAY(a, p->dirs.n, int)};
	int v2 = place_v2(p);

	for (size_t i = 0; i < p->dirs.n; i++)
		g.dirs[i] = -1;
	if (v2 >= 0)
		g.v2 = cgroup_dir(&g, (size_t)v2);
	if (v2 >= 0 && g.v2 < 0 && errno != ENOENT)
		return fail_errno(e, "cannot open cgroup \"%s\"", dir_path(a, &p->dirs.v[v2]));
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

int cgroup_dir(const struct cgroup *g, size_t i)
{
	const struct cgroup_dir *d = &g->place->dirs.v[i];
	char path[PATH_MAX];

	if (g->dirs[i] < 0 && str_format(path, sizeof(path), "%s%s", d->mountpoint, d->path) == 0)
		g->dirs[i] = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return g->dirs[i];
}

int cgroup_dir_with(const struct cgroup *g, const char *controller, bool open)
{
	int i = place_index(g->place, controller);

	errno = 0;
	return i < 0 || !open || cgroup_dir(g, (size_t)i) >= 0 ? i : -1;
}

int cgroup_file(const struct cgroup *g, size_t i, const char *file, int flags)
{
	if (g->dirs[i] >= 0)
		return openat(g->dirs[i], file, flags | O_NOFOLLOW | O_CLOEXEC);
	return dir_file(&g->place->dirs.v[i], file, flags);
}

/* 1 when directory @i is there, 0 when it is gone, -1 with errno. */
static int look(const struct cgroup *g, int i, uint64_t *gone)
{
	const uint64_t bit = i >= 0 && i < 64 ? UINT64_C(1) << i : 0;

	if (i < 0 || (*gone & bit))
		return 0;
	if (cgroup_dir(g, (size_t)i) >= 0)
		return 1;
	*gone |= bit;
	return errno == ENOENT ? 0 : -1;
}

int cgroup_first(const struct cgroup *g, const char *const *preferred)
{
	uint64_t gone = 0;
	int i, r = 0;

	if (g->v2 >= 0)
		return place_v2(g->place);
	while (*preferred) {
		i = place_index(g->place, *preferred++);
		r = look(g, i, &gone);
		if (r)
			return r < 0 ? -1 : i;
	}
	for (i = 0; i < (int)g->place->dirs.n; i++) {
		r = look(g, i, &gone);
		if (r)
			return r < 0 ? -1 : i;
	}
	errno = ENOENT;
	return -1;
}
