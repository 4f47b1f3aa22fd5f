/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "host/container.h"
#include "sys/spawn.h"

/* 1 when there was a cgroup to send to. */
static int signal_cgroup(struct container *c, int sig, struct error *e)
{
	struct cgroup g;
	int seen;

	if (!c->state.cgroup.dirs.n || !state_is_of_this_boot(&c->state))
		return 0;
	if (cgroup_open(&g, c->arena, &c->state.cgroup, e) < 0)
		return -1;
	seen = cgroup_signal(&g, sig, e);
	cgroup_close(&g);
	return seen < 0 ? -1 : 1;
}

/* On failure it dies when somebody else thaws it. */
static void thaw(struct container *c)
{
	struct error ignored;
	struct cgroup g;

	if (!cgroup_holds_the_killed(&c->state.cgroup) ||
	    cgroup_open(&g, c->arena, &c->state.cgroup, &ignored) < 0)
		return;
	(void)cgroup_freeze(&g, false, &ignored);
	cgroup_close(&g);
}

static int signal_init(struct container *c, int sig, struct error *e)
{
	if (!store_alive(c))
		return fail(e, 0, "container not running");
	if (signal_process((pid_t)c->state.pid, c->pidfd, sig) == 0) {
		if (sig == SIGKILL)
			thaw(c);
		return 0;
	}
	if (errno == ESRCH)
		return fail(e, 0, "container not running");
	return fail_errno(e, "cannot send signal %d to process %lld", sig, (long long)c->state.pid);
}

/*
 * Where the container has no pid namespace of its own, the end of its first
 * process does not end the others, but whoever sends SIGKILL expects just that.
 */
static int send_to(struct container *c, int sig, bool all, struct error *e)
{
	int r = 0;

	if (!all && (sig != SIGKILL || !c->state.pid_ns_is_shared))
		return signal_init(c, sig, e);
	if (!all && !store_alive(c))
		return fail(e, 0, "container not running");
	r = signal_cgroup(c, sig, e);
	if (r != 0)
		return r < 0 ? -1 : 0;
	return all && !store_alive(c) ? 0 : signal_init(c, sig, e);
}

int container_kill(const struct runtime *rt, const char *id, int sig, bool all, struct error *e)
{
	struct container c = {.dir = -1, .pidfd = -1};
	struct store s;
	int found, r;

	if (store_check_id(id, e) < 0)
		return -1;
	if (store_open(&s, store_root(rt), false, e) < 0)
		return -1;
	found = store_peek(&c, &s, rt->arena, id, e);
	if (found == 0)
		r = store_fail_missing(id, e);
	else
		r = found < 0 ? -1 : send_to(&c, sig, all, e);
	store_close(&c);
	close_fd(&s.root);
	return r;
}
