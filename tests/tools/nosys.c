/* SPDX-License-Identifier: Apache-2.0 */
/*
 * nosys CALL[,CALL...] PROGRAM [ARG...]: runs a program on a kernel that lacks
 * these system calls, as far as it can tell: a filter answers ENOSYS to them.
 * What a filter cannot undo is inherited, so the program's children see the same.
 * EPERM in the place of the first call: that is the answer, as older engines' filters have it.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static const struct {
	const char *name;
	unsigned int nr;
} calls[] = {
	{"clone3", 435},	{"openat2", 437},
	{"mount_setattr", 442}, {"open_tree_attr", 467},
	{"open_tree", 428},	{"move_mount", 429},
	{"fsopen", 430},	{"fsconfig", 431},
	{"fsmount", 432},	{"close_range", 436},
	{"pidfd_open", 434},	{"pidfd_send_signal", 424},
	{"statx", SYS_statx},	{"memfd_create", SYS_memfd_create},
	{"keyctl", SYS_keyctl}, {"faccessat2", 439},
	{"fchmodat2", 452},	{"execveat", SYS_execveat},
	{"statmount", 457},
};

enum { CALLS = sizeof(calls) / sizeof(*calls) };

static unsigned int number_of(const char *name)
{
	for (int i = 0; i < CALLS; i++)
		if (!strcmp(calls[i].name, name))
			return calls[i].nr;
	fprintf(stderr, "nosys: %s is not in the table\n", name);
	exit(125);
}

int main(int argc, char **argv)
{
	struct sock_filter f[2 * CALLS + 4];
	unsigned short n = 0;
	unsigned int answer = ENOSYS;
	struct sock_fprog program = {.filter = f};

	if (argc < 3) {
		fprintf(stderr, "usage: nosys CALL[,CALL...] PROGRAM [ARG...]\n");
		return 125;
	}
	f[n++] = (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS,
					      offsetof(struct seccomp_data, nr));
	for (char *name = strtok(argv[1], ","); name && n < 2 * CALLS; name = strtok(NULL, ",")) {
		if (!strcmp(name, "EPERM")) {
			answer = EPERM;
			continue;
		}
		f[n++] = (struct sock_filter)BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, number_of(name), 0,
						      1);
		f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | answer);
	}
	f[n++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW);
	program.len = n;

	/* Without no_new_privs when that is allowed: the program behaves differently with it. */
	if (prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0 &&
	    (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	     prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program, 0, 0) < 0)) {
		perror("nosys: seccomp");
		return 125;
	}
	execvp(argv[2], argv + 2);
	perror(argv[2]);
	return 127;
}
