/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/option.h"

#include <string.h>

#include "cmd/quantity.h"

static const struct name truths[] = {
	{"true", true}, {"1", true}, {"false", false}, {"0", false}, {NULL},
};

/* An option as it is typed: how it was spelled, and what follows "=". */
struct typed {
	const char *word;  /* the whole word */
	const char *name;  /* after the dashes */
	size_t len;	   /* of the name */
	const char *value; /* after "=", or NULL */
};

static struct typed split(const char *word)
{
	struct typed t = {.word = word, .name = word + 1 + (word[1] == '-')};

	t.len = strcspn(t.name, "=");
	if (t.name[t.len] == '=')
		t.value = t.name + t.len + 1;
	return t;
}

static bool is_called(const struct option *o, const struct typed *t, char letter)
{
	if (letter)
		return o->letter == letter;
	return strncmp(o->name, t->name, t->len) == 0 && o->name[t->len] == '\0';
}

/* By its letter, or without one by its name. Sets @member to what it fills. */
static const struct option *find_in(const struct options *options, void *values,
				    const struct typed *t, char letter, void **member)
{
	for (const struct option *row = options->v; row < options->v + options->n; row++) {
		const struct option *o = NULL;

		*member = (char *)values + row->offset;
		if (row->kind == OPTION_GROUP)
			o = find_in(row->group, *member, t, letter, member);
		else if (is_called(row, t, letter))
			o = row;
		if (o)
			return o;
	}
	return NULL;
}

static const struct option *find(const struct option_parser *p, const struct typed *t, char letter,
				 void **member)
{
	const struct option *o = NULL;

	for (unsigned int s = 0; s < p->scope_count && !o; s++)
		o = find_in(p->scopes[s].options, p->scopes[s].values, t, letter, member);
	return o;
}

/*
 * "-bDIR" and "-b=DIR" both hold a value; "-b" none.  A bool takes no value but after "=":
 * "-qx" is an unknown option, not a quiet x.
 */
static const struct option *find_short(const struct option_parser *p, struct typed *t,
				       void **member)
{
	const struct option *o = find(p, t, t->name[0], member);

	if (t->word[1] == '-' || !o)
		return NULL;
	if (t->len > 1 && o->kind == OPTION_BOOL)
		return NULL;
	if (t->len > 1)
		t->value = t->name + 1;
	return o;
}

static int fail_unknown(const struct option_parser *p, const struct typed *t, struct error *e)
{
	const char *words[64], *near;
	const struct option *o;
	char name[64];
	size_t n = 0;

	for (unsigned int s = 0; s < p->scope_count; s++)
		for (size_t i = 0; (o = option_at(p->scopes[s].options, i)); i++)
			if (!o->hidden && n + 1 < ARRAY_SIZE(words))
				words[n++] = o->name;
	words[n] = NULL;
	near = t->len < sizeof(name) ? name : NULL;
	if (near) {
		memcpy(name, t->name, t->len);
		name[t->len] = '\0';
		near = word_nearest(words, name);
	}
	if (near)
		return fail(e, 0, "unknown option %.*s: did you mean --%s?",
			    (int)(t->name - t->word + (ptrdiff_t)t->len), t->word, near);
	return fail(e, 0, "unknown option %.*s", (int)(t->name - t->word + (ptrdiff_t)t->len),
		    t->word);
}

static int fail_word(const struct option *o, const char *value, struct error *e)
{
	char words[200] = "";
	size_t len = 0;

	for (const struct name *n = o->names; n->name && len < sizeof(words); n++)
		len += str_print(words + len, sizeof(words) - len, "%s%s", len ? ", " : "",
				 n->name);
	return fail(e, 0, "--%s is one of %s, not \"%s\"", o->name, words, value);
}

static void add(struct arena *a, struct strs *list, const char *value)
{
	list->v = arena_grow(a, list->v, list->n + (list->n > 0), list->n + 2, sizeof(*list->v));
	list->v[list->n++] = value;
	list->v[list->n] = NULL;
}

static int store_u64(const struct option *o, uint64_t max, const char *value, uint64_t *out,
		     struct error *e)
{
	if (str_to_u64(value, max, out) < 0)
		return fail(e, 0, "--%s takes a number, not \"%s\"", o->name, value);
	return 0;
}

static int store_i64(const struct option *o, const char *value, int64_t *out, struct error *e)
{
	int64_t min = o->min == INT8_MIN ? INT64_MIN : o->min;
	int r = o->bytes ? quantity_bytes(value, out) : str_to_i64(value, min, INT64_MAX, out);

	if (r < 0)
		return fail(e, 0, "--%s takes %s, not \"%s\"", o->name,
			    o->bytes ? "bytes such as 512m, or -1" : "a number", value);
	return 0;
}

static int store(struct arena *a, const struct option *o, void *member, const char *value,
		 struct error *e)
{
	const struct name *word;
	int64_t signed_number;
	uint64_t number;

	switch ((enum option_kind)o->kind) {
	case OPTION_BOOL:
		word = name_find(truths, value ? value : "true");
		if (!word)
			return fail(e, 0, "--%s is true or false, not \"%s\"", o->name, value);
		*(bool *)member = word->value;
		return 0;
	case OPTION_STR: *(const char **)member = value; return 0;
	case OPTION_STRS: add(a, member, value); return 0;
	case OPTION_U32:
		if (store_u64(o, UINT32_MAX, value, &number, e) < 0)
			return -1;
		*(uint32_t *)member = (uint32_t)number;
		return 0;
	case OPTION_WORD:
		word = name_find(o->names, value);
		if (!word)
			return fail_word(o, value, e);
		*(int *)member = (int)word->value;
		return 0;
	case OPTION_OPT_U16:
		if (store_u64(o, UINT16_MAX, value, &number, e) < 0)
			return -1;
		*(struct opt_u16 *)member = (struct opt_u16){true, (uint16_t)number};
		return 0;
	case OPTION_OPT_U64:
		if (store_u64(o, UINT64_MAX, value, &number, e) < 0)
			return -1;
		*(struct opt_u64 *)member = (struct opt_u64){true, number};
		return 0;
	case OPTION_OPT_I64:
		if (store_i64(o, value, &signed_number, e) < 0)
			return -1;
		*(struct opt_i64 *)member = (struct opt_i64){true, signed_number};
		return 0;
	case OPTION_GROUP: break;
	}
	return fail(e, 0, "--%s is of an unknown kind", o->name);
}

/* p->argv[0] is an option: stores it and moves on. */
static int parse_one(struct option_parser *p, struct error *e)
{
	struct typed t = split(*p->argv++);
	const struct option *o;
	void *member = NULL;

	o = find(p, &t, '\0', &member);
	if (!o)
		o = find_short(p, &t, &member);
	if (!o)
		return fail_unknown(p, &t, e);
	if (o->kind != OPTION_BOOL && !t.value) {
		t.value = *p->argv;
		if (!t.value)
			return fail(e, 0, "flag needs an argument: --%s", o->name);
		p->argv++;
	}
	return store(p->arena, o, member, t.value, e);
}

int option_parse(struct option_parser *p, const char **argument, struct error *e)
{
	while (*p->argv) {
		const char *word = *p->argv;

		if (!p->options_ended && str_eq(word, "--")) {
			p->options_ended = true;
			p->argv++;
		} else if (!p->options_ended && word[0] == '-' && word[1] != '\0') {
			if (parse_one(p, e) < 0)
				return -1;
		} else {
			p->options_ended |= p->stop_at_argument;
			*argument = word;
			p->argv++;
			return 0;
		}
	}
	*argument = NULL;
	return 0;
}

/* ---- rows ---- */

/* Counts @i down on the way. */
static const struct option *step(const struct options *options, size_t *i)
{
	for (const struct option *row = options->v; row < options->v + options->n; row++) {
		const struct option *o = row;

		if (row->kind == OPTION_GROUP)
			o = step(row->group, i);
		else if ((*i)-- > 0)
			o = NULL;
		if (o)
			return o;
	}
	return NULL;
}

/* Everything that goes through the options would get a copy of it. */
__attribute__((noinline)) const struct option *option_at(const struct options *options, size_t i)
{
	return step(options, &i);
}

size_t option_size(const struct option *o)
{
	static const size_t sizes[] = {
		[OPTION_BOOL] = sizeof(bool),
		[OPTION_STR] = sizeof(const char *),
		[OPTION_U32] = sizeof(uint32_t),
		[OPTION_WORD] = sizeof(int),
		[OPTION_STRS] = sizeof(struct strs),
		[OPTION_OPT_U16] = sizeof(struct opt_u16),
		[OPTION_OPT_U64] = sizeof(struct opt_u64),
		[OPTION_OPT_I64] = sizeof(struct opt_i64),
	};

	return sizes[o->kind];
}

/* Zero is what a member is that nothing was stored to; of the opt_ ones `set` is not zero. */
bool option_is_set(const struct option *o, const void *member)
{
	const char *bytes = member;

	for (size_t i = 0; i < option_size(o); i++)
		if (bytes[i])
			return true;
	return false;
}
