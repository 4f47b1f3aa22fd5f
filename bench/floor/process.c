/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "floor.h"

#include <fcntl.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#define DOCKER_CAPS 0xa80425fbULL

void load_filter(void)
{
	static struct sock_filter code[BPF_MAXINSNS];
	int fd;
	ssize_t n;

	if (!o.filter)
		return;
	fd = openat(AT_FDCWD, o.filter, O_RDONLY | O_CLOEXEC);
	n = read(fd, code, sizeof(code));
	check(n, o.filter);
	close(fd);
	o.program = (struct sock_fprog){.len = (unsigned short)((size_t)n / sizeof(code[0])),
					.filter = code};
}

int clone_child(unsigned long flags)
{
	struct clone_args args = {.flags = flags, .exit_signal = SIGCHLD};
	int pid;

	if (o.v2 && o.dir_count) {
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (uint64_t)o.tasks[0];
	}
	pid = (int)syscall(SYS_clone3, &args, sizeof(args));
	check(pid, "clone3");
	return pid;
}

int wait_for(int pid)
{
	int status;

	check(waitpid(pid, &status, 0), "waitpid");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

void drop_privileges(void)
{
	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!(DOCKER_CAPS >> cap & 1))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	if (!o.user)
		check(syscall(SYS_setgroups, 0, NULL), "setgroups");
	check(syscall(SYS_setresgid, 0, 0, 0), "setresgid");
	check(syscall(SYS_setresuid, 0, 0, 0), "setresuid");
}

static void drop_capabilities(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[2] = {{DOCKER_CAPS, DOCKER_CAPS, 0}};

	/* Loading a filter takes CAP_SYS_ADMIN. */
	if (o.filter)
		check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW,
			      &o.program),
		      "seccomp");
	check(syscall(SYS_capset, &header, caps), "capset");
}

_Noreturn void become_program(void)
{
	char *const argv[] = {"true", NULL}, *const env[] = {"PATH=/bin", NULL};

	check((long)syscall(SYS_close_range, 3, ~0U, 4), "close_range"); /* CLOSE_RANGE_CLOEXEC */
	drop_capabilities();
	execve("/bin/true", argv, env);
	die("execve");
}
