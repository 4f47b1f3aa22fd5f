/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_JSON_WRITE_H
#define YACR_BASE_JSON_WRITE_H

/* Writes JSON; commas and indentation are its business, nesting the caller's. */

#include <stdint.h>

#include "base/buf.h"

struct json_writer {
	struct buf *out;
	unsigned int indent; /* spaces per level; 0 writes one line */
	unsigned int depth;
	bool first;
};

struct json_writer json_writer(struct buf *out, unsigned int indent);

/* @key is NULL inside arrays and at the top. Strings that are not UTF-8 get U+FFFD. */
void json_write_object(struct json_writer *w, const char *key);
void json_write_object_end(struct json_writer *w);
void json_write_array(struct json_writer *w, const char *key);
void json_write_array_end(struct json_writer *w);
void json_write_string(struct json_writer *w, const char *key, const char *value);
void json_write_bool(struct json_writer *w, const char *key, bool value);
void json_write_i64(struct json_writer *w, const char *key, int64_t value);
void json_write_u64(struct json_writer *w, const char *key, uint64_t value);
/* A number that stands in @text already ("0.25"); its form is the caller's business. */
void json_write_number(struct json_writer *w, const char *key, const char *text);
void json_write_null(struct json_writer *w, const char *key);

#endif
