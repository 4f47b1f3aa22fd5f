/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <sys/prctl.h>

#include "base/fd.h"
#include "base/log.h"
#include "host/create.h"
#include "host/destroy.h"
#include "host/foreground.h"
#include "host/seccomp_agent.h"

/* ---- starting without a gate ---- */

/* Init has been let go; here it ends or becomes the program. */
static int start(struct making *m, struct error *e)
{
	struct hook_context hooks = {
		.arena = m->arena,
		.state = &m->container.state,
		.interrupt = m->interrupt,
	};

	if (seccomp_agent_serve(&m->agent, m->launch.child.sock, m->interrupt, m->arena,
				&m->container.state, STATUS_CREATED, m->container.state.pid, e) < 0)
		return -1;
	if (protocol_wait_exec(m->launch.child.sock, m->interrupt, e) < 0)
		return -1;
	return hooks_run(&hooks, HOOK_POSTSTART, STATUS_RUNNING, m->container.state.pid, e);
}

/*
 * The container may have been deleted under our hands, which is what we were about to do.  Nobody
 * but its maker writes its record, so what we have of it is what there is.
 */
static int remove_container(struct making *m, struct error *e)
{
	int r = store_lock(&m->container, &m->store, e);

	m->container.status = STATUS_STOPPED;
	if (r == 1)
		r = destroy(&m->store, &m->container, e);
	return r < 0 ? -1 : 0;
}

int making_serve(struct making *m, const struct run_options *o,
		 int (*start_it)(struct making *m, struct error *e), int *exit_code,
		 struct error *e)
{
	struct foreground f;
	int r = foreground_begin(&f, &m->launch.child, m->launch.master, e);

	if (r == 0 && start_it)
		r = start_it(m, e);
	if (r == 0) {
		store_unlock(&m->container); /* `delete` would wait for us for ever */
		net_devices_close(&m->launch.net_devices);
		f.notify = &m->notify;
		r = foreground_serve(&f, e);
	}
	foreground_end(&f);
	if (r < 0) {
		making_undo(m);
		return -1;
	}

	*exit_code = foreground_exit_code(&f);
	if (!o->keep && remove_container(m, e) < 0)
		return -1;
	return 0;
}

static int run_detached(struct making *m, struct error *e)
{
	int r = start(m, e);

	if (r == 0) {
		store_unlock(&m->container);
		r = notify_wait(&m->notify, m->launch.child.pid, m->launch.child.pidfd,
				m->interrupt, e);
	}
	if (r < 0)
		making_undo(m);
	return r;
}

int making_begin(const struct run_options *o, struct error *e)
{
	if (o->detach)
		return 0;
	if (foreground_block_signals(e) < 0)
		return -1;
	if (!o->no_subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
		log_debug("cannot become a subreaper");
	return 0;
}

int container_run(const struct runtime *rt, const struct run_options *o, int *exit_code,
		  struct error *e)
{
	struct making *m = ARENA_NEW(rt->arena, struct making);
	struct create_options create = o->create;
	int r;

	create.at_once = true;
	if (making_begin(o, e) < 0)
		return -1;
	r = make_container(m, rt, &create, o->detach ? CREATE_DETACHED : CREATE_FOREGROUND, e);
	if (r == 0 && o->detach)
		r = run_detached(m, e);
	else if (r == 0)
		r = making_serve(m, o, start, exit_code, e);
	if (r == 0 && o->detach)
		*exit_code = 0;
	making_close(m);
	return r;
}
