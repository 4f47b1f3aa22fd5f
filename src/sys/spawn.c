/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/spawn.h"

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "sys/abi.h"
#include "sys/clock.h"
#include "sys/file.h"
#include "sys/process.h"
#include "sys/self.h"

/* Second rung, for what clone(2) can express. */
static pid_t clone_old(uint64_t flags, int *pidfd)
{
	/* These bits are the exit signal here, or beyond what it takes. */
	if (flags & ~(uint64_t)0xffffffff || flags & 0xff) {
		errno = ENOSYS;
		return -1;
	}
	return (pid_t)abi_clone((unsigned long)flags | CLONE_PIDFD | SIGCHLD, pidfd);
}

static pid_t clone_new(uint64_t flags, int cgroup, int *pidfd)
{
	struct abi_clone_args args = {
		.flags = flags | CLONE_PIDFD,
		.pidfd = (uint64_t)(uintptr_t)pidfd,
		/* with CLONE_PARENT the signal is the caller's own, and may not be named */
		.exit_signal = flags & CLONE_PARENT ? 0 : SIGCHLD,
	};

	if (cgroup >= 0) {
		args.flags |= ABI_CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)cgroup;
	}
	return (pid_t)syscall(SYS_clone3, &args, sizeof(args));
}

pid_t spawn(uint64_t flags, int cgroup, int *pidfd, struct error *e)
{
	int fd = -1;
	pid_t pid;

	process_note_signals();
	/* Who is not root could not write the id maps of what is not dumpable. */
	if ((flags & CLONE_NEWUSER) && geteuid() == 0)
		prctl(PR_SET_DUMPABLE, 0, 0, 0, 0);
	pid = clone_new(flags, cgroup, &fd);

	if (pid < 0 && errno == ENOSYS && cgroup < 0)
		pid = clone_old(flags, &fd);
	if (pid < 0)
		return fail_errno(e, "cannot make a process");
	if (pid == 0) {
		*pidfd = -1;
		return 0;
	}
	/* clone(2) before 5.2 does not know CLONE_PIDFD and passes over it */
	*pidfd = fd >= 0 ? fd : pidfd_of(pid);
	return pid;
}

int pidfd_of(pid_t pid)
{
	return (int)syscall(SYS_pidfd_open, pid, 0);
}

uint64_t pidfd_identity(int pidfd)
{
	struct statfs fs;
	struct stat st;

	if (sizeof(long) < sizeof(uint64_t) || pidfd < 0)
		return 0;
	/* Before, all pidfds were one inode. */
	if (fstatfs(pidfd, &fs) < 0 || fs.f_type != ABI_PIDFS_MAGIC || fstat(pidfd, &st) < 0)
		return 0;
	return st.st_ino;
}

bool pidfd_is(int pidfd, uint64_t identity)
{
	struct stat st;

	return fstat(pidfd, &st) == 0 && st.st_ino == identity;
}

int signal_process(pid_t pid, int pidfd, int sig)
{
	if (pidfd >= 0) {
		if (syscall(SYS_pidfd_send_signal, pidfd, sig, NULL, 0) == 0)
			return 0;
		if (errno != ENOSYS)
			return -1;
	}
	return kill(pid, sig);
}

/*
 * Something for a descriptor that nobody gave.  In a container "/dev/null" may
 * be anything: what is not the null device is not used.  An empty memfd reads
 * as nothing and takes what is written.
 */
static int open_nothing(void)
{
	AUTO_CLOSE int place = openat(AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (place >= 0 && fstat(place, &st) == 0 && S_ISCHR(st.st_mode) &&
	    st.st_rdev == makedev(1, 3))
		fd = openat(AT_FDCWD, "/dev/null",
			    O_RDWR | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3))
		return TAKE_FD(fd);
	return (int)syscall(SYS_memfd_create, "null", ABI_MFD_CLOEXEC);
}

/* Puts @c's three descriptors on 0, 1 and 2, whichever of those they are now. */
static int place_stdio(const struct command *c)
{
	const int wanted[] = {c->stdin_fd, c->stdout_fd, c->stderr_fd};
	int high[3];

	for (int i = 0; i < 3; i++) {
		AUTO_CLOSE int nothing = wanted[i] < 0 ? open_nothing() : -1;

		high[i] = fd_copy(wanted[i] < 0 ? nothing : wanted[i], 3);
		if (high[i] < 0)
			return -1;
	}
	for (int i = 0; i < 3; i++)
		if (dup2(high[i], i) < 0)
			return -1;
	return 0;
}

/* The child's part. Returns only when it cannot become the command, with errno. */
static void become(const struct command *c, pid_t parent, int report)
{
	struct error ignored;

	if (setpgid(0, 0) < 0 || prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0) < 0)
		return;
	if (getppid() != parent) /* too late: it is gone already */
		_exit(1);
	if (c->cwd >= 0 && fchdir(c->cwd) < 0)
		return;
	if (place_stdio(c) < 0)
		return;
	if (self_close_from(3, report, &ignored) < 0) {
		errno = ignored.code;
		return;
	}
	umask(022);
	if (process_default_signals() < 0)
		return;
	execve(c->path, (char *const *)(uintptr_t)c->argv, (char *const *)(uintptr_t)c->env);
}

/* errno of the child that could not become a command; 0 when it has become one. */
static int read_report(int fd)
{
	int code = 0;
	ssize_t n = file_read_all(fd, &code, sizeof(code));

	if (n < 0)
		return errno;
	return n == 0 ? 0 : n == sizeof(code) ? code : EPROTO;
}

/*
 * A plain fork, not a vfork(2): in memory shared with the parent, every store
 * of the child would be the parent's.  The child must not run a handler of the
 * parent's either, so signals wait until they have their default meaning.
 */
pid_t spawn_command(const struct command *c, int *pidfd, struct error *e)
{
	AUTO_CLOSE int report = -1;
	AUTO_CLOSE int fd = -1;
	pid_t parent = getpid(), pid;
	sigset_t all, before;
	int pipes[2], code;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return fail_errno(e, "cannot make a pipe");
	report = pipes[0];
	sigfillset(&all);
	sigprocmask(SIG_SETMASK, &all, &before);
	pid = spawn(0, -1, &fd, e);
	if (pid == 0) {
		close(report);
		/* out of the way of 0, 1 and 2, which may have been closed */
		code = fd_copy(pipes[1], 3);
		if (code >= 0) {
			become(c, parent, code);
			pipes[1] = code;
		}
		code = errno;
		file_write_all(pipes[1], &code, sizeof(code));
		_exit(127);
	}
	sigprocmask(SIG_SETMASK, &before, NULL);
	close(pipes[1]);
	if (pid < 0)
		return -1;
	code = read_report(report);
	if (code != 0) {
		waitpid(pid, NULL, __WALL);
		return fail(e, code, "cannot execute \"%s\"", c->path);
	}
	*pidfd = TAKE_FD(fd);
	return pid;
}

/* Sleeps until the process may have ended, for at most @ms. */
static int wait_some(int pidfd, int64_t ms)
{
	struct pollfd p = {.fd = pidfd, .events = POLLIN};

	/* Without a pidfd nothing tells us: look again every few milliseconds. */
	if (pidfd < 0 && (ms < 0 || ms > 5))
		ms = 5;
	return poll(&p, pidfd < 0 ? 0 : 1, ms < 0 ? -1 : ms > 60000 ? 60000 : (int)ms);
}

int spawn_wait(pid_t pid, int pidfd, int64_t ms, int *status, struct error *e)
{
	const int64_t end = ms < 0 ? -1 : now_ms() + ms;
	int got;

	for (;;) {
		int64_t left = end < 0 ? -1 : end - now_ms();
		pid_t done = waitpid(pid, &got, WNOHANG | __WALL);

		if (done < 0 && errno != EINTR)
			return fail_errno(e, "cannot wait for process %d", pid);
		if (done == pid) {
			*status = got;
			return 1;
		}
		if (end >= 0 && left <= 0)
			return 0;
		if (wait_some(pidfd, left) < 0 && errno != EINTR)
			return fail_errno(e, "cannot wait for process %d", pid);
	}
}
