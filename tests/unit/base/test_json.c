/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/json.h"
#include "base/list.h"
#include "base/str.h"

static int read_all(const char *text, size_t len, struct error *e)
{
	struct arena a = {0};
	struct json j;
	int r = json_begin(&j, &a, text, len, e) < 0 || json_skip(&j, e) < 0 || json_end(&j, e) < 0;

	arena_free(&a);
	return r ? -1 : 0;
}

static void assert_good(const char *text)
{
	struct error e;

	if (read_all(text, strlen(text), &e) < 0)
		fail_msg("%s: %s", text, e.text);
}

static void assert_bad(const char *text, size_t len)
{
	struct error e = {0};

	if (read_all(text, len, &e) == 0)
		fail_msg("%s was taken for JSON", text);
	if (!str_starts(e.text, "line "))
		fail_msg("%s: does not say where: %s", text, e.text);
}

static void what_rfc_8259_allows_is_read(void **state)
{
	static const char *const good[] = {
		"{}",
		"[]",
		"null",
		"true",
		"false",
		"\"\"",
		"0",
		"-0",
		"-1",
		"10",
		"1.5",
		"1e5",
		"1E+5",
		"1e-5",
		"-1.25e10",
		"1e400",
		"123456789012345678901234567890",
		" \t\r\n{ \"a\" : [ 1 , 2 ] } \n",
		"[[],{},[[]]]",
		"{\"\":\"\"}",
		"\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\"",
		"\"\\ud83d\\ude00\"",
		"\"\xc3\xa9\xf0\x9f\x98\x80\"",
		"\"\x7f\"",
		"{\"a\":{\"a\":1},\"b\":{\"a\":1}}",
		"\"\\uD83D\\uDE00\"",
	};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_good(good[i]);
}

static void what_rfc_8259_does_not_allow_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		" ",
		"{",
		"[",
		"\"",
		"}",
		"]",
		"{]",
		"[}",
		"nul",
		"nulll",
		"True",
		"tru",
		"[1,]",
		"[,1]",
		"[1 2]",
		"[1,,2]",
		"{\"a\":1,}",
		"{\"a\"}",
		"{\"a\":}",
		"{a:1}",
		"{'a':1}",
		"{\"a\":1 \"b\":2}",
		"{1:2}",
		"{\"a\":1,,}",
		"{,}",
		"01",
		"-",
		"+1",
		".5",
		"1.",
		"1.e5",
		"1e",
		"1e+",
		"0x10",
		"-01",
		"NaN",
		"Infinity",
		"-Infinity",
		"1 2",
		"{} {}",
		"{}x",
		"null,",
		"// c\n1",
		"/* c */1",
		"1 // c",
		"# c\n1",
		"\"\n\"",
		"\"\t\"",
		"\"\x1f\"",
		"\"\\x\"",
		"\"\\u12\"",
		"\"\\u12g4\"",
		"\"\\",
		"\"\\u",
		"\"\\u0041",
		"\"\\u0000\"",
		"{\"\\u0000\":1}",
		"[\"\\u0000\"]",
		"\"\\ud800\"",
		"\"\\udc00\"",
		"\"\\ud800\\u0041\"",
		"\"\\ud800\\ud800\"",
		"\"\\ud83dx\"",
		"\"\\ud83d\\n\"",
		"\"\xff\"",
		"\"\xc3\"",
		"\"\xc0\x80\"",
		"\"\xed\xa0\x80\"",
		"\"\xf4\x90\x80\x80\"",
		"\"\xe2\x82\"",
		"\xef\xbb\xbf{}",
		"\xff\xfe{\0}\0",
		"\x0b{}",
		"{}\x0c",
		"\xc2\xa0{}",
		"{\"a\":1,\"a\":2}",
		"{\"a\":1,\"\\u0061\":2}",
		"[{\"b\":{\"x\":0,\"x\":0}}]",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_bad(bad[i], strlen(bad[i]));
	assert_bad("{}\0", 3);
	assert_bad("\"a\0b\"", 5);
}

static void a_document_cut_anywhere_is_refused(void **state)
{
	static const char text[] =
		"{\"a\":[1.5e-3,true,null,\"\\ud83d\\ude00\\n\xc3\xa9\"],\"b\":{}}";

	assert_good(text);
	for (size_t len = 0; len < sizeof(text) - 1; len++) {
		char *copy = malloc(len + 1); /* so that a sanitizer sees the byte after it */

		memcpy(copy, text, len);
		assert_bad(copy, len);
		free(copy);
	}
}

static void keys_that_appear_twice_are_found_among_many(void **state)
{
	struct arena a = {0};

	for (int count = 2; count < 3000; count = count * 3 / 2 + 1) {
		struct buf b = buf_new(&a);
		struct error e;

		buf_putc(&b, '{');
		for (int i = 0; i < count; i++)
			buf_printf(&b, "\"key%d\":%d,", i, i);
		b.s[b.len - 1] = '}';
		assert_good(b.s);
		b.s[b.len - 1] = ',';
		buf_printf(&b, "\"key%d\":0}", count / 2);
		assert_int_equal(read_all(b.s, b.len, &e), -1);
		assert_non_null(strstr(e.text, "appears twice"));
	}
	arena_free(&a);
}

static void nesting_has_a_limit(void **state)
{
	char text[2 * JSON_DEPTH_MAX + 3];
	struct error e;
	size_t n = JSON_DEPTH_MAX;

	memset(text, '[', n);
	memset(text + n, ']', n);
	assert_int_equal(read_all(text, 2 * n, &e), 0);
	n++;
	memset(text, '[', n);
	memset(text + n, ']', n);
	assert_int_equal(read_all(text, 2 * n, &e), -1);
	assert_non_null(strstr(e.text, "nesting"));
}

static void a_hundred_thousand_brackets_are_no_danger(void **state)
{
	char *text = malloc(100000);

	memset(text, '[', 100000);
	assert_bad(text, 100000);
	free(text);
}

static void size_has_a_limit(void **state)
{
	size_t len = JSON_SIZE_MAX + 1;
	char *text = malloc(len);
	struct error e;

	memset(text, ' ', len);
	text[0] = '1';
	assert_int_equal(read_all(text, len - 1, &e), 0);
	assert_int_equal(read_all(text, len, &e), -1);
	free(text);
}

static void errors_tell_line_and_column(void **state)
{
	struct error e;

	assert_int_equal(read_all("{\n  \"a\": x\n}", 12, &e), -1);
	assert_string_equal(e.text, "line 2, column 8: found \"x\" where a value is expected");
	assert_int_equal(read_all("[1", 2, &e), -1);
	assert_string_equal(e.text,
			    "line 1, column 3: the document ends where \",\" or \"]\" is expected");
}

/* ---- values ---- */

static struct arena arena;

static struct json reader_of(const char *text)
{
	struct json j;
	struct error e;

	assert_int_equal(json_begin(&j, &arena, text, strlen(text), &e), 0);
	return j;
}

static void escapes_become_what_they_stand_for(void **state)
{
	struct json j =
		reader_of("\"\\\"\\\\\\/\\b\\f\\n\\r\\t\\u0041\\u00e9\\u20AC\\ud83d\\ude00.\"");
	const char *s;
	struct error e;

	assert_int_equal(json_string(&j, &s, &e), 0);
	assert_string_equal(s, "\"\\/\b\f\n\r\tA\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80.");
}

/* Plain bytes are passed over by eights: every place within them, and what is like a special byte. */
static void a_string_ends_at_its_quote_wherever_that_stands(void **state)
{
	static const char *const parts[] = {"", "\xc3\xa9", "\\n", "!", "#", "[", "]", " ", "\x7f"};
	static const char *const stand_for[] = {"",  "\xc3\xa9", "\n", "!",   "#",
						"[", "]",	 " ",  "\x7f"};

	for (size_t before = 0; before < 20; before++)
		for (size_t after = 0; after < 20; after++)
			for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
				char *text = arena_printf(&arena, "\"%.*s%s%.*s\"", (int)before,
							  "aaaaaaaaaaaaaaaaaaaa", parts[i],
							  (int)after, "bbbbbbbbbbbbbbbbbbbb");
				char *wanted = arena_printf(&arena, "%.*s%s%.*s", (int)before,
							    "aaaaaaaaaaaaaaaaaaaa", stand_for[i],
							    (int)after, "bbbbbbbbbbbbbbbbbbbb");
				struct json j = reader_of(text);
				const char *s;
				struct error e;

				assert_int_equal(json_string(&j, &s, &e), 0);
				assert_string_equal(s, wanted);
				assert_int_equal(json_end(&j, &e), 0);
			}
}

static void a_control_character_is_found_wherever_it_stands(void **state)
{
	for (size_t at = 1; at < 20; at++)
		for (char c = 1; c < ' '; c++) {
			char text[24] = "\"aaaaaaaaaaaaaaaaaaaaa\"";

			text[at] = c;
			assert_bad(text, sizeof(text) - 1);
		}
}

static void integers_keep_64_bits(void **state)
{
	struct json j;
	struct error e;
	uint64_t u;
	int64_t i;

	j = reader_of("18446744073709551615");
	assert_int_equal(json_u64(&j, &u, &e), 0);
	assert_true(u == UINT64_MAX);
	j = reader_of("-9223372036854775808");
	assert_int_equal(json_i64(&j, &i, &e), 0);
	assert_true(i == INT64_MIN);
	j = reader_of("-0");
	assert_int_equal(json_u64(&j, &u, &e), 0);
	assert_true(u == 0);
}

static void integers_that_do_not_fit_are_refused(void **state)
{
	static const char *const bad_u64[] = {"18446744073709551616", "-1", "1.0", "1e3", "1e400"};
	static const char *const bad_i64[] = {"9223372036854775808", "-9223372036854775809", "0.5"};
	struct error e;
	uint64_t u = 42;
	int64_t i = 42;

	for (size_t k = 0; k < ARRAY_SIZE(bad_u64); k++) {
		struct json j = reader_of(bad_u64[k]);

		assert_int_equal(json_u64(&j, &u, &e), -1);
	}
	for (size_t k = 0; k < ARRAY_SIZE(bad_i64); k++) {
		struct json j = reader_of(bad_i64[k]);

		assert_int_equal(json_i64(&j, &i, &e), -1);
	}
	assert_int_equal(u, 42);
	assert_int_equal(i, 42);
}

static void a_value_of_another_type_is_named(void **state)
{
	struct json j = reader_of("{\"a\":1}");
	const char *s = "untouched";
	struct error e;

	assert_int_equal(json_string(&j, &s, &e), -1);
	assert_string_equal(e.text, "expected a string, found an object");
	assert_string_equal(s, "untouched");
}

static void a_document_is_pulled_value_by_value(void **state)
{
	struct json j = reader_of("{\"a\\u0062\":[true,null],\"c\":\"d\"}");
	const char *s;
	bool b = false;
	struct error e;

	assert_int_equal(json_enter_object(&j, &e), 0);
	assert_int_equal(json_next_key(&j, &s, &e), 1);
	assert_string_equal(s, "ab");
	assert_int_equal(json_enter_array(&j, &e), 0);
	assert_int_equal(json_next_element(&j, &e), 1);
	assert_int_equal(json_bool(&j, &b, &e), 0);
	assert_true(b);
	assert_int_equal(json_next_element(&j, &e), 1);
	assert_int_equal(json_peek(&j, &e), JSON_NULL);
	assert_int_equal(json_null(&j, &e), 0);
	assert_int_equal(json_next_element(&j, &e), 0);
	assert_int_equal(json_next_key(&j, &s, &e), 1);
	assert_string_equal(s, "c");
	assert_int_equal(json_string(&j, &s, &e), 0);
	assert_string_equal(s, "d");
	assert_int_equal(json_next_key(&j, &s, &e), 0);
	assert_int_equal(json_end(&j, &e), 0);
}

/* ---- places ---- */

static const char located[] =
	"{\n"
	"  \"mounts\": [{}, {\"options\": [\"a\",\n"
	"     \"b\"]}],\n"
	"  \"sysctl\": {\"net\": 1, \"net.ipv4\": {}, \"net.ipv4.ip_forward\": \"1\"}\n"
	"}";

static void assert_place(const char *path, unsigned int line, unsigned int column)
{
	struct json_place p = {0};

	assert_int_equal(json_locate(located, strlen(located), path, &p), 0);
	if (p.line != line || p.column != column)
		fail_msg("%s is at %u:%u, not %u:%u", path, p.line, p.column, line, column);
}

static void a_path_leads_to_its_value(void **state)
{
	assert_place("", 1, 1);
	assert_place("mounts", 2, 13);
	assert_place("mounts[1]", 2, 18);
	assert_place("mounts[1].options", 2, 30);
	assert_place("mounts[1].options[1]", 3, 6);
	assert_place("sysctl.net", 4, 21);
	assert_place("sysctl.net.ipv4.ip_forward", 4, 63);
}

static void a_path_that_leads_nowhere_ends_at_the_deepest_part(void **state)
{
	assert_place("nothing", 1, 1);
	assert_place("mounts[7].x", 2, 13);
	assert_place("mounts[1].nothing.more", 2, 18);
	assert_place("mounts.x", 2, 13);
	assert_place("mounts[x]", 2, 13);
	assert_place("mounts[", 2, 13);
	assert_place("[0]", 1, 1);
	assert_place("mounts[99999999999999999999999]", 2, 13);
}

static void nothing_is_found_in_what_is_not_json(void **state)
{
	struct json_place p = {7, 7};

	assert_int_equal(json_locate("{\"a\":1", 6, "a", &p), -1);
	assert_int_equal(p.line, 7);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_rfc_8259_allows_is_read),
		cmocka_unit_test(what_rfc_8259_does_not_allow_is_refused),
		cmocka_unit_test(a_document_cut_anywhere_is_refused),
		cmocka_unit_test(keys_that_appear_twice_are_found_among_many),
		cmocka_unit_test(nesting_has_a_limit),
		cmocka_unit_test(a_hundred_thousand_brackets_are_no_danger),
		cmocka_unit_test(size_has_a_limit),
		cmocka_unit_test(errors_tell_line_and_column),
		cmocka_unit_test(escapes_become_what_they_stand_for),
		cmocka_unit_test(a_string_ends_at_its_quote_wherever_that_stands),
		cmocka_unit_test(a_control_character_is_found_wherever_it_stands),
		cmocka_unit_test(integers_keep_64_bits),
		cmocka_unit_test(integers_that_do_not_fit_are_refused),
		cmocka_unit_test(a_value_of_another_type_is_named),
		cmocka_unit_test(a_document_is_pulled_value_by_value),
		cmocka_unit_test(a_path_leads_to_its_value),
		cmocka_unit_test(a_path_that_leads_nowhere_ends_at_the_deepest_part),
		cmocka_unit_test(nothing_is_found_in_what_is_not_json),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
