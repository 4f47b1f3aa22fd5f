/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/dir.h"

/* The next child cgroup. kernfs always fills in the type, and every directory is a cgroup. */
static const char *next_child(struct dir_reader *r)
{
	const char *name;

	do
		name = dir_next(r);
	while (name && r->type != DT_DIR);
	return name;
}

static int open_listing(int dir)
{
	return openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int child_first(int dir, char *name, size_t size)
{
	AUTO_CLOSE int fd = open_listing(dir);
	struct dir_reader r = {.fd = fd};
	const char *found;

	if (fd < 0)
		return -1;
	found = next_child(&r);
	if (!found)
		return dir_failed(&r) ? -1 : 0;
	return str_format(name, size, "%s", found) < 0 ? -1 : 1;
}

/* A cgroup that was removed while we looked: its files answer ENODEV. */
static bool is_gone(int code)
{
	return code == ENOENT || code == ENODEV;
}

int pids_visit_one(int dir, pid_visitor visit, void *context)
{
	AUTO_CLOSE int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char buf[4096];
	ssize_t n;
	int pid = 0;
	bool in_number = false;

	if (fd < 0)
		return is_gone(errno) ? 0 : -1;
	while ((n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		/* EOPNOTSUPP: a threaded cgroup; its processes are listed further up */
		if (n < 0)
			return is_gone(errno) || errno == EOPNOTSUPP ? 0 : -1;
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] >= '0' && buf[i] <= '9') {
				pid = pid * 10 + (buf[i] - '0');
				in_number = true;
				continue;
			}
			/* 0 stands for a process that this pid namespace does not see */
			if (in_number && pid > 0 && visit(pid, context) < 0)
				return -1;
			pid = 0;
			in_number = false;
		}
	}
	return 0;
}

int pids_visit(int dir, pid_visitor visit, void *context)
{
	AUTO_CLOSE int fd = open_listing(dir);
	struct dir_reader r = {.fd = fd};
	const char *name;

	if (fd < 0)
		return is_gone(errno) ? 0 : -1;
	if (pids_visit_one(fd, visit, context) < 0)
		return -1;
	while ((name = next_child(&r)) != NULL) {
		AUTO_CLOSE int child =
			openat(fd, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (child < 0 && is_gone(errno))
			continue;
		if (child < 0 || pids_visit(child, visit, context) < 0)
			return -1;
	}
	return dir_failed(&r) && !is_gone(errno) ? -1 : 0;
}

static int count(int pid, void *context)
{
	(void)pid;
	++*(int *)context;
	return 0;
}

int pids_count(int dir)
{
	int n = 0;

	return pids_visit(dir, count, &n) < 0 ? -1 : n;
}
