/* SPDX-License-Identifier: Apache-2.0 */
#include "base/buf.h"

#include <string.h>

#include "base/str.h"

static void grow(struct buf *b, size_t more)
{
	size_t size = b->size;

	while (more >= size - b->len)
		size *= 2;
	b->s = arena_grow(b->arena, b->s, b->size, size, 1);
	b->size = size;
}

/* Makes room for @more bytes and a NUL. */
static inline void reserve(struct buf *b, size_t more)
{
	if (more >= b->size - b->len)
		grow(b, more);
}

struct buf buf_new(struct arena *a)
{
	return (struct buf){.arena = a, .s = arena_alloc(a, 256), .size = 256};
}

void buf_add(struct buf *b, const char *s, size_t len)
{
	reserve(b, len);
	memcpy(b->s + b->len, s, len);
	b->len += len;
	b->s[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_add(b, s, strlen(s));
}

void buf_putc(struct buf *b, char c)
{
	reserve(b, 1);
	b->s[b->len++] = c;
	b->s[b->len] = '\0';
}

void buf_vprintf(struct buf *b, const char *fmt, va_list ap)
{
	va_list again;
	size_t len;

	va_copy(again, ap);
	len = str_vprint(b->s + b->len, b->size - b->len, fmt, ap);
	if (len >= b->size - b->len) {
		reserve(b, len);
		len = str_vprint(b->s + b->len, b->size - b->len, fmt, again);
	}
	va_end(again);
	b->len += len;
}

void buf_put_visible(struct buf *b, const char *s, const char *quoted)
{
	for (; *s; s++) {
		const unsigned char c = (unsigned char)s[0], next = (unsigned char)s[1];

		if (c == '\n') {
			buf_puts(b, "\\n");
		} else if (c < ' ' || c == 0x7f) {
			buf_printf(b, "\\x%02x", c);
		} else if (c == 0xc2 && (next & 0xe0) == 0x80) { /* U+0080 to U+009F */
			buf_printf(b, "\\u00%02x", next);
			s++;
		} else {
			if (strchr(quoted, c))
				buf_putc(b, '\\');
			buf_putc(b, s[0]);
		}
	}
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	buf_vprintf(b, fmt, ap);
	va_end(ap);
}
