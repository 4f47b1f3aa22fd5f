/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

#include <stdarg.h>
#include <string.h>

#include "base/keys.h"
#include "base/str.h"

struct json_place json_place(const char *text, const char *at)
{
	struct json_place place = {1, 1};

	for (const char *p = text; p < at; p++) {
		place.column++;
		if (*p == '\n') {
			place.line++;
			place.column = 1;
		}
	}
	return place;
}

__attribute__((cold)) int json_syntax_error(struct json *j, const char *at, struct error *e,
					    const char *fmt, ...)
{
	struct json_place place = json_place(j->text, at);
	char what[256];
	va_list ap;

	va_start(ap, fmt);
	str_vprint(what, sizeof(what), fmt, ap);
	va_end(ap);
	j->broken = true;
	return fail(e, 0, "line %u, column %u: %s", place.line, place.column, what);
}

__attribute__((cold)) static int unexpected(struct json *j, struct error *e, const char *wanted)
{
	unsigned char c;

	if (j->at >= j->end)
		return json_syntax_error(j, j->end, e, "the document ends where %s is expected",
					 wanted);
	c = (unsigned char)*j->at;
	if (c > 0x20 && c < 0x7f)
		return json_syntax_error(j, j->at, e, "found \"%c\" where %s is expected", c,
					 wanted);
	return json_syntax_error(j, j->at, e, "found byte 0x%02x where %s is expected", c, wanted);
}

int json_ahead_of_spaces(struct json *j)
{
	const uint64_t spaces = 1ull << ' ' | 1ull << '\n' | 1ull << '\t' | 1ull << '\r';

	for (const char *p = j->at; p < j->end; p++) {
		unsigned char byte = (unsigned char)*p;

		if (byte > ' ' || !(spaces >> byte & 1)) {
			j->at = p;
			return byte;
		}
	}
	j->at = j->end;
	return -1;
}

int json_begin(struct json *j, struct arena *a, const char *text, size_t len, struct error *e)
{
	*j = (struct json){.arena = a, .text = text, .at = text, .end = text + len};
	if (len > JSON_SIZE_MAX)
		return fail(e, 0, "the document is larger than %u MiB", JSON_SIZE_MAX >> 20);
	if (len >= 3 && str_same(text, "\xef\xbb\xbf", 3))
		return json_syntax_error(j, text, e, "a byte order mark is not part of JSON");
	return 0;
}

int json_end(struct json *j, struct error *e)
{
	return json_ahead_of_spaces(j) < 0 ? 0 : unexpected(j, e, "the end of the document");
}

int json_peek(struct json *j, struct error *e)
{
	/* the type and one, by the character that it begins with */
	static const unsigned char types['{' + 1] = {
		['"'] = JSON_STRING + 1, ['{'] = JSON_OBJECT + 1,	  ['['] = JSON_ARRAY + 1,
		['t'] = JSON_BOOL + 1,	 ['f'] = JSON_BOOL + 1,		  ['n'] = JSON_NULL + 1,
		['-'] = JSON_NUMBER + 1, ['0' ... '9'] = JSON_NUMBER + 1,
	};
	unsigned int byte = (unsigned int)json_ahead(j); /* the end, -1, lies behind the table */
	int type = byte < sizeof(types) ? types[byte] - 1 : -1;

	return type < 0 ? unexpected(j, e, "a value") : type;
}

const char *json_type_name(int type)
{
	static const char *const names[] = {
		[JSON_NULL] = "null",	    [JSON_BOOL] = "true or false",
		[JSON_NUMBER] = "a number", [JSON_STRING] = "a string",
		[JSON_ARRAY] = "an array",  [JSON_OBJECT] = "an object",
	};

	return type >= 0 && type <= JSON_OBJECT ? names[type] : "nothing";
}

int json_expect(struct json *j, int type, struct error *e)
{
	int found = json_peek(j, e);

	if (found < 0)
		return -1;
	if (found != type)
		return fail(e, 0, "expected %s, found %s", json_type_name(type),
			    json_type_name(found));
	return 0;
}

static bool take_word(struct json *j, const char *word, size_t len)
{
	if ((size_t)(j->end - j->at) < len || !str_same(j->at, word, len))
		return false;
	j->at += len;
	return true;
}

int json_null(struct json *j, struct error *e)
{
	if (json_expect(j, JSON_NULL, e) < 0)
		return -1;
	return take_word(j, "null", 4) ? 0 : unexpected(j, e, "null");
}

int json_bool(struct json *j, bool *out, struct error *e)
{
	bool value;

	if (json_expect(j, JSON_BOOL, e) < 0)
		return -1;
	value = *j->at == 't';
	if (value ? !take_word(j, "true", 4) : !take_word(j, "false", 5))
		return unexpected(j, e, "true or false");
	*out = value;
	return 0;
}

static int enter(struct json *j, char bracket, int type, struct error *e)
{
	if (json_ahead_of_spaces(j) != bracket)
		return json_expect(j, type, e);
	if (j->depth >= JSON_DEPTH_MAX)
		return json_syntax_error(j, j->at, e, "more than %d levels of nesting",
					 JSON_DEPTH_MAX);
	j->at++;
	j->depth++;
	j->first = true;
	return 0;
}

int json_enter_object(struct json *j, struct error *e)
{
	return enter(j, '{', JSON_OBJECT, e);
}

int json_enter_array(struct json *j, struct error *e)
{
	return enter(j, '[', JSON_ARRAY, e);
}

/* The comma before a member, or the bracket after the last. */
__attribute__((always_inline)) static inline int next(struct json *j, char bracket,
						      const char *wanted, struct error *e)
{
	int byte = json_ahead(j);

	if (byte == bracket) {
		j->at++;
		j->depth--;
		j->first = false; /* of the one around it */
		return 0;
	}
	if (j->first)
		j->first = false;
	else if (byte == ',')
		j->at++;
	else
		return unexpected(j, e, wanted);
	return 1;
}

int json_next_element(struct json *j, struct error *e)
{
	return next(j, ']', "\",\" or \"]\"", e);
}

int json_next_key_here(struct json *j, struct json_text *key, struct error *e)
{
	int r = next(j, '}', "\",\" or \"}\"", e);

	if (r <= 0)
		return r;
	if (json_ahead(j) != '"')
		return unexpected(j, e, "a key");
	*key = json_quoted_here(j, e);
	if (!key->s)
		return -1;
	if (json_ahead(j) != ':')
		return unexpected(j, e, "\":\"");
	j->at++;
	return 1;
}

int json_next_key(struct json *j, const char **key, struct error *e)
{
	struct json_text here;
	int r = json_next_key_here(j, &here, e);

	if (r > 0)
		*key = json_keep(j, here);
	return r;
}

static int skip_object(struct json *j, struct error *e)
{
	struct keys keys = keys_new(j->arena);
	struct json_text key;
	int r;

	if (json_enter_object(j, e) < 0)
		return -1;
	while ((r = json_next_key_here(j, &key, e)) > 0) {
		if (!keys_add(&keys, key))
			return json_syntax_error(j, j->at, e, "\"%.*s\" appears twice",
						 (int)(key.len < 100 ? key.len : 100), key.s);
		if (json_skip(j, e) < 0)
			return -1;
	}
	return r;
}

static int skip_array(struct json *j, struct error *e)
{
	int r;

	if (json_enter_array(j, e) < 0)
		return -1;
	while ((r = json_next_element(j, e)) > 0)
		if (json_skip(j, e) < 0)
			return -1;
	return r;
}

int json_skip(struct json *j, struct error *e)
{
	struct json_text text;
	bool value;

	switch (json_peek(j, e)) {
	case JSON_NULL: return json_null(j, e);
	case JSON_BOOL: return json_bool(j, &value, e);
	case JSON_NUMBER: return json_number_here(j, &text, e);
	case JSON_STRING: return json_string_here(j, e).s ? 0 : -1;
	case JSON_ARRAY: return skip_array(j, e);
	case JSON_OBJECT: return skip_object(j, e);
	default: return -1;
	}
}
