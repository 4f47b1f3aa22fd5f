/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_TABLE_H
#define YACR_BASE_TABLE_H

/*
 * One row per property of a JSON object: key, C member, range, documentation.
 * The same rows read, check, write and document a value, and give the path of
 * an error.  The kind of a row follows from the member's C type: a wrong
 * pairing does not compile.
 *
 *	static const struct field memory_fields[] = {
 *		FIELD(struct memory, limit, "limit", RANGE(-1, INT64_MAX), DOC("-1 is no limit")),
 *		...
 *	};
 *	const struct table memory_table = TABLE(struct memory, memory_fields);
 *
 * Rules (runtime-spec, config.md "Extensibility", "Valid values"):
 * - a key that no row names is skipped, with a debug line in the log;
 * - a key that appears twice is an error;
 * - null is the same as absent;
 * - a value of the wrong type or out of range is an error that names its path.
 */

#include "base/json.h"
#include "base/json_write.h"
#include "base/list.h"
#include "base/str.h"

enum field_kind {
	KIND_BOOL = 1,
	KIND_STR, /* const char *, NULL when absent */
	KIND_I64, /* int64_t, 0 when absent */
	KIND_U64,
	KIND_ENUM, /* int, one of .names; 0 when absent: let enums start at 1 */
	KIND_U32,
	KIND_OPT_BOOL,
	KIND_OPT_U16,
	KIND_OPT_I32,
	KIND_OPT_U32,
	KIND_OPT_I64,
	KIND_OPT_U64,
	KIND_STRS,  /* array of strings */
	KIND_U32S,  /* array of numbers */
	KIND_PAIRS, /* object of strings */
	/* Kinds with a table of their own; the macros below set them. */
	KIND_OBJECT,  /* pointer to a struct, NULL when absent */
	KIND_INLINE,  /* a struct that is part of this one; absent leaves it zero */
	KIND_LIST,    /* LIST(struct): array of objects */
	KIND_MAP,     /* LIST(struct): object of objects; the struct's first member is the key */
	KIND_NAMES,   /* LIST(int): array of enum strings, with .names */
	KIND_IGNORED, /* a property of the spec that is known and not acted on; .doc says why */
};

struct table {
	const struct field *fields;
	size_t count; /* at most 128 */
	size_t size;  /* of the struct */
};

/* Of a number, both ends included; .max of a signed kind is at most INT64_MAX. */
struct range {
	int64_t min;
	uint64_t max;
};

struct field {
	const char *key;
#ifdef YACR_DOCS
	const char *doc;
#else
	struct {
	} no_doc; /* of no size: a place for DOC() to say nothing in */
#endif
	union {
		const struct table *table; /* KIND_OBJECT, _INLINE, _LIST, _MAP */
		const struct name *names;  /* KIND_ENUM, KIND_NAMES: the allowed strings */
		const struct range *range; /* numbers; NULL: all from 0 on that fit */
	};
	uint16_t offset;
	/* offset of a bool that is set when the key is there (not null); 0: none */
	uint16_t present;
	uint8_t kind;
	uint8_t key_len;
	bool required : 1;   /* absent is an error; for strings and arrays, empty too */
	bool write_zero : 1; /* written even when it is zero, empty or absent (absent: null) */
};

#define KIND_OF(x) \
	_Generic((x),                    \
		bool: KIND_BOOL,         \
		const char *: KIND_STR,  \
		int64_t: KIND_I64,       \
		uint64_t: KIND_U64,      \
		int: KIND_ENUM,          \
		uint32_t: KIND_U32,      \
		struct opt_bool: KIND_OPT_BOOL, \
		struct opt_u16: KIND_OPT_U16,   \
		struct opt_i32: KIND_OPT_I32,   \
		struct opt_u32: KIND_OPT_U32,   \
		struct opt_i64: KIND_OPT_I64,   \
		struct opt_u64: KIND_OPT_U64,   \
		struct strs: KIND_STRS,  \
		struct u32s: KIND_U32S,  \
		struct pairs: KIND_PAIRS)

/*
 * What a property means, for tests/unit/spec/dump_tables.c and its readers.  Nothing in the
 * program looks at it, so the release does not carry it.
 */
#ifdef YACR_DOCS
#define DOC(text) .doc = text
#else
#define DOC(text) .no_doc = {}
#endif

#define MEMBER(T, member) (((T *)0)->member)
/* Zero when the pointers are of one type; does not compile when they are not. */
#define SAME_TYPE(p, q) (0 * sizeof((p) == (q)))

/* clang-format off */
#define KEY(name) .key = name, .key_len = sizeof(name) - 1
#define RANGE(min_, max_) .range = &(const struct range){ .min = (min_), .max = (max_) }
#define FIELD(T, member, name, ...) \
	{ KEY(name), .kind = KIND_OF(MEMBER(T, member)), .offset = offsetof(T, member), ##__VA_ARGS__ }
#define FIELD_OBJECT(T, member, name, sub, ...)                                         \
	{ KEY(name), .kind = KIND_OBJECT, .offset = offsetof(T, member), .table = &(sub), ##__VA_ARGS__ }
#define FIELD_INLINE(T, member, name, sub, ...)                                         \
	{ KEY(name), .kind = KIND_INLINE, .offset = offsetof(T, member), .table = &(sub), ##__VA_ARGS__ }
#define FIELD_LIST(T, member, name, sub, ...)                                           \
	{ KEY(name), .kind = KIND_LIST, .offset = offsetof(T, member), .table = &(sub), ##__VA_ARGS__ }
#define FIELD_MAP(T, member, name, sub, ...)                                            \
	{ KEY(name), .kind = KIND_MAP, .offset = offsetof(T, member), .table = &(sub), ##__VA_ARGS__ }
#define FIELD_NAMES(T, member, name, allowed, ...)                                      \
	{ KEY(name), .kind = KIND_NAMES, .offset = offsetof(T, member), .names = (allowed), ##__VA_ARGS__ }
#define FIELD_IGNORED(name, why) { KEY(name), .kind = KIND_IGNORED, DOC(why) }
/* clang-format on */

/* clang-format off */
#define TABLE(T, rows) { .fields = rows, .count = ARRAY_SIZE(rows), .size = sizeof(T) }
/* clang-format on */

/*
 * Reads one whole document into @out (zeroed, of @t's struct).  @text is the
 * model's from then on: its strings stay where they stand.  On failure e->at is the path.  The text of a syntax error begins with "line L, column
 * C: "; that of a bad value with its path: "process.args[1]: expected a string,
 * found a number".  Its line is found later, by who prints it: json_locate().
 */
int table_read(const struct table *t, void *out, struct arena *a, char *text, size_t len,
	       struct error *e);

/* The same from the middle of a document: the reader stands before the object; the path is in e->at only. */
int table_read_object(const struct table *t, void *out, struct json *j, struct error *e);

/* Writes the object, absent members left out. @key as in json_write.h. */
void table_write(const struct table *t, const void *in, struct json_writer *w, const char *key);

#endif
