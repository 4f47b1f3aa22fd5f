/* SPDX-License-Identifier: Apache-2.0 */
#include "host/destroy.h"

#include <errno.h>
#include <signal.h>

#include "cgroup/cgroup.h"
#include "host/host_mounts.h"
#include "host/intelrdt.h"
#include "host/interrupt.h"
#include "host/unit.h"
#include "sys/clock.h"
#include "sys/spawn.h"

#define KILL_WAIT_MS 10000

/* A process that does not end has something in the kernel that does not: say so and keep the record. */
static int kill_process(struct container *c, struct error *e)
{
	int r;

	if (!store_alive(c))
		return 0;
	if (signal_process((pid_t)c->state.pid, c->pidfd, SIGKILL) < 0) {
		if (errno == ESRCH)
			return 0;
		return fail_errno(e, "cannot kill process %lld", (long long)c->state.pid);
	}
	if (c->pidfd >= 0) {
		r = interrupt_wait(-1, &c->pidfd, 1, KILL_WAIT_MS, e);
		if (r < 0)
			return -1;
		if (r == 0)
			return 0;
	}
	for (int waited = 0; waited < KILL_WAIT_MS && store_alive(c); waited += 10)
		sleep_ms(10);
	if (store_alive(c))
		return fail(e, 0, "process %lld does not end although it was killed",
			    (long long)c->state.pid);
	return 0;
}

/* What an earlier boot had is gone, and what is called so now is another's. */
static int remove_made(struct container *c, struct error *e)
{
	if (!state_is_of_this_boot(&c->state))
		return 0;
	if (unit_remove(&c->state.cgroup, c->arena, e) < 0)
		return -1;
	if (host_mounts_remove(&c->state, e) < 0)
		return -1;
	return rdt_remove_recorded(&c->state, true, e);
}

int destroy(const struct store *s, struct container *c, struct error *e)
{
	struct hook_context hooks = {.arena = c->arena, .state = &c->state, .interrupt = -1};

	/* A frozen process does not end before cgroup_remove() thaws it: so no waiting here. */
	if (c->status == STATUS_PAUSED)
		(void)signal_process((pid_t)c->state.pid, c->pidfd, SIGKILL);
	else if (c->status != STATUS_STOPPED && kill_process(c, e) < 0)
		return -1;
	if (remove_made(c, e) < 0 || store_remove(s, c->state.id, c->dir, e) < 0)
		return -1;
	hooks_run_poststop(&hooks);
	return 0;
}
