/* SPDX-License-Identifier: Apache-2.0 */
#include "host/launch.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/str.h"
#include "host/start.h"
#include "host/unit.h"
#include "init/init.h"
#include "spec/names.h"
#include "sys/file.h"
#include "sys/mount.h"
#include "sys/ns.h"
#include "sys/process.h"
#include "sys/self.h"
#include "sys/socket.h"
#include "sys/spawn.h"

static const char *lower(const void *a, const void *b)
{
	return a && a < b ? a : b;
}

static const char *higher(const void *a, const void *b)
{
	return a > b ? a : b;
}

/*
 * Until `start` init waits, with what it needs alone: the plan and the numbers of its descriptors.
 * In the arena config, filter and options stand before the plan, and the state's text between the two.
 */
static void drop_unneeded(const struct launch *l, const struct plan *p)
{
	const char *top, *bottom = arena_first(&top);
	const char *plan = lower(p->slots, lower(p->ops, p->heap));
	const char *plan_end = higher(p->heap + p->heap_size,
				      higher(p->ops + p->op_count, p->slots + p->slot_count));
	const char *tasks = (const char *)l->cgroup->tasks, *slots = (const char *)l->slots;
	bool older = tasks && tasks < plan; /* than a plan that was made again */

	/* What is larger than the arena's first block is elsewhere: then it stays. */
	if (l->start_sock < 0 || plan < bottom || plan_end > top)
		return;
	self_drop_memory(bottom, older ? tasks : plan); /* @l as well: it is not looked at again */
	self_drop_memory(plan_end, lower(older ? slots : lower(tasks, slots), top));
}

/*
 * In the child.  What it has open besides what it is given here, it closes
 * first of all: our lock, our log, our end of its socket.
 */
static _Noreturn void be_init(struct launch *l, int sock)
{
	struct plan plan = l->prepared->plan;
	const struct init_task task = {
		.plan = &plan,
		.fds = l->slots,
		.sock = sock,
		.start_sock = l->start_sock,
		.cgroup_fds = l->cgroup->tasks,
		.cgroup_fd_count = l->cgroup->task_count,
	};

	drop_unneeded(l, &plan);
	init_run(&task);
}

/*
 * A user may not move processes out of the cgroup of his login, which is not his; his systemd has
 * the system's do it.
 */
static int join(const struct cgroup *g, pid_t pid, struct error *e)
{
	if (cgroup_join_pid(g, pid, e) == 0)
		return 0;
	if (g->place->driver != CGROUP_DRIVER_SYSTEMD || (e->code != EACCES && e->code != EPERM))
		return -1;
	return unit_attach(g->place, pid, e);
}

/* Kills the child that was just made. Returns -1, with @why. */
static pid_t give_up(struct launch *l, pid_t pid, int *pidfd, const struct error *why,
		     struct error *e)
{
	l->child = (struct child){.pid = pid, .pidfd = *pidfd, .sock = -1};
	launch_kill(l);
	*pidfd = -1;
	*e = *why;
	return -1;
}

static int born_in(const struct launch *l)
{
	const struct plan *p = &l->prepared->plan;

	for (uint32_t i = 0; i < p->slot_count; i++)
		if (p->slots[i].born_in)
			return l->slots[i];
	return -1;
}

/*
 * A pid namespace is joined for children; what we fork after that (hooks, helpers) is born in our
 * own again.  The child is in the sight of the container from its first moment, so nobody may
 * trace it from then on.
 */
static pid_t spawn_in(struct launch *l, int pid_ns, uint64_t flags, int cgroup, int *pidfd,
		      struct error *e)
{
	AUTO_CLOSE int own = ns_process(getpid(), e);
	struct error back;
	pid_t pid;

	if (own < 0 || process_dumpable(false, e) < 0 || ns_join(pid_ns, CLONE_NEWPID, e) < 0)
		return -1;
	pid = spawn(flags, cgroup, pidfd, e);
	if (pid == 0)
		return 0;
	if (pid < 0 && e->code == ENOMEM)
		fail(e, ENOMEM, "the pid namespace to join is at its end");
	if (ns_join(own, CLONE_NEWPID, &back) == 0)
		return pid;
	return pid < 0 ? -1 : give_up(l, pid, pidfd, &back, e);
}

static pid_t spawn_at(struct launch *l, int pid_ns, uint64_t flags, int cgroup, int *pidfd,
		      struct error *e)
{
	return pid_ns < 0 ? spawn(flags, cgroup, pidfd, e)
			  : spawn_in(l, pid_ns, flags, cgroup, pidfd, e);
}

/*
 * Born in the cgroup where the kernel can do that; moved there otherwise, which
 * on cgroup v1 is slow, so that init joins those itself.
 */
static pid_t spawn_child(struct launch *l, int pid_ns, uint64_t flags, int *pidfd, struct error *e)
{
	int v2 = l->cgroup->v2;
	struct error first;
	pid_t pid = -1;

	if (v2 >= 0)
		pid = spawn_at(l, pid_ns, flags, v2, pidfd, &first);
	if (pid >= 0)
		return pid;
	pid = spawn_at(l, pid_ns, flags, -1, pidfd, e);
	if (pid <= 0 || v2 < 0 || join(l->cgroup, pid, &first) == 0)
		return pid;
	return give_up(l, pid, pidfd, &first, e);
}

pid_t launch_spawn(struct launch *l, uint64_t flags, int *pidfd, struct error *e)
{
	return spawn_child(l, -1, flags, pidfd, e);
}

static int on_operation(void *ctx, const struct op *op, struct error *e)
{
	return host_operation(ctx, op, e);
}

/* "Pid:" of a pidfd, in our own pid namespace: what init says could be anything. */
static pid_t pid_of(int pidfd)
{
	char path[40], text[512];
	const char *at;
	ssize_t len;
	uint64_t pid;

	if (str_format(path, sizeof(path), "/proc/self/fdinfo/%d", pidfd) < 0)
		return 0;
	AUTO_CLOSE int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	len = fd < 0 ? -1 : file_read_all(fd, text, sizeof(text) - 1);
	if (len < 0)
		return 0;
	text[len] = '\0';
	at = str_find(text, "Pid:");
	if (!at)
		return 0;
	at += strlen("Pid:");
	return str_scan_u64(&at, INT32_MAX, &pid) == 0 ? (pid_t)pid : 0;
}

/* Init goes on in another process, our child as well; the first one ends by itself. */
static int on_pid(struct launch *l, const struct message *m, int pidfd, struct error *e)
{
	pid_t pid = pid_of(pidfd);
	struct error ignored;
	int status;

	if (pid == 0)
		pid = (pid_t)m->value;
	(void)spawn_wait(l->child.pid, l->child.pidfd, -1, &status, &ignored);
	close_fd(&l->child.pidfd);
	l->child.pid = pid;
	l->child.pidfd = pidfd;
	if (pid <= 0)
		return fail(e, EPROTO, "the container's init did not say where it went");
	return 0;
}

static int on_received(void *ctx, const struct op *op, const struct message *m, int fd,
		       struct error *e)
{
	struct launch *l = ctx;

	(void)op;
	if (m->kind == MSG_PID)
		return on_pid(l, m, fd, e);
	close_fd(&l->master);
	l->master = fd;
	return 0;
}

int launch(struct launch *l, struct error *e)
{
	int pair[2], pidfd = -1;
	pid_t pid;

	if (socket_pair(pair, e) < 0)
		return -1;
	host_hide_arguments();
	pid = spawn_child(l, born_in(l), l->prepared->plan.clone_flags, &pidfd, e);
	if (pid == 0)
		be_init(l, pair[1]);
	host_show_arguments();
	close(pair[1]);
	if (pid < 0) {
		close(pair[0]);
		if (e->code == EPERM && (l->prepared->plan.clone_flags & CLONE_NEWUSER) &&
		    mount_in_chroot())
			fail(e, EPERM, "cannot make a user namespace in a chroot");
		return error_context(e, "cannot start the container's init");
	}

	l->child = (struct child){.pid = pid, .pidfd = pidfd, .sock = pair[0]};
	l->protocol = (struct protocol){
		.plan = &l->prepared->plan,
		.sock = pair[0],
		.interrupt = l->interrupt,
		.ctx = l,
		.operation = on_operation,
		.received = on_received,
	};
	return 0;
}

int launch_walk(struct launch *l, uint32_t barrier, struct error *e)
{
	int r = protocol_walk(&l->protocol, barrier, e);

	return r == PROTOCOL_EOF ? launch_explain_end(l, e) : r;
}

void launch_kill(struct launch *l)
{
	struct error ignored;
	int status;

	if (l->child.pid > 0) {
		(void)signal_process(l->child.pid, l->child.pidfd, SIGKILL);
		(void)spawn_wait(l->child.pid, l->child.pidfd, -1, &status, &ignored);
	}
	l->child.pid = 0;
	close_fd(&l->child.pidfd);
	close_fd(&l->child.sock);
	l->child.pidfd = l->child.sock = -1;
}

int launch_explain_end(struct launch *l, struct error *e)
{
	struct error ignored;
	int status = 0;

	if (l->child.pid <= 0 ||
	    spawn_wait(l->child.pid, l->child.pidfd, 5000, &status, &ignored) <= 0)
		return fail(e, 0, "the container's init closed its socket");
	l->child.pid = 0;

	if (WIFSIGNALED(status)) {
		const char *name = name_of(signal_names, WTERMSIG(status));
		const struct resources *r = l->prepared->config.linux_.resources;
		bool limited = r && r->memory && r->memory->limit.set;

		return fail(e, 0, "the container's init was killed by %s%s%s",
			    name ? "SIG" : "a signal", name ? name : "",
			    WTERMSIG(status) == SIGKILL && limited
				    ? " (is the memory limit too low?)"
				    : "");
	}
	return fail(e, 0, "the container's init ended with exit status %d", WEXITSTATUS(status));
}
