/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/list.h"
#include "spec/cpulist.h"

static struct cpulist parsed(const char *text)
{
	struct cpulist list;
	struct error e;

	if (cpulist_parse(&list, text, &e) < 0)
		fail_msg("%s", e.text);
	return list;
}

static void numbers_and_ranges_become_bits(void **state)
{
	assert_int_equal(parsed("0").mask[0], 1);
	assert_int_equal(parsed("0-3,7").mask[0], 0x8f);
	assert_int_equal(parsed("31,32").mask[0], 0x80000000);
	assert_int_equal(parsed("31,32").mask[1], 1);
	assert_int_equal(parsed(" 1 - 2 , 4 ").mask[0], 0x16);
	assert_int_equal(parsed("3-3").mask[0], 8);
}

static void words_are_counted_to_the_last_bit(void **state)
{
	assert_int_equal(parsed("").words, 0);
	assert_int_equal(parsed("  ").words, 0);
	assert_int_equal(parsed("31").words, 1);
	assert_int_equal(parsed("64,0").words, 3);
	assert_int_equal(parsed("8191").words, CPULIST_MAX / 32);
}

static void what_is_no_list_is_refused(void **state)
{
	static const char *const bad[] = {"a",	  "-1",	   "1-",  "1,",	  ",1",
					  "1,,2", "3-1",   "1 2", "8192", "99999999999999999999",
					  "0x1",  "1-2-3", "all", "1;2",  "+1"};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct cpulist list = {.words = 77};
		struct error e;

		if (cpulist_parse(&list, bad[i], &e) == 0)
			fail_msg("\"%s\" was accepted", bad[i]);
		assert_int_equal(list.words, 77);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_and_ranges_become_bits),
		cmocka_unit_test(words_are_counted_to_the_last_bit),
		cmocka_unit_test(what_is_no_list_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
