/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/log.h"
#include "host/create.h"
#include "host/destroy.h"
#include "host/relay.h"
#include "sys/spawn.h"

/* ---- the foreground: signals, terminal, the end ---- */

struct foreground {
	struct making *m;
	int signals; /* signalfd(2) of all signals */
	struct relay relay;
	bool has_terminal;
	bool ended;
	int status; /* of waitpid(2) */
};

/*
 * From the beginning, so that a signal that comes while the container is being
 * made is forwarded to it as soon as it is there.
 */
static int block_signals(struct error *e)
{
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
		return fail(e, errno, "cannot block signals");
	return 0;
}

/* Only once the container is made: making it begins with closing what others left open. */
static int open_signals(struct foreground *f, struct error *e)
{
	sigset_t all;

	sigfillset(&all);
	f->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (f->signals < 0)
		return fail(e, errno, "cannot open a signal descriptor");
	return 0;
}

/* As a subreaper we get the container's orphans too when it shares our pid namespace. */
static void reap(struct foreground *f)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
		if (pid != f->m->launch.child.pid)
			continue;
		f->ended = true;
		f->status = status;
	}
}

static void forward(struct foreground *f, int sig)
{
	const struct child *child = &f->m->launch.child;

	switch (sig) {
	case SIGCHLD:
		reap(f);
		return;
	case SIGWINCH:
		if (f->has_terminal) {
			relay_resize(&f->relay);
			return;
		}
		break;
	case SIGTTIN: /* about our own use of the terminal */
	case SIGTTOU:
	case SIGPIPE:
		return;
	}
	(void)signal_process(child->pid, child->pidfd, sig);
}

static void take_signals(struct foreground *f)
{
	struct signalfd_siginfo info;

	while (read(f->signals, &info, sizeof(info)) == sizeof(info))
		forward(f, (int)info.ssi_signo);
}

static int serve(struct foreground *f, struct error *e)
{
	struct pollfd fds[1 + RELAY_FDS] = { { .fd = f->signals, .events = POLLIN } };

	reap(f); /* it may have ended before anybody looked */
	while (!f->ended) {
		int ms = f->has_terminal ? relay_poll(&f->relay, fds + 1) : -1;

		if (poll(fds, f->has_terminal ? ARRAY_SIZE(fds) : 1, ms) < 0) {
			if (errno == EINTR)
				continue;
			return fail(e, errno, "cannot wait for the container");
		}
		if (f->has_terminal)
			relay_attend(&f->relay, fds + 1);
		if (fds[0].revents)
			take_signals(f);
	}
	return 0;
}

static int exit_code_of(int status)
{
	return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/* ---- starting without a gate ---- */

/* Init has been let go; here it ends or becomes the program. */
static int start(struct making *m, struct error *e)
{
	struct hook_context hooks = {
		.arena = m->arena, .state = &m->container.state, .interrupt = m->interrupt,
	};

	if (protocol_wait_exec(m->launch.child.sock, m->interrupt, e) < 0)
		return -1;
	return hooks_run(&hooks, HOOK_POSTSTART, STATUS_RUNNING, m->container.state.pid, e);
}

/* Others may act on the container while it runs: `delete` would wait for our lock for ever. */
static void unlock(struct making *m)
{
	close_fd(&m->container.dir);
	m->container.dir = -1;
}

/* The container may have been deleted under our hands, which is what we were about to do. */
static int remove_container(struct making *m, struct error *e)
{
	struct container c;
	int r = store_find(&c, &m->store, m->arena, m->container.state.id, true, e);

	if (r == 1 && str_eq(c.state.created, m->container.state.created)) {
		store_status(&c);
		r = destroy(&m->store, &c, e);
	}
	store_close(&c);
	return r < 0 ? -1 : 0;
}

static int run_foreground(struct foreground *f, const struct run_options *o, int *exit_code,
			  struct error *e)
{
	struct making *m = f->m;
	int r = open_signals(f, e);

	if (r == 0 && m->launch.master >= 0) {
		f->has_terminal = true;
		r = relay_begin(&f->relay, m->launch.master, e);
	}
	if (r == 0)
		r = start(m, e);
	if (r == 0) {
		unlock(m);
		r = serve(f, e);
	}
	if (f->has_terminal)
		relay_end(&f->relay);
	if (r < 0) {
		making_undo(m);
		return -1;
	}

	*exit_code = exit_code_of(f->status);
	if (!o->keep && remove_container(m, e) < 0)
		return -1;
	return 0;
}

static int run_detached(struct making *m, struct error *e)
{
	if (start(m, e) == 0)
		return 0;
	making_undo(m);
	return -1;
}

int container_run(const struct runtime *rt, const struct run_options *o, int *exit_code,
		  struct error *e)
{
	struct foreground f = { .m = ARENA_NEW(rt->arena, struct making), .signals = -1 };
	int r;

	if (!o->detach) {
		if (block_signals(e) < 0)
			return -1;
		if (!o->no_subreaper && prctl(PR_SET_CHILD_SUBREAPER, 1) < 0)
			log_debug("cannot become a subreaper");
	}
	r = make_container(f.m, rt, &o->create, o->detach ? CREATE_DETACHED : CREATE_FOREGROUND, e);
	if (r == 0 && o->detach)
		r = run_detached(f.m, e);
	else if (r == 0)
		r = run_foreground(&f, o, exit_code, e);
	if (r == 0 && o->detach)
		*exit_code = 0;
	making_close(f.m);
	close_fd(&f.signals);
	return r;
}
