/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>

#include "base/list.h"
#include "cmd/quantity.h"

static void sizes_have_units_of_1024_and_any_case(void **state)
{
	static const struct {
		const char *text;
		int64_t bytes;
	} good[] = {
		{"0", 0},
		{"1048576", 1048576},
		{"-1", -1},
		{"32k", 32768},
		{"32K", 32768},
		{"32kb", 32768},
		{"32KiB", 32768},
		{"32 MB", 33554432},
		{"1.5g", 1610612736},
		{"0.5k", 512},
		{"2t", 2199023255552},
		{"1P", 1125899906842624},
		{"7b", 7},
		{"9223372036854775807", INT64_MAX},
	};
	int64_t n;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(quantity_bytes(good[i].text, &n), 0);
		assert_int_equal(n, good[i].bytes);
	}
}

static void what_is_no_size_is_refused(void **state)
{
	static const char *const bad[] = {"",	      "m",
					  "-2",	      "+1",
					  " 1",	      "1x",
					  "1kk",      "1.",
					  ".5",	      "1e3",
					  "0x10",     "1kbb",
					  "1m ",      "1ki2",
					  "max",      "9223372036854775808",
					  "9000000p", "99999999999999999999"};
	int64_t n = 42;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (quantity_bytes(bad[i], &n) == 0)
			fail_msg("\"%s\" was taken for %lld", bad[i], (long long)n);
		assert_true(errno == EINVAL || errno == ERANGE);
	}
	assert_int_equal(n, 42);
}

static void durations_are_written_as_in_go(void **state)
{
	static const struct {
		const char *text;
		int64_t ms;
	} good[] = {
		{"5s", 5000}, {"100ms", 100}, {"1m30s", 90000}, {"1.5s", 1500}, {"2h", 7200000},
		{"5", 5000},  {"1us", 1},     {"1500us", 1},	{"0.5", 500},	{"1s500ms", 1500},
	};
	int64_t n;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++) {
		assert_int_equal(quantity_duration(good[i].text, &n), 0);
		assert_int_equal(n, good[i].ms);
	}
}

static void what_is_no_duration_above_zero_is_refused(void **state)
{
	static const char *const bad[] = {"",
					  "0",
					  "0s",
					  "-5s",
					  "s",
					  "5 s",
					  "5x",
					  "5ss",
					  "1s5",
					  "5S",
					  "1.s",
					  "99999999999h",
					  "9223372036854775807s"};
	int64_t n = 42;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		if (quantity_duration(bad[i], &n) == 0)
			fail_msg("\"%s\" was taken for %lld ms", bad[i], (long long)n);
	assert_int_equal(n, 42);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(sizes_have_units_of_1024_and_any_case),
		cmocka_unit_test(what_is_no_size_is_refused),
		cmocka_unit_test(durations_are_written_as_in_go),
		cmocka_unit_test(what_is_no_duration_above_zero_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
