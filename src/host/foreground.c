/* SPDX-License-Identifier: Apache-2.0 */
#include "host/foreground.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/list.h"
#include "sys/spawn.h"

/*
 * From the beginning, so that a signal that comes while the container is being
 * made is forwarded to it as soon as it is there.
 */
int foreground_block_signals(struct error *e)
{
	sigset_t all;

	sigfillset(&all);
	if (sigprocmask(SIG_BLOCK, &all, NULL) < 0)
		return fail_errno(e, "cannot block signals");
	return 0;
}

static int open_signals(struct foreground *f, struct error *e)
{
	sigset_t all;

	sigfillset(&all);
	f->signals = signalfd(-1, &all, SFD_CLOEXEC | SFD_NONBLOCK);
	if (f->signals < 0)
		return fail_errno(e, "cannot open a signal descriptor");
	return 0;
}

int foreground_begin(struct foreground *f, const struct child *child, int master, struct error *e)
{
	*f = (struct foreground){.child = child, .signals = -1};
	if (open_signals(f, e) < 0)
		return -1;
	if (master < 0)
		return 0;
	f->has_terminal = true;
	return relay_begin(&f->relay, master, e);
}

/* As a subreaper we get the container's orphans too when it shares our pid namespace. */
static void reap(struct foreground *f)
{
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG | __WALL)) > 0) {
		if (pid != f->child->pid)
			continue;
		f->ended = true;
		f->status = status;
	}
}

static void forward(struct foreground *f, int sig)
{
	const struct child *child = f->child;

	switch (sig) {
	case SIGCHLD: reap(f); return;
	case SIGWINCH:
		if (f->has_terminal) {
			relay_resize(&f->relay);
			return;
		}
		break;
	case SIGCONT:
		if (f->has_terminal)
			relay_resume(&f->relay);
		break;
	case SIGTTIN: /* about our own use of the terminal */
	case SIGTTOU:
	case SIGPIPE: return;
	}
	(void)signal_process(child->pid, child->pidfd, sig);
}

static void take_signals(struct foreground *f)
{
	struct signalfd_siginfo info;

	while (read(f->signals, &info, sizeof(info)) == sizeof(info))
		forward(f, (int)info.ssi_signo);
}

int foreground_serve(struct foreground *f, struct error *e)
{
	struct pollfd fds[2 + RELAY_FDS] = {{.fd = f->signals, .events = POLLIN}};

	reap(f); /* it may have ended before anybody looked */
	while (!f->ended) {
		int ms = f->has_terminal ? relay_poll(&f->relay, fds + 2) : -1;

		fds[1] = (struct pollfd){.fd = f->notify ? f->notify->sock : -1, .events = POLLIN};
		if (poll(fds, f->has_terminal ? ARRAY_SIZE(fds) : 2, ms) < 0) {
			if (errno == EINTR)
				continue;
			return fail_errno(e, "cannot wait for the container");
		}
		if (f->has_terminal)
			relay_attend(&f->relay, fds + 2);
		if (fds[1].revents)
			notify_attend(f->notify, getpid());
		if (fds[0].revents)
			take_signals(f);
	}
	if (f->notify) /* its last words */
		notify_attend(f->notify, getpid());
	return 0;
}

int foreground_exit_code(const struct foreground *f)
{
	return WIFSIGNALED(f->status) ? 128 + WTERMSIG(f->status) : WEXITSTATUS(f->status);
}

void foreground_end(struct foreground *f)
{
	if (f->has_terminal)
		relay_end(&f->relay);
	f->has_terminal = false;
	close_fd(&f->signals);
	f->signals = -1;
}
