/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_PLAN_MEMBERS_H
#define YACR_PLAN_MEMBERS_H

/*
 * What the members of an operation mean, one row each: print.c and verify.c
 * read the same rows.  A member without a row is neither printed nor checked.
 */

#include <stdbool.h>

#include "base/str.h"
#include "plan/plan.h"

enum member_kind {
	MEMBER_STR = 1, /* plan_str */
	MEMBER_LINES,	/* plan_str of several lines */
	MEMBER_SWITCH,	/* uint8_t, yes or no */
	MEMBER_U16,
	MEMBER_U32,
	MEMBER_I32,
	MEMBER_U64,
	MEMBER_I64,
	MEMBER_LIMIT,	    /* uint64_t, 2^64-1 is "unlimited" */
	MEMBER_OCTAL,	    /* uint32_t */
	MEMBER_ENUM,	    /* uint32_t with .names */
	MEMBER_BITS,	    /* uint32_t with .names */
	MEMBER_BITS16,	    /* uint16_t with .names */
	MEMBER_BITS64,	    /* uint64_t with .names */
	MEMBER_CAPS,	    /* uint64_t, bit n is CAP_n */
	MEMBER_IO_PRIORITY, /* uint32_t, class << 13 | priority */
	MEMBER_POLICY,	    /* uint32_t, a memory policy with its flags */
	MEMBER_PROPAGATION, /* uint8_t[4] */
	MEMBER_SLOT,	    /* plan_slot */
	MEMBER_VEC,
	MEMBER_U32S,
	MEMBER_FILTER, /* uint32_t offset of struct sock_filter[], its count is the next uint32_t */
};

struct member {
	const char *name;
	const struct name *names;
	uint16_t offset; /* in struct op, in struct slot */
	uint8_t kind;
	bool bare;     /* in text: the value alone says enough */
	bool always;   /* zero means something: print it too */
	bool plus_one; /* .names holds numbers + 1 (spec/names.h) */
};

/* Of a kind of operations; a slot is described the same way. */
struct op_info {
	const char *name; /* "masked_path" */
	const struct member *members;
	uint8_t count; /* of members */
	uint8_t side;  /* enum op_side */
};

extern const struct op_info op_infos[OP_KINDS];
extern const struct op_info slot_info; /* its members but .kind and .at */
extern const struct name slot_kind_names[];

#endif
