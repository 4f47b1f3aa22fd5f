/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_BUF_H
#define YACR_BASE_BUF_H

/* A growing byte string in an arena; always NUL-terminated. */

#include <stdarg.h>

#include "base/arena.h"

struct buf {
	struct arena *arena;
	char *s;
	size_t len, size;
};

struct buf buf_new(struct arena *a);
void buf_add(struct buf *b, const char *s, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_putc(struct buf *b, char c);

/*
 * @s with each control character, which could move the cursor of who reads it, as its number ("\x1b"),
 * and a backslash before each of @quoted.
 */
void buf_put_visible(struct buf *b, const char *s, const char *quoted);

void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_vprintf(struct buf *b, const char *fmt, va_list ap);

#endif
