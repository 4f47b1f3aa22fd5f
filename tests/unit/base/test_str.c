/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/clock.h"
#include "base/list.h"
#include "base/sort.h"
#include "base/str.h"
#include "base/utf8.h"

static void a_number_is_digits_and_nothing_else(void **state)
{
	static const char *const refused[] = {
		"", " 1", "1 ", "+1", "-1", "0x1", "1.0", "1e3", "a", "1a", "\n1", "--1", "-", "²",
	};
	uint64_t v = 42;

	for (size_t i = 0; i < ARRAY_SIZE(refused); i++) {
		errno = 0;
		if (str_to_u64(refused[i], UINT64_MAX, &v) == 0)
			fail_msg("\"%s\" was taken for a number", refused[i]);
		assert_int_equal(errno, EINVAL);
	}
	assert_int_equal(v, 42);
}

static void numbers_keep_all_their_bits(void **state)
{
	uint64_t u;
	int64_t s;

	assert_int_equal(str_to_u64("18446744073709551615", UINT64_MAX, &u), 0);
	assert_true(u == UINT64_MAX);
	assert_int_equal(str_to_i64("-9223372036854775808", INT64_MIN, INT64_MAX, &s), 0);
	assert_true(s == INT64_MIN);
	assert_int_equal(str_to_i64("9223372036854775807", INT64_MIN, INT64_MAX, &s), 0);
	assert_true(s == INT64_MAX);
	assert_int_equal(str_to_u64("007", 7, &u), 0);
	assert_true(u == 7);
	assert_int_equal(str_to_i64("-0", -1, 1, &s), 0);
	assert_true(s == 0);
}

static void a_number_out_of_range_is_refused(void **state)
{
	uint64_t u = 42;
	int64_t s = 42;

	assert_int_equal(str_to_u64("18446744073709551616", UINT64_MAX, &u), -1);
	assert_int_equal(errno, ERANGE);
	assert_int_equal(str_to_u64("99999999999999999999999", UINT64_MAX, &u), -1);
	assert_int_equal(str_to_u64("8", 7, &u), -1);
	assert_int_equal(str_to_i64("9223372036854775808", INT64_MIN, INT64_MAX, &s), -1);
	assert_int_equal(str_to_i64("-9223372036854775809", INT64_MIN, INT64_MAX, &s), -1);
	assert_int_equal(str_to_i64("-2", -1, 1, &s), -1);
	assert_int_equal(str_to_i64("--2", -1, 1, &s), -1);
	assert_int_equal(u, 42);
	assert_int_equal(s, 42);
}

static void beginnings_and_ends_are_found(void **state)
{
	assert_true(str_starts("abc", "ab"));
	assert_true(str_starts("abc", ""));
	assert_false(str_starts("ab", "abc"));
	assert_true(str_ends("abc", "bc"));
	assert_true(str_ends("abc", ""));
	assert_false(str_ends("bc", "abc"));
}

static void bytes_are_the_same_when_none_of_them_differs(void **state)
{
	char a[40], b[40];

	for (size_t n = 0; n < sizeof(a); n++) {
		memset(a, 'x', sizeof(a));
		memcpy(b, a, sizeof(b));
		b[n] = 'y'; /* what comes after is not looked at */
		assert_true(str_same(a, b, n));
		for (size_t i = 0; i < n; i++) {
			b[i] ^= (char)0x80;
			assert_false(str_same(a, b, n));
			b[i] ^= (char)0x80;
		}
	}
}

static void a_text_that_does_not_fit_is_refused(void **state)
{
	char s[4];

	assert_int_equal(str_format(s, sizeof(s), "%d", 123), 0);
	assert_int_equal(str_format(s, sizeof(s), "%d", 1234), -1);
	assert_int_equal(errno, ENAMETOOLONG);
}

static void names_are_found_both_ways(void **state)
{
	static const struct name table[] = {{"one", 1}, {"two", 2}, {"zwei", 2}, {NULL}};

	assert_int_equal(name_find(table, "zwei")->value, 2);
	assert_null(name_find(table, "on"));
	assert_string_equal(name_of(table, 2), "two");
	assert_null(name_of(table, 3));
}

static const char *text_of(time_t seconds, long ns, unsigned int digits)
{
	static char text[CLOCK_TEXT_MAX];

	clock_format(text, &(struct timespec){seconds, ns}, digits);
	return text;
}

static void a_time_is_rfc_3339_in_utc(void **state)
{
	assert_string_equal(text_of(0, 0, 0), "1970-01-01T00:00:00Z");
	assert_string_equal(text_of(951782400, 0, 0), "2000-02-29T00:00:00Z");
	assert_string_equal(text_of(4107542399, 123456789, 9), "2100-02-28T23:59:59.123456789Z");
	assert_string_equal(text_of(4107542400, 1000, 6), "2100-03-01T00:00:00.000001Z");
	assert_string_equal(text_of(-1, 0, 3), "1969-12-31T23:59:59.000Z");
}

static void every_day_of_nine_centuries_is_what_libc_says(void **state)
{
	for (time_t day = -135140; day < 200000; day++) {
		time_t seconds = day * 86400 + 3661;
		char expected[40];
		struct tm tm;

		gmtime_r(&seconds, &tm);
		strftime(expected, sizeof(expected), "%Y-%m-%dT%H:%M:%SZ", &tm);
		if (!str_eq(text_of(seconds, 0, 0), expected))
			fail_msg("%s is told as %s", expected, text_of(seconds, 0, 0));
	}
}

/* Both formatters, with room for all of it, for some of it, and for nothing. */
#define SAME(...)                                                              \
	do {                                                                   \
		char ours[80], theirs[80];                                     \
		static const size_t rooms[] = {80, 5, 1, 0};                   \
		for (size_t room_ = 0; room_ < ARRAY_SIZE(rooms); room_++) {   \
			size_t size = rooms[room_];                            \
			ours[0] = theirs[0] = '!';                             \
			assert_int_equal(str_print(ours, size, __VA_ARGS__),   \
					 snprintf(theirs, size, __VA_ARGS__)); \
			assert_int_equal(ours[0], theirs[0]);                  \
			if (size)                                              \
				assert_string_equal(ours, theirs);             \
		}                                                              \
	} while (0)

static void texts_are_formatted_as_libc_does(void **state)
{
	SAME("plain, %%, %s and %c", "a string", 'c');
	SAME("[%-9s] [%9s] [%-*s] [%.3s] [%.*s] [%.9s]", "left", "right", 7, "star", "cut", 2,
	     "cut", "short");
	SAME("%d %d %u %zu %lld %llu %jd %ju", 0, INT32_MIN, UINT32_MAX, SIZE_MAX,
	     (long long)INT64_MIN, (unsigned long long)UINT64_MAX, (intmax_t)-1, (uintmax_t)1);
	SAME("%ld %lu %zd", -5L, 5UL, (ssize_t)-7);
	SAME("%x %o %llx %04x %02x %04llo", 0xdeadbeefu, 0755u, 0xfedcba9876543210ull, 0x1fu,
	     0x123u, 0644ull);
	SAME("[%3u] [%-2u] [%02u] [%0*u] [%04lld] [%06d]", 7u, 7u, 7u, 6, 42u, -1970ll, -42);
	SAME("%s", "");
}

static int compare_ints(const void *a, const void *b)
{
	return *(const int *)a - *(const int *)b;
}

static void sorting_is_what_libc_makes_of_it(void **state)
{
	int ours[100], theirs[100];
	uint32_t random = 1;

	for (size_t n = 0; n < ARRAY_SIZE(ours); n++) {
		for (size_t i = 0; i < n; i++) {
			random = random * 1103515245 + 12345;
			ours[i] = theirs[i] = (int)(random >> 16) % (int)(n + 1);
		}
		sort(ours, n, sizeof(int), compare_ints);
		qsort(theirs, n, sizeof(int), compare_ints);
		assert_memory_equal(ours, theirs, n * sizeof(int));
	}
}

static size_t length(const char *s)
{
	return utf8_length(s, s + strlen(s));
}

static void utf8_is_told_from_what_only_looks_like_it(void **state)
{
	assert_int_equal(length("a"), 1);
	assert_int_equal(length("\xc3\xa9"), 2);
	assert_int_equal(length("\xe2\x82\xac"), 3);
	assert_int_equal(length("\xf0\x9f\x98\x80"), 4);
	assert_int_equal(length("\xf4\x8f\xbf\xbf"), 4);
	assert_int_equal(length("\xc0\x80"), 0);	 /* overlong */
	assert_int_equal(length("\xe0\x9f\xbf"), 0);	 /* overlong */
	assert_int_equal(length("\xf0\x8f\xbf\xbf"), 0); /* overlong */
	assert_int_equal(length("\xed\xa0\x80"), 0);	 /* a surrogate */
	assert_int_equal(length("\xf4\x90\x80\x80"), 0); /* beyond U+10FFFF */
	assert_int_equal(length("\xe2\x82"), 0);	 /* cut off */
	assert_int_equal(length("\x80"), 0);
	assert_int_equal(length("\xff"), 0);
	assert_int_equal(length(""), 0);
}

static void every_code_point_survives_the_way_to_utf8(void **state)
{
	for (uint32_t code = 1; code < 0x110000; code++) {
		char s[4];
		size_t len = utf8_put(s, code);
		bool surrogate = code >= 0xd800 && code < 0xe000;

		if (utf8_length(s, s + len) != (surrogate ? 0 : len))
			fail_msg("U+%04X", code);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_number_is_digits_and_nothing_else),
		cmocka_unit_test(numbers_keep_all_their_bits),
		cmocka_unit_test(a_number_out_of_range_is_refused),
		cmocka_unit_test(beginnings_and_ends_are_found),
		cmocka_unit_test(bytes_are_the_same_when_none_of_them_differs),
		cmocka_unit_test(a_text_that_does_not_fit_is_refused),
		cmocka_unit_test(texts_are_formatted_as_libc_does),
		cmocka_unit_test(sorting_is_what_libc_makes_of_it),
		cmocka_unit_test(names_are_found_both_ways),
		cmocka_unit_test(a_time_is_rfc_3339_in_utc),
		cmocka_unit_test(every_day_of_nine_centuries_is_what_libc_says),
		cmocka_unit_test(utf8_is_told_from_what_only_looks_like_it),
		cmocka_unit_test(every_code_point_survives_the_way_to_utf8),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
