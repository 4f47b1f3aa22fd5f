/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>

#include "base/table.h"

/* ---- a model with one member of each kind ---- */

static const struct name colours[] = {{"red", 1}, {"green", 2}, {NULL}};

struct leaf {
	struct opt_i64 limit;
	bool on;
};
static const struct field leaf_fields[] = {
	FIELD(struct leaf, limit, "limit", RANGE(-1, INT64_MAX)),
	FIELD(struct leaf, on, "on"),
};
static const struct table leaf_table = TABLE(struct leaf, leaf_fields);

struct entry {
	const char *key;
	struct opt_u32 value;
};
static const struct field entry_fields[] = {
	FIELD(struct entry, value, "value"),
};
static const struct table entry_table = TABLE(struct entry, entry_fields);

struct tree {
	bool flag;
	const char *text;
	int64_t i64;
	uint64_t u64;
	int colour;
	int64_t number;
	uint32_t u32;
	struct opt_bool opt_bool;
	struct opt_u16 opt_u16;
	struct opt_i32 opt_i32;
	struct opt_u32 opt_u32;
	struct opt_i64 opt_i64;
	struct opt_u64 opt_u64;
	struct strs strs;
	struct u32s u32s;
	struct pairs pairs;
	struct leaf *object;
	struct leaf inside;
	LIST(struct leaf) list;
	LIST(struct entry) map;
	LIST(int) colours;
	uint64_t only_zero;
	struct strs marked;
	bool has_marked;
};
static const struct field tree_fields[] = {
	FIELD(struct tree, flag, "flag"),
	FIELD(struct tree, text, "text"),
	FIELD(struct tree, i64, "i64", RANGE(INT64_MIN, INT64_MAX)),
	FIELD(struct tree, u64, "u64", RANGE(1, 100)),
	FIELD(struct tree, colour, "colour", .names = colours),
	FIELD(struct tree, number, "number", RANGE(-5, 5)),
	FIELD(struct tree, u32, "u32"),
	FIELD(struct tree, opt_bool, "optBool"),
	FIELD(struct tree, opt_u16, "optU16"),
	FIELD(struct tree, opt_i32, "optI32", RANGE(-1000, 1000)),
	FIELD(struct tree, opt_u32, "optU32"),
	FIELD(struct tree, opt_i64, "optI64", RANGE(INT64_MIN, INT64_MAX)),
	FIELD(struct tree, opt_u64, "optU64"),
	FIELD(struct tree, strs, "strs"),
	FIELD(struct tree, u32s, "u32s"),
	FIELD(struct tree, pairs, "pairs"),
	FIELD_OBJECT(struct tree, object, "object", leaf_table),
	FIELD_INLINE(struct tree, inside, "inside", leaf_table),
	FIELD_LIST(struct tree, list, "list", leaf_table),
	FIELD_MAP(struct tree, map, "map", entry_table),
	FIELD_NAMES(struct tree, colours, "colours", colours),
	FIELD(struct tree, only_zero, "onlyZero", RANGE(0, 0)),
	FIELD(struct tree, marked, "marked", .present = offsetof(struct tree, has_marked)),
	FIELD_IGNORED("ignored", "nothing here acts on it"),
};
static const struct table tree_table = TABLE(struct tree, tree_fields);

struct strict {
	const char *name;
	struct strs args;
	struct opt_u32 n;
	struct leaf *leaf;
};
static const struct field strict_fields[] = {
	FIELD(struct strict, name, "name", .required = true),
	FIELD(struct strict, args, "args", .required = true),
	FIELD(struct strict, n, "n", .required = true),
	FIELD_OBJECT(struct strict, leaf, "leaf", leaf_table, .required = true),
};
static const struct table strict_table = TABLE(struct strict, strict_fields);

/* Single quotes stand for double ones, so that JSON stays legible in C. */
static char *json(const char *text)
{
	char *s = arena_strdup(arena_main(), text);

	for (char *p = s; *p; p++)
		if (*p == '\'')
			*p = '"';
	return s;
}

static int read_tree(struct tree *t, const char *text, struct error *e)
{
	*t = (struct tree){0};
	return table_read(&tree_table, t, arena_main(), json(text), strlen(text), e);
}

static struct tree good(const char *text)
{
	struct tree t;
	struct error e;

	if (read_tree(&t, text, &e) < 0)
		fail_msg("%s: %s", text, e.text);
	return t;
}

static void assert_refused(const char *text, const char *at, const char *message)
{
	struct tree t;
	struct error e;

	if (read_tree(&t, text, &e) == 0)
		fail_msg("%s was read", text);
	assert_string_equal(e.at, at);
	assert_string_equal(e.text, json(message));
}

static const char *written(const struct table *table, const void *in)
{
	struct buf out = buf_new(arena_main());
	struct json_writer w = json_writer(&out, 0);

	table_write(table, in, &w, NULL);
	return out.s;
}

/* ---- tests ---- */

static const char everything[] =
	"{'flag':true,'text':'x','i64':-9223372036854775808,'u64':100,'colour':'green','number':-5,"
	"'u32':4294967295,'optBool':false,'optU16':65535,'optI32':0,'optU32':0,'optI64':0,"
	"'optU64':18446744073709551615,'strs':['a','b'],'u32s':[1,2],'pairs':{'k':'v','':''},"
	"'object':{},'inside':{'limit':-1,'on':true},'list':[{},{'limit':5}],"
	"'map':{'a.b':{'value':3},'c':{}},'colours':['red','green'],'marked':[]}";

static void every_kind_is_read(void **state)
{
	struct tree t = good(everything);

	assert_true(t.flag);
	assert_string_equal(t.text, "x");
	assert_true(t.i64 == INT64_MIN && t.u64 == 100);
	assert_int_equal(t.colour, 2);
	assert_int_equal(t.number, -5);
	assert_true(t.u32 == UINT32_MAX);
	assert_true(t.opt_bool.set && !t.opt_bool.v);
	assert_true(t.opt_u16.set && t.opt_u16.v == 65535);
	assert_true(t.opt_i32.set && t.opt_u32.set && t.opt_i64.set);
	assert_true(t.opt_u64.v == UINT64_MAX);
	assert_int_equal(t.strs.n, 2);
	assert_string_equal(t.strs.v[1], "b");
	assert_null(t.strs.v[2]);
	assert_true(t.u32s.n == 2 && t.u32s.v[1] == 2);
	assert_true(t.pairs.n == 2);
	assert_string_equal(t.pairs.v[0].value, "v");
	assert_non_null(t.object);
	assert_true(t.inside.on && t.inside.limit.v == -1);
	assert_true(t.list.n == 2 && t.list.v[1].limit.v == 5);
	assert_true(t.map.n == 2 && t.map.v[0].value.v == 3);
	assert_string_equal(t.map.v[0].key, "a.b");
	assert_true(t.colours.n == 2 && t.colours.v[0] == 1);
	assert_true(t.has_marked && t.marked.n == 0);
}

static void what_was_read_is_written_back(void **state)
{
	struct tree t = good(everything);

	assert_string_equal(written(&tree_table, &t), json(everything));
}

static void nothing_is_written_for_what_is_absent(void **state)
{
	struct tree t = good("{}");

	assert_string_equal(written(&tree_table, &t), "{}");
}

static void absent_and_zero_are_told_apart(void **state)
{
	struct tree t = good("{'optU64':0}");

	assert_true(t.opt_u64.set && t.opt_u64.v == 0);
	assert_false(t.opt_i64.set);
	assert_null(t.object);
	assert_null(t.text);
}

static void an_empty_list_is_told_from_an_absent_one(void **state)
{
	assert_non_null(good("{'strs':[]}").strs.v);
	assert_null(good("{'strs':[]}").strs.v[0]);
	assert_non_null(good("{'list':[]}").list.v);
	assert_null(good("{}").strs.v);
}

static void null_is_the_same_as_absent(void **state)
{
	struct tree
		t = good(
			"{'flag':null,'text':null,'u64':null,'colour':null,'optBool':null,'strs':null,"
			"'object':null,'inside':null,'list':null,'map':null,'marked':null}"),
		zero = {0};

	assert_memory_equal(&t, &zero, sizeof(t));
}

static void strings_stay_in_the_text_unless_they_have_escapes(void **state)
{
	char *text = json("{'text':'plain','strs':['a\\u0062','c'],'pairs':{'k':'v'}}");
	const char *end = text + strlen(text);
	struct tree t = {0};
	struct error e;

	assert_int_equal(table_read(&tree_table, &t, arena_main(), text, strlen(text), &e), 0);
	assert_ptr_equal(t.text, strstr(text, "plain"));
	assert_string_equal(t.text, "plain");
	assert_string_equal(t.strs.v[0], "ab");
	assert_false(t.strs.v[0] >= text && t.strs.v[0] < end);
	assert_string_equal(t.strs.v[1], "c");
	assert_true(t.pairs.v[0].key > text && t.pairs.v[0].key < end);
	assert_string_equal(t.pairs.v[0].key, "k");
	assert_string_equal(t.pairs.v[0].value, "v");
}

static void long_lists_grow(void **state)
{
	struct buf b = buf_new(arena_main());
	struct tree t = {0};
	struct error e;

	buf_puts(&b, "{\"strs\":[");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%s\"s%d\"", i ? "," : "", i);
	buf_puts(&b, "]}");
	assert_int_equal(table_read(&tree_table, &t, arena_main(), b.s, b.len, &e), 0);
	assert_int_equal(t.strs.n, 1000);
	assert_string_equal(t.strs.v[999], "s999");
	assert_null(t.strs.v[1000]);
}

static void unknown_keys_are_passed_over_but_must_be_json(void **state)
{
	assert_true(good("{'unknown':{'deep':[1,{'a':1e400}]},'flag':true}").flag);
	assert_true(good("{'ignored':[1,2],'flag':true}").flag);
	assert_refused("{'unknown':[1,}", "unknown",
		       "line 1, column 15: found '}' where a value is expected");
}

static void a_key_that_appears_twice_is_refused(void **state)
{
	assert_refused("{'flag':true,'flag':true}", "",
		       "line 1, column 21: \"flag\" appears twice");
	assert_refused("{'flag':null,'flag':true}", "",
		       "line 1, column 21: \"flag\" appears twice");
	assert_refused("{'x':1,'y':2,'x':3}", "", "line 1, column 18: \"x\" appears twice");
	assert_refused("{'pairs':{'a':'1','a':'1'}}", "pairs",
		       "line 1, column 23: \"a\" appears twice");
	assert_refused("{'map':{'a':{},'a':{}}}", "map", "line 1, column 20: \"a\" appears twice");
	assert_refused("{'ignored':{'a':{},'a':{}}}", "ignored",
		       "line 1, column 24: \"a\" appears twice");
}

static void a_wrong_type_is_refused_with_its_path(void **state)
{
	assert_refused("{'text':1}", "text", "text: expected a string, found a number");
	assert_refused("{'flag':'true'}", "flag", "flag: expected true or false, found a string");
	assert_refused("{'strs':['a',null]}", "strs[1]", "strs[1]: expected a string, found null");
	assert_refused("{'pairs':{'a.b':{}}}", "pairs.a.b",
		       "pairs.a.b: expected a string, found an object");
	assert_refused("{'object':{'limit':'x'}}", "object.limit",
		       "object.limit: expected a number, found a string");
	assert_refused("{'list':[{},{'on':0}]}", "list[1].on",
		       "list[1].on: expected true or false, found a number");
	assert_refused("{'map':{'k':{'value':1.5}}}", "map.k.value",
		       "map.k.value: expected a whole number, found 1.5");
	assert_refused("{'object':[]}", "object", "object: expected an object, found an array");
	assert_refused("{'list':{}}", "list", "list: expected an array, found an object");
}

static void every_kind_refuses_every_other_type(void **state)
{
	static const char *const values[] = {"true",	 "'x'",	 "[[]]",
					     "{'k':[]}", "-1.5", "99999999999999999999999"};

	for (size_t i = 0; i + 1 < ARRAY_SIZE(tree_fields); i++) {
		int read = 0;

		for (size_t v = 0; v < ARRAY_SIZE(values); v++) {
			struct tree t;
			struct error e;

			read += read_tree(&t,
					  arena_printf(arena_main(), "{'%s':%s}",
						       tree_fields[i].key, values[v]),
					  &e) == 0;
		}
		if (read > 1) /* its own type; an object takes unknown keys */
			fail_msg("%s takes %d types", tree_fields[i].key, read);
	}
}

static void numbers_out_of_range_are_refused_with_the_limit(void **state)
{
	assert_refused("{'u64':0}", "u64", "u64: 0 is too small: at least 1");
	assert_refused("{'u64':101}", "u64", "u64: 101 is too large: at most 100");
	assert_refused("{'u64':-1}", "u64", "u64: -1 is out of range");
	assert_refused("{'number':6}", "number", "number: 6 is too large: at most 5");
	assert_refused("{'number':-6}", "number", "number: -6 is too small: at least -5");
	assert_refused("{'u32':4294967296}", "u32",
		       "u32: 4294967296 is too large: at most 4294967295");
	assert_refused("{'optU16':65536}", "optU16", "optU16: 65536 is too large: at most 65535");
	assert_refused("{'u32s':[1,4294967296]}", "u32s[1]",
		       "u32s[1]: 4294967296 is too large: at most 4294967295");
	assert_refused("{'object':{'limit':-2}}", "object.limit",
		       "object.limit: -2 is too small: at least -1");
	assert_refused("{'onlyZero':1}", "onlyZero", "onlyZero: 1 is too large: at most 0");
	assert_refused("{'i64':9223372036854775808}", "i64",
		       "i64: 9223372036854775808 is out of range");
}

static void an_unknown_name_is_refused_with_the_known_ones(void **state)
{
	assert_refused("{'colour':'blue'}", "colour", "colour: 'blue' is not one of: red, green");
	assert_refused("{'colours':['red','Red']}", "colours[1]",
		       "colours[1]: 'Red' is not one of: red, green");
}

static void what_is_required_must_be_there_and_not_empty(void **state)
{
	static const struct {
		const char *text, *at, *message;
	} cases[] = {
		{"{}", "name", "name: is missing"},
		{"{'name':null,'args':['x'],'n':1,'leaf':{}}", "name", "name: is missing"},
		{"{'name':'','args':['x'],'n':1,'leaf':{}}", "name", "name: is empty"},
		{"{'name':'x','args':[],'n':1,'leaf':{}}", "args", "args: is empty"},
		{"{'name':'x','args':['x'],'leaf':{}}", "n", "n: is missing"},
		{"{'name':'x','args':['x'],'n':0}", "leaf", "leaf: is missing"},
	};
	char *full = json("{'name':'x','args':['x'],'n':0,'leaf':{}}");
	struct strict s = {0};
	struct error e;

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		char *text = json(cases[i].text);

		s = (struct strict){0};
		assert_int_equal(
			table_read(&strict_table, &s, arena_main(), text, strlen(text), &e), -1);
		assert_string_equal(e.at, cases[i].at);
		assert_string_equal(e.text, cases[i].message);
	}
	s = (struct strict){0};
	assert_int_equal(table_read(&strict_table, &s, arena_main(), full, strlen(full), &e), 0);
}

static void a_document_must_be_an_object_and_end(void **state)
{
	assert_refused("[]", "", "expected an object, found an array");
	assert_refused("{} {}", "",
		       "line 1, column 4: found '{' where the end of the document is expected");
}

struct zeros {
	const char *text;
	bool flag;
	struct strs list;
	struct opt_u32 n;
	int64_t number;
};
static const struct field zeros_fields[] = {
	FIELD(struct zeros, text, "text", .write_zero = true),
	FIELD(struct zeros, flag, "flag", .write_zero = true),
	FIELD(struct zeros, list, "list", .write_zero = true),
	FIELD(struct zeros, n, "n", .write_zero = true),
	FIELD(struct zeros, number, "number", .write_zero = true),
};
static const struct table zeros_table = TABLE(struct zeros, zeros_fields);

static void what_is_zero_can_be_written_all_the_same(void **state)
{
	struct zeros z = {0};

	assert_string_equal(written(&zeros_table, &z),
			    json("{'text':null,'flag':false,'list':null,'n':null,'number':0}"));
	z.list.v = ARENA_ARRAY(arena_main(), 1, const char *);
	z.text = "";
	assert_string_equal(written(&zeros_table, &z),
			    json("{'text':'','flag':false,'list':[],'n':null,'number':0}"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_kind_is_read),
		cmocka_unit_test(what_was_read_is_written_back),
		cmocka_unit_test(nothing_is_written_for_what_is_absent),
		cmocka_unit_test(absent_and_zero_are_told_apart),
		cmocka_unit_test(an_empty_list_is_told_from_an_absent_one),
		cmocka_unit_test(null_is_the_same_as_absent),
		cmocka_unit_test(strings_stay_in_the_text_unless_they_have_escapes),
		cmocka_unit_test(long_lists_grow),
		cmocka_unit_test(unknown_keys_are_passed_over_but_must_be_json),
		cmocka_unit_test(a_key_that_appears_twice_is_refused),
		cmocka_unit_test(a_wrong_type_is_refused_with_its_path),
		cmocka_unit_test(every_kind_refuses_every_other_type),
		cmocka_unit_test(numbers_out_of_range_are_refused_with_the_limit),
		cmocka_unit_test(an_unknown_name_is_refused_with_the_known_ones),
		cmocka_unit_test(what_is_required_must_be_there_and_not_empty),
		cmocka_unit_test(a_document_must_be_an_object_and_end),
		cmocka_unit_test(what_is_zero_can_be_written_all_the_same),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
