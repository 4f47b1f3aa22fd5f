/* SPDX-License-Identifier: Apache-2.0 */
#include "init/copy_up.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/xattr.h>

#include "base/fd.h"
#include "sys/abi.h"
#include "sys/dir.h"

#define DEPTH_MAX 64
#define FILES_MAX 1000000
#define XATTR_MAX 65536 /* the kernel's limit of a list of names, and of a value */

struct copy {
	dev_t dev; /* of the tree */
	unsigned int depth;
	unsigned int files;
	struct error *e;
};

static int copy_directory(struct copy *c, int from, int to);

/*
 * Capabilities of executables, mostly, and access lists: one that did not fit would let others in.
 * What the tmpfs does not take is left out.
 */
static int copy_xattrs(int from, int to)
{
	static char names[XATTR_MAX], attribute[XATTR_MAX];
	ssize_t n = flistxattr(from, names, sizeof(names));

	for (const char *name = names; n > 0 && name < names + n; name += strlen(name) + 1) {
		ssize_t len = fgetxattr(from, name, attribute, sizeof(attribute));

		if (len >= 0 && fsetxattr(to, name, attribute, (size_t)len, 0) < 0 &&
		    errno == ENOSPC)
			return -1;
	}
	return 0;
}

/* An owner who does not exist in this user namespace cannot be copied. */
static int copy_owner(int dir, const char *name, const struct stat *st)
{
	if (fchownat(dir, name, st->st_uid, st->st_gid, AT_SYMLINK_NOFOLLOW | AT_EMPTY_PATH) == 0)
		return 0;
	return errno == EINVAL || errno == EPERM ? 0 : -1;
}

/* The owner first: it takes set-user-ID bits and capabilities away. */
static int copy_attributes(int from, int to, const struct stat *st)
{
	const struct timespec times[2] = {st->st_atim, st->st_mtim};

	if (copy_owner(to, "", st) < 0 || fchmod(to, st->st_mode & 07777) < 0)
		return -1;
	if (copy_xattrs(from, to) < 0)
		return -1;
	return futimens(to, times);
}

static int copy_range(int from, int to, off_t at, off_t end)
{
	if (lseek(to, at, SEEK_SET) < 0)
		return -1;
	while (at < end) {
		off_t left = end - at;
		ssize_t n = sendfile(to, from, &at, left > (1 << 30) ? 1 << 30 : (size_t)left);

		if (n < 0 && errno != EINTR)
			return -1;
		if (n == 0) /* it became shorter meanwhile */
			break;
	}
	return 0;
}

/* Only what holds data is copied, so that a sparse file stays one. */
static int copy_data(int from, int to, off_t size)
{
	off_t at = 0;

	while (at < size) {
		off_t data = lseek(from, at, SEEK_DATA), hole;

		if (data < 0)
			break; /* ENXIO: a hole up to the end */
		hole = lseek(from, data, SEEK_HOLE);
		if (hole < 0 || hole > size)
			hole = size;
		if (copy_range(from, to, data, hole) < 0)
			return -1;
		at = hole;
	}
	return ftruncate(to, size);
}

static int copy_file(int dir, int to_dir, const char *name, const struct stat *seen)
{
	AUTO_CLOSE int from =
		openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	AUTO_CLOSE int to = -1;
	struct stat st;

	if (from < 0 || fstat(from, &st) < 0)
		return -1;
	if (st.st_dev != seen->st_dev || st.st_ino != seen->st_ino) {
		errno = EAGAIN;
		return -1;
	}
	to = openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600);
	if (to < 0 || copy_data(from, to, st.st_size) < 0)
		return -1;
	return copy_attributes(from, to, &st);
}

static int copy_link(int place, int to_dir, const char *name, const struct stat *st)
{
	char text[PATH_MAX];
	ssize_t n = readlinkat(place, "", text, sizeof(text) - 1);

	if (n < 0)
		return -1;
	text[n] = '\0';
	if (symlinkat(text, to_dir, name) < 0)
		return -1;
	return copy_owner(to_dir, name, st);
}

static int copy_fifo(int to_dir, const char *name, const struct stat *st)
{
	if (mknodat(to_dir, name, S_IFIFO | 0600, 0) < 0 || copy_owner(to_dir, name, st) < 0)
		return -1;
	return fchmodat(to_dir, name, st->st_mode & 07777, 0);
}

/* @place is an O_PATH descriptor of the directory: what was looked at is what is read. */
static int copy_subdirectory(struct copy *c, int place, int to_dir, const char *name,
			     const struct stat *st)
{
	AUTO_CLOSE int from = openat(place, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int to = -1;

	if (from < 0 || mkdirat(to_dir, name, 0700) < 0)
		return -1;
	to = openat(to_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (to < 0)
		return -1;
	if (c->depth >= DEPTH_MAX) {
		errno = ELOOP;
		return -1;
	}
	c->depth++;
	if (copy_directory(c, from, to) < 0)
		return -1;
	c->depth--;
	return copy_attributes(from, to, st);
}

static int copy_entry(struct copy *c, int dir, int to_dir, const char *name)
{
	AUTO_CLOSE int place = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	struct stat st;

	if (place < 0)
		return errno == ENOENT ? 0 : -1; /* removed meanwhile */
	if (fstat(place, &st) < 0)
		return -1;
	if (st.st_dev != c->dev)
		return 0;
	if (++c->files > FILES_MAX) {
		errno = E2BIG;
		return -1;
	}
	switch (st.st_mode & S_IFMT) {
	case S_IFREG: return copy_file(dir, to_dir, name, &st);
	case S_IFDIR: return copy_subdirectory(c, place, to_dir, name, &st);
	case S_IFLNK: return copy_link(place, to_dir, name, &st);
	case S_IFIFO: return copy_fifo(to_dir, name, &st);
	default: return 0;
	}
}

static int copy_directory(struct copy *c, int from, int to)
{
	struct dir_reader r = {.fd = from};
	const char *name;

	while ((name = dir_next(&r))) {
		if (copy_entry(c, from, to, name) == 0)
			continue;
		/* Only the innermost name is told: error texts are short. */
		if (!c->e->text[0])
			fail_errno(c->e, "cannot copy \"%s\"", name);
		return -1;
	}
	if (dir_failed(&r) && !c->e->text[0])
		fail_errno(c->e, "cannot read a directory");
	return dir_failed(&r) ? -1 : 0;
}

int copy_up(int from, int to, struct error *e)
{
	/* "." of a place that is covered is the covered directory. */
	AUTO_CLOSE int source = openat(from, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int target = openat(to, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct copy c = {.e = e};
	struct stat st;

	if (source < 0 || target < 0 || fstat(source, &st) < 0)
		return fail_errno(e, "cannot open a directory");
	*e = (struct error){0};
	c.dev = st.st_dev;
	if (copy_directory(&c, source, target) < 0)
		return -1;
	if (copy_owner(target, "", &st) < 0)
		return fail_errno(e, "cannot give it its owner");
	return 0;
}
