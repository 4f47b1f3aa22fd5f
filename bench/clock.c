/* SPDX-License-Identifier: Apache-2.0 */
/*
 * clock [-n COUNT -p PARALLEL] [-l LOG] COMMAND [ARGUMENT]...: runs it and prints what it took, as one line:
 * microseconds on the wall, microseconds of processor (with all that it waited for), kilobytes of its largest
 * process, exit status (of the last that failed).
 *
 *	-n  runs it so often, PARALLEL at a time; each % in an argument becomes the number of the run
 *	-l  adds the line to a file, and leaves standard input and output and the exit status to the command:
 *	    this way an engine takes it for a runtime
 *
 * A program of its own because whoever forks is part of what is measured: this one is small, and
 * vfork(2) copies nothing.
 */
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#define ARGUMENTS 100
#define LENGTH 256
#define PARALLEL 64

static const char *log_file;
static int null;

static double now_us(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (double)t.tv_sec * 1e6 + (double)t.tv_nsec / 1e3;
}

static double us(struct timeval t)
{
	return (double)t.tv_sec * 1e6 + (double)t.tv_usec;
}

/* @argv with each % replaced by @number; valid until the next call. */
static char **numbered(char **argv, int number)
{
	static char text[ARGUMENTS][LENGTH], *words[ARGUMENTS + 1];
	int count = 0;

	for (; argv[count] && count < ARGUMENTS; count++) {
		const char *mark = strchr(argv[count], '%');

		words[count] = argv[count];
		if (!mark)
			continue;
		snprintf(text[count], LENGTH, "%.*s%d%s", (int)(mark - argv[count]), argv[count],
			 number, mark + 1);
		words[count] = text[count];
	}
	words[count] = NULL;
	return words;
}

/* Not every process that ends is one of these: orphans come to us, too. */
static pid_t running[PARALLEL];

static bool replace(pid_t pid, pid_t by)
{
	for (int i = 0; i < PARALLEL; i++)
		if (running[i] == pid) {
			running[i] = by;
			return true;
		}
	return false;
}

static pid_t start(char **argv)
{
	pid_t pid = vfork();

	if (pid == 0) {
		if (!log_file) {
			dup2(null, 0);
			dup2(null, 1);
		}
		execvp(argv[0], argv);
		_exit(127);
	}
	return pid;
}

static struct {
	double wall, cpu;
	long memory;
	int failed;
} took;

static void add(int status, const struct rusage *used)
{
	took.cpu += us(used->ru_utime) + us(used->ru_stime);
	took.memory = used->ru_maxrss > took.memory ? used->ru_maxrss : took.memory;
	if (status)
		took.failed = WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static void measure(char **argv, int count, int parallel)
{
	double begin = now_us();
	int started = 0, ended = 0, status;
	struct rusage used;
	pid_t pid;

	while (ended < count) {
		if (started < count && started - ended < parallel) {
			pid = start(count > 1 ? numbered(argv, started) : argv);
			if (pid < 0 || !replace(0, pid))
				exit(2);
			started++;
			continue;
		}
		pid = wait4(-1, &status, 0, &used);
		if (pid < 0)
			exit(2);
		if (!replace(pid, 0))
			continue;
		add(status, &used);
		ended++;
	}
	took.wall = now_us() - begin;
}

int main(int argc, char **argv)
{
	int count = 1, parallel = 1, option;

	while ((option = getopt(argc, argv, "+n:p:l:")) != -1) {
		if (option == 'l')
			log_file = optarg;
		else
			*(option == 'n' ? &count : &parallel) = atoi(optarg);
	}
	if (optind == argc || parallel > PARALLEL)
		return 2;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	if (!log_file) /* what a detached container leaves behind is ours to take, as an engine's shim does */
		prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0);
	measure(argv + optind, count, parallel);
	if (log_file && !freopen(log_file, "a", stdout))
		return 2;
	printf("%.1f %.0f %ld %d\n", took.wall, took.cpu, took.memory, took.failed);
	return log_file ? took.failed : 0;
}
