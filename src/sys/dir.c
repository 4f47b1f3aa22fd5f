/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/dir.h"

#include <stddef.h>
#include <unistd.h>

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
		return d->name;
	}
	return NULL;
}
