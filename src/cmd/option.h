/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CMD_OPTION_H
#define YACR_CMD_OPTION_H

/*
 * Options as tables, and the one parser of all command lines.
 *
 * Written as callers write them: "--bundle DIR", "--bundle=DIR", "-bundle DIR"
 * (as Go programs do), "-b DIR", "-bDIR"; "--force", "--force=false".  An option that
 * is given twice counts as the last one, unless it is a list.  "--" ends the options.
 */

#include "base/arena.h"
#include "base/list.h"
#include "base/str.h"

enum option_kind {
	OPTION_BOOL = 1,
	OPTION_STR, /* const char *, NULL when not given */
	OPTION_U32,
	OPTION_WORD,	/* int, one of .names */
	OPTION_STRS,	/* struct strs: each time it is given adds one */
	OPTION_OPT_U16, /* struct opt_u16 and so on: numbers that are known to be given or not */
	OPTION_OPT_U64,
	OPTION_OPT_I64, /* from .min on; with .bytes -1 or a size such as "512m" */
	OPTION_GROUP,	/* the options of .group, for a struct that is a member */
};

struct option {
	const char *name;
	const char *argument; /* what help calls the value; NULL for a bool */
	const char *help;
	union {
		const struct name *names;    /* OPTION_WORD */
		const struct options *group; /* OPTION_GROUP */
	};
	uint16_t offset;
	uint8_t kind;
	char letter;
	int8_t min; /* OPTION_OPT_I64; INT8_MIN: any number */
	bool bytes;
	bool hidden; /* taken, but not told of */
};

struct options {
	const struct option *v;
	uint16_t n;    /* rows, a group is one */
	uint16_t size; /* of the struct that they fill */
};

#define OPTION_KIND_OF(x) \
	_Generic((x), bool: OPTION_BOOL, const char *: OPTION_STR, uint32_t: OPTION_U32,      \
		 int: OPTION_WORD, struct strs: OPTION_STRS, struct opt_u16: OPTION_OPT_U16, \
		 struct opt_u64: OPTION_OPT_U64, struct opt_i64: OPTION_OPT_I64)

#define OPTION(T, member, long_name, ...)                                    \
	{                                                                    \
		.name = long_name, .kind = OPTION_KIND_OF(((T *)0)->member), \
		.offset = offsetof(T, member), ##__VA_ARGS__                 \
	}

#define GROUP(T, member, options_)                                                        \
	{                                                                                 \
		.kind = OPTION_GROUP, .offset = offsetof(T, member), .group = &(options_) \
	}

#define OPTIONS(T, rows)                                            \
	{                                                           \
		.v = rows, .n = ARRAY_SIZE(rows), .size = sizeof(T) \
	}

/* The @i-th of a table's options, those of a group in its place; NULL after the last. */
const struct option *option_at(const struct options *options, size_t i);

/* A table of options and the struct that they fill. */
struct option_scope {
	const struct options *options;
	void *values;
};

struct option_parser {
	struct arena *arena;	       /* for lists */
	struct option_scope scopes[2]; /* looked at in this order */
	unsigned int scope_count;
	bool stop_at_argument; /* the first argument ends the options */
	bool options_ended;    /* after "--", or after such an argument */
	char **argv;	       /* the rest; moves on */
};

/*
 * The next argument that is no option, or NULL at the end; the options before
 * it are stored.  0, or -1 with "unknown option", "flag needs an argument" and
 * such.
 */
int option_parse(struct option_parser *p, const char **argument, struct error *e);

/* The size of an option's member, and whether @member holds something that was given. */
size_t option_size(const struct option *o);
bool option_is_set(const struct option *o, const void *member);

/*
 * The word of @words (ends with NULL) that @typed was probably meant to be, or NULL.
 */
const char *word_nearest(const char *const *words, const char *typed);

#endif
