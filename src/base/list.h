/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_LIST_H
#define YACR_BASE_LIST_H

/*
 * Types shared by the models: counted arrays, and values that may be absent.
 * "Absent" and "zero" differ in the OCI spec (runtime-spec, config.md: pointer
 * typed properties), so whatever the spec lets be absent is one of these.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define LIST(T)           \
	struct {          \
		T *v;     \
		size_t n; \
	}

/* An empty list may have no array at all, and to NULL nothing may be added, not even 0. */
#define FOR_EACH(item, list)                                                         \
	for (__typeof__(*(list).v) *item = (list).v,                                 \
				   *item##_end_ = (list).n ? item + (list).n : item; \
	     item != item##_end_; item++)

#define ARRAY_SIZE(a) (sizeof(a) / sizeof((a)[0]))

struct strs {
	const char **v; /* v[n] is NULL when n > 0 */
	size_t n;
};

struct u32s {
	uint32_t *v;
	size_t n;
};

struct pair {
	const char *key, *value;
};

struct pairs {
	struct pair *v; /* in the order of the document */
	size_t n;
};

struct opt_bool {
	bool set, v;
};

struct opt_u16 {
	bool set;
	uint16_t v;
};

struct opt_i32 {
	bool set;
	int32_t v;
};

struct opt_u32 {
	bool set;
	uint32_t v;
};

struct opt_i64 {
	bool set;
	int64_t v;
};

struct opt_u64 {
	bool set;
	uint64_t v;
};

#endif
