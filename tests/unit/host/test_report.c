/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#include "base/list.h"
#include "host/report.h"

static const char *report(const struct error *e, const char *config)
{
	struct buf out = buf_new(arena_main());

	report_error(&out, e, config);
	return out.s;
}

static void the_first_line_says_what_was_done_and_what_the_kernel_said(void **state)
{
	struct error e;

	fail(&e, EIO, "cannot write the state of \"web1\"");
	assert_memory_equal(report(&e, NULL), "cannot write the state of \"web1\": ", 34);
	fail(&e, 0, "container not running");
	assert_string_equal(report(&e, NULL), "container not running");
}

static void a_config_error_names_line_and_column(void **state)
{
	char path[64], expected[256];
	struct error e;
	FILE *f;

	scratch_name(path);
	f = fdopen(mkstemp(path), "w");

	fputs("{\n  \"mounts\": [\n    {\"destination\": \"/proc\"},\n    {\"destination\": 7}\n  ]\n}\n",
	      f);
	fclose(f);
	fail_at(&e, "mounts[1].destination", 0, "expected a string");
	snprintf(expected, sizeof(expected),
		 "expected a string\n  config: %s:4:21, mounts[1].destination", path);
	assert_string_equal(report(&e, path), expected);
	unlink(path);

	/* gone meanwhile: then without the place */
	assert_string_equal(report(&e, path), "expected a string\n  config: mounts[1].destination");
}

static void a_hint_follows_when_there_is_one(void **state)
{
	struct error e;

	fail(&e, EPERM, "cannot mount \"sysfs\" on \"/sys\"");
	assert_non_null(strstr(report(&e, NULL), "\n  hint:   sysfs needs a network namespace"));
	fail(&e, EINVAL, "cannot mount \"sysfs\" on \"/sys\"");
	assert_null(hint_for(&e));
	/* what a hook has said, not execve(2) of the program */
	fail_at(&e, "hooks.prestart[0]", 0,
		"ended with exit status 1: open /x: no such file or directory");
	assert_null(hint_for(&e));
	fail_at(&e, "process.args", 0, "exec: \"/x\": no such file or directory");
	assert_non_null(strstr(hint_for(&e), "interpreter"));
}

/* Engines look for these in the whole message and derive exit codes 126 and 127 from them. */
static void no_hint_holds_a_phrase_that_engines_act_on(void **state)
{
	static const char *const phrases[] = {
		"no such file or directory",
		"permission denied",
		"operation not permitted",
		"is a directory",
		"not a directory",
		"no such process",
		"does not exist",
	};
	static const char *const texts[] = {
		"state root",
		"belongs to uid",
		"already exists",
		"cannot allocate tty",
		"cannot use console socket",
		"executable file not found",
		"no such file",
		"exec format",
		"newuidmap",
		"sysfs",
		"\"proc\"",
		"container's init",
		"memory limit too low",
		"cannot connect to console socket",
		"x",
	};
	static const int codes[] = {0, EACCES, EROFS, EPERM, ENOSPC, EAGAIN, EMFILE, ENOENT};
	static const char *const ats[] = {"",
					  "linux.namespaces[0].path",
					  "root.path",
					  "linux.resources",
					  "linux.cgroupsPath",
					  "process.args"};

	for (size_t t = 0; t < ARRAY_SIZE(texts); t++)
		for (size_t c = 0; c < ARRAY_SIZE(codes); c++)
			for (size_t a = 0; a < ARRAY_SIZE(ats); a++) {
				struct error e;
				const char *hint;

				fail_at(&e, ats[a], codes[c], "%s", texts[t]);
				hint = hint_for(&e);
				for (size_t i = 0; hint && i < ARRAY_SIZE(phrases); i++)
					assert_null(strcasestr(hint, phrases[i]));
			}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_line_says_what_was_done_and_what_the_kernel_said),
		cmocka_unit_test(a_config_error_names_line_and_column),
		cmocka_unit_test(a_hint_follows_when_there_is_one),
		cmocka_unit_test(no_hint_holds_a_phrase_that_engines_act_on),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
