/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_TESTS_SYS_TEST_H
#define YACR_TESTS_SYS_TEST_H

/*
 * What the tests of this layer share: a scratch directory, children in which
 * namespaces and filters may be changed, and a filter that takes system calls
 * away, so that the lower rungs of a ladder run on a kernel that has the upper ones.
 */

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "scratch.h"

#include "base/error.h"
#include "base/fd.h"
#include "base/list.h"
#include "sys/abi.h"

enum { EXIT_SKIP = 77 };

/* In a child cmocka's assertions would come back to the wrong process: these end it. */
#define CHECK(what)                                                                           \
	do {                                                                                  \
		if (!(what)) {                                                                \
			fprintf(stderr, "%s:%d: not so: %s (errno %d)\n", __FILE__, __LINE__, \
				#what, errno);                                                \
			_exit(1);                                                             \
		}                                                                             \
	} while (0)

#define CHECK_OK(call)                                                                             \
	do {                                                                                       \
		if ((call) < 0) {                                                                  \
			fprintf(stderr, "%s:%d: %s: %s (%d)\n", __FILE__, __LINE__, #call, e.text, \
				e.code);                                                           \
			_exit(1);                                                                  \
		}                                                                                  \
	} while (0)

static inline void skip_child(const char *why)
{
	fprintf(stderr, "skipped: %s\n", why);
	_exit(EXIT_SKIP);
}

/* Runs @body in a child; a test that skips itself there is skipped here. */
static inline void in_child(void (*body)(const void *), const void *arg)
{
	pid_t pid;
	int status;

	fflush(NULL);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		body(arg);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == EXIT_SKIP)
		skip();
	if (status != 0)
		fail_msg("the child ended with status 0x%x", status);
}

/* From here on the system calls in @v (ends with -1) answer ENOSYS. */
static inline void take_away(const int *v)
{
	struct sock_filter f[64];
	unsigned short n = 0;
	struct sock_fprog prog = {.filter = f};

	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					      offsetof(struct seccomp_data, nr));
	for (; *v >= 0; v++) {
		f[n++] =
			(struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, (uint32_t)*v, 0, 1);
		f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | ENOSYS);
	}
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	prog.len = n;
	CHECK(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0);
	CHECK(prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog) == 0);
}

static inline void write_text(const char *path, const char *text)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	CHECK(fd >= 0 && write(fd, text, strlen(text)) == (ssize_t)strlen(text));
	close(fd);
}

/* Mounts of its own for this process: as root, or in a user namespace of its own. */
static inline void own_mounts(void)
{
	char map[64];
	const unsigned int uid = getuid(), gid = getgid();

	if (unshare(CLONE_NEWNS) < 0) {
		if (unshare(CLONE_NEWUSER | CLONE_NEWNS) < 0)
			skip_child("needs root or user namespaces");
		snprintf(map, sizeof(map), "0 %u 1", uid);
		write_text("/proc/self/uid_map", map);
		write_text("/proc/self/setgroups", "deny");
		snprintf(map, sizeof(map), "0 %u 1", gid);
		write_text("/proc/self/gid_map", map);
	}
	CHECK(mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) == 0);
}

#endif
