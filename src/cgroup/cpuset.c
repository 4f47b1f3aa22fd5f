/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cpuset.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>

#include "base/list.h"
#include "base/str.h"
#include "cgroup/knob.h"

/* A list of processors or memory nodes is never longer: it is a page of the kernel's. */
#define VALUE_MAX 4097

/* @file in the directory that is the first @len bytes of @dir. */
static int file_in(char out[PATH_MAX], const char *dir, size_t len, const char *file)
{
	return str_format(out, PATH_MAX, "%.*s/%s", (int)len, dir, file);
}

/* @at is where some directory of @dir ends: where the one above it does. */
static size_t above(const char *dir, size_t at)
{
	while (dir[--at] != '/')
		;
	return at;
}

/* @top: where the mount point ends, which has always something. */
static int inherit(const char *dir, size_t top, bool fresh, const char *file)
{
	char path[PATH_MAX], value[VALUE_MAX];
	const size_t len = strlen(dir);
	size_t at = fresh ? above(dir, len) : len;

	for (;; at = above(dir, at)) {
		ssize_t n = file_in(path, dir, at, file) < 0
				    ? -1
				    : knob_line(AT_FDCWD, path, value, sizeof(value));

		if (n < 0)
			return -1;
		if (n > 0)
			break;
		if (at <= top) {
			errno = EINVAL;
			return -1;
		}
	}
	while (at < len) {
		at += 1 + strcspn(dir + at + 1, "/");
		if (file_in(path, dir, at, file) < 0 || knob_write(AT_FDCWD, path, value) < 0)
			return -1;
	}
	return 0;
}

int cpuset_fill(const struct cgroup_dir *d, bool fresh, struct error *e)
{
	static const char *const files[] = {"cpuset.cpus", "cpuset.mems"};
	char dir[PATH_MAX];

	if (str_format(dir, sizeof(dir), "%s%s", d->mountpoint, d->path) < 0)
		return fail(e, errno, "the cgroup path is too long");
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (inherit(dir, strlen(d->mountpoint), fresh, files[i]) < 0)
			return fail(e, errno, "cannot give cgroup \"%s\" its parent's %s", dir,
				    files[i]);
	return 0;
}
