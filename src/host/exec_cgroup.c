/* SPDX-License-Identifier: Apache-2.0 */
#include "host/exec.h"

#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "sys/file.h"

/* The line of cgroup2 in /proc/PID/cgroup, from its path on; NULL: there is none. */
static const char *cgroup2_of(struct arena *a, int64_t pid)
{
	const size_t size = 64 << 10;
	char *text = arena_alloc(a, size), *line;
	AUTO_CLOSE int fd = openat(AT_FDCWD, arena_printf(a, "/proc/%d/cgroup", (int)pid),
				   O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : file_read_all(fd, text, size - 1);

	if (len <= 0)
		return NULL;
	text[len] = '\0';
	line = str_starts(text, "0::/") ? text : str_find(text, "\n0::/");
	if (!line)
		return NULL;
	line = strchr(line, '/');
	line[strcspn(line, "\n")] = '\0';
	return line;
}

/*
 * cgroup2 takes no process where controllers are given to cgroups below: a container that is
 * itself a manager of cgroups (systemd) has gone below its own, and there exec follows it.
 */
static bool follow_init(struct cgroup_place *p, struct arena *a, const struct cgroup *g,
			int64_t pid)
{
	AUTO_CLOSE int fd =
		g->v2 < 0 ? -1 : openat(g->v2, "cgroup.subtree_control", O_RDONLY | O_CLOEXEC);
	bool moved = false;
	const char *path;
	char c;

	if (fd < 0 || read(fd, &c, 1) != 1 || c == '\n')
		return false;
	path = cgroup2_of(a, pid);
	for (size_t i = 0; path && i < p->dirs.n; i++) {
		struct cgroup_dir *d = &p->dirs.v[i];

		/* Whatever the kernel says, it is not let out of the container's own. */
		if (!d->hierarchy[0] && str_starts(path, arena_printf(a, "%s/", d->path))) {
			d->path = path;
			moved = true;
		}
	}
	return moved;
}

int exec_cgroup(struct cgroup *out, struct cgroup_place *place, const struct container *c,
		const struct strs *wanted, struct error *e)
{
	const struct cgroup_place *own = &c->state.cgroup;

	*place = *own;
	place->dirs.v = arena_array(c->arena, own->dirs.n + 1, sizeof(*own->dirs.v));
	for (size_t i = 0; i < own->dirs.n; i++)
		place->dirs.v[i] = own->dirs.v[i];
	FOR_EACH(name, *wanted)
		if (cgroup_below(place, c->arena, own, *name, e) < 0)
			return error_context(e, "--cgroup");

	if (cgroup_open(out, c->arena, place, e) < 0)
		return -1;
	if (!wanted->n && follow_init(place, c->arena, out, c->state.pid)) {
		cgroup_close(out);
		if (cgroup_open(out, c->arena, place, e) < 0)
			return -1;
	}
	return cgroup_open_tasks(out, c->arena, e);
}
