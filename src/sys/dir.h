/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_DIR_H
#define YACR_SYS_DIR_H

/* The names in a directory, one after the other: readdir(3) without its heap. */

#include <stddef.h>
#include <stdint.h>

struct dir_reader {
	int fd;	      /* of a directory, open for reading; the caller's. Set it, zero the rest */
	long len, at; /* len < 0: reading failed, with errno */
	int64_t next; /* behind the name last returned, for lseek(2) */
	uint8_t type; /* DT_* of it */
	_Alignas(uint64_t) char buf[2048];
};

/*
 * The next name but "." and "..", valid until the next call; NULL at the end or
 * on failure (dir_failed()).
 */
const char *dir_next(struct dir_reader *r);

static inline int dir_failed(const struct dir_reader *r)
{
	return r->len < 0;
}

/*
 * Where directory @path is ("." when NULL): absolute, without links, and at most PATH_MAX bytes with
 * its NUL.  0, or -1 with errno; ENOTDIR when it is something else.
 */
int dir_real_path(const char *path, char *out, size_t size);

/* The same of whatever is at @path, as /proc has it. */
int any_real_path(const char *path, char *out, size_t size);

#endif
