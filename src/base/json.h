/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_JSON_H
#define YACR_BASE_JSON_H

/*
 * A strict reader of one JSON document (RFC 8259): UTF-8 only, no byte order
 * mark, no trailing bytes, no NUL inside strings, numbers in the RFC's grammar.
 * The caller pulls one value after the other, so a document is read once,
 * straight into the caller's structs; there is no tree.
 *
 *	json_begin(&j, arena, text, len);
 *	json_enter_object(&j, e);
 *	while ((r = json_next_key(&j, &key, e)) > 0)
 *		...json_string() or json_skip() or...
 *	json_end(&j, e);
 *
 * Syntax errors begin with "line L, column C: ".  A value of the wrong type or
 * out of range is no syntax error: the caller (base/table.h) knows what it was
 * reading, and names its path.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/arena.h"

#define JSON_SIZE_MAX (16u << 20)
#define JSON_DEPTH_MAX 64

enum json_type {
	JSON_NULL,
	JSON_BOOL,
	JSON_NUMBER,
	JSON_STRING,
	JSON_ARRAY,
	JSON_OBJECT,
};

struct json {
	struct arena *arena; /* decoded strings live here */
	const char *text, *at, *end;
	char *own; /* the text, when json_string() may end strings where they stand; or NULL */
	unsigned int depth;
	bool first;  /* the next member is the first of its object or array */
	bool broken; /* a syntax error was found */
};

/*
 * @text need not be NUL-terminated. Fails when it is longer than JSON_SIZE_MAX.  Who has it for
 * himself sets j->own: then only strings with escapes are copied.
 */
int json_begin(struct json *j, struct arena *a, const char *text, size_t len, struct error *e);

int json_ahead_of_spaces(struct json *j); /* json_ahead() for any white space */

/* The type of the next value by its first character, or -1. Consumes only white space. */
int json_peek(struct json *j, struct error *e);

/* Fails with "expected X, found Y" when the next value is of another type. */
int json_expect(struct json *j, int type, struct error *e);

/*
 * The byte that comes next, by which a value's type is known ('n': null); -1 at the end.  Consumes
 * only white space, of which there is mostly none, or one blank.
 */
__attribute__((always_inline)) static inline int json_ahead(struct json *j)
{
	if (j->at < j->end && *j->at == ' ')
		j->at++;
	if (j->at<j->end && * j->at> ' ')
		return *j->at;
	return json_ahead_of_spaces(j);
}

int json_null(struct json *j, struct error *e);
int json_bool(struct json *j, bool *out, struct error *e);
int json_string(struct json *j, const char **out, struct error *e);

/* Integers keep all 64 bits; a fraction or exponent, or a value out of range, is an error. */
int json_i64(struct json *j, int64_t *out, struct error *e);
int json_u64(struct json *j, uint64_t *out, struct error *e);

/*
 * Bytes that are not copied and not NUL-terminated: a string, or a number as it
 * is written.  They live as long as the document and the arena.
 */
struct json_text {
	const char *s; /* NULL: an error */
	size_t len;
};
struct json_text json_string_here(struct json *j, struct error *e);

/* The same for who has seen its quotation mark, which is the next byte. */
struct json_text json_quoted_here(struct json *j, struct error *e);

/* The same for as long as the arena, with a NUL: of a string or key that was read last. */
const char *json_keep(struct json *j, struct json_text text);

int json_number_here(struct json *j, struct json_text *out, struct error *e);

int json_enter_object(struct json *j, struct error *e);
int json_enter_array(struct json *j, struct error *e);

/* 1 and a key (then read or skip its value), 0 at the end of the object, -1. */
int json_next_key(struct json *j, const char **key, struct error *e);

/* The same without a copy. */
int json_next_key_here(struct json *j, struct json_text *key, struct error *e);

/* 1 when there is another element, 0 at the end of the array, -1. */
int json_next_element(struct json *j, struct error *e);

/* Skips one value of any type, as strictly as if it were read; keys that appear twice are refused. */
int json_skip(struct json *j, struct error *e);

/* Nothing but white space may follow. */
int json_end(struct json *j, struct error *e);

/* Fails with "line L, column C: " of @at before the text. */
int json_syntax_error(struct json *j, const char *at, struct error *e, const char *fmt, ...)
	PRINTF_LIKE(4, 5);

const char *json_type_name(int type); /* "a string", "an object", ... */

struct json_place {
	unsigned int line, column; /* from 1; column counts bytes */
};

struct json_place json_place(const char *text, const char *at);

/*
 * Finds the value at @path ("mounts[3].options[1]") in a valid document.
 * When the path leads nowhere, the deepest part that exists is found.  Returns
 * 0, or -1 when @text is not valid JSON.
 */
int json_locate(const char *text, size_t len, const char *path, struct json_place *out);

#endif
