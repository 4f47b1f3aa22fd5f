/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include "cgroup/undo.h"

static const char *now(const char *file)
{
	static char text[100];

	assert_true(knob_read(dir, file, text, sizeof(text)) >= 0);
	return text;
}

/* As an update does it. */
static void change(struct undo *u, const char *file, const char *value)
{
	const char *before = undo_value(u, dir, file, value);

	assert_int_equal(knob_write(dir, file, value), 0);
	undo_add(u, dir, file, before);
}

static void the_oldest_value_is_the_one_that_comes_back(void **state)
{
	struct undo u = {.arena = &memory};
	struct buf left = buf_new(&memory);

	put("cpu.shares", "100\n");
	put("pids.max", "max\n");
	change(&u, "cpu.shares", "200");
	change(&u, "pids.max", "123");
	change(&u, "cpu.shares", "300");
	undo_all(&u, &left);
	assert_string_equal(now("cpu.shares"), "100");
	assert_string_equal(now("pids.max"), "max");
	assert_int_equal(left.len, 0);
}

static void an_empty_value_is_put_back_as_an_empty_line(void **state)
{
	struct undo u = {.arena = &memory};

	put("cpuset.cpus", "\n");
	assert_string_equal(undo_value(&u, dir, "cpuset.cpus", "0"), "\n");
}

static void what_takes_more_than_one_write_is_named_once(void **state)
{
	struct undo u = {.arena = &memory};
	struct buf left = buf_new(&memory);

	put("memory.oom_control", "oom_kill_disable 0\nunder_oom 0\n");
	put("io.max", "8:0 rbps=1\n");
	put("pids.max", "111\n");
	change(&u, "io.max", "8:16 rbps=5");
	change(&u, "io.max", "8:32 rbps=5");
	change(&u, "memory.oom_control", "1");
	change(&u, "pids.max", "222");
	undo_all(&u, &left);
	assert_string_equal(left.s, "memory.oom_control, io.max");
	assert_string_equal(now("pids.max"), "111");
}

static void a_file_that_cannot_be_written_any_more_is_named(void **state)
{
	struct undo u = {.arena = &memory};
	struct buf left = buf_new(&memory);

	put("pids.max", "111\n");
	change(&u, "pids.max", "222");
	assert_int_equal(unlinkat(dir, "pids.max", 0), 0);
	undo_all(&u, &left);
	assert_string_equal(left.s, "pids.max");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(the_oldest_value_is_the_one_that_comes_back, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(an_empty_value_is_put_back_as_an_empty_line, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_takes_more_than_one_write_is_named_once,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_file_that_cannot_be_written_any_more_is_named,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
