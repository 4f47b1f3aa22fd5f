/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/option.h"

struct own {
	const char *bundle;
	bool force;
	uint32_t fds;
	int format;
	struct strs env;
	struct opt_u16 weight;
	struct opt_u64 shares;
	struct opt_i64 limit, memory;
};
struct outer {
	const char *root;
	bool force, debug;
};

static const struct name formats[] = {{"table", 1}, {"json", 2}, {NULL}};

static const struct option own_rows[] = {
	OPTION(struct own, bundle, "bundle", .letter = 'b', .argument = "DIR"),
	OPTION(struct own, force, "force", .letter = 'f'),
	OPTION(struct own, fds, "preserve-fds", .argument = "N"),
	OPTION(struct own, format, "format", .argument = "FORMAT", .names = formats),
	OPTION(struct own, env, "env", .letter = 'e', .argument = "NAME=VALUE"),
	OPTION(struct own, weight, "weight", .argument = "N"),
	OPTION(struct own, shares, "shares", .argument = "N"),
	OPTION(struct own, limit, "limit", .argument = "N", .min = -1),
	OPTION(struct own, memory, "memory", .argument = "BYTES", .bytes = true),
	OPTION(struct own, shares, "old-shares", .argument = "N", .hidden = true),
};
static const struct options own_options = OPTIONS(struct own, own_rows);

static const struct option outer_rows[] = {
	OPTION(struct outer, root, "root", .argument = "DIR"),
	OPTION(struct outer, force, "force", .letter = 'f'),
	OPTION(struct outer, debug, "debug", .letter = 'd'),
};
static const struct options outer_options = OPTIONS(struct outer, outer_rows);

/* What a line of words, separated by blanks, came to. */
static struct own own;
static struct outer outer;
static char arguments[200];
static struct error error;

static int parse_with(bool stop, const char *line)
{
	static char copy[300];
	static char *argv[40];
	struct option_parser p = {
		.arena = arena_main(), .scope_count = 2, .stop_at_argument = stop, .argv = argv};
	const char *argument;
	size_t n = 0;

	own = (struct own){0};
	outer = (struct outer){0};
	p.scopes[0] = (struct option_scope){&own_options, &own};
	p.scopes[1] = (struct option_scope){&outer_options, &outer};
	arguments[0] = '\0';
	strcpy(copy, line);
	for (char *s = strtok(copy, " "); s; s = strtok(NULL, " "))
		argv[n++] = s;
	argv[n] = NULL;
	do {
		if (option_parse(&p, &argument, &error) < 0)
			return -1;
		if (argument)
			strcat(strcat(arguments, argument), ",");
	} while (argument);
	return 0;
}

static void good(const char *line, const char *expected)
{
	if (parse_with(false, line) < 0)
		fail_msg("%s: %s", line, error.text);
	assert_string_equal(arguments, expected);
}

static void bad(const char *line, const char *message)
{
	if (parse_with(false, line) == 0)
		fail_msg("%s was taken", line);
	assert_string_equal(error.text, message);
}

static void every_spelling_of_a_value_is_understood(void **state)
{
	static const char *const lines[] = {
		"--bundle /b id", "--bundle=/b id",
		"-bundle /b id",  "-bundle=/b id",
		"-b /b id",	  "-b/b id",
		"-b=/b id",	  "id --bundle /b",
		"id -b /b",	  "--bundle /a --bundle /b id",
		"-b /a id -b /b",
	};

	for (size_t i = 0; i < ARRAY_SIZE(lines); i++) {
		good(lines[i], "id,");
		assert_string_equal(own.bundle, "/b");
	}
}

static void a_value_may_look_like_an_option(void **state)
{
	good("--bundle --force id", "id,");
	assert_string_equal(own.bundle, "--force");
	assert_false(own.force);
	good("--bundle= id", "id,");
	assert_string_equal(own.bundle, "");
	good("--bundle=a=b", "");
	assert_string_equal(own.bundle, "a=b");
}

static void a_switch_is_on_or_what_it_says(void **state)
{
	good("--force", "");
	assert_true(own.force);
	good("-f", "");
	assert_true(own.force);
	good("--force=true --force=false", "");
	assert_false(own.force);
	good("-force=1", "");
	assert_true(own.force);
	good("--force false", "false,"); /* as Go's: a switch takes no word after it */
	assert_true(own.force);
	bad("--force=maybe", "--force is true or false, not \"maybe\"");
}

static void the_commands_option_comes_before_the_global_one(void **state)
{
	good("--force --debug --root /r", "");
	assert_true(own.force);
	assert_false(outer.force);
	assert_true(outer.debug);
	assert_string_equal(outer.root, "/r");
}

static void numbers_are_checked(void **state)
{
	good("--preserve-fds 4294967295", "");
	assert_true(own.fds == UINT32_MAX);
	bad("--preserve-fds=4294967296", "--preserve-fds takes a number, not \"4294967296\"");
	bad("--preserve-fds -1", "--preserve-fds takes a number, not \"-1\"");
	bad("--preserve-fds=", "--preserve-fds takes a number, not \"\"");
}

static void words_are_checked(void **state)
{
	good("--format json", "");
	assert_int_equal(own.format, 2);
	bad("--format xml", "--format is one of table, json, not \"xml\"");
}

static void a_missing_value_is_told_in_gos_words(void **state)
{
	bad("--bundle", "flag needs an argument: --bundle");
	bad("-b", "flag needs an argument: --bundle");
	bad("id -bundle", "flag needs an argument: --bundle");
}

static void an_unknown_option_is_refused_with_a_suggestion(void **state)
{
	bad("--bundel x", "unknown option --bundel: did you mean --bundle?");
	bad("--forced=1", "unknown option --forced: did you mean --force?");
	bad("--something-else", "unknown option --something-else");
	bad("-x", "unknown option -x");
	bad("-fx", "unknown option -fx");
	bad("--b x", "unknown option --b");
	bad("--=x", "unknown option --");
	bad("---force", "unknown option ---force: did you mean --force?");
}

static void two_dashes_end_the_options(void **state)
{
	good("a -- --force -- -b", "a,--force,--,-b,");
	assert_false(own.force);
}

static void one_dash_is_an_argument(void **state)
{
	good("- --force", "-,");
	assert_true(own.force);
}

static void options_may_end_at_the_first_argument(void **state)
{
	assert_int_equal(parse_with(true, "--force id --format xml -x --"), 0);
	assert_string_equal(arguments, "id,--format,xml,-x,--,");
	assert_true(own.force);
	assert_int_equal(own.format, 0);
}

static void a_list_has_what_is_given_each_time(void **state)
{
	good("-e A=1 --env=B=2 --env A=3 -eC", "");
	assert_int_equal(own.env.n, 4);
	assert_string_equal(own.env.v[0], "A=1");
	assert_string_equal(own.env.v[1], "B=2");
	assert_string_equal(own.env.v[2], "A=3");
	assert_string_equal(own.env.v[3], "C");
	assert_null(own.env.v[4]);
	bad("--env", "flag needs an argument: --env");
}

static void no_words_are_no_options(void **state)
{
	good("", "");
}

static void the_nearest_word_is_one_or_two_slips_away(void **state)
{
	static const char *const words[] = {"create", "start", "state", "kill", "ps", NULL};

	assert_string_equal(word_nearest(words, "craete"), "create");
	assert_string_equal(word_nearest(words, "cre"), "create");
	assert_string_equal(word_nearest(words, "stat"), "start");
	assert_string_equal(word_nearest(words, "kil"), "kill");
	assert_null(word_nearest(words, "x"));
	assert_null(word_nearest(words, "restore"));
	assert_null(word_nearest(words, ""));
	assert_null(word_nearest(words, "a-word-that-is-longer-than-any-command-could-ever-be"));
}

static void a_number_that_was_given_is_told_from_one_that_was_not(void **state)
{
	good("id", "id,");
	assert_false(own.weight.set || own.shares.set || own.limit.set || own.memory.set);
	good("--weight 0 --shares=18446744073709551615 --limit -1 --memory 1.5k", "");
	assert_true(own.weight.set && own.shares.set && own.limit.set && own.memory.set);
	assert_int_equal(own.weight.v, 0);
	assert_true(own.shares.v == UINT64_MAX);
	assert_int_equal(own.limit.v, -1);
	assert_int_equal(own.memory.v, 1536);
	bad("--weight 65536", "--weight takes a number, not \"65536\"");
	bad("--shares -1", "--shares takes a number, not \"-1\"");
	bad("--limit -2", "--limit takes a number, not \"-2\"");
	bad("--memory lots", "--memory takes bytes such as 512m, or -1, not \"lots\"");
}

static void a_member_is_set_when_something_was_stored_to_it(void **state)
{
	const struct option *o;

	good("--limit 0 --bundle=", "");
	for (size_t i = 0; (o = option_at(&own_options, i)); i++) {
		bool given = str_eq(o->name, "limit") || str_eq(o->name, "bundle");

		assert_int_equal(option_is_set(o, (const char *)&own + o->offset), given);
		assert_true(option_size(o) > 0 && o->offset + option_size(o) <= own_options.size);
	}
}

static void a_hidden_option_is_taken_but_not_suggested(void **state)
{
	good("--old-shares 7", "");
	assert_int_equal(own.shares.v, 7);
	bad("--old-share 7", "unknown option --old-share");
}

static void a_group_fills_the_struct_that_is_a_member(void **state)
{
	struct whole {
		bool first, last;
		struct own own;
	} whole = {0};
	static const struct option rows[] = {
		OPTION(struct whole, first, "first"),
		GROUP(struct whole, own, own_options),
		OPTION(struct whole, last, "last"),
	};
	static const struct options options = OPTIONS(struct whole, rows);
	char *argv[] = {(char *)"--last", (char *)"-b", (char *)"/b", (char *)"--limit=-1", NULL};
	struct option_parser p = {
		.arena = arena_main(),
		.scopes = {{&options, &whole}},
		.scope_count = 1,
		.argv = argv,
	};
	const char *argument;

	assert_int_equal(option_parse(&p, &argument, &error), 0);
	assert_null(argument);
	assert_true(whole.last && !whole.first);
	assert_string_equal(whole.own.bundle, "/b");
	assert_int_equal(whole.own.limit.v, -1);

	assert_string_equal(option_at(&options, 0)->name, "first");
	assert_string_equal(option_at(&options, 1)->name, "bundle");
	assert_string_equal(option_at(&options, own_options.n + 1u)->name, "last");
	assert_null(option_at(&options, own_options.n + 2u));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_spelling_of_a_value_is_understood),
		cmocka_unit_test(a_group_fills_the_struct_that_is_a_member),
		cmocka_unit_test(a_value_may_look_like_an_option),
		cmocka_unit_test(a_switch_is_on_or_what_it_says),
		cmocka_unit_test(the_commands_option_comes_before_the_global_one),
		cmocka_unit_test(numbers_are_checked),
		cmocka_unit_test(words_are_checked),
		cmocka_unit_test(a_number_that_was_given_is_told_from_one_that_was_not),
		cmocka_unit_test(a_member_is_set_when_something_was_stored_to_it),
		cmocka_unit_test(a_hidden_option_is_taken_but_not_suggested),
		cmocka_unit_test(a_missing_value_is_told_in_gos_words),
		cmocka_unit_test(an_unknown_option_is_refused_with_a_suggestion),
		cmocka_unit_test(two_dashes_end_the_options),
		cmocka_unit_test(one_dash_is_an_argument),
		cmocka_unit_test(options_may_end_at_the_first_argument),
		cmocka_unit_test(a_list_has_what_is_given_each_time),
		cmocka_unit_test(no_words_are_no_options),
		cmocka_unit_test(the_nearest_word_is_one_or_two_slips_away),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
