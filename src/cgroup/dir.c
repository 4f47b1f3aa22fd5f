/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/str.h"

/* How often the parents may be removed by another container's end while we make ours. */
#define RACES_MAX 16

/* mkdir of @path below @mount, a parent at a time. -1 with errno. */
static int make_path(int mount, struct cgroup_dir *d, struct arena *a)
{
	char prefix[PATH_MAX];

	if (str_format(prefix, sizeof(prefix), "%s", d->path + 1) < 0)
		return -1;
	for (char *end = prefix; end;) {
		end = strchr(end, '/');
		if (end)
			*end = '\0';
		if (mkdirat(mount, prefix, 0755) == 0) {
			if (!d->made)
				d->made = arena_printf(a, "/%s", prefix);
		} else if (errno != EEXIST || !end) {
			return -1;
		}
		if (end)
			*end++ = '/';
	}
	return 0;
}

int dir_make(struct cgroup_dir *d, struct arena *a, bool *existed, struct error *e)
{
	AUTO_CLOSE int mount = open(d->mountpoint, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int fd = -1;

	if (mount < 0)
		return fail(e, errno, "cannot open cgroup hierarchy \"%s\"", d->mountpoint);
	d->made = NULL;
	for (int i = 0; i < RACES_MAX; i++) {
		/* mostly the parents are there: one call */
		int r = mkdirat(mount, d->path + 1, 0755);

		if (r == 0 && !d->made)
			d->made = d->path;
		if (r < 0 && errno == ENOENT)
			r = make_path(mount, d, a);
		*existed = r < 0 && errno == EEXIST;
		if (r == 0 || *existed)
			fd = openat(mount, d->path + 1, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
		if (fd >= 0)
			return fd;
		if (errno != ENOENT && errno != ENODEV)
			break;
	}
	return fail(e, errno, "cannot create cgroup \"%s%s\"", d->mountpoint, d->path);
}

int dir_unmake(const struct cgroup_dir *d)
{
	AUTO_CLOSE int mount = open(d->mountpoint, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char path[PATH_MAX];
	size_t top = d->made ? strlen(d->made) : strlen(d->path);

	if (mount < 0)
		return errno == ENOENT ? 0 : -1;
	if (str_format(path, sizeof(path), "%s", d->path) < 0)
		return -1;
	if (unlinkat(mount, path + 1, AT_REMOVEDIR) < 0 && errno != ENOENT)
		return -1;
	for (;;) {
		char *slash = strrchr(path, '/');

		*slash = '\0';
		if (strlen(path) < top || slash == path)
			return 0;
		/* busy: others live there now */
		if (unlinkat(mount, path + 1, AT_REMOVEDIR) < 0 && errno != ENOENT)
			return 0;
	}
}
