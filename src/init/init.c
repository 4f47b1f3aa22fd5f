/* SPDX-License-Identifier: Apache-2.0 */
#include "init/init.h"

#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/list.h"
#include "base/str.h"
#include "init/message.h"
#include "init/walk.h"
#include "sys/process.h"
#include "sys/procfs.h"
#include "sys/self.h"

/* Descriptors of a plan: its slots, cgroup files, two sockets. A config with more has other problems. */
#define FDS_MAX 8192

int init_guard(struct init *in)
{
	if (process_dumpable(false, in->e) < 0)
		return -1;
	in->guarded = true;
	if (in->ready)
		return 0;
	/* If it died before the kernel knows that this concerns us, the next barrier will show it. */
	return process_parent_death_signal(SIGKILL, in->e);
}

int init_say(struct init *in, uint32_t kind, uint32_t value, int fd)
{
	struct message m = {.kind = kind, .value = value};

	if (in->host < 0 || message_send(in->host, &m, fd) == 0)
		return 0;
	if (errno == EPIPE || errno == ECONNRESET)
		_exit(1);
	return fail_errno(in->e, "cannot send to the host");
}

void init_warn(struct init *in, const char *fmt, ...)
{
	struct message m = {.kind = MSG_WARNING};
	va_list ap;

	if (in->host < 0)
		return;
	va_start(ap, fmt);
	str_vprint(m.error.text, sizeof(m.error.text), fmt, ap);
	va_end(ap);
	str_print(m.error.at, sizeof(m.error.at), "%s", init_text(in, in->op->at));
	message_send(in->host, &m, -1);
}

static void report(struct init *in)
{
	struct message m = {.kind = MSG_ERROR, .value = in->next ? in->next - 1 : 0};

	if (!in->e->at[0])
		str_print(in->e->at, sizeof(in->e->at), "%s", init_text(in, in->op->at));
	m.error = *in->e;
	if (in->host >= 0)
		message_send(in->host, &m, -1);
}

const struct op *init_next(const struct init *in, uint32_t kind)
{
	for (uint32_t i = in->next; i < in->plan->op_count; i++)
		if (in->plan->ops[i].kind == kind)
			return &in->plan->ops[i];
	return NULL;
}

int init_slot(struct init *in, plan_slot slot)
{
	if (slot >= in->plan->slot_count || in->fds[slot] < 0)
		return fail(in->e, EBADF, "slot %u of the plan was not opened", slot);
	return in->fds[slot];
}

void init_close_slot(struct init *in, plan_slot slot)
{
	if (slot >= in->plan->slot_count)
		return;
	close_fd(&in->fds[slot]);
	in->fds[slot] = -1;
}

/* To be closed. */
static struct {
	size_t count;
	int fds[16];
} waiting;

void init_close_now(void)
{
	const int saved = errno;

	self_close_each(waiting.fds, waiting.count);
	waiting.count = 0;
	errno = saved;
}

void init_close_later(int *fd)
{
	if (*fd < 0)
		return;
	waiting.fds[waiting.count++] = *fd;
	if (waiting.count == ARRAY_SIZE(waiting.fds))
		init_close_now();
}

int init_proc(struct init *in)
{
	if (in->proc < 0)
		in->proc = procfs_open(init_next(in, OP_SYSCTL) != NULL, in->e);
	return in->proc < 0 ? -1 : 0;
}

void init_forget(struct init *in)
{
	path_forget(&in->last);
	in->found = NULL;
}

int init_mount(struct init *in, const struct mount_intent *m, int target)
{
	init_forget(in);
	return mount_place(m, target, in->e);
}

_Static_assert(sizeof(char *) == sizeof(uint64_t),
	       "init_strings() turns 64-bit cells into pointers in place");

/* A vector may be shared by several operations: what is beyond the heap is a pointer already. */
char **init_strings(const struct init *in, struct plan_vec v)
{
	uint64_t *cells = (uint64_t *)(void *)(in->plan->heap + v.at);

	for (uint32_t i = 0; i < v.count; i++)
		if (cells[i] < in->plan->heap_size)
			cells[i] = (uint64_t)(uintptr_t)(in->plan->heap + cells[i]);
	return (char **)(void *)cells;
}

/* Until the host says that @barrier is open. */
static int wait_go(struct init *in, uint32_t barrier)
{
	AUTO_CLOSE int fd = -1;
	struct message m;
	int r;

	do
		r = message_receive(in->host, &m, &fd);
	while (r < 0 && errno == EINTR);
	/* Nobody is left to tell anything. */
	if (r == 0 || (r < 0 && errno == ECONNRESET))
		_exit(1);
	if (r < 0)
		return fail_errno(in->e, "cannot receive from the host");
	if (m.kind != MSG_GO || m.value != barrier)
		return fail(in->e, EPROTO, "the host said %u.%u at barrier %u", m.kind, m.value,
			    barrier);
	return 0;
}

/*
 * From here on the host may end at any moment, and must not take us with it.  If
 * it ends without having said GO, wait_go() sees the end of the socket.
 */
static int become_ready(struct init *in)
{
	if (process_parent_death_signal(0, in->e) < 0)
		return -1;
	if (in->start_sock >= 0 && getpid() == 1)
		init_be_mortal();
	in->ready = true;
	waiting.count = 0; /* START_GATE or CLOSE_FDS closes all there are */
	return 0;
}

int init_await_commit(struct init *in)
{
	if (become_ready(in) < 0)
		return -1;
	init_forget(in);
	return wait_go(in, BARRIER_BUILT);
}

int do_barrier(struct init *in, const struct op_barrier *o)
{
	if (o->id == BARRIER_BUILT)
		return init_say(in, MSG_BARRIER, o->id, -1);
	if (o->id == BARRIER_READY && become_ready(in) < 0)
		return -1;
	init_close_now();
	init_forget(in); /* the host's hooks may mount something, or we close all descriptors */
	if (o->open)
		return 0;
	if (o->id != BARRIER_MAPPED && init_say(in, MSG_BARRIER, o->id, -1) < 0)
		return -1;
	if (wait_go(in, o->id) < 0)
		return -1;
	return in->ready || in->guarded ? 0 : init_guard(in);
}

static int run_op(struct init *in, const struct op *op)
{
#define DO_INIT(name) do_##name(in, &op->name)
#define DO_BOTH(name) DO_INIT(name)
#define DO_HOST(name) 0
	switch ((enum op_kind)op->kind) {
#define X(NAME, name, side) \
	case OP_##NAME: return DO_##side(name);
		PLAN_OPS(X)
#undef X
	case OP_NONE:
	case OP_KINDS: break;
	}
	return fail(in->e, EPROTO, "operation %u is unknown to init", op->kind);
}

/*
 * The fork has brought along whatever the host has open.  Its own end of the
 * socket too: while we hold that, we would never see its end.
 */
static int close_strangers(struct init *in)
{
	const struct op *last = init_next(in, OP_CLOSE_FDS);
	static int keep[FDS_MAX]; /* pages of it that are not needed cost nothing */
	unsigned int n = 0;

	if (in->plan->slot_count + in->cgroup_fd_count + 2 > FDS_MAX)
		return fail(in->e, E2BIG, "the plan wants more than %d descriptors", FDS_MAX);
	for (uint32_t i = 0; i < in->plan->slot_count; i++)
		if (in->fds[i] >= 0)
			keep[n++] = in->fds[i];
	for (unsigned int i = 0; i < in->cgroup_fd_count; i++)
		keep[n++] = in->cgroup_fds[i];
	keep[n++] = in->host;
	if (in->start_sock >= 0)
		keep[n++] = in->start_sock;
	return self_close_all_but(last ? last->close_fds.keep : 3, keep, n, in->e);
}

/*
 * time_namespaces(7) lets only the owner of the file write the offsets, and
 * when they are to be written we are no longer traceable, so it belongs to
 * root, and we may no longer be that root.  So it is opened now.
 */
static int open_time_offsets(struct init *in)
{
	AUTO_CLOSE int proc = -1;

	if (!init_next(in, OP_TIME_OFFSETS))
		return 0;
	proc = procfs_open(false, in->e);
	if (proc < 0)
		return -1;
	in->time_offsets = procfs_open_file(proc, "self/timens_offsets", O_WRONLY, in->e);
	return in->time_offsets < 0 ? -1 : 0;
}

static int begin(struct init *in)
{
	sigset_t none;

	if (close_strangers(in) < 0)
		return -1;
	umask(0); /* what is made in the container gets the mode that was asked for; hooks get 022 */
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (open_time_offsets(in) < 0)
		return -1;
	/*
	 * In a new user namespace we stay as we were born (see spawn()), which is traceable when
	 * the host has no privilege, until the id maps are written: such a host may not write
	 * them otherwise, and nobody but its user can reach into a user namespace that has no
	 * ids yet.  The same goes for oom_score_adj, which such a host writes before the first
	 * barrier, when no namespace has been joined.
	 */
	if ((in->plan->clone_flags & CLONE_NEWUSER) || geteuid() != 0)
		return process_parent_death_signal(SIGKILL, in->e);
	return init_guard(in);
}

static int walk(struct init *in)
{
	while (in->next < in->plan->op_count) {
		in->op = &in->plan->ops[in->next++];
		if (run_op(in, in->op) < 0)
			return -1;
	}
	return fail(in->e, EPROTO, "the plan ends without a program");
}

void init_run(const struct init_task *t)
{
	static const struct op none;
	struct error e = {0};
	struct init in = {
		.plan = t->plan,
		.op = &none,
		.e = &e,
		.fds = t->fds,
		.host = t->sock,
		.start_sock = t->start_sock,
		.cgroup_fds = t->cgroup_fds,
		.cgroup_fd_count = t->cgroup_fd_count,
		.root = -1,
		.last = {.dir = -1},
		.proc = -1,
		.null = -1,
		.mask = -1,
		.proc_dir = -1,
		.time_offsets = -1,
		.bounding = UINT64_MAX,
	};

	if (begin(&in) == 0)
		walk(&in);
	report(&in);
	/* The container's own filter may refuse even that, and _exit(2) would try for ever. */
	syscall(SYS_exit_group, 1);
	__builtin_trap();
}
