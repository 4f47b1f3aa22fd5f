/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <string.h>

#include "base/sort.h"
#include "cgroup/walk.h"

struct collector {
	struct arena *arena;
	struct pid_list list;
};

static int collect(int pid, void *context)
{
	struct collector *c = context;

	c->list.v = arena_more(c->arena, c->list.v, c->list.n, sizeof(*c->list.v));
	c->list.v[c->list.n++] = pid;
	return 0;
}

static int compare(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

/*
 * The hierarchies agree about who is in the container, unless somebody moved a process in one
 * of them by hand; so one is asked: cgroup2, else the v1 one that is least likely played with.
 */
static const char *const preferred[] = {"pids", "freezer", "devices", "memory", NULL};

int cgroup_pids(struct pid_list *out, struct arena *a, const struct cgroup *g, struct error *e)
{
	struct collector c = {.arena = a};
	int dir = cgroup_first(g, preferred);
	size_t n = 0;

	if (dir < 0 ? errno != ENOENT : pids_visit(g->dirs[dir], collect, &c) < 0)
		return fail_errno(e, "cannot list the processes in the container's cgroup");
	/* a process that moves while we look can be seen twice */
	if (c.list.n > 0)
		sort(c.list.v, c.list.n, sizeof(int), compare);
	for (size_t i = 0; i < c.list.n; i++)
		if (n == 0 || c.list.v[n - 1] != c.list.v[i])
			c.list.v[n++] = c.list.v[i];
	c.list.n = n;
	*out = c.list;
	return 0;
}
