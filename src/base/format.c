/* SPDX-License-Identifier: Apache-2.0 */
#include <stdarg.h>
#include <string.h>

#include "base/str.h"

struct sink {
	char *s;
	size_t size, len; /* @len is what the text needs, and may be more than @size */
};

struct conversion {
	bool left, zero;
	size_t width;
	size_t precision; /* SIZE_MAX: none */
	char length;	  /* of the argument: 0 int, 'l', 'L' for ll, z, j; those have 64 bits */
	char kind;
};

static void put(struct sink *o, const char *s, size_t n)
{
	if (o->len < o->size)
		memcpy(o->s + o->len, s, n < o->size - o->len ? n : o->size - o->len);
	o->len += n;
}

static void pad(struct sink *o, char c, size_t len, size_t width)
{
	size_t n = len < width ? width - len : 0;

	if (o->len < o->size)
		memset(o->s + o->len, c, n < o->size - o->len ? n : o->size - o->len);
	o->len += n;
}

/* A '*' or digits. A negative '*' means left, which nobody here uses: it is taken as none. */
static const char *scan_size(const char *f, int star, size_t *out)
{
	*out = 0;
	if (*f == '*') {
		*out = star > 0 ? (size_t)star : 0;
		return f + 1;
	}
	for (; *f >= '0' && *f <= '9'; f++)
		*out = *out * 10 + (size_t)(*f - '0');
	return f;
}

/* The digits of @v, back to front from @end; returns the first. */
static char *digits(char *end, uint64_t v, unsigned base)
{
	do
		*--end = "0123456789abcdef"[v % base];
	while (v /= base);
	return end;
}

static void put_padded(struct sink *o, const struct conversion *c, const char *s, size_t len)
{
	if (!c->left)
		pad(o, ' ', len, c->width);
	put(o, s, len);
	if (c->left)
		pad(o, ' ', len, c->width);
}

static void put_number(struct sink *o, const struct conversion *c, uint64_t v)
{
	bool negative = c->kind == 'd' && (int64_t)v < 0;
	char text[24], *end = text + sizeof(text), *s;

	s = digits(end, negative ? 0 - v : v, c->kind == 'x' ? 16 : c->kind == 'o' ? 8 : 10);
	if (c->zero) {
		if (negative)
			put(o, "-", 1);
		pad(o, '0', (size_t)(end - s) + negative, c->width);
		put(o, s, (size_t)(end - s));
		return;
	}
	if (negative)
		*--s = '-';
	put_padded(o, c, s, (size_t)(end - s));
}

static uint64_t number_argument(const struct conversion *c, va_list *ap)
{
	if (c->length)
		return va_arg(*ap, uint64_t);
	if (c->kind == 'd')
		return (uint64_t)(int64_t)va_arg(*ap, int);
	return va_arg(*ap, unsigned);
}

/* One conversion, @f behind its '%'; returns what stands after it. */
static const char *convert(struct sink *o, const char *f, va_list *ap)
{
	struct conversion c = {.precision = SIZE_MAX};
	const char *s;
	char one;

	if (*f == 's') { /* most are */
		s = va_arg(*ap, const char *);
		put(o, s, strlen(s));
		return f + 1;
	}
	for (; *f == '-' || *f == '0'; f++)
		*(*f == '-' ? &c.left : &c.zero) = true;
	f = scan_size(f, *f == '*' ? va_arg(*ap, int) : 0, &c.width);
	if (*f == '.') {
		f++;
		f = scan_size(f, *f == '*' ? va_arg(*ap, int) : 0, &c.precision);
	}
	for (; *f == 'l' || *f == 'z' || *f == 'j'; f++)
		c.length = *f;
	c.kind = *f++;
	switch (c.kind) {
	case 's':
		s = va_arg(*ap, const char *);
		put_padded(o, &c, s, strnlen(s, c.precision));
		break;
	case 'c':
		one = (char)va_arg(*ap, int);
		put(o, &one, 1);
		break;
	case '%': put(o, "%", 1); break;
	default: /* d, u, x, o: tests/lint knows of no other in the tree */
		put_number(o, &c, number_argument(&c, ap));
		break;
	}
	return f;
}

size_t str_vprint(char *out, size_t size, const char *fmt, va_list given)
{
	struct sink o = {.s = out, .size = size ? size - 1 : 0};
	va_list ap;

	va_copy(ap, given); /* an array or a struct: only a local one has a type to point to */
	while (*fmt) {
		size_t plain = 0;

		if (fmt[0] == '%' && fmt[1] == 's') { /* most of them */
			const char *s = va_arg(ap, const char *);

			put(&o, s, strlen(s));
			fmt += 2;
			continue;
		}
		while (fmt[plain] && fmt[plain] != '%') /* short, mostly: less than a call */
			plain++;
		put(&o, fmt, plain);
		fmt += plain;
		if (*fmt)
			fmt = convert(&o, fmt + 1, &ap);
	}
	va_end(ap);
	if (size)
		out[o.len < o.size ? o.len : o.size] = '\0';
	return o.len;
}

size_t str_print(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	len = str_vprint(out, size, fmt, ap);
	va_end(ap);
	return len;
}
