/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/file.h"

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/dir.h"

/* Not a link, and not something that makes a reader wait: whatever lies there in its place. */
ssize_t file_read_at(int dir, const char *name, char *out, size_t size, struct error *e)
{
	AUTO_CLOSE int fd =
		openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_errno(e, "cannot open \"%s\"", name);
	if (!S_ISREG(st.st_mode))
		return fail(e, 0, "\"%s\" is no regular file", name);
	n = file_read_all(fd, out, size);
	if (n < 0)
		return fail_errno(e, "cannot read \"%s\"", name);
	if ((size_t)n >= size)
		return fail(e, EFBIG, "\"%s\" is too large", name);
	out[n] = '\0';
	return n;
}

int file_make_at(int dir, const char *name, mode_t mode, const void *data, size_t len,
		 struct error *e)
{
	AUTO_CLOSE int fd =
		openat(dir, name, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC, mode);

	if (fd < 0 || file_write_all(fd, data, len) < 0)
		return fail_errno(e, "cannot write \"%s\"", name);
	return 0;
}

int file_open_in(int dir, const char *sub, const char *name)
{
	const int flags = O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY | O_CLOEXEC;
	char path[2 * NAME_MAX + 2];
	int fd;

	if (str_format(path, sizeof(path), "%s/%s", sub, name) < 0)
		return -1;
	fd = abi_openat2(dir, path, flags, ABI_RESOLVE_BENEATH | ABI_RESOLVE_NO_SYMLINKS);
	if (fd >= 0 || !abi_missing(errno))
		return fd;

	AUTO_CLOSE int at = openat(dir, sub, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return at < 0 ? -1 : openat(at, name, flags);
}

/* A name that nobody has; one left by a dead process with our pid is passed over. */
static int open_new(int dir, const char *name, char *temporary, size_t size)
{
	int fd = -1;

	for (int i = 0; i < 100; i++) {
		if (str_format(temporary, size, ".%s.%d-%d", name, getpid(), i) < 0)
			return -1;
		fd = openat(dir, temporary, O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_CLOEXEC,
			    0600);
		if (fd >= 0 || errno != EEXIST)
			break;
	}
	return fd;
}

int file_replace_at(int dir, const char *name, mode_t mode, const void *data, size_t len,
		    struct error *e)
{
	char temporary[NAME_MAX + 1];
	AUTO_CLOSE int fd = open_new(dir, name, temporary, sizeof(temporary));

	if (fd < 0)
		return fail_errno(e, "cannot make a new \"%s\"", name);
	if (file_write_all(fd, data, len) < 0 || fchmod(fd, mode) < 0 ||
	    renameat(dir, temporary, dir, name) < 0) {
		fail_errno(e, "cannot write \"%s\"", name);
		unlinkat(dir, temporary, 0);
		return -1;
	}
	return 0;
}

enum { DEPTH_MAX = 100 };

static int remove_tree(int dir, const char *name, dev_t device, int depth);

/* Removes what is seen of what @fd holds: 1 when there was anything. */
static int empty_directory(int fd, dev_t device, int depth)
{
	struct dir_reader r = {.fd = fd};
	const char *name;
	bool any = false;

	while ((name = dir_next(&r))) {
		if (remove_tree(fd, name, device, depth + 1) < 0)
			return -1;
		any = true;
	}
	return dir_failed(&r) ? -1 : any;
}

static int remove_directory(int dir, const char *name, dev_t device, int depth)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;
	int seen = 1;

	fd = openat(dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (device != 0 && st.st_dev != device) {
		errno = EXDEV;
		return -1;
	}
	if (depth > DEPTH_MAX) {
		errno = ENAMETOOLONG;
		return -1;
	}
	/* entries move while we remove: what could not be removed is read again, unless it is empty */
	while (seen) {
		seen = empty_directory(fd, st.st_dev, depth);
		if (seen < 0)
			return -1;
		if (unlinkat(dir, name, AT_REMOVEDIR) == 0 || errno == ENOENT)
			return 0;
		if (errno != ENOTEMPTY && errno != EEXIST)
			return -1;
		if (lseek(fd, 0, SEEK_SET) < 0)
			return -1;
	}
	errno = ENOTEMPTY;
	return -1;
}

static int remove_tree(int dir, const char *name, dev_t device, int depth)
{
	if (unlinkat(dir, name, 0) == 0 || errno == ENOENT)
		return 0;
	if (errno != EISDIR && errno != EPERM)
		return -1;
	return remove_directory(dir, name, device, depth);
}

int file_remove_tree_at(int dir, const char *name, struct error *e)
{
	struct stat st;

	if (fstat(dir, &st) < 0)
		return fail_errno(e, "cannot examine the directory of \"%s\"", name);
	if (remove_tree(dir, name, st.st_dev, 0) < 0)
		return fail_errno(e, "cannot remove \"%s\"", name);
	return 0;
}

bool file_same(int a, int b)
{
	struct stat one, two;

	return fstat(a, &one) == 0 && fstat(b, &two) == 0 && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}
