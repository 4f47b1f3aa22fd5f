/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <signal.h>

#include "base/list.h"
#include "spec/names.h"

static void a_signal_has_a_name_in_any_case_with_or_without_sig(void **state)
{
	assert_int_equal(signal_number("KILL"), SIGKILL);
	assert_int_equal(signal_number("SIGKILL"), SIGKILL);
	assert_int_equal(signal_number("kill"), SIGKILL);
	assert_int_equal(signal_number("SigTerm"), SIGTERM);
	assert_int_equal(signal_number("POLL"), SIGIO);
	assert_int_equal(signal_number("CLD"), SIGCHLD);
	assert_int_equal(signal_number("IOT"), SIGABRT);
}

static void a_signal_may_be_a_number(void **state)
{
	assert_int_equal(signal_number("9"), 9);
	assert_int_equal(signal_number("0"), 0);
	assert_int_equal(signal_number("64"), 64);
	assert_int_equal(signal_number("65"), -1);
	assert_int_equal(signal_number("-1"), -1);
	assert_int_equal(signal_number("+9"), -1);
	assert_int_equal(signal_number("0x9"), -1);
}

static void realtime_signals_count_from_either_end(void **state)
{
	assert_int_equal(signal_number("RTMIN"), 34);
	assert_int_equal(signal_number("SIGRTMIN+3"), 37);
	assert_int_equal(signal_number("rtmin+30"), 64);
	assert_int_equal(signal_number("RTMAX"), 64);
	assert_int_equal(signal_number("RTMAX-2"), 62);
	assert_int_equal(signal_number("RTMIN+31"), -1);
	assert_int_equal(signal_number("RTMAX-31"), -1);
	assert_int_equal(signal_number("RTMIN-1"), -1);
	assert_int_equal(signal_number("RTMAX+1"), -1);
	assert_int_equal(signal_number("RTMIN+"), -1);
	assert_int_equal(signal_number("RTMIN3"), -1);
}

static void what_is_no_signal_is_minus_one(void **state)
{
	static const char *const bad[] = {"",	   "SIG",   "SIGSIGKILL", "KILLS",
					  " KILL", "KILL ", "9 ",	  "RT"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_int_equal(signal_number(bad[i]), -1);
}

static void every_name_in_the_table_is_found(void **state)
{
	for (const struct name *n = signal_names; n->name; n++)
		assert_int_equal(signal_number(n->name), n->value);
	for (int number = 1; number <= 31; number++)
		assert_non_null(name_of(signal_names, number));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_signal_has_a_name_in_any_case_with_or_without_sig),
		cmocka_unit_test(a_signal_may_be_a_number),
		cmocka_unit_test(realtime_signals_count_from_either_end),
		cmocka_unit_test(what_is_no_signal_is_minus_one),
		cmocka_unit_test(every_name_in_the_table_is_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
