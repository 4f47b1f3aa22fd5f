/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/version.h"

#include <stdbool.h>
#include <string.h>

#define DIGITS "0123456789"
#define LETTERS "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"

/* A number without leading zeros; returns what follows it, or NULL. */
static const char *number(const char *s, uint64_t *out)
{
	size_t len = strspn(s, DIGITS);
	uint64_t n = 0;

	if (len == 0 || len > 9 || (len > 1 && s[0] == '0'))
		return NULL;
	for (size_t i = 0; i < len; i++)
		n = n * 10 + (uint64_t)(s[i] - '0');
	*out = n;
	return s + len;
}

/* "rc.1": dot-separated identifiers; in a pre-release numbers have no leading zeros. */
static const char *identifiers(const char *s, bool prerelease)
{
	for (;;) {
		size_t len = strspn(s, DIGITS LETTERS "-");

		if (len == 0)
			return NULL;
		if (prerelease && len > 1 && s[0] == '0' && strspn(s, DIGITS) == len)
			return NULL;
		s += len;
		if (*s != '.')
			return s;
		s++;
	}
}

int version_parse(struct version *out, const char *text)
{
	struct version v = {0};
	const char *s = number(text, &v.major);

	if (s)
		s = *s == '.' ? number(s + 1, &v.minor) : NULL;
	if (s)
		s = *s == '.' ? number(s + 1, &v.patch) : NULL;
	if (s && *s == '-')
		s = identifiers(s + 1, true);
	if (s && *s == '+')
		s = identifiers(s + 1, false);
	if (!s || *s != '\0')
		return -1;
	*out = v;
	return 0;
}
