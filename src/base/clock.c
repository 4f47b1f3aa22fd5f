/* SPDX-License-Identifier: Apache-2.0 */
#include "base/clock.h"

#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/str.h"

struct date {
	int64_t year;
	unsigned int month, day;
};

/*
 * The proleptic Gregorian calendar.  Years are counted from March, so that the
 * leap day is the last of its year; 400 years ("era") have 146097 days always.
 */
static struct date date_of(int64_t days_since_1970)
{
	int64_t days = days_since_1970 + 719468; /* since 0000-03-01 */
	int64_t era = (days >= 0 ? days : days - 146096) / 146097;
	unsigned int of_era = (unsigned int)(days - era * 146097);
	unsigned int year = (of_era - of_era / 1460 + of_era / 36524 - of_era / 146096) / 365;
	unsigned int of_year = of_era - (365 * year + year / 4 - year / 100);
	unsigned int month = (5 * of_year + 2) / 153; /* 0 is March */

	return (struct date){
		.year = era * 400 + year + (month >= 10),
		.month = month < 10 ? month + 3 : month - 9,
		.day = of_year - (153 * month + 2) / 5 + 1,
	};
}

void clock_format(char out[CLOCK_TEXT_MAX], const struct timespec *t, unsigned int digits)
{
	int64_t days = t->tv_sec / 86400;
	unsigned int second, fraction = (unsigned int)t->tv_nsec;
	struct date d;
	size_t len;

	if (t->tv_sec % 86400 < 0)
		days--;
	second = (unsigned int)(t->tv_sec - days * 86400);
	d = date_of(days);
	len = str_print(out, CLOCK_TEXT_MAX, "%04lld-%02u-%02uT%02u:%02u:%02u", (long long)d.year,
			d.month, d.day, second / 3600, second / 60 % 60, second % 60);
	for (unsigned int i = digits; i < 9; i++)
		fraction /= 10;
	if (digits > 0)
		len += str_print(out + len, CLOCK_TEXT_MAX - len, ".%0*u", (int)digits, fraction);
	str_print(out + len, CLOCK_TEXT_MAX - len, "Z");
}

void clock_read(clockid_t clock, struct timespec *out)
{
#ifdef SYS_clock_gettime64
	const long call = SYS_clock_gettime64; /* where a long has 32 bits */
#else
	const long call = SYS_clock_gettime;
#endif
	int64_t now[2] = {0}; /* the kernel's struct timespec */

	(void)syscall(call, clock, now);
	*out = (struct timespec){.tv_sec = (time_t)now[0], .tv_nsec = (long)now[1]};
}

void clock_now(char out[CLOCK_TEXT_MAX], unsigned int digits)
{
	struct timespec now;

	clock_read(CLOCK_REALTIME, &now);
	clock_format(out, &now, digits);
}
