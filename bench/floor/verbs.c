/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "floor.h"

#include <dirent.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

static char text[8192];

/* The text of @file, which ends with a zero. */
static void read_file(int dir, const char *file)
{
	int fd = openat(dir, file, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, text, sizeof(text) - 1);

	check(n, file);
	text[n] = '\0';
	close(fd);
}

/* A descriptor of the process, which tells whose the number is, and whether it lives. */
static int look_at_process(const char *pid)
{
	int process = (int)syscall(SYS_pidfd_open, atoi(pid), 0);
	struct stat st;

	check(process, "pidfd_open");
	check(fstat(process, &st), "fstat");
	check(poll(&(struct pollfd){.fd = process, .events = POLLIN}, 1, 0), "poll");
	return process;
}

int state(const char *file, const char *pid)
{
	read_file(AT_FDCWD, file);
	look_at_process(pid);
	return write(1, text, 600) < 0;
}

int deliver(const char *file, const char *pid)
{
	read_file(AT_FDCWD, file);
	return syscall(SYS_pidfd_send_signal, look_at_process(pid), SIGWINCH, NULL, 0) < 0;
}

int list(const char *dir)
{
	static char line[128 * 1024];
	DIR *entries = opendir(dir);
	size_t used = 0;

	while (entries) {
		struct dirent *entry = readdir(entries);
		char file[300], pid[16] = "";
		const char *found;

		if (!entry)
			break;
		if (entry->d_name[0] == '.')
			continue;
		snprintf(file, sizeof(file), "%s/state.json", entry->d_name);
		read_file(dirfd(entries), file);
		found = strstr(text, "\"pid\":");
		if (found)
			snprintf(pid, sizeof(pid), "%.*s", (int)strspn(found + 6, "0123456789"),
				 found + 6);
		close(look_at_process(pid));
		used += (size_t)snprintf(line + used, sizeof(line) - used, "%-20s %s\n",
					 entry->d_name, pid);
		if (used > sizeof(line) - 512) {
			check(write(1, line, used), "stdout");
			used = 0;
		}
	}
	return write(1, line, used) < 0;
}
