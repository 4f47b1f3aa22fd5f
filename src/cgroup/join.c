/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Writing another process's id to cgroup.procs waits for an RCU grace period
 * (7 to 15 ms), because the kernel has to keep its threads together.  A
 * single-threaded process that writes "0" to a v1 `tasks` file moves itself
 * without that lock (5.5), in some 10 us; one born in its cgroup2 directory
 * (CLONE_INTO_CGROUP, 5.7) is not moved at all.
 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/dir.h"
#include "cgroup/hierarchy.h"
#include "cgroup/knob.h"
#include "cgroup/systemd.h"

int cgroup_open_tasks(struct cgroup *g, struct arena *a, struct error *e)
{
	const struct cgroup_place *p = g->place;

	g->tasks = ARENA_ARRAY(a, p->dirs.n, int);
	for (size_t i = 0; i < p->dirs.n; i++) {
		const struct cgroup_dir *d = &p->dirs.v[i];

		if (dir_is_v2(d) && g->v2 < 0)
			return fail(e, ENOENT, "cgroup \"%s%s\" is gone", d->mountpoint, d->path);
		if (dir_is_v2(d))
			continue;
		g->tasks[g->task_count] = cgroup_file(g, i, "tasks", O_WRONLY);
		if (g->tasks[g->task_count] < 0 && errno == ENOENT)
			return fail(e, ENOENT, "cgroup \"%s%s\" is gone", d->mountpoint, d->path);
		if (g->tasks[g->task_count] < 0)
			return fail_errno(e, "cannot open tasks in cgroup \"%s%s\"", d->mountpoint,
					  d->path);
		g->task_count++;
	}
	return 0;
}

int cgroup_join_pid(const struct cgroup *g, int pid, struct error *e)
{
	char text[16];

	if (g->v2 < 0)
		return 0;
	if (str_format(text, sizeof(text), "%d", pid) < 0 ||
	    knob_write(g->v2, "cgroup.procs", text) < 0)
		return fail_errno(e, "cannot move process %d into its cgroup", pid);
	return 0;
}

int cgroup_descend(struct cgroup_place *p, struct arena *a, int pid, struct error *e)
{
	int i = place_v2(p), existing, r;
	struct cgroup g;

	if (unit_subgroup(p)[0] == '\0' || i < 0)
		return 0;
	if (dir_make(&p->dirs.v[i], a, &existing, e) < 0)
		return -1;
	close_fd(&existing);
	if (cgroup_open(&g, a, p, e) < 0)
		return -1;
	r = cgroup_join_pid(&g, pid, e);
	cgroup_close(&g);
	return r;
}
