/* SPDX-License-Identifier: Apache-2.0 */
/* Where and as whom init works: namespaces, cgroup, session. */
#include <signal.h>
#include <string.h>

#include "base/fd.h"
#include "init/message.h"
#include "init/walk.h"
#include "sys/abi.h"
#include "sys/cred.h"
#include "sys/file.h"
#include "sys/ns.h"
#include "sys/process.h"
#include "sys/procfs.h"
#include "sys/self.h"
#include "sys/spawn.h"

int do_userns_root(struct init *in, const struct op_userns_root *o)
{
	if (ids_set(0, 0, NULL, 0, in->e) < 0) {
		if (!o->optional || in->e->code != EINVAL)
			return error_context(in->e, "cannot become root of the user namespace");
		*in->e = (struct error){0};
	}
	return init_guard(in);
}

/*
 * A process that moves only itself, by its own thread, need not wait for an RCU
 * grace period: 0.02 ms instead of 7 to 15.
 */
static int join_cgroups(struct init *in)
{
	for (unsigned int i = 0; i < in->cgroup_fd_count; i++)
		if (file_write_all(in->cgroup_fds[i], "0", 1) < 0)
			return fail_errno(in->e, "cannot join the container's cgroup");
	self_close_each(in->cgroup_fds, in->cgroup_fd_count);
	in->cgroup_fd_count = 0;
	return 0;
}

int do_join_cgroup(struct init *in, const struct op_join_cgroup *o)
{
	(void)o;
	return join_cgroups(in);
}

int do_delegated_cgroup(struct init *in, const struct op_delegated_cgroup *o)
{
	(void)o;
	return join_cgroups(in);
}

/*
 * A user namespace may deny setgroups(2) for good.  Who has the privilege drops the
 * caller's groups before it is joined; who has none could not in there either.
 */
static void drop_groups(struct init *in)
{
	const struct op *ids = init_next(in, OP_IDS);

	if (!ids || !ids->ids.keep_groups)
		(void)syscall(ABI_SETGROUPS, 0, NULL);
}

int do_join_ns(struct init *in, const struct op_join_ns *o)
{
	int fd = init_slot(in, o->slot);

	if (fd < 0)
		return -1;
	if (o->type & CLONE_NEWUSER)
		drop_groups(in);
	if (ns_join(fd, (int)o->type, in->e) < 0)
		return error_context(in->e, "\"%s\"", init_text(in, o->path));
	init_close_slot(in, o->slot);
	return o->type & CLONE_NEWUSER ? init_guard(in) : 0;
}

int do_unshare(struct init *in, const struct op_unshare *o)
{
	if (ns_unshare((int)o->flags, in->e) < 0)
		return -1;
	return o->flags & CLONE_NEWUSER ? init_guard(in) : 0;
}

int do_time_offsets(struct init *in, const struct op_time_offsets *o)
{
	const char *text = init_text(in, o->text);
	AUTO_CLOSE int fd = TAKE_FD(in->time_offsets);

	/* One write: the kernel takes all lines or none. */
	if (write(fd, text, strlen(text)) != (ssize_t)strlen(text))
		return fail_errno(in->e, "cannot set the clocks of the time namespace");
	return 0;
}

/*
 * The child goes on, and its parent is the host.  It waits until the host has
 * been told, so that nothing that it says can arrive before that.
 */
int do_refork(struct init *in, const struct op_refork *o)
{
	AUTO_CLOSE int pidfd = -1;
	int told[2];
	pid_t pid;

	(void)o;
	if (pipe2(told, O_CLOEXEC) < 0)
		return fail_errno(in->e, "cannot make a pipe");
	pid = spawn(CLONE_PARENT, -1, &pidfd, in->e);
	if (pid < 0)
		return -1;
	if (pid > 0) {
		if (init_say(in, MSG_PID, (uint32_t)pid, pidfd) == 0)
			_exit(0);
		signal_process(pid, pidfd, SIGKILL);
		return -1;
	}
	close(told[1]);
	file_read_all(told[0], &(char){0}, 1); /* the end comes when the parent is gone */
	close(told[0]);
	return init_guard(in);
}

int do_session(struct init *in, const struct op_session *o)
{
	(void)o;
	if (setsid() < 0 && getsid(0) != getpid())
		return fail_errno(in->e, "cannot make a session");
	return 0;
}

int do_keyring(struct init *in, const struct op_keyring *o)
{
	if (o->label && (init_proc(in) < 0 || procfs_write(in->proc, "self/attr/keycreate",
							   init_text(in, o->label), in->e) < 0))
		return error_context(in->e, "cannot label the session keyring");
	if (process_keyring(init_text(in, o->name), in->e) == 0)
		return 0;
	if (in->e->code != ENOSYS)
		return -1;
	init_warn(in, "this kernel has no keyrings");
	return 0;
}

int do_loopback(struct init *in, const struct op_loopback *o)
{
	(void)o;
	return net_loopback_up(in->e);
}
