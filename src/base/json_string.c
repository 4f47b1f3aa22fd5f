/* SPDX-License-Identifier: Apache-2.0 */
#include <endian.h>
#include <string.h>

#include "base/json.h"
#include "base/utf8.h"

/* The value of four hexadecimal digits, or -1. */
static int32_t hex4(const char *s, const char *end)
{
	int32_t value = 0;

	if (end - s < 4)
		return -1;
	for (int i = 0; i < 4; i++) {
		char c = s[i], lower = (char)(c | 0x20);

		if (c >= '0' && c <= '9')
			value = value * 16 + (c - '0');
		else if (lower >= 'a' && lower <= 'f')
			value = value * 16 + (lower - 'a' + 10);
		else
			return -1;
	}
	return value;
}

/*
 * The code point of "\uXXXX" at @s (a pair of them beyond U+FFFF) and in *@len
 * how long it is.  -1: not hexadecimal; -2: half of a surrogate pair.
 */
static int32_t unicode_escape(const char *s, const char *end, size_t *len)
{
	int32_t high = hex4(s + 2, end), low;

	*len = 6;
	if (high < 0xd800 || high > 0xdfff)
		return high;
	if (high > 0xdbff || end - s < 12 || s[6] != '\\' || s[7] != 'u')
		return -2;
	low = hex4(s + 8, end);
	if (low < 0xdc00 || low > 0xdfff)
		return -2;
	*len = 12;
	return 0x10000 + ((high - 0xd800) << 10) + (low - 0xdc00);
}

/* What a single letter after a backslash stands for; 0 when nothing. */
static char simple_escape(char c)
{
	static const char from[] = "\"\\/bfnrt", to[] = "\"\\/\b\f\n\r\t";
	const char *p = c ? strchr(from, c) : NULL;

	return p ? to[p - from] : '\0';
}

/* The length of the escape at @s, 0 with @e. */
static size_t check_escape(struct json *j, const char *s, struct error *e)
{
	int32_t code;
	size_t len;

	if (j->end - s < 2)
		json_syntax_error(j, s, e, "the document ends inside a string");
	else if (simple_escape(s[1]))
		return 2;
	else if (s[1] != 'u')
		json_syntax_error(j, s, e, "an escape that JSON does not have");
	else if ((code = unicode_escape(s, j->end, &len)) > 0)
		return len;
	else if (code == 0)
		json_syntax_error(j, s, e, "a NUL character inside a string");
	else if (code == -1)
		json_syntax_error(j, s, e, "\\u needs four hexadecimal digits");
	else
		json_syntax_error(j, s, e, "half of a surrogate pair");
	return 0;
}

/* Length of what is not plain ASCII at @s, 0 with @e. */
static size_t check_special(struct json *j, const char *s, struct error *e)
{
	size_t len;

	if (*s == '\\')
		return check_escape(j, s, e);
	if ((unsigned char)*s < 0x20) {
		json_syntax_error(j, s, e, "a control character inside a string");
		return 0;
	}
	len = utf8_length(s, j->end);
	if (len == 0)
		json_syntax_error(j, s, e, "not UTF-8");
	return len;
}

/* Decodes in place: an escape is never shorter than what it stands for. */
static size_t decode(char *s, size_t len)
{
	const char *from = s, *end = s + len;
	char *to = s;

	while (from < end) {
		size_t n = 2;

		if (*from != '\\') {
			*to++ = *from++;
			continue;
		}
		if (from[1] == 'u')
			to += utf8_put(to, (uint32_t)unicode_escape(from, end, &n));
		else
			*to++ = simple_escape(from[1]);
		from += n;
	}
	*to = '\0';
	return (size_t)(to - s);
}

/* What a string may not simply contain: quote, backslash, control, not ASCII. */
static bool is_special(char c)
{
	return c < ' ' || (unsigned char)c > 0x7f || c == '"' || c == '\\';
}

#define EACH(byte) (~(uint64_t)0 / 255 * (byte))

/* How many bytes before the first special one, of the eight at @s. */
static size_t plain_of_eight(const char *s)
{
	uint64_t v, found;

	memcpy(&v, s, sizeof(v));
	v = le64toh(v);
	/* The top bit of each special byte; a borrow can only spoil those behind the first. */
	found = ((v ^ EACH('"')) - EACH(1)) | ((v ^ EACH('\\')) - EACH(1)) | (v - EACH(0x20)) | v;
	found &= EACH(0x80);
	return found ? (size_t)__builtin_ctzll(found) / 8 : sizeof(v);
}

static const char *skip_plain(const char *s, const char *end)
{
	size_t n;

	for (; end - s >= 8; s += n)
		if ((n = plain_of_eight(s)) < 8)
			return s + n;
	while (s < end && !is_special(*s))
		s++;
	return s;
}

/* Goes on at @s in the string before us, at what may be no plain byte. */
__attribute__((noinline)) static struct json_text special_string(struct json *j, const char *s,
								 struct error *e)
{
	const char *begin = j->at + 1;
	bool escaped = false;
	size_t n;
	char *copy;

	for (; s < j->end && *s != '"'; s += n) {
		escaped |= *s == '\\';
		n = is_special(*s) ? check_special(j, s, e) : 1;
		if (n == 0)
			return (struct json_text){NULL};
	}
	if (s >= j->end) {
		json_syntax_error(j, j->at, e, "a string without an end");
		return (struct json_text){NULL};
	}
	j->at = s + 1;
	n = (size_t)(s - begin);
	if (!escaped)
		return (struct json_text){begin, n};
	copy = arena_strndup(j->arena, begin, n);
	return (struct json_text){copy, decode(copy, n)};
}

struct json_text json_quoted_here(struct json *j, struct error *e)
{
	const char *begin = j->at + 1, *s = skip_plain(begin, j->end);

	if (s >= j->end || *s != '"')
		return special_string(j, s, e);
	j->at = s + 1;
	return (struct json_text){begin, (size_t)(s - begin)};
}

struct json_text json_string_here(struct json *j, struct error *e)
{
	if (json_ahead_of_spaces(j) == '"')
		return json_quoted_here(j, e);
	json_expect(j, JSON_STRING, e);
	return (struct json_text){NULL};
}

/* As always_inline: for each string of a document. */
__attribute__((always_inline)) static inline const char *keep(struct json *j, struct json_text text)
{
	if (text.s < j->text || text.s >= j->end) /* decoded: a copy already */
		return text.s;
	if (!j->own)
		return arena_strndup(j->arena, text.s, text.len);
	j->own[text.s - j->text + (ptrdiff_t)text.len] = '\0'; /* was the quote */
	return text.s;
}

const char *json_keep(struct json *j, struct json_text text)
{
	return keep(j, text);
}

int json_string(struct json *j, const char **out, struct error *e)
{
	struct json_text text;

	if (json_ahead(j) != '"')
		return json_expect(j, JSON_STRING, e);
	text = json_quoted_here(j, e);
	if (!text.s)
		return -1;
	*out = keep(j, text);
	return 0;
}
