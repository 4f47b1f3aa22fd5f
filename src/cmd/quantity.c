/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/quantity.h"

#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "base/list.h"
#include "base/str.h"

static int invalid(int code)
{
	errno = code;
	return -1;
}

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/*
 * "12.5" at *@at, times @unit once that is known: whole and fraction are kept apart, so that
 * nothing is rounded but what does not come out even.
 */
struct decimal {
	uint64_t whole, fraction, scale; /* fraction / scale */
};

static int scan_decimal(const char **at, struct decimal *out)
{
	const char *s = *at;
	struct decimal d = {.scale = 1};

	if (!is_digit(*s))
		return invalid(EINVAL);
	for (; is_digit(*s); s++)
		if (__builtin_mul_overflow(d.whole, 10, &d.whole) ||
		    __builtin_add_overflow(d.whole, (uint64_t)(*s - '0'), &d.whole))
			return invalid(ERANGE);
	if (*s == '.') {
		if (!is_digit(*++s))
			return invalid(EINVAL);
		for (; is_digit(*s); s++) {
			if (d.scale >= 1000000)
				continue; /* less than anybody can mean */
			d.fraction = d.fraction * 10 + (uint64_t)(*s - '0');
			d.scale *= 10;
		}
	}
	*at = s;
	*out = d;
	return 0;
}

static int multiply(const struct decimal *d, uint64_t unit, int64_t *out)
{
	uint64_t n;
	unsigned __int128 part = (unsigned __int128)d->fraction * unit / d->scale;

	if (__builtin_mul_overflow(d->whole, unit, &n) ||
	    __builtin_add_overflow(n, (uint64_t)part, &n) || n > INT64_MAX)
		return invalid(ERANGE);
	*out = (int64_t)n;
	return 0;
}

int quantity_bytes(const char *s, int64_t *out)
{
	static const char letters[] = "kmgtp";
	struct decimal d;
	uint64_t unit = 1;
	const char *letter;

	if (str_eq(s, "-1")) {
		*out = -1;
		return 0;
	}
	if (scan_decimal(&s, &d) < 0)
		return -1;
	if (*s == ' ')
		s++;
	letter = *s ? strchr(letters, *s | 0x20) : NULL;
	if (letter) {
		unit <<= 10 * (letter - letters + 1);
		s++;
		if ((*s | 0x20) == 'i')
			s++;
	}
	if ((*s | 0x20) == 'b')
		s++;
	return *s ? invalid(EINVAL) : multiply(&d, unit, out);
}

/* In ns, so that "0.5ms" adds up with what follows. */
static const struct name units[] = {
	{"ns", 1},	    {"us", 1000},	  {"ms", 1000000}, {"s", 1000000000},
	{"m", 60000000000}, {"h", 3600000000000}, {NULL},
};

static const struct name *scan_unit(const char **at)
{
	size_t len = strspn(*at, "abcdefghijklmnopqrstuvwxyz");

	for (const struct name *u = units; u->name; u++) {
		if (strlen(u->name) == len && strncmp(u->name, *at, len) == 0) {
			*at += len;
			return u;
		}
	}
	return NULL;
}

int quantity_duration(const char *s, int64_t *ms)
{
	int64_t total = 0;
	bool alone = s[strspn(s, "0123456789.")] == '\0';

	if (*s == '\0')
		return invalid(EINVAL);
	while (*s) {
		struct decimal d;
		const struct name *unit;
		int64_t ns;

		if (scan_decimal(&s, &d) < 0)
			return -1;
		unit = alone && *s == '\0' ? name_find(units, "s") : scan_unit(&s);
		if (!unit)
			return invalid(EINVAL);
		if (multiply(&d, (uint64_t)unit->value, &ns) < 0)
			return -1;
		if (__builtin_add_overflow(total, ns, &total))
			return invalid(ERANGE);
	}
	if (total <= 0)
		return invalid(ERANGE);
	*ms = total < 1000000 ? 1 : total / 1000000;
	return 0;
}
