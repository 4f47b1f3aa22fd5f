/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json.h"

static const char *digits(const char *s, const char *end)
{
	while (s < end && *s >= '0' && *s <= '9')
		s++;
	return s;
}

/* The RFC's grammar: no leading zero or plus, digits on both sides of the point. */
static const char *number_end(const char *s, const char *end)
{
	const char *from;

	if (s < end && *s == '-')
		s++;
	from = s;
	s = digits(s, end);
	if (s == from || (*from == '0' && s > from + 1))
		return NULL;
	if (s < end && *s == '.') {
		from = ++s;
		s = digits(s, end);
		if (s == from)
			return NULL;
	}
	if (s < end && (*s == 'e' || *s == 'E')) {
		s++;
		if (s < end && (*s == '+' || *s == '-'))
			s++;
		from = s;
		s = digits(s, end);
		if (s == from)
			return NULL;
	}
	return s;
}

int json_number_here(struct json *j, struct json_text *out, struct error *e)
{
	const char *end;

	if (json_expect(j, JSON_NUMBER, e) < 0)
		return -1;
	end = number_end(j->at, j->end);
	if (!end)
		return json_syntax_error(j, j->at, e, "not a number as JSON has it");
	*out = (struct json_text){j->at, (size_t)(end - j->at)};
	j->at = end;
	return 0;
}

struct integer {
	bool negative;
	uint64_t magnitude;
};

static int integer(struct json *j, struct integer *out, struct error *e)
{
	struct json_text t;
	uint64_t value = 0;
	size_t i;

	if (json_number_here(j, &t, e) < 0)
		return -1;
	i = out->negative = t.s[0] == '-';
	for (; i < t.len; i++) {
		unsigned int digit = (unsigned int)(t.s[i] - '0');

		if (digit > 9)
			return fail(e, 0, "expected a whole number, found %.*s",
				    (int)(t.len < 40 ? t.len : 40), t.s);
		if (__builtin_mul_overflow(value, 10u, &value) ||
		    __builtin_add_overflow(value, digit, &value))
			return fail(e, 0, "%.*s is out of range", (int)(t.len < 40 ? t.len : 40),
				    t.s);
	}
	out->magnitude = value;
	return 0;
}

int json_i64(struct json *j, int64_t *out, struct error *e)
{
	struct integer n;

	if (integer(j, &n, e) < 0)
		return -1;
	if (n.magnitude > (uint64_t)INT64_MAX + n.negative)
		return fail(e, 0, "%s%ju is out of range", n.negative ? "-" : "",
			    (uintmax_t)n.magnitude);
	*out = n.negative ? (int64_t)(0 - n.magnitude) : (int64_t)n.magnitude;
	return 0;
}

int json_u64(struct json *j, uint64_t *out, struct error *e)
{
	struct integer n;

	if (integer(j, &n, e) < 0)
		return -1;
	if (n.negative && n.magnitude > 0)
		return fail(e, 0, "-%ju is out of range", (uintmax_t)n.magnitude);
	*out = n.magnitude;
	return 0;
}
