/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <stdlib.h>
#include <string.h>

#include "cmd/output.h"
#include "cmd/ps_table.h"

static const char *table_of(const char *const *cells, size_t n, size_t columns)
{
	struct columns c = columns_new(arena_main(), columns);
	struct buf out = buf_new(arena_main());

	for (size_t i = 0; i < n; i++)
		columns_add(&c, cells[i]);
	columns_write(&c, &out);
	return out.s;
}

static void columns_are_twelve_wide_or_three_more_than_their_widest_cell(void **state)
{
	static const char *const cells[] = {
		"ID",	   "STATUS",
		"CREATED", "PID",
		"BUNDLE",  "test-id",
		"created", "2022-05-30T22:00:00Z",
		"137261",  "/tmp/alpine-bundle",
	};

	assert_string_equal(
		table_of(cells, 10, 5),
		"ID          STATUS      CREATED                PID         BUNDLE\n"
		"test-id     created     2022-05-30T22:00:00Z   137261      /tmp/alpine-bundle\n");
}

static void a_table_grows_to_any_length(void **state)
{
	const char *cells[600];
	const char *text;

	for (size_t i = 0; i < 600; i++)
		cells[i] = i % 2 ? "b" : "a-very-long-name";
	text = table_of(cells, 600, 2);
	assert_int_equal(strlen(text), 300 * (16 + 3 + 2));
}

static const char *filter(const char *table, struct error *e)
{
	int listed[] = {7, 42};
	struct pid_list pids = {listed, 2};
	struct buf out = buf_new(arena_main());

	return ps_filter(table, &pids, &out, e) == 0 ? out.s : NULL;
}

static void only_lines_of_the_containers_processes_are_kept(void **state)
{
	struct error e;

	assert_string_equal(filter("UID        PID  PPID CMD\n"
				   "root         7     1 sh\n"
				   "root        42     7 sleep 7\n"
				   "root       142    42 other\n"
				   "root         1     7 init 42\n",
				   &e),
			    "UID        PID  PPID CMD\n"
			    "root         7     1 sh\n"
			    "root        42     7 sleep 7\n");
}

static void the_pid_is_found_in_whichever_column_it_is(void **state)
{
	struct error e;

	assert_string_equal(filter("  PID CMD\n    7 a\n    8 b", &e), "  PID CMD\n    7 a\n");
	assert_string_equal(filter("CMD   PID\na       42", &e), "CMD   PID\na       42");
	assert_null(filter("CMD PPID\na 7\n", &e));
	assert_null(filter("", &e));
}

static void what_ps_prints_is_read(void **state)
{
	static const char *const argv[] = {"ps", "-o", "pid", "-p", "1", NULL};
	static const char *const wrong[] = {"ps", "--no-such-option", NULL};
	static const char *const missing[] = {"no-such-program-here", NULL};
	struct buf out = buf_new(arena_main());
	struct error e;

	if (system("ps >/dev/null 2>&1") != 0)
		skip();
	assert_int_equal(ps_run(argv, &out, &e), 0);
	assert_non_null(strstr(out.s, "PID"));
	assert_int_equal(ps_run(wrong, &out, &e), -1);
	assert_int_equal(ps_run(missing, &out, &e), -1);
	assert_string_equal(e.text, "cannot run ps(1)");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_twelve_wide_or_three_more_than_their_widest_cell),
		cmocka_unit_test(a_table_grows_to_any_length),
		cmocka_unit_test(only_lines_of_the_containers_processes_are_kept),
		cmocka_unit_test(the_pid_is_found_in_whichever_column_it_is),
		cmocka_unit_test(what_ps_prints_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
