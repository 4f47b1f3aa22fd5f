/* SPDX-License-Identifier: Apache-2.0 */
#include "base/error.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"

/* A text that was cut says so: half a path must not look like a whole one. */
static void mark_cut(char *s, size_t size, size_t wanted)
{
	if (wanted >= size)
		memcpy(s + size - 4, "...", 4);
}

static void format(char *s, size_t size, const char *fmt, va_list ap)
{
	mark_cut(s, size, str_vprint(s, size, fmt, ap));
}

static void fill(struct error *e, int code, const char *fmt, va_list ap)
{
	e->code = code;
	e->at[0] = '\0';
	format(e->text, sizeof(e->text), fmt, ap);
}

int fail(struct error *e, int code, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, code, fmt, ap);
	va_end(ap);
	return -1;
}

int fail_errno(struct error *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fill(e, errno, fmt, ap);
	va_end(ap);
	return -1;
}

int fail_at(struct error *e, const char *at, int code, const char *fmt, ...)
{
	char path[ERROR_AT_MAX]; /* @at may be e->at itself */
	va_list ap;

	mark_cut(path, sizeof(path), str_print(path, sizeof(path), "%s", at ? at : ""));
	e->code = code;
	va_start(ap, fmt);
	format(e->text, sizeof(e->text), fmt, ap);
	va_end(ap);
	memcpy(e->at, path, sizeof(path));
	return -1;
}

int error_context(struct error *e, const char *fmt, ...)
{
	char old[ERROR_TEXT_MAX], context[ERROR_TEXT_MAX];
	va_list ap;

	memcpy(old, e->text, sizeof(old));
	va_start(ap, fmt);
	format(context, sizeof(context), fmt, ap);
	va_end(ap);
	mark_cut(e->text, sizeof(e->text),
		 str_print(e->text, sizeof(e->text), "%s: %s", context, old));
	return -1;
}

int error_at_prefix(struct error *e, const char *prefix)
{
	char old[ERROR_AT_MAX];
	const char *dot;

	memcpy(old, e->at, sizeof(old));
	dot = old[0] == '\0' || old[0] == '[' || prefix[0] == '\0' ? "" : ".";
	mark_cut(e->at, sizeof(e->at), str_print(e->at, sizeof(e->at), "%s%s%s", prefix, dot, old));
	return -1;
}

bool error_is_shortage(int code)
{
	return code == EMFILE || code == ENFILE || code == ENOMEM;
}
