/* SPDX-License-Identifier: Apache-2.0 */
#include "helpers/systemd/variant.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/str.h"

#define DEPTH_MAX 8
#define NUMBERS "ynqiuxtd"

static const struct name words[] = {
	{"boolean", 'b'}, {"byte", 'y'},       {"int16", 'n'},	   {"uint16", 'q'}, {"int32", 'i'},
	{"uint32", 'u'},  {"int64", 'x'},      {"uint64", 't'},	   {"double", 'd'}, {"string", 's'},
	{"handle", 'h'},  {"objectpath", 'o'}, {"signature", 'g'}, {NULL},
};

struct reader {
	const char *at;
	unsigned int depth;
	struct error *e;
};

static int wrong(struct reader *r, const char *what)
{
	return fail(r->e, EINVAL, "%s, at \"%.40s\"", what, r->at);
}

static void skip_blanks(struct reader *r)
{
	r->at += strspn(r->at, " \t\n");
}

static size_t word_len(const char *text)
{
	size_t n = 0;

	while ((text[n] >= 'a' && text[n] <= 'z') || (n && text[n] >= '0' && text[n] <= '9'))
		n++;
	return n;
}

/* A type in words before the value: its letter, or 0. Moves behind it. */
static char read_word(struct reader *r)
{
	size_t len = word_len(r->at);

	for (const struct name *w = words; w->name; w++) {
		if (strlen(w->name) != len || strncmp(w->name, r->at, len) != 0)
			continue;
		r->at += len;
		skip_blanks(r);
		return (char)w->value;
	}
	return 0;
}

/* ---- what it is ---- */

static int infer(struct reader *r, char *out, size_t size);

static int put(struct reader *r, char *out, size_t size, const char *type)
{
	return str_format(out, size, "%s", type) < 0 ? wrong(r, "the type is too long") : 0;
}

static int skip_text(struct reader *r)
{
	char quote = *r->at++;

	for (; *r->at && *r->at != quote; r->at++)
		if (*r->at == '\\' && r->at[1])
			r->at++;
	if (!*r->at)
		return wrong(r, "a quote is not closed");
	r->at++;
	return 0;
}

static size_t number_len(const char *text)
{
	return strspn(text, "+-0123456789.xXabcdefABCDEF");
}

/* Between the elements of a list: 1 when there is one more. */
static int next_element(struct reader *r, char end, bool first)
{
	skip_blanks(r);
	if (*r->at == end) {
		r->at++;
		return 0;
	}
	if (first)
		return 1;
	if (*r->at != ',')
		return wrong(r, "\",\" or the end of a list is missing");
	r->at++;
	skip_blanks(r);
	if (*r->at == end && end == ')') { /* a tuple of one: ('a',) */
		r->at++;
		return 0;
	}
	return 1;
}

static int infer_array(struct reader *r, char *out, size_t size)
{
	char element[VARIANT_TYPE_MAX] = "", other[VARIANT_TYPE_MAX];
	int more;

	r->at++;
	for (bool first = true; (more = next_element(r, ']', first)) > 0; first = false) {
		if (infer(r, first ? element : other, VARIANT_TYPE_MAX) < 0)
			return -1;
		/* [uint32 1, 2]: the first one's type goes for all */
		if (!first && !str_eq(element, other) &&
		    !(str_eq(other, "i") && element[0] && strchr(NUMBERS, element[0])))
			return wrong(r, "the elements of an array differ in type");
	}
	if (more < 0)
		return -1;
	if (!element[0])
		return wrong(r, "an empty array needs its type, as in \"@as []\"");
	return str_format(out, size, "a%s", element) < 0 ? wrong(r, "the type is too long") : 0;
}

static int infer_tuple(struct reader *r, char *out, size_t size)
{
	char members[VARIANT_TYPE_MAX] = "", member[VARIANT_TYPE_MAX];
	size_t len = 0;
	int more;

	r->at++;
	for (bool first = true; (more = next_element(r, ')', first)) > 0; first = false) {
		if (infer(r, member, sizeof(member)) < 0)
			return -1;
		if (len + strlen(member) >= sizeof(members))
			return wrong(r, "the type is too long");
		len += (size_t)(stpcpy(members + len, member) - (members + len));
	}
	if (more < 0)
		return -1;
	if (len == 0)
		return wrong(r, "a tuple is empty");
	return str_format(out, size, "(%s)", members) < 0 ? wrong(r, "the type is too long") : 0;
}

static int infer_typed(struct reader *r, char *out, size_t size)
{
	char ignored[VARIANT_TYPE_MAX];
	size_t len = strcspn(++r->at, " \t\n");

	if (len == 0 || len >= size)
		return wrong(r, "a type is missing or too long");
	memcpy(out, r->at, len);
	out[len] = '\0';
	r->at += len;
	skip_blanks(r);
	if (r->at[0] == '[' && r->at[1 + strspn(r->at + 1, " \t\n")] == ']') {
		r->at = strchr(r->at, ']') + 1;
		return 0;
	}
	return infer(r, ignored, sizeof(ignored));
}

static int infer_plain(struct reader *r, char *out, size_t size)
{
	size_t len = number_len(r->at);
	bool hex = str_starts(r->at, "0x");

	if (str_starts(r->at, "true") || str_starts(r->at, "false")) {
		r->at += *r->at == 't' ? 4 : 5;
		return put(r, out, size, "b");
	}
	if (len == 0 || !strchr("+-.0123456789", *r->at))
		return wrong(r, "this is no value");
	put(r, out, size, !hex && memchr(r->at, '.', len) ? "d" : "i");
	if (!hex && memchr(r->at, 'e', len))
		put(r, out, size, "d");
	r->at += len;
	return 0;
}

static int infer(struct reader *r, char *out, size_t size)
{
	char letter[2] = "", ignored[VARIANT_TYPE_MAX];
	int result;

	skip_blanks(r);
	if (++r->depth > DEPTH_MAX)
		return wrong(r, "nested too deep");
	letter[0] = read_word(r);
	if (letter[0])
		result = infer(r, ignored, sizeof(ignored)) < 0 ? -1 : put(r, out, size, letter);
	else if (*r->at == '@')
		result = infer_typed(r, out, size);
	else if (*r->at == '[')
		result = infer_array(r, out, size);
	else if (*r->at == '(')
		result = infer_tuple(r, out, size);
	else if (*r->at == '\'' || *r->at == '"')
		result = skip_text(r) < 0 ? -1 : put(r, out, size, "s");
	else
		result = infer_plain(r, out, size);
	r->depth--;
	return result;
}

int variant_type(char out[VARIANT_TYPE_MAX], const char *text, struct error *e)
{
	struct reader r = {.at = text, .e = e};

	if (infer(&r, out, VARIANT_TYPE_MAX) < 0)
		return -1;
	skip_blanks(&r);
	return *r.at ? wrong(&r, "something follows the value") : 0;
}

/* ---- what it says ---- */

static int append(struct reader *r, sd_bus_message *m, const char *type, size_t len);

/* The length of the first complete type in @type, 0 when there is none. */
static size_t type_len(const char *type)
{
	size_t len, n = 1;

	if (*type == 'a')
		return (len = type_len(type + 1)) ? 1 + len : 0;
	if (*type != '(')
		return *type && strchr(NUMBERS "bsogh", *type) ? 1 : 0;
	while (type[n] && type[n] != ')') {
		len = type_len(type + n);
		if (len == 0)
			return 0;
		n += len;
	}
	return type[n] == ')' && n > 1 ? n + 1 : 0;
}

static int answered(struct reader *r, int result)
{
	return result < 0 ? fail(r->e, -result, "D-Bus cannot take this value") : 0;
}

static int read_number(struct reader *r, double *real, int64_t *whole, uint64_t *natural)
{
	size_t len = number_len(r->at);
	char text[48], *end;

	if (len == 0 || len >= sizeof(text))
		return wrong(r, "this is no number");
	memcpy(text, r->at, len);
	text[len] = '\0';
	errno = 0;
	*real = strtod(text, &end);
	if (!strpbrk(text, ".eE") || str_starts(text, "0x")) {
		*whole = strtoll(text, &end, 0);
		if (text[0] == '-') {
			*natural = 0;
		} else {
			errno = 0;
			*natural = strtoull(text, &end, 0);
			*whole = *natural > INT64_MAX ? INT64_MAX : (int64_t)*natural;
		}
	} else {
		*whole = 0;
		*natural = 0;
		errno = *end ? EINVAL : errno;
	}
	if (*end || errno)
		return wrong(r, "this is no number");
	r->at += len;
	return 0;
}

static const struct range {
	char type;
	size_t size;
	int64_t min;
	uint64_t max;
} ranges[] = {
	{'y', 1, 0, UINT8_MAX},		{'n', 2, INT16_MIN, INT16_MAX}, {'q', 2, 0, UINT16_MAX},
	{'i', 4, INT32_MIN, INT32_MAX}, {'u', 4, 0, UINT32_MAX},	{'h', 4, 0, 0},
	{'x', 8, INT64_MIN, INT64_MAX}, {'t', 8, 0, UINT64_MAX},
};

/* As a whole number: written by its size, which the machine's order of bytes does not matter to. */
static int append_whole(struct reader *r, sd_bus_message *m, const struct range *x, uint64_t value)
{
	uint32_t four = (uint32_t)value;
	uint16_t two = (uint16_t)value;
	uint8_t one = (uint8_t)value;
	const void *by_size[] = {[1] = &one, [2] = &two, [4] = &four, [8] = &value};

	return answered(r, sd_bus_message_append_basic(m, x->type, by_size[x->size]));
}

static int append_number(struct reader *r, sd_bus_message *m, char type)
{
	const char *start = r->at;
	bool negative = *r->at == '-', fraction = memchr(r->at, '.', number_len(r->at));
	uint64_t natural;
	int64_t whole;
	double real;

	if (read_number(r, &real, &whole, &natural) < 0)
		return -1;
	if (type == 'd')
		return answered(r, sd_bus_message_append_basic(m, 'd', &real));
	for (size_t i = 0; i < ARRAY_SIZE(ranges); i++) {
		const struct range *x = &ranges[i];

		if (x->type != type)
			continue;
		if (!fraction && (negative ? whole >= x->min : natural <= x->max))
			return append_whole(r, m, x, negative ? (uint64_t)whole : natural);
		r->at = start;
		return wrong(r, "the number does not fit its type");
	}
	return wrong(r, "the type is not supported");
}

/* The text between quotes, which the caller frees. */
static char *read_text(struct reader *r)
{
	char quote = *r->at, *out, *to;
	const char *from = r->at + 1;

	if (quote != '\'' && quote != '"') {
		wrong(r, "this is no text");
		return NULL;
	}
	if (skip_text(r) < 0)
		return NULL;
	out = to = malloc((size_t)(r->at - from));
	for (; out && from < r->at - 1; from++) {
		if (*from == '\\') {
			from++;
			*to++ = *from == 'n' ? '\n' : *from == 't' ? '\t' : *from;
		} else {
			*to++ = *from;
		}
	}
	if (out)
		*to = '\0';
	else
		fail(r->e, ENOMEM, "out of memory");
	return out;
}

static int append_text(struct reader *r, sd_bus_message *m, char type)
{
	char *text = read_text(r);
	int result;

	if (!text)
		return -1;
	result = answered(r, sd_bus_message_append_basic(m, type, text));
	free(text);
	return result;
}

static int append_truth(struct reader *r, sd_bus_message *m)
{
	int yes = str_starts(r->at, "true");

	if (!yes && !str_starts(r->at, "false"))
		return wrong(r, "this is neither true nor false");
	r->at += yes ? 4 : 5;
	return answered(r, sd_bus_message_append_basic(m, 'b', &yes));
}

static int append_array(struct reader *r, sd_bus_message *m, const char *element, size_t len)
{
	char type[VARIANT_TYPE_MAX];
	int more;

	if (*r->at != '[')
		return wrong(r, "this is no array");
	r->at++;
	memcpy(type, element, len);
	type[len] = '\0';
	if (answered(r, sd_bus_message_open_container(m, 'a', type)) < 0)
		return -1;
	for (bool first = true; (more = next_element(r, ']', first)) > 0; first = false)
		if (append(r, m, type, len) < 0)
			return -1;
	return more < 0 ? -1 : answered(r, sd_bus_message_close_container(m));
}

static int append_tuple(struct reader *r, sd_bus_message *m, const char *members, size_t len)
{
	char type[VARIANT_TYPE_MAX];
	size_t done = 0;
	int more;

	if (*r->at != '(')
		return wrong(r, "this is no tuple");
	r->at++;
	memcpy(type, members, len);
	type[len] = '\0';
	if (answered(r, sd_bus_message_open_container(m, 'r', type)) < 0)
		return -1;
	for (bool first = true; (more = next_element(r, ')', first)) > 0; first = false) {
		size_t next = type_len(type + done);

		if (next == 0)
			return wrong(r, "a tuple has more members than its type");
		if (append(r, m, type + done, next) < 0)
			return -1;
		done += next;
	}
	if (more == 0 && done != len)
		return wrong(r, "a tuple has fewer members than its type");
	return more < 0 ? -1 : answered(r, sd_bus_message_close_container(m));
}

static int append(struct reader *r, sd_bus_message *m, const char *type, size_t len)
{
	skip_blanks(r);
	if (*r->at == '@') {
		r->at += strcspn(r->at, " \t\n");
		skip_blanks(r);
	}
	read_word(r);
	if (type[0] == 'a')
		return append_array(r, m, type + 1, len - 1);
	if (type[0] == '(')
		return append_tuple(r, m, type + 1, len - 2);
	if (type[0] == 'b')
		return append_truth(r, m);
	if (strchr("sog", type[0]))
		return append_text(r, m, type[0]);
	return append_number(r, m, type[0]);
}

int variant_append(sd_bus_message *m, const char *type, const char *text, struct error *e)
{
	struct reader r = {.at = text, .e = e};
	size_t len = strlen(type);

	if (type_len(type) != len)
		return fail(e, EINVAL, "\"%s\" is no type that a property could have", type);
	return append(&r, m, type, len);
}

int variant_microseconds(uint64_t *out, const char *type, const char *text, struct error *e)
{
	struct reader r = {.at = text, .e = e};
	uint64_t natural;
	int64_t whole;
	double real;

	if (type[1] || !strchr(NUMBERS, type[0]))
		return fail(e, EINVAL, "seconds are a number");
	skip_blanks(&r);
	if (*r.at == '@')
		r.at += 2;
	skip_blanks(&r);
	read_word(&r);
	if (read_number(&r, &real, &whole, &natural) < 0)
		return -1;
	if (real < 0 || real >= (double)UINT64_MAX / 1000000)
		return fail(e, ERANGE, "so many seconds there are not");
	*out = type[0] == 'd' ? (uint64_t)(real * 1000000 + 0.5) : natural * 1000000;
	return 0;
}
