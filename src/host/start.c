/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/socket.h>

#include "base/fd.h"
#include "host/container.h"
#include "host/destroy.h"
#include "host/notify.h"
#include "host/protocol.h"
#include "host/seccomp_agent.h"
#include "spec/names.h"
#include "sys/socket.h"

/* Whether it is created or runs: see connect_gate(). */
static int check_alive(const struct container *c, struct error *e)
{
	const char *id = c->state.id;

	switch ((enum status)c->status) {
	case STATUS_CREATED:
	case STATUS_RUNNING: return 0;
	case STATUS_STOPPED:
		return fail(e, 0, "cannot start a container that has stopped: \"%s\"", id);
	case STATUS_PAUSED:
	case STATUS_CREATING: break;
	}
	return fail(e, 0, "cannot start container \"%s\": it is %s", id,
		    name_of(status_names, c->status));
}

/*
 * The gate tells a created container from a running one: no other question is asked.  Init wakes
 * while we do the rest; a connection over which nothing comes it forgets.
 */
static int connect_gate(const struct container *c, struct error *e)
{
	AUTO_CLOSE int sock = socket_connect(c->dir, START_SOCKET, SOCK_SEQPACKET, e);

	if (sock < 0 && (e->code == ECONNREFUSED || e->code == ENOENT))
		return fail(e, 0, "cannot start an already running container: \"%s\"", c->state.id);
	if (sock < 0)
		return error_context(e, "cannot reach the container's init");
	if (!c->state.has_process)
		return fail_at(e, "process", 0,
			       "cannot start container \"%s\": its config has no process",
			       c->state.id);
	return TAKE_FD(sock);
}

/* @agent is closed here. */
static int open_gate(struct container *c, int sock, int agent, struct error *e)
{
	AUTO_CLOSE int to_agent = agent;
	struct message m = {.kind = MSG_START};

	if (message_send(sock, &m, -1) < 0)
		return fail_errno(e, "cannot send to the container's init");
	/* Whatever comes of it, nobody else can start it now. */
	store_started(c);
	if (seccomp_agent_serve(&to_agent, sock, -1, c->arena, &c->state, STATUS_CREATED,
				c->state.pid, e) < 0)
		return -1;
	return protocol_wait_exec(sock, -1, e);
}

/*
 * A hook that fails takes the container with it (runtime.md "Lifecycle", steps 7
 * and 9), and so does an agent: by then the program may run, and would wait for ever.
 */
static int give_up(const struct store *s, struct container *c)
{
	struct error ignored;

	(void)destroy(s, c, &ignored);
	return -1;
}

static int start(const struct store *s, struct container *c, struct notify *n, struct error *e)
{
	struct hook_context hooks = {.arena = c->arena, .state = &c->state, .interrupt = -1};
	struct caller caller = caller_of();
	AUTO_CLOSE int gate = -1;
	int agent;

	store_status_before_gate(c);
	if (check_alive(c, e) < 0)
		return -1;
	gate = connect_gate(c, e);
	if (gate < 0 || notify_listen(n, c->dir, &caller, e) < 0 ||
	    seccomp_agent_connect(&agent, &c->state, e) < 0)
		return -1;
	if (open_gate(c, gate, agent, e) < 0)
		return str_starts(e->at, "hooks.") || str_eq(e->at, SECCOMP_AGENT_AT)
			       ? give_up(s, c)
			       : -1;
	if (hooks_run(&hooks, HOOK_POSTSTART, STATUS_RUNNING, c->state.pid, e) < 0)
		return give_up(s, c);
	return 0;
}

int container_start(const struct runtime *rt, const char *id, struct error *e)
{
	struct container c = {.dir = -1, .pidfd = -1};
	struct notify n = {.sock = -1};
	struct store s;
	int found, r;

	if (store_check_id(id, e) < 0)
		return -1;
	if (store_open(&s, store_root(rt), false, e) < 0)
		return -1;
	found = store_find(&c, &s, rt->arena, id, true, e);
	if (found == 0)
		r = store_fail_missing(id, e);
	else
		r = found < 0 ? -1 : start(&s, &c, &n, e);
	if (r == 0) {
		close_fd(&c.dir); /* others may act on the container meanwhile */
		c.dir = -1;
		r = notify_wait(&n, (pid_t)c.state.pid, c.pidfd, -1, e);
	}
	notify_close(&n);
	store_close(&c);
	close_fd(&s.root);
	return r;
}
