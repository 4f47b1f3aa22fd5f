/* SPDX-License-Identifier: Apache-2.0 */
#include "base/table.h"

#include <string.h>

#include "base/keys.h"
#include "base/log.h"

/* Any LIST(T), struct strs, struct u32s, struct pairs: a pointer, then a count. */
struct any_list {
	void *v;
	size_t n;
};

_Static_assert(sizeof(struct any_list) == sizeof(struct strs), "lists are of one shape");
_Static_assert(sizeof(struct any_list) == sizeof(struct pairs), "lists are of one shape");

/* ---- growing lists ---- */

struct growing {
	struct arena *arena;
	char *v;
	size_t n, room, size; /* of one element */
};

static struct growing growing_new(struct arena *a, size_t size)
{
	return (struct growing){.arena = a, .size = size};
}

/* Not in growing_next(), which would save registers for it each time. */
__attribute__((noinline)) static void *growing_more(struct growing *g)
{
	size_t room = g->room ? 2 * g->room : 4;

	g->v = arena_grow(g->arena, g->v, g->room, room, g->size);
	g->room = room;
	return g->v + g->n++ * g->size;
}

static void *growing_next(struct growing *g)
{
	return g->n < g->room ? g->v + g->n++ * g->size : growing_more(g);
}

/* An empty list that was given has a non-NULL v: so it can be told from an absent one. */
static void growing_store(struct growing *g, void *member)
{
	struct any_list list = {g->v ? g->v : arena_alloc(g->arena, 0), g->n};

	memcpy(member, &list, sizeof(list));
}

/* ---- values ---- */

/* Numbers without a range of their own. */
static const struct range whole[] = {
	[KIND_I64] = {.max = INT64_MAX},     [KIND_U64] = {.max = UINT64_MAX},
	[KIND_U32] = {.max = UINT32_MAX},    [KIND_OPT_U16] = {.max = UINT16_MAX},
	[KIND_OPT_I32] = {.max = INT32_MAX}, [KIND_OPT_U32] = {.max = UINT32_MAX},
	[KIND_OPT_I64] = {.max = INT64_MAX}, [KIND_OPT_U64] = {.max = UINT64_MAX},
	[KIND_U32S] = {.max = UINT32_MAX},
};

static const struct range *range_of(const struct field *f)
{
	return f->range ? f->range : &whole[f->kind];
}

/* Tells which names there are. */
__attribute__((noinline)) static int fail_name(const char *text, const struct name *names,
					       struct error *e)
{
	char known[400] = "";
	size_t len = 0;

	for (const struct name *n = names; n->name && len < sizeof(known) - 80; n++)
		len += str_print(known + len, sizeof(known) - len, "%s%.60s", len ? ", " : "",
				 n->name);
	return fail(e, 0, "\"%.100s\" is not one of: %s%s", text, known,
		    len < sizeof(known) - 80 ? "" : ", ...");
}

static int read_name(struct json *j, const struct field *f, void *out, struct error *e)
{
	const struct name *found;
	const char *text;

	if (json_string(j, &text, e) < 0)
		return -1;
	found = name_find(f->names, text);
	if (!found)
		return fail_name(text, f->names, e);
	*(int *)out = (int)found->value;
	return 0;
}

static int read_signed(struct json *j, const struct field *f, int64_t *out, struct error *e)
{
	const struct range *r = range_of(f);
	int64_t value;

	if (json_i64(j, &value, e) < 0)
		return -1;
	if (value < r->min)
		return fail(e, 0, "%jd is too small: at least %jd", (intmax_t)value,
			    (intmax_t)r->min);
	if (value > (int64_t)r->max)
		return fail(e, 0, "%jd is too large: at most %jd", (intmax_t)value,
			    (intmax_t)r->max);
	*out = value;
	return 0;
}

static int read_unsigned(struct json *j, const struct field *f, uint64_t *out, struct error *e)
{
	const struct range *r = range_of(f);
	uint64_t value;

	if (json_u64(j, &value, e) < 0)
		return -1;
	if (r->min > 0 && value < (uint64_t)r->min)
		return fail(e, 0, "%ju is too small: at least %jd", (uintmax_t)value,
			    (intmax_t)r->min);
	if (value > r->max)
		return fail(e, 0, "%ju is too large: at most %ju", (uintmax_t)value,
			    (uintmax_t)r->max);
	*out = value;
	return 0;
}

/* Puts the element's index before the path of its error. */
static int blame_element(struct error *e, size_t index)
{
	char at[24];

	str_print(at, sizeof(at), "[%zu]", index);
	return error_at_prefix(e, at);
}

__attribute__((noinline)) static int blame_key(struct error *e, struct json_text key)
{
	char at[ERROR_AT_MAX];

	str_print(at, sizeof(at), "%.*s", (int)(key.len < sizeof(at) ? key.len : sizeof(at)),
		  key.s);
	return error_at_prefix(e, at);
}

/* A second "limit" is an error of the document, not of the value. */
__attribute__((noinline)) static int fail_twice(struct json *j, struct json_text key,
						struct error *e)
{
	return json_syntax_error(j, j->at, e, "\"%.*s\" appears twice",
				 (int)(key.len < 100 ? key.len : 100), key.s);
}

/* ---- arrays and objects of one kind of value ---- */

typedef int read_element(struct json *j, const struct field *f, void *out, struct error *e);

static int read_str_element(struct json *j, const struct field *f, void *out, struct error *e)
{
	(void)f;
	return json_string(j, out, e);
}

static int read_u32_element(struct json *j, const struct field *f, void *out, struct error *e)
{
	uint64_t value;

	if (read_unsigned(j, f, &value, e) < 0)
		return -1;
	*(uint32_t *)out = (uint32_t)value;
	return 0;
}

static int read_object_element(struct json *j, const struct field *f, void *out, struct error *e)
{
	return table_read_object(f->table, out, j, e);
}

static int read_array(struct json *j, const struct field *f, void *member, size_t size,
		      read_element *read, struct error *e)
{
	struct growing g = growing_new(j->arena, size);
	int r;

	if (json_enter_array(j, e) < 0)
		return -1;
	while ((r = json_next_element(j, e)) > 0)
		if (read(j, f, growing_next(&g), e) < 0)
			return blame_element(e, g.n - 1);
	if (r < 0)
		return blame_element(e, g.n);
	if (f->kind == KIND_STRS) { /* v[n] is NULL, for execve(2) */
		growing_next(&g);
		g.n--;
	}
	growing_store(&g, member);
	return 0;
}

/* An object with keys of the user's: each element begins with its key, a string. */
static int read_map(struct json *j, const struct field *f, void *member, size_t size,
		    struct error *e)
{
	struct growing g = growing_new(j->arena, size);
	struct keys keys = keys_new(j->arena);
	struct json_text key;
	int r;

	if (json_enter_object(j, e) < 0)
		return -1;
	while ((r = json_next_key_here(j, &key, e)) > 0) {
		const char **element = growing_next(&g);

		*element = json_keep(j, key);
		if (!keys_add(&keys, key))
			return fail_twice(j, key, e);
		if (f->kind == KIND_PAIRS)
			r = json_string(j, &element[1], e);
		else
			r = table_read_object(f->table, element, j, e);
		if (r < 0)
			return blame_key(e, key);
	}
	if (r < 0)
		return -1;
	growing_store(&g, member);
	return 0;
}

static int read_sub_object(struct json *j, const struct field *f, void *member, struct error *e)
{
	void *object = arena_alloc(j->arena, f->table->size);

	if (table_read_object(f->table, object, j, e) < 0)
		return -1;
	memcpy(member, &object, sizeof(object));
	return 0;
}

/* ---- one row ---- */

static int read_signed_field(struct json *j, const struct field *f, void *m, struct error *e)
{
	int64_t v;

	if (read_signed(j, f, &v, e) < 0)
		return -1;
	switch (f->kind) {
	case KIND_I64: *(int64_t *)m = v; break;
	case KIND_OPT_I32: *(struct opt_i32 *)m = (struct opt_i32){true, (int32_t)v}; break;
	default: *(struct opt_i64 *)m = (struct opt_i64){true, v}; break;
	}
	return 0;
}

static int read_unsigned_field(struct json *j, const struct field *f, void *m, struct error *e)
{
	uint64_t v;

	if (read_unsigned(j, f, &v, e) < 0)
		return -1;
	switch (f->kind) {
	case KIND_U64: *(uint64_t *)m = v; break;
	case KIND_U32: *(uint32_t *)m = (uint32_t)v; break;
	case KIND_OPT_U16: *(struct opt_u16 *)m = (struct opt_u16){true, (uint16_t)v}; break;
	case KIND_OPT_U32: *(struct opt_u32 *)m = (struct opt_u32){true, (uint32_t)v}; break;
	default: *(struct opt_u64 *)m = (struct opt_u64){true, v}; break;
	}
	return 0;
}

static int read_opt_bool(struct json *j, struct opt_bool *out, struct error *e)
{
	if (json_bool(j, &out->v, e) < 0)
		return -1;
	out->set = true;
	return 0;
}

static int read_value(struct json *j, const struct field *f, void *m, struct error *e)
{
	switch ((enum field_kind)f->kind) {
	case KIND_BOOL: return json_bool(j, m, e);
	case KIND_STR: return json_string(j, m, e);
	case KIND_OPT_BOOL: return read_opt_bool(j, m, e);
	case KIND_ENUM: return read_name(j, f, m, e);
	case KIND_I64:
	case KIND_OPT_I32:
	case KIND_OPT_I64: return read_signed_field(j, f, m, e);
	case KIND_U64:
	case KIND_U32:
	case KIND_OPT_U16:
	case KIND_OPT_U32:
	case KIND_OPT_U64: return read_unsigned_field(j, f, m, e);
	case KIND_STRS: return read_array(j, f, m, sizeof(char *), read_str_element, e);
	case KIND_U32S: return read_array(j, f, m, sizeof(uint32_t), read_u32_element, e);
	case KIND_NAMES: return read_array(j, f, m, sizeof(int), read_name, e);
	case KIND_LIST: return read_array(j, f, m, f->table->size, read_object_element, e);
	case KIND_PAIRS: return read_map(j, f, m, sizeof(struct pair), e);
	case KIND_MAP: return read_map(j, f, m, f->table->size, e);
	case KIND_OBJECT: return read_sub_object(j, f, m, e);
	case KIND_INLINE: return table_read_object(f->table, m, j, e);
	case KIND_IGNORED: return json_skip(j, e);
	}
	return fail(e, 0, "a row of unknown kind");
}

static int read_field(struct json *j, const struct field *f, void *out, struct error *e)
{
	if (read_value(j, f, (char *)out + f->offset, e) < 0)
		return error_at_prefix(e, f->key);
	if (f->present)
		*(bool *)((char *)out + f->present) = true;
	return 0;
}

/* ---- the object ---- */

static bool is_key(const struct field *f, struct json_text key)
{
	return f->key_len == key.len && f->key[0] == key.s[0] && str_same(f->key, key.s, key.len);
}

/* Documents follow the order of the spec more often than not: looks at row @from first. */
static size_t find_field(const struct table *t, size_t from, struct json_text key)
{
	for (size_t i = from; i < t->count; i++)
		if (is_key(&t->fields[i], key))
			return i;
	for (size_t i = 0; i < from && i < t->count; i++)
		if (is_key(&t->fields[i], key))
			return i;
	return t->count;
}

static int skip_unknown(struct json *j, struct json_text key, struct error *e)
{
	if (log_wants(LOG_DEBUG)) {
		struct json_place place = json_place(j->text, j->at);

		log_debug("line %u, column %u: property \"%.*s\" is not known and passed over",
			  place.line, place.column, (int)(key.len < 200 ? key.len : 200), key.s);
	}
	return json_skip(j, e);
}

static bool is_empty(const struct field *f, const void *out)
{
	const void *member = (const char *)out + f->offset;
	const char *s;

	switch (f->kind) {
	case KIND_STR: memcpy(&s, member, sizeof(s)); return s[0] == '\0';
	case KIND_STRS:
	case KIND_U32S:
	case KIND_PAIRS:
	case KIND_LIST:
	case KIND_MAP:
	case KIND_NAMES: return ((const struct any_list *)member)->n == 0;
	default: return false;
	}
}

#define SEEN_WORDS 2 /* tables have at most 128 rows */

static int check_required(const struct table *t, const uint64_t *seen, const void *out,
			  struct error *e)
{
	for (size_t i = 0; i < t->count; i++) {
		const struct field *f = &t->fields[i];

		if (!f->required)
			continue;
		if (!(seen[i / 64] >> i % 64 & 1))
			return fail_at(e, f->key, 0, "is missing");
		if (is_empty(f, out))
			return fail_at(e, f->key, 0, "is empty");
	}
	return 0;
}

int table_read_object(const struct table *t, void *out, struct json *j, struct error *e)
{
	uint64_t given[SEEN_WORDS] = {0}, seen[SEEN_WORDS] = {0}; /* seen: and not null */
	struct keys unknown = keys_new(j->arena);
	struct json_text key;
	size_t row = 0;
	int r;

	if (json_enter_object(j, e) < 0)
		return -1;
	while ((r = json_next_key_here(j, &key, e)) > 0) {
		size_t i = find_field(t, row, key);
		uint64_t bit = (uint64_t)1 << i % 64;

		if (i == t->count) {
			if (!keys_add(&unknown, key))
				return fail_twice(j, key, e);
			if (skip_unknown(j, key, e) < 0)
				return blame_key(e, key);
			continue;
		}
		if (given[i / 64] & bit)
			return fail_twice(j, key, e);
		given[i / 64] |= bit;
		row = i + 1;
		if (json_ahead(j) == 'n') {
			if (json_null(j, e) < 0)
				return -1;
			continue;
		}
		seen[i / 64] |= bit;
		if (read_field(j, &t->fields[i], out, e) < 0)
			return -1;
	}
	return r < 0 ? -1 : check_required(t, seen, out, e);
}

int table_read(const struct table *t, void *out, struct arena *a, char *text, size_t len,
	       struct error *e)
{
	struct json j;

	if (json_begin(&j, a, text, len, e) == 0) {
		j.own = text;
		if (table_read_object(t, out, &j, e) == 0 && json_end(&j, e) == 0)
			return 0;
	}
	return j.broken || !e->at[0] ? -1 : error_context(e, "%s", e->at);
}
