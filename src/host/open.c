/* SPDX-License-Identifier: Apache-2.0 */
#include "host/open.h"

#include "base/fd.h"
#include "base/json.h"
#include "sys/file.h"

int container_open(struct container *out, const struct runtime *rt, const char *id, bool lock,
		   struct error *e)
{
	struct store s;
	int r;

	if (store_check_id(id, e) < 0)
		return -1;
	if (store_open(&s, store_root(rt), false, e) < 0)
		return -1;
	r = store_load(out, &s, rt->arena, id, lock, e);
	close_fd(&s.root);
	return r;
}

/* A pipe has no size, so the text is read until it ends. */
int text_read(struct buf *out, int fd, const char *name, struct error *e)
{
	char piece[16384];
	ssize_t n;

	do {
		n = file_read_all(fd, piece, sizeof(piece));
		if (n < 0)
			return fail_errno(e, "cannot read %s", name);
		buf_add(out, piece, (size_t)n);
		if (out->len > JSON_SIZE_MAX)
			return fail(e, 0, "%s is larger than 16 MiB", name);
	} while (n == sizeof(piece));
	return 0;
}
