/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/table.h"

typedef LIST(const char) bytes;
typedef LIST(int) ints;

static bool is_zero(const void *p, size_t size)
{
	const char *c = p;

	for (size_t i = 0; i < size; i++)
		if (c[i])
			return false;
	return true;
}

/* How much of the struct says whether the member is absent. */
static bool is_absent(const struct field *f, const void *m)
{
	switch ((enum field_kind)f->kind) {
	case KIND_BOOL: return !*(const bool *)m;
	case KIND_STR:
	case KIND_OBJECT: return is_zero(m, sizeof(void *));
	case KIND_I64:
	case KIND_U64: return is_zero(m, sizeof(int64_t));
	case KIND_ENUM:
	case KIND_U32: return is_zero(m, sizeof(int32_t));
	case KIND_OPT_BOOL:
	case KIND_OPT_U16:
	case KIND_OPT_I32:
	case KIND_OPT_U32:
	case KIND_OPT_I64:
	case KIND_OPT_U64: return !*(const bool *)m; /* .set comes first in each */
	case KIND_STRS:
	case KIND_U32S:
	case KIND_PAIRS:
	case KIND_LIST:
	case KIND_MAP:
	case KIND_NAMES: return ((const bytes *)m)->n == 0;
	case KIND_INLINE: return is_zero(m, f->table->size);
	case KIND_IGNORED: break;
	}
	return true;
}

/* Absent, and no zero, empty list or empty object could be written for it. */
static bool is_null(const struct field *f, const void *m)
{
	switch ((enum field_kind)f->kind) {
	case KIND_STR:
	case KIND_OBJECT:
	case KIND_STRS:
	case KIND_U32S:
	case KIND_PAIRS:
	case KIND_LIST:
	case KIND_MAP:
	case KIND_NAMES: return is_zero(m, sizeof(void *));
	case KIND_OPT_BOOL:
	case KIND_OPT_U16:
	case KIND_OPT_I32:
	case KIND_OPT_U32:
	case KIND_OPT_I64:
	case KIND_OPT_U64: return !*(const bool *)m;
	case KIND_ENUM: return !name_of(f->names, *(const int *)m);
	default: return false;
	}
}

static void write_strs(const struct strs *s, struct json_writer *w, const char *key)
{
	json_write_array(w, key);
	for (size_t i = 0; i < s->n; i++)
		json_write_string(w, NULL, s->v[i]);
	json_write_array_end(w);
}

static void write_u32s(const struct u32s *s, struct json_writer *w, const char *key)
{
	json_write_array(w, key);
	for (size_t i = 0; i < s->n; i++)
		json_write_u64(w, NULL, s->v[i]);
	json_write_array_end(w);
}

static void write_pairs(const struct pairs *p, struct json_writer *w, const char *key)
{
	json_write_object(w, key);
	for (size_t i = 0; i < p->n; i++)
		json_write_string(w, p->v[i].key, p->v[i].value);
	json_write_object_end(w);
}

static void write_names(const struct field *f, const ints *list, struct json_writer *w)
{
	json_write_array(w, f->key);
	for (size_t i = 0; i < list->n; i++)
		json_write_string(w, NULL, name_of(f->names, list->v[i]));
	json_write_array_end(w);
}

static void write_list(const struct field *f, const bytes *list, struct json_writer *w)
{
	json_write_array(w, f->key);
	for (size_t i = 0; i < list->n; i++)
		table_write(f->table, list->v + i * f->table->size, w, NULL);
	json_write_array_end(w);
}

static void write_map(const struct field *f, const bytes *list, struct json_writer *w)
{
	json_write_object(w, f->key);
	for (size_t i = 0; i < list->n; i++) {
		const char *element = list->v + i * f->table->size, *key;

		memcpy(&key, element, sizeof(key));
		table_write(f->table, element, w, key);
	}
	json_write_object_end(w);
}

static void write_object(const struct field *f, const void *m, struct json_writer *w)
{
	const void *object;

	memcpy(&object, m, sizeof(object));
	table_write(f->table, object, w, f->key);
}

static void write_string(const char *key, const void *m, struct json_writer *w)
{
	const char *s;

	memcpy(&s, m, sizeof(s));
	json_write_string(w, key, s);
}

static void write_value(const struct field *f, const void *m, struct json_writer *w)
{
	const char *key = f->key;

	switch ((enum field_kind)f->kind) {
	case KIND_BOOL: json_write_bool(w, key, *(const bool *)m); break;
	case KIND_STR: write_string(key, m, w); break;
	case KIND_I64: json_write_i64(w, key, *(const int64_t *)m); break;
	case KIND_U64: json_write_u64(w, key, *(const uint64_t *)m); break;
	case KIND_ENUM: json_write_string(w, key, name_of(f->names, *(const int *)m)); break;
	case KIND_U32: json_write_u64(w, key, *(const uint32_t *)m); break;
	case KIND_OPT_BOOL: json_write_bool(w, key, ((const struct opt_bool *)m)->v); break;
	case KIND_OPT_U16: json_write_u64(w, key, ((const struct opt_u16 *)m)->v); break;
	case KIND_OPT_I32: json_write_i64(w, key, ((const struct opt_i32 *)m)->v); break;
	case KIND_OPT_U32: json_write_u64(w, key, ((const struct opt_u32 *)m)->v); break;
	case KIND_OPT_I64: json_write_i64(w, key, ((const struct opt_i64 *)m)->v); break;
	case KIND_OPT_U64: json_write_u64(w, key, ((const struct opt_u64 *)m)->v); break;
	case KIND_STRS: write_strs(m, w, key); break;
	case KIND_U32S: write_u32s(m, w, key); break;
	case KIND_PAIRS: write_pairs(m, w, key); break;
	case KIND_OBJECT: write_object(f, m, w); break;
	case KIND_INLINE: table_write(f->table, m, w, key); break;
	case KIND_LIST: write_list(f, m, w); break;
	case KIND_MAP: write_map(f, m, w); break;
	case KIND_NAMES: write_names(f, m, w); break;
	case KIND_IGNORED: break;
	}
}

void table_write(const struct table *t, const void *in, struct json_writer *w, const char *key)
{
	json_write_object(w, key);
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->fields[i];
		const void *m = (const char *)in + f->offset;
		bool present = f->present && *(const bool *)((const char *)in + f->present);

		if (f->kind == KIND_IGNORED)
			continue;
		if (!is_absent(f, m))
			write_value(f, m, w);
		else if (f->write_zero && is_null(f, m))
			json_write_null(w, f->key);
		else if (f->write_zero || (present && !is_null(f, m)))
			write_value(f, m, w);
	}
	json_write_object_end(w);
}
