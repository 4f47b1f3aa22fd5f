/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_SPAWN_H
#define YACR_SYS_SPAWN_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/*
 * clone3(2), else clone(2).  @flags: CLONE_NEW*, CLONE_PARENT.  @cgroup: descriptor of a
 * cgroup2 directory to be born in, or -1.  Returns the pid (0 in the child) and in
 * *@pidfd a descriptor (-1 in the child).  -1 with e->code: when CLONE_INTO_CGROUP is not to
 * be had, ENOSYS or the kernel's answer; the caller has another way.
 *
 * Root is not dumpable any more once it has made a user namespace, nor is the child from its first
 * moment: it may be in the sight of a container, whose root has all capabilities over what is in
 * there, whichever it was left.
 */
pid_t spawn(uint64_t flags, int cgroup, int *pidfd, struct error *e);

struct command {
	const char *path; /* absolute; argv[0] may be another name */
	const char *const *argv;
	const char *const *env;
	int stdin_fd, stdout_fd, stderr_fd; /* -1: /dev/null */
	int cwd;			    /* directory descriptor, or -1 */
};

/*
 * Runs @c in its own process group with default signals, an empty signal mask and no
 * descriptor but 0, 1, 2; returns pid and pidfd.
 */
pid_t spawn_command(const struct command *c, int *pidfd, struct error *e);

/* Waits for the end of @pid for at most @ms (-1: no limit). Returns 1 when ended (*@status), 0, -1.
 */
int spawn_wait(pid_t pid, int pidfd, int64_t ms, int *status, struct error *e);

/* pidfd_open(2); ENOSYS is answered with -1 like all else. */
int pidfd_of(pid_t pid);

/*
 * A number that no other process has, had or will have until the next boot: the inode of its pidfds,
 * since these have a file system of their own (6.9).  0: before that, and where an inode's number
 * has 32 bits and so comes again.
 */
uint64_t pidfd_identity(int pidfd);

/* Whether it is of the process that had this identity, which is not 0, in this boot. */
bool pidfd_is(int pidfd, uint64_t identity);

/* pidfd_send_signal(2), else kill(2) when @pidfd is -1. 0, or -1 with errno. */
int signal_process(pid_t pid, int pidfd, int sig);

#endif
