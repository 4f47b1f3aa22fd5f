/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Our reader and writer against json-c: documents made up at random (the same
 * ones in every run) are told alike by both; and whatever we accept of a damaged
 * document, json-c accepts with the same value.  The reverse does not hold: we are stricter.
 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Two of its names are ours, too. */
#define json_type json_c_type
#define json_bool json_c_bool
#include <json-c/json.h>
#undef json_type
#undef json_bool

#include "base/json.h"
#include "base/json_write.h"
#include "base/list.h"
#include "base/str.h"

static uint32_t random_state = 1;

static uint32_t pick(uint32_t n)
{
	random_state = random_state * 1664525 + 1013904223;
	return (random_state >> 8) % n;
}

/* ---- making documents ---- */

static const char *const pieces[] = {
	"a",
	"net.ipv4",
	"\"",
	"\\",
	"/",
	"\n",
	"\t",
	"\x01",
	"\xc3\xa9",
	"\xe2\x82\xac",
	"\xf0\x9f\x98\x80",
	" ",
	"\x7f",
	"{",
	"]",
};

static const char *make_string(struct arena *a)
{
	struct buf b = buf_new(a);

	for (uint32_t n = pick(6); n > 0; n--)
		buf_puts(&b, pieces[pick(ARRAY_SIZE(pieces))]);
	return b.s;
}

static void make_value(struct json_writer *w, const char *key, unsigned int depth);

static void make_object(struct json_writer *w, const char *key, unsigned int depth)
{
	uint32_t n = pick(20) == 0 ? 40 : pick(5);

	json_write_object(w, key);
	for (uint32_t i = 0; i < n; i++) {
		struct buf name = buf_new(w->out->arena);

		buf_printf(&name, "%u%s", i, make_string(w->out->arena));
		make_value(w, name.s, depth + 1);
	}
	json_write_object_end(w);
}

static void make_array(struct json_writer *w, const char *key, unsigned int depth)
{
	json_write_array(w, key);
	for (uint32_t n = pick(5); n > 0; n--)
		make_value(w, NULL, depth + 1);
	json_write_array_end(w);
}

static void make_value(struct json_writer *w, const char *key, unsigned int depth)
{
	static const int64_t numbers[] = {0, -1, 1, INT64_MAX, INT64_MIN, 4294967296, 1000};

	switch (pick(depth < 8 ? 9 : 6)) {
	case 0: json_write_null(w, key); break;
	case 1: json_write_bool(w, key, pick(2)); break;
	case 2: json_write_i64(w, key, numbers[pick(ARRAY_SIZE(numbers))]); break;
	case 3: json_write_u64(w, key, UINT64_MAX - pick(3)); break;
	case 4:
	case 5: json_write_string(w, key, make_string(w->out->arena)); break;
	case 6: make_array(w, key, depth); break;
	default: make_object(w, key, depth); break;
	}
}

/* ---- telling them in one way ---- */

static void tell_number(struct buf *out, const char *s)
{
	if (strpbrk(s, ".eE"))
		buf_printf(out, "#%.17g ", strtod(s, NULL));
	else if (s[0] == '-') /* json-c keeps the nearest one of what is out of range */
		buf_printf(out, "#%lld ", strtoll(s, NULL, 10));
	else
		buf_printf(out, "#%llu ", strtoull(s, NULL, 10));
}

static int tell(struct buf *out, struct json *j, struct error *e)
{
	const char *s;
	struct json_text t;
	bool b;
	int r;

	switch (json_peek(j, e)) {
	case JSON_NULL: buf_puts(out, "null "); return json_null(j, e);
	case JSON_BOOL:
		if (json_bool(j, &b, e) < 0)
			return -1;
		buf_puts(out, b ? "true " : "false ");
		return 0;
	case JSON_NUMBER:
		if (json_number_here(j, &t, e) < 0)
			return -1;
		tell_number(out, arena_strndup(out->arena, t.s, t.len));
		return 0;
	case JSON_STRING:
		if (json_string(j, &s, e) < 0)
			return -1;
		buf_printf(out, "<%s> ", s);
		return 0;
	case JSON_ARRAY:
		buf_puts(out, "[ ");
		if (json_enter_array(j, e) < 0)
			return -1;
		while ((r = json_next_element(j, e)) > 0)
			if (tell(out, j, e) < 0)
				return -1;
		buf_puts(out, "] ");
		return r;
	case JSON_OBJECT:
		buf_puts(out, "{ ");
		if (json_enter_object(j, e) < 0)
			return -1;
		while ((r = json_next_key(j, &s, e)) > 0) {
			buf_printf(out, "%s= ", s);
			if (tell(out, j, e) < 0)
				return -1;
		}
		buf_puts(out, "} ");
		return r;
	}
	return -1;
}

static void tell_reference(struct buf *out, struct json_object *o)
{
	switch (json_object_get_type(o)) {
	case json_type_null: buf_puts(out, "null "); break;
	case json_type_boolean:
		buf_puts(out, json_object_get_boolean(o) ? "true " : "false ");
		break;
	case json_type_int:
	case json_type_double: tell_number(out, json_object_to_json_string(o)); break;
	case json_type_string: buf_printf(out, "<%s> ", json_object_get_string(o)); break;
	case json_type_array:
		buf_puts(out, "[ ");
		for (size_t i = 0; i < json_object_array_length(o); i++)
			tell_reference(out, json_object_array_get_idx(o, i));
		buf_puts(out, "] ");
		break;
	case json_type_object:
		buf_puts(out, "{ ");
		json_object_object_foreach(o, key, value)
		{
			buf_printf(out, "%s= ", key);
			tell_reference(out, value);
		}
		buf_puts(out, "} ");
		break;
	}
}

static const char *ours(struct arena *a, const char *text, size_t len, struct error *e)
{
	struct buf out = buf_new(a);
	struct json j, skipped;
	int read = json_begin(&j, a, text, len, e);

	if (read == 0) {
		skipped = j;
		read = json_skip(&skipped, e) < 0 || json_end(&skipped, e) < 0 ? -1 : 0;
	}
	if (read < 0 || tell(&out, &j, e) < 0 || json_end(&j, e) < 0)
		return NULL;
	return out.s;
}

static const char *reference(struct arena *a, const char *text, size_t len)
{
	struct json_tokener *t = json_tokener_new_ex(1000);
	struct buf out = buf_new(a);
	struct json_object *o;

	json_tokener_set_flags(t, JSON_TOKENER_STRICT | JSON_TOKENER_VALIDATE_UTF8);
	o = json_tokener_parse_ex(t, text, (int)len);
	if (json_tokener_get_error(t) ==
	    json_tokener_continue) /* a number, until it sees its end */
		o = json_tokener_parse_ex(t, "", 1);
	if (json_tokener_get_error(t) != json_tokener_success) {
		buf_puts(&out, json_tokener_error_desc(json_tokener_get_error(t)));
	} else {
		tell_reference(&out, o);
		json_object_put(o);
	}
	json_tokener_free(t);
	return out.s;
}

static void assert_alike(struct arena *a, const char *text, size_t len, bool must)
{
	struct error e = {0};
	const char *mine = ours(a, text, len, &e);

	if (!mine && must)
		fail_msg("refused: %s\n%.*s", e.text, (int)len, text);
	if (mine && strcmp(mine, reference(a, text, len)) != 0)
		fail_msg("%.*s\nis told as %s\nand as     %s", (int)len, text, mine,
			 reference(a, text, len));
}

/* ---- tests ---- */

static struct buf make_document(struct arena *a)
{
	struct buf text = buf_new(a);
	struct json_writer w = json_writer(&text, pick(3) * 2);

	if (pick(2))
		make_object(&w, NULL, 0);
	else
		make_array(&w, NULL, 0);
	return text;
}

static void documents_are_told_alike(void **state)
{
	for (int i = 0; i < 4000; i++) {
		struct arena a = {0};
		struct buf text = make_document(&a);

		assert_alike(&a, text.s, text.len, true);
		arena_free(&a);
	}
}

static void damaged_documents_are_told_alike_or_refused(void **state)
{
	static const char tokens[] = "{}[]\",:\\-0e.\n tu";
	int accepted = 0;

	for (int i = 0; i < 1500; i++) {
		struct arena a = {0};
		struct buf text = make_document(&a);

		for (int k = 0; k < 6 && text.len; k++) {
			char *at = &text.s[pick((uint32_t)text.len)], kept = *at;
			struct error e;

			*at = tokens[pick(sizeof(tokens) - 1)];
			assert_alike(&a, text.s, text.len, false);
			accepted += ours(&a, text.s, text.len, &e) != NULL;
			*at = kept;
		}
		arena_free(&a);
	}
	assert_true(accepted > 500); /* or the comparison says nothing */
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(documents_are_told_alike),
		cmocka_unit_test(damaged_documents_are_told_alike_or_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
