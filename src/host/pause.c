/* SPDX-License-Identifier: Apache-2.0 */
/* Pausing is freezing the cgroup: no signal is sent, and no process can refuse or notice. */
#include "cgroup/cgroup.h"
#include "host/open.h"

/* As runc has it, a container that waits for `start` counts as running. */
static int check_running(const struct container *c, struct error *e)
{
	if (c->status == STATUS_PAUSED)
		return fail(e, 0, "container not running: it is paused already");
	if (c->status != STATUS_CREATED && c->status != STATUS_RUNNING)
		return fail(e, 0, "container not running");
	return 0;
}

static int pause_container(struct container *c, const struct cgroup *g, struct error *e)
{
	struct error ignored;

	if (check_running(c, e) < 0 || cgroup_freeze(g, true, e) < 0)
		return -1;
	if (store_alive(c))
		return 0;
	/* It ended before it stood still. What is left of it must not stay frozen. */
	(void)cgroup_freeze(g, false, &ignored);
	return fail(e, 0, "container not running");
}

/*
 * The cgroup is asked, not the status: one that was told to freeze and does not follow is not
 * paused yet, but has to be freed all the same.
 */
static int resume_container(struct container *c, const struct cgroup *g, struct error *e)
{
	if (c->status != STATUS_PAUSED && (!store_alive(c) || !cgroup_is_freezing(g)))
		return fail(e, 0, "container not paused");
	return cgroup_freeze(g, false, e);
}

static int with_cgroup(const struct runtime *rt, const char *id,
		       int (*act)(struct container *, const struct cgroup *, struct error *),
		       struct error *e)
{
	struct container c;
	struct cgroup g;
	int r;

	if (container_open(&c, rt, id, true, e) < 0)
		return -1;
	r = cgroup_open(&g, rt->arena, &c.state.cgroup, e);
	if (r == 0) {
		r = act(&c, &g, e);
		cgroup_close(&g);
	}
	store_close(&c);
	return r;
}

int container_pause(const struct runtime *rt, const char *id, struct error *e)
{
	return with_cgroup(rt, id, pause_container, e);
}

int container_resume(const struct runtime *rt, const char *id, struct error *e)
{
	return with_cgroup(rt, id, resume_container, e);
}
