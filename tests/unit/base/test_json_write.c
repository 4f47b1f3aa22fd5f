/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/json_write.h"

static struct buf out;
static struct json_writer w;

static void begin(unsigned int indent)
{
	out = buf_new(arena_main());
	w = json_writer(&out, indent);
}

static void write_sample(void)
{
	json_write_object(&w, NULL);
	json_write_string(&w, "a", "b");
	json_write_array(&w, "list");
	json_write_i64(&w, NULL, INT64_MIN);
	json_write_u64(&w, NULL, UINT64_MAX);
	json_write_object(&w, NULL);
	json_write_object_end(&w);
	json_write_array_end(&w);
	json_write_array(&w, "empty");
	json_write_array_end(&w);
	json_write_bool(&w, "yes", true);
	json_write_null(&w, "none");
	json_write_object_end(&w);
}

static void without_indentation_all_is_one_line(void **state)
{
	begin(0);
	write_sample();
	assert_string_equal(out.s,
			    "{\"a\":\"b\",\"list\":[-9223372036854775808,18446744073709551615,{}],"
			    "\"empty\":[],\"yes\":true,\"none\":null}");
}

static void with_indentation_each_value_has_its_line(void **state)
{
	begin(2);
	write_sample();
	assert_string_equal(out.s, "{\n"
				   "  \"a\": \"b\",\n"
				   "  \"list\": [\n"
				   "    -9223372036854775808,\n"
				   "    18446744073709551615,\n"
				   "    {}\n"
				   "  ],\n"
				   "  \"empty\": [],\n"
				   "  \"yes\": true,\n"
				   "  \"none\": null\n"
				   "}");
}

static void a_value_may_stand_alone(void **state)
{
	begin(2);
	json_write_string(&w, NULL, "x");
	assert_string_equal(out.s, "\"x\"");
}

static void strings_are_escaped_where_they_must_be(void **state)
{
	begin(0);
	json_write_string(&w, NULL, "\"\\/\b\f\n\r\t\x01\x1f\x7f\xc3\xa9");
	assert_string_equal(out.s, "\"\\\"\\\\/\\b\\f\\n\\r\\t\\u0001\\u001f\x7f\xc3\xa9\"");
}

static void bytes_that_are_not_utf8_are_replaced_one_by_one(void **state)
{
	begin(0);
	json_write_string(&w, NULL, "a\xff\xc3(\xed\xa0\x80");
	assert_string_equal(out.s,
			    "\"a\xef\xbf\xbd\xef\xbf\xbd(\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(without_indentation_all_is_one_line),
		cmocka_unit_test(with_indentation_each_value_has_its_line),
		cmocka_unit_test(a_value_may_stand_alone),
		cmocka_unit_test(strings_are_escaped_where_they_must_be),
		cmocka_unit_test(bytes_that_are_not_utf8_are_replaced_one_by_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
