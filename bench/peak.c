/* SPDX-License-Identifier: Apache-2.0 */
/*
 * peak COMMAND [ARGUMENT]...: runs it and prints the resident memory, in kilobytes, that the largest of its processes
 * had at its largest.
 *
 * Each process is stopped at each system call and asked for its exact size.  The kernel's own high water mark
 * (ru_maxrss, VmHWM) comes from counters that may be off by some hundred kilobytes on each processor.
 * What the container runs counts too: it has to be smaller than any runtime.
 */
#define _GNU_SOURCE
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/ptrace.h>
#include <sys/wait.h>
#include <unistd.h>

#define EVENTS                                                                                    \
	(PTRACE_O_TRACESYSGOOD | PTRACE_O_TRACEFORK | PTRACE_O_TRACEVFORK | PTRACE_O_TRACECLONE | \
	 PTRACE_O_TRACEEXEC | PTRACE_O_TRACEEXIT | PTRACE_O_EXITKILL)

static long resident_kilobytes(pid_t pid)
{
	char path[64], text[128] = "";
	long size, resident = 0;
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/statm", pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return 0;
	if (read(fd, text, sizeof(text) - 1) > 0)
		sscanf(text, "%ld %ld", &size, &resident);
	close(fd);
	return resident * (sysconf(_SC_PAGESIZE) / 1024);
}

/* What a stopped process goes on with: its own signals, not those of tracing. */
static int signal_of(int status)
{
	int signal = WSTOPSIG(status);

	return status >> 16 || signal == (SIGTRAP | 0x80) || signal == SIGTRAP || signal == SIGSTOP
		       ? 0
		       : signal;
}

static pid_t start(char **argv)
{
	pid_t pid = fork();
	int null;

	if (pid)
		return pid;
	null = open("/dev/null", O_RDWR);
	dup2(null, 0);
	dup2(null, 1);
	raise(SIGSTOP);
	execvp(argv[0], argv);
	_exit(127);
}

int main(int argc, char **argv)
{
	pid_t first = argc > 1 ? start(argv + 1) : -1, pid;
	int status, code = 2;
	long peak = 0;

	if (first < 0 || ptrace(PTRACE_SEIZE, first, NULL, EVENTS) < 0 || kill(first, SIGCONT) < 0)
		return 2;
	while ((pid = waitpid(-1, &status, __WALL)) > 0) {
		long now;

		if (!WIFSTOPPED(status)) {
			if (pid == first)
				code = WIFEXITED(status) ? WEXITSTATUS(status)
							 : 128 + WTERMSIG(status);
			continue;
		}
		now = resident_kilobytes(pid);
		peak = now > peak ? now : peak;
		ptrace(PTRACE_SYSCALL, pid, NULL, signal_of(status));
	}
	printf("%ld\n", peak);
	return code;
}
