/* SPDX-License-Identifier: Apache-2.0 */
#include "host/schemata.h"

#include <string.h>
#include <strings.h>

#define DIGITS "0123456789abcdefABCDEF"

/* Numbers at the beginning of both, of whichever base: "07f" and "7F". */
static bool same_number(const char *a, const char *b)
{
	size_t n;

	a += strspn(a, " ");
	b += strspn(b, " ");
	a += strspn(a, "0");
	b += strspn(b, "0");
	n = strspn(a, DIGITS);
	return n == strspn(b, DIGITS) && strncasecmp(a, b, n) == 0;
}

/* The end of "0=7f" in "L3:0=7f;1=1f", whatever it is. */
static const char *entry_end(const char *entry)
{
	return entry + strcspn(entry, ";\n");
}

/* Whether @entry, "1=1f", is among those of @line. */
static bool has_entry(const char *line, const char *entry)
{
	const char *value = strchr(entry, '=');

	for (const char *at = line; value; at++) {
		const char *is = strchr(at, '=');

		if (is && is < entry_end(at) && same_number(at, entry))
			return same_number(is + 1, value + 1);
		at = entry_end(at);
		if (*at != ';')
			break;
	}
	return false;
}

/* The line of @text for the resource of @schema, behind its colon; NULL when there is none. */
static const char *line_of(const char *text, const char *schema)
{
	size_t label = strcspn(schema, ":") + 1;

	for (const char *at = text; at; at = strchr(at, '\n')) {
		at += strspn(at, " \n");
		if (strncmp(at, schema, label) == 0)
			return at + label;
	}
	return NULL;
}

bool schemata_have(const char *text, const char *schema)
{
	const char *line = line_of(text, schema), *at = schema + strcspn(schema, ":");

	while (line && *at && at[1]) {
		if (!has_entry(line, at + 1))
			return false;
		at = entry_end(at + 1);
	}
	return line != NULL;
}
