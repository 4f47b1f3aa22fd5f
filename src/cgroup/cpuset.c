/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cpuset.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/list.h"
#include "base/str.h"
#include "sys/self.h"

/* A list of processors or memory nodes is never longer: it is a page of the kernel's. */
#define VALUE_MAX 4096

/* What was opened, to be closed by one call when it is all done. */
struct files {
	size_t n;
	int fds[8];
};

static void close_all(struct files *f)
{
	self_close_each(f->fds, f->n);
	f->n = 0;
}

/* @file in the directory that is the first @len bytes of @dir; stays @f's. */
static int open_in(struct files *f, const char *dir, size_t len, const char *file, int flags)
{
	char path[PATH_MAX];
	int fd;

	if (str_format(path, sizeof(path), "%.*s/%s", (int)len, dir, file) < 0)
		return -1;
	if (f->n == ARRAY_SIZE(f->fds))
		close_all(f);
	fd = openat(AT_FDCWD, path, flags | O_NOFOLLOW | O_CLOEXEC);
	if (fd >= 0)
		f->fds[f->n++] = fd;
	return fd;
}

/* @at is where some directory of @dir ends: where the one above it does. */
static size_t above(const char *dir, size_t at)
{
	while (dir[--at] != '/')
		;
	return at;
}

/* @top: where the mount point ends, which has always something. */
static int inherit(struct files *f, const char *dir, size_t top, bool fresh, const char *file)
{
	char value[VALUE_MAX];
	const size_t end = strlen(dir);
	size_t at = fresh ? above(dir, end) : end;
	ssize_t len;

	for (;; at = above(dir, at)) {
		int fd = open_in(f, dir, at, file, O_RDONLY);

		len = fd < 0 ? -1
			     : read(fd, value, sizeof(value)); /* one line, a newline at least */
		if (len < 0)
			return -1;
		if (len > 1)
			break;
		if (at <= top) {
			errno = EINVAL;
			return -1;
		}
	}
	if (len == VALUE_MAX) { /* it may go on */
		errno = E2BIG;
		return -1;
	}
	while (at < end) {
		int fd;

		at += 1 + strcspn(dir + at + 1, "/");
		fd = open_in(f, dir, at, file, O_WRONLY);
		if (fd < 0 || write(fd, value, (size_t)len) < 0)
			return -1;
	}
	return 0;
}

int cpuset_fill(const struct cgroup_dir *d, bool fresh, struct error *e)
{
	static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};
	struct files f = {.n = 0};
	char dir[PATH_MAX];
	int r = 0;

	if (str_format(dir, sizeof(dir), "%s%s", d->mountpoint, d->path) < 0)
		return fail_errno(e, "the cgroup path is too long");
	for (size_t i = 0; i < ARRAY_SIZE(files) && r == 0; i++)
		if (inherit(&f, dir, strlen(d->mountpoint), fresh, files[i]) < 0)
			r = fail_errno(e, "cannot give cgroup \"%s\" its parent's %s", dir,
				       files[i]);
	close_all(&f);
	return r;
}
