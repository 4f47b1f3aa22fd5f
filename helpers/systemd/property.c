/* SPDX-License-Identifier: Apache-2.0 */
#include "helpers/systemd/property.h"

#include <errno.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/list.h"
#include "base/str.h"
#include "helpers/systemd/variant.h"
#include "spec/cpulist.h"

int properties_add(struct properties *l, const char *const *words, struct error *e)
{
	struct property *v = reallocarray(l->v, l->n + 1, sizeof(*v));
	uint64_t since;

	if (!v)
		return fail(e, ENOMEM, "out of memory");
	l->v = v;
	if (str_to_u64(words[4], 100000, &since) < 0)
		return fail(e, EPROTO, "\"%s\" is no version of systemd", words[4]);
	v[l->n] = (struct property){strdup(words[0]), strdup(words[1]), strdup(words[2]),
				    strdup(words[3]), (unsigned int)since};
	if (!v[l->n].name || !v[l->n].type || !v[l->n].value || !v[l->n].at)
		return fail(e, ENOMEM, "out of memory");
	l->n++;
	return 0;
}

void properties_clear(struct properties *l)
{
	for (size_t i = 0; i < l->n; i++) {
		free(l->v[i].name);
		free(l->v[i].type);
		free(l->v[i].value);
		free(l->v[i].at);
	}
	free(l->v);
	*l = (struct properties){0};
}

/* ---- one value ---- */

typedef int append_value(sd_bus_message *m, const char *value, struct error *e);

static int number(const char *text, uint64_t *out, struct error *e)
{
	return str_to_u64(text, UINT64_MAX, out) < 0 ? fail_errno(e, "\"%s\" is no number", text)
						     : 0;
}

static int append_number(sd_bus_message *m, const char *value, struct error *e)
{
	uint64_t n;

	return number(value, &n, e) < 0 ? -1 : sd_bus_message_append_basic(m, 't', &n);
}

static int append_truth(sd_bus_message *m, const char *value, struct error *e)
{
	int yes = str_eq(value, "true");

	(void)e;
	return sd_bus_message_append_basic(m, 'b', &yes);
}

static int append_text(sd_bus_message *m, const char *value, struct error *e)
{
	(void)e;
	return sd_bus_message_append_basic(m, 's', value);
}

/* A mask, lowest bits in the first byte. */
static int append_list(sd_bus_message *m, const char *value, struct error *e)
{
	unsigned char bytes[CPULIST_MAX / 8];
	struct cpulist list;
	size_t n;

	if (cpulist_parse(&list, value, e) < 0)
		return -1;
	n = list.words * sizeof(list.mask[0]);
	for (size_t i = 0; i < n; i++)
		bytes[i] = (unsigned char)(list.mask[i / 4] >> (8 * (i % 4)));
	while (n > 0 && bytes[n - 1] == 0)
		n--;
	return sd_bus_message_append_array(m, 'y', bytes, n);
}

/* "FIRST SECOND", the second one text or a number. "" is no pair. */
static int append_pairs(sd_bus_message *m, const char *value, const char *type, struct error *e)
{
	const char *blank = strchr(value, ' ');
	char *first = blank ? strndup(value, (size_t)(blank - value)) : NULL;
	uint64_t n;
	int r = 0;

	if (value[0] == '\0')
		return sd_bus_message_append(m, str_eq(type, "ss") ? "a(ss)" : "a(st)", 0);
	if (!first)
		return fail(e, EINVAL, "\"%s\" is no pair", value);
	if (str_eq(type, "ss"))
		r = sd_bus_message_append(m, "a(ss)", 1, first, blank + 1);
	else if ((r = number(blank + 1, &n, e)) == 0)
		r = sd_bus_message_append(m, "a(st)", 1, first, n);
	free(first);
	return r;
}

static int append_texts(sd_bus_message *m, const char *value, struct error *e)
{
	return append_pairs(m, value, "ss", e);
}

static int append_rates(sd_bus_message *m, const char *value, struct error *e)
{
	return append_pairs(m, value, "st", e);
}

static const struct {
	const char *type;
	append_value *append;
} types[] = {
	{"t", append_number}, {"b", append_truth},     {"s", append_text},
	{"ay", append_list},  {"a(ss)", append_texts}, {"a(st)", append_rates},
};

/* ---- properties ---- */

/*
 * Unit files have times in seconds ("TimeoutStopSec"), D-Bus in microseconds ("TimeoutStopUSec"):
 * who writes annotations knows the former.
 */
static bool is_seconds(const char *name)
{
	size_t len = strlen(name);

	return len > 3 && str_ends(name, "Sec") && name[len - 4] >= 'a' && name[len - 4] <= 'z';
}

static int append_seconds(sd_bus_message *m, const struct property *p, const char *type,
			  struct error *e)
{
	char name[256];
	uint64_t us;

	if (str_format(name, sizeof(name), "%.*sUSec", (int)(strlen(p->name) - 3), p->name) < 0)
		return fail_errno(e, "the name is too long");
	if (variant_microseconds(&us, type, p->value, e) < 0)
		return -1;
	return sd_bus_message_append(m, "(sv)", name, "t", us);
}

static int append_variant(sd_bus_message *m, const struct property *p, struct error *e)
{
	char type[VARIANT_TYPE_MAX];
	int r;

	if (variant_type(type, p->value, e) < 0)
		return -1;
	if (is_seconds(p->name))
		return append_seconds(m, p, type, e);
	if ((r = sd_bus_message_open_container(m, 'r', "sv")) < 0 ||
	    (r = sd_bus_message_append_basic(m, 's', p->name)) < 0 ||
	    (r = sd_bus_message_open_container(m, 'v', type)) < 0)
		return fail(e, -r, "D-Bus has no type \"%s\"", type);
	if (variant_append(m, type, p->value, e) < 0)
		return -1;
	r = sd_bus_message_close_container(m);
	return r < 0 ? r : sd_bus_message_close_container(m);
}

static int append_plain(sd_bus_message *m, const struct property *p, struct error *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(types); i++) {
		int r;

		if (!str_eq(types[i].type, p->type))
			continue;
		if ((r = sd_bus_message_open_container(m, 'r', "sv")) < 0 ||
		    (r = sd_bus_message_append_basic(m, 's', p->name)) < 0 ||
		    (r = sd_bus_message_open_container(m, 'v', p->type)) < 0 ||
		    (r = types[i].append(m, p->value, e)) < 0 ||
		    (r = sd_bus_message_close_container(m)) < 0)
			return r;
		return sd_bus_message_close_container(m);
	}
	return fail(e, EPROTO, "no property has the type \"%s\"", p->type);
}

static int append_one(sd_bus_message *m, const struct property *p, struct error *e)
{
	fail(e, 0, "D-Bus cannot take its value");
	if ((p->type[0] ? append_plain(m, p, e) : append_variant(m, p, e)) >= 0)
		return 0;
	error_context(e, "the property %s of the container's systemd unit", p->name);
	return error_at_prefix(e, p->at);
}

int properties_append(sd_bus_message *m, const struct properties *l, unsigned int version,
		      struct error *e)
{
	for (size_t i = 0; i < l->n; i++)
		if ((version == 0 || l->v[i].since <= version) && append_one(m, &l->v[i], e) < 0)
			return -1;
	return 0;
}

int properties_newer(const struct properties *l, unsigned int version)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->v[i].since > version)
			return 1;
	return 0;
}

const char *properties_blame(const struct properties *l, const char *message)
{
	for (size_t i = l->n; i-- > 0;)
		if (strstr(message, l->v[i].name))
			return l->v[i].at;
	return "";
}
