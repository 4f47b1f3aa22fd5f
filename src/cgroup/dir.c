/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/str.h"

/* How often the parents may be removed by another container's end while we make ours. */
#define RACES_MAX 100

/*
 * Paths, not descriptors of the mount point: there are no symlinks in a cgroup tree and nobody
 * but root changes where it is mounted, so they mean the same, for half the system calls; and
 * removing still works when descriptors are what ran out.
 */
static int full_path(char out[PATH_MAX], const struct cgroup_dir *d)
{
	return str_format(out, PATH_MAX, "%s%s", d->mountpoint, d->path);
}

/* mkdir, a parent at a time. -1 with errno. */
static int make_path(char *path, struct cgroup_dir *d, struct arena *a)
{
	size_t mount_len = strlen(d->mountpoint);
	char *end = path + mount_len;

	do {
		end = strchr(end + 1, '/');
		if (end)
			*end = '\0';
		if (mkdir(path, 0755) == 0) {
			if (!d->made)
				d->made = arena_strdup(a, path + mount_len);
		} else if (errno != EEXIST || !end) {
			return -1;
		}
		if (end)
			*end = '/';
	} while (end);
	return 0;
}

int dir_make(struct cgroup_dir *d, struct arena *a, int *existing, struct error *e)
{
	char path[PATH_MAX];

	*existing = -1;
	d->made = NULL;
	if (full_path(path, d) < 0)
		return fail_errno(e, "the cgroup path is too long");
	for (int i = 0; i < RACES_MAX; i++) {
		/* mostly the parents are there: one call */
		int r = mkdir(path, 0755);

		if (r == 0 && !d->made)
			d->made = d->path;
		if (r < 0 && errno == ENOENT)
			r = make_path(path, d, a);
		if (r < 0 && errno == EEXIST)
			r = *existing = openat(AT_FDCWD, path,
					       O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (r >= 0)
			return 0;
		if (errno != ENOENT && errno != ENODEV)
			break;
	}
	return fail_errno(e, "cannot create cgroup \"%s%s\"", d->mountpoint, d->path);
}

/* From below: mostly the parent is there, which is one call, and the mount point is in any case. */
bool dir_foresee(struct cgroup_dir *d, struct arena *a)
{
	char *path = arena_printf(a, "%s%s", d->mountpoint, d->path);
	char *top = path + strlen(d->mountpoint), *end;

	d->made = NULL;
	while ((end = strrchr(top, '/')) > top) {
		*end = '\0';
		if (access(path, F_OK) == 0) {
			*end = '/';
			break;
		}
		d->made = top;
	}
	return d->made;
}

int dir_file(const struct cgroup_dir *d, const char *file, int flags)
{
	char path[PATH_MAX];

	if (str_format(path, sizeof(path), "%s%s/%s", d->mountpoint, d->path, file) < 0)
		return -1;
	return openat(AT_FDCWD, path, flags | O_NOFOLLOW | O_CLOEXEC);
}

int dir_unmake(const struct cgroup_dir *d)
{
	size_t top = strlen(d->mountpoint) + (d->made ? strlen(d->made) : strlen(d->path));
	char path[PATH_MAX];

	if (full_path(path, d) < 0)
		return -1;
	if (rmdir(path) < 0 && errno != ENOENT)
		return -1;
	for (;;) {
		*strrchr(path, '/') = '\0';
		if (strlen(path) < top)
			return 0;
		/* busy: others live there now */
		if (rmdir(path) < 0 && errno != ENOENT)
			return 0;
	}
}
