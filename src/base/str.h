/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_STR_H
#define YACR_BASE_STR_H

/*
 * Strings without memory: what init and sys may use as well.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

bool str_eq(const char *a, const char *b);
/* memcmp(3) == 0, eight bytes at a time: libc's goes by one. */
bool str_same(const char *a, const char *b, size_t n);
bool str_starts(const char *s, const char *prefix);
bool str_ends(const char *s, const char *suffix);

/* strstr(3), which brings two kilobytes of search for long needles. Here they are short, and near. */
char *str_find(const char *s, const char *part);

/*
 * The program's one number parser: base 10, the whole of @s, an optional '-'
 * for the signed one, nothing else (no sign, blank, 0x or leading '+').
 * Returns 0, or -1 with errno EINVAL or ERANGE and *@out untouched.
 * (CVE-2026-30892 was a lenient parser.)
 */
int str_to_u64(const char *s, uint64_t max, uint64_t *out) MUST_CHECK;
int str_to_i64(const char *s, int64_t min, int64_t max, int64_t *out) MUST_CHECK;

/*
 * The number at *@at after blanks, for files of the kernel's own ("0 0 4294967295"); *@at moves
 * behind it.  -1 with errno EINVAL when there is none, ERANGE when it is above @max.
 */
int str_scan_u64(const char **at, uint64_t max, uint64_t *out) MUST_CHECK;

/*
 * The program's one formatter: snprintf(3), less what nothing here needs and half of libc's stdio
 * hangs on.  Conversions are c, s, d, u, x, o and %, flags '-' and '0', lengths l, ll, z and j;
 * width and precision (of s) may be '*'.  Returns the length of the whole text, which may be more
 * than @size holds; what was written always ends with a NUL.
 */
size_t str_print(char *out, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4);
size_t str_vprint(char *out, size_t size, const char *fmt, va_list ap) PRINTF_LIKE(3, 0);

/* str_print that refuses to truncate: 0, or -1 with errno ENAMETOOLONG. */
int str_format(char *out, size_t size, const char *fmt, ...) PRINTF_LIKE(3, 4) MUST_CHECK;

/* Names with a number each; a table ends with {NULL}. */
struct name {
	const char *name;
	int64_t value;
};

const struct name *name_find(const struct name *table, const char *name); /* NULL if none */
const char *name_of(const struct name *table, int64_t value);		  /* NULL if none */

#endif
