/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"

#include <errno.h>
#include <stdarg.h>
#include <string.h>

bool str_eq(const char *a, const char *b)
{
	for (; *a == *b; a++, b++)
		if (!*a)
			return true;
	return false;
}

bool str_same(const char *a, const char *b, size_t n)
{
	uint64_t x, y;

	for (; n >= sizeof(x); a += sizeof(x), b += sizeof(x), n -= sizeof(x)) {
		memcpy(&x, a, sizeof(x));
		memcpy(&y, b, sizeof(y));
		if (x != y)
			return false;
	}
	for (; n > 0; a++, b++, n--)
		if (*a != *b)
			return false;
	return true;
}

bool str_starts(const char *s, const char *prefix)
{
	for (; *prefix; s++, prefix++)
		if (*s != *prefix)
			return false;
	return true;
}

bool str_ends(const char *s, const char *suffix)
{
	size_t len = strlen(s), suffix_len = strlen(suffix);

	return len >= suffix_len && str_same(s + len - suffix_len, suffix, suffix_len);
}

char *str_find(const char *s, const char *part)
{
	for (; (s = strchr(s, *part)); s++)
		if (str_starts(s, part))
			return (char *)s;
	return NULL;
}

static int error_number(int code)
{
	errno = code;
	return -1;
}

int str_to_u64(const char *s, uint64_t max, uint64_t *out)
{
	uint64_t value = 0;
	bool large = false;

	if (!*s)
		return error_number(EINVAL);
	for (; *s; s++) {
		if (*s < '0' || *s > '9')
			return error_number(EINVAL);
		large |= __builtin_mul_overflow(value, 10u, &value);
		large |= __builtin_add_overflow(value, (uint64_t)(*s - '0'), &value);
	}
	if (large || value > max)
		return error_number(ERANGE);
	*out = value;
	return 0;
}

int str_to_i64(const char *s, int64_t min, int64_t max, int64_t *out)
{
	bool negative = *s == '-';
	uint64_t magnitude;
	int64_t value;

	if (str_to_u64(s + negative, (uint64_t)INT64_MAX + negative, &magnitude) < 0)
		return -1;
	value = negative ? (int64_t)(0 - magnitude) : (int64_t)magnitude;
	if (value < min || value > max)
		return error_number(ERANGE);
	*out = value;
	return 0;
}

int str_scan_u64(const char **at, uint64_t max, uint64_t *out)
{
	char digits[24];
	size_t n;

	*at += strspn(*at, " \t");
	n = strspn(*at, "0123456789");
	if (n >= sizeof(digits)) {
		errno = ERANGE;
		return -1;
	}
	memcpy(digits, *at, n);
	digits[n] = '\0';
	if (str_to_u64(digits, max, out) < 0)
		return -1;
	*at += n;
	return 0;
}

int str_format(char *out, size_t size, const char *fmt, ...)
{
	va_list ap;
	size_t len;

	va_start(ap, fmt);
	len = str_vprint(out, size, fmt, ap);
	va_end(ap);
	if (len >= size)
		return error_number(ENAMETOOLONG);
	return 0;
}

const struct name *name_find(const struct name *table, const char *name)
{
	for (; table->name; table++)
		if (*table->name == *name && str_eq(table->name, name))
			return table;
	return NULL;
}

const char *name_of(const struct name *table, int64_t value)
{
	for (; table->name; table++)
		if (table->value == value)
			return table->name;
	return NULL;
}
