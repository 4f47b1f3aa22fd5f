/* SPDX-License-Identifier: Apache-2.0 */
#include "host/text.h"

#include "base/fd.h"
#include "base/json.h"

/* A pipe has no size, so the text is read until it ends. */
int text_read(struct buf *out, int fd, const char *name, struct error *e)
{
	char piece[16384];
	ssize_t n;

	if (fd < 0)
		return fail_errno(e, "cannot open %s", name);
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
