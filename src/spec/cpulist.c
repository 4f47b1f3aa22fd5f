/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/cpulist.h"

#include <string.h>

static const char *skip_blanks(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

/* A number without sign; NULL when there is none or it is too big. */
static const char *number(const char *s, uint32_t *out)
{
	uint32_t n = 0;

	s = skip_blanks(s);
	if (*s < '0' || *s > '9')
		return NULL;
	for (; *s >= '0' && *s <= '9'; s++) {
		n = n * 10 + (uint32_t)(*s - '0');
		if (n >= CPULIST_MAX)
			return NULL;
	}
	*out = n;
	return skip_blanks(s);
}

/* "3" or "0-3"; returns what follows it, or NULL. */
static const char *add_range(struct cpulist *list, const char *s)
{
	uint32_t first, last;

	s = number(s, &first);
	if (!s)
		return NULL;
	last = first;
	if (*s == '-') {
		s = number(s + 1, &last);
		if (!s || last < first)
			return NULL;
	}
	for (uint32_t n = first; n <= last; n++)
		list->mask[n / 32] |= 1u << (n % 32);
	if (list->words < last / 32 + 1)
		list->words = last / 32 + 1;
	return s;
}

static bool add_ranges(struct cpulist *list, const char *s)
{
	for (;;) {
		s = add_range(list, s);
		if (!s)
			return false;
		if (*s == '\0')
			return true;
		if (*s++ != ',')
			return false;
	}
}

int cpulist_parse(struct cpulist *out, const char *text, struct error *e)
{
	struct cpulist list;

	memset(&list, 0, sizeof(list));
	if (*skip_blanks(text) != '\0' && !add_ranges(&list, text))
		return fail(e, 0, "\"%s\" is not a list like \"0-3,7\" of numbers below %d", text,
			    CPULIST_MAX);
	*out = list;
	return 0;
}
