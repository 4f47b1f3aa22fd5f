/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <ctype.h>
#include <errno.h>
#include <string.h>

#include "base/error.h"

static void a_failure_replaces_whatever_was_there(void **state)
{
	struct error e;

	memset(&e, 'x', sizeof(e));
	assert_int_equal(fail(&e, EPERM, "cannot open \"%s\"", "/x"), -1);
	assert_int_equal(e.code, EPERM);
	assert_string_equal(e.at, "");
	assert_string_equal(e.text, "cannot open \"/x\"");
}

static void a_failure_names_the_part_of_the_config(void **state)
{
	struct error e;

	assert_int_equal(fail_at(&e, "mounts[3]", 0, "no"), -1);
	assert_string_equal(e.at, "mounts[3]");
	fail_at(&e, NULL, 0, "no");
	assert_string_equal(e.at, "");
}

static void a_failure_may_be_built_from_the_one_before(void **state)
{
	struct error e;

	fail_at(&e, "root.path", ENOENT, "old");
	fail_at(&e, e.at, EIO, "new");
	assert_string_equal(e.at, "root.path");
	assert_string_equal(e.text, "new");
}

static void a_text_that_is_cut_says_so(void **state)
{
	char huge[2 * ERROR_TEXT_MAX];
	struct error e;

	memset(huge, 'x', sizeof(huge));
	huge[sizeof(huge) - 1] = '\0';
	fail_at(&e, huge, 0, "%s", huge);
	assert_int_equal(strlen(e.text), ERROR_TEXT_MAX - 1);
	assert_string_equal(e.text + ERROR_TEXT_MAX - 4, "...");
	assert_string_equal(e.at + ERROR_AT_MAX - 4, "...");
	error_context(&e, "%s", huge);
	assert_string_equal(e.text + ERROR_TEXT_MAX - 4, "...");
}

static void a_text_that_just_fits_is_whole(void **state)
{
	char text[ERROR_TEXT_MAX];
	struct error e;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	fail(&e, 0, "%s", text);
	assert_string_equal(e.text, text);
}

static void context_comes_before_the_text(void **state)
{
	struct error e;

	fail_at(&e, "a", EIO, "low");
	assert_int_equal(error_context(&e, "high %d", 7), -1);
	assert_string_equal(e.text, "high 7: low");
	assert_string_equal(e.at, "a");
	assert_int_equal(e.code, EIO);
}

static void a_path_grows_from_the_inside(void **state)
{
	struct error e;

	fail(&e, 0, "bad");
	error_at_prefix(&e, "uid");
	error_at_prefix(&e, "[3]");
	error_at_prefix(&e, "mounts");
	assert_string_equal(e.at, "mounts[3].uid");
}

/* Phrases by which engines tell that the container's program is missing or not executable. */
static const char *const claimed[] = {
	"no such file or directory", "permission denied",
	"operation not permitted",   "is a directory",
	"not a directory",	     "no such process",
	"executable file not found", "does not exist",
	"container not running",
};

static void no_errno_is_told_in_words_that_engines_search_for(void **state)
{
	for (int code = 1; code < 200; code++) {
		char words[200];

		strncpy(words, errno_words(code), sizeof(words) - 1);
		words[sizeof(words) - 1] = '\0';
		for (char *p = words; *p; p++)
			*p = (char)tolower(*p);
		for (size_t i = 0; i < sizeof(claimed) / sizeof(claimed[0]); i++)
			if (strstr(words, claimed[i]))
				fail_msg("errno %d: %s", code, words);
	}
}

static void words_name_the_symbol(void **state)
{
	assert_string_equal(errno_words(EPERM), "not allowed (EPERM)");
	assert_string_equal(errno_words(ENOENT), "it is missing (ENOENT)");
	assert_string_equal(errno_words(9999), "error 9999");
}

static void a_failing_execve_is_told_in_the_classic_words(void **state)
{
	assert_string_equal(execve_words(ENOENT), "no such file or directory");
	assert_string_equal(execve_words(EACCES), "permission denied");
	assert_string_equal(execve_words(ENOEXEC), "exec format error");
	assert_string_equal(execve_words(ENOTSOCK), errno_words(ENOTSOCK));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_failure_replaces_whatever_was_there),
		cmocka_unit_test(a_failure_names_the_part_of_the_config),
		cmocka_unit_test(a_failure_may_be_built_from_the_one_before),
		cmocka_unit_test(a_text_that_is_cut_says_so),
		cmocka_unit_test(a_text_that_just_fits_is_whole),
		cmocka_unit_test(context_comes_before_the_text),
		cmocka_unit_test(a_path_grows_from_the_inside),
		cmocka_unit_test(no_errno_is_told_in_words_that_engines_search_for),
		cmocka_unit_test(words_name_the_symbol),
		cmocka_unit_test(a_failing_execve_is_told_in_the_classic_words),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
