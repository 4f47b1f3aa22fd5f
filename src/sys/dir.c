/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/dir.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/abi.h"

/* The record of getdents64(2); linux/dirent.h is not for user space. */
struct record {
	uint64_t ino;
	int64_t off;
	uint16_t length;
	uint8_t type;
	char name[];
};

static const struct record *next_record(struct dir_reader *r)
{
	const struct record *d;

	if (r->at >= r->len) {
		r->len = syscall(SYS_getdents64, r->fd, r->buf, sizeof(r->buf));
		r->at = 0;
		if (r->len <= 0)
			return NULL;
	}
	d = (const void *)(r->buf + r->at);
	r->at += d->length;
	return d;
}

const char *dir_next(struct dir_reader *r)
{
	const struct record *d;

	while ((d = next_record(r))) {
		if (str_eq(d->name, ".") || str_eq(d->name, ".."))
			continue;
		r->type = d->type;
		r->next = d->off;
		return d->name;
	}
	return NULL;
}

static int working_directory(char *out, size_t size)
{
	if (syscall(SYS_getcwd, out, size) < 0)
		return -1;
	if (out[0] == '/')
		return 0;
	errno = ENOENT; /* "(unreachable)": outside of our root */
	return -1;
}

/* The kernel knows the name of where one is: three calls, however deep that may be. */
int dir_real_path(const char *path, char *out, size_t size)
{
	AUTO_CLOSE int here = -1, there = -1;
	int r;

	if (!path)
		return working_directory(out, size);
	there = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	here = openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (there < 0 || here < 0 || fchdir(there) < 0)
		return -1;
	r = working_directory(out, size);
	return fchdir(here) < 0 ? -1 : r;
}

int any_real_path(const char *path, char *out, size_t size)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, path, O_PATH | O_CLOEXEC);
	char link[40];
	ssize_t n;

	if (fd < 0 || str_format(link, sizeof(link), "/proc/self/fd/%d", fd) < 0)
		return -1;
	n = readlink(link, out, size);
	if (n < 0)
		return -1;
	if ((size_t)n >= size) {
		errno = ENAMETOOLONG;
		return -1;
	}
	out[n] = '\0';
	return 0;
}
