/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/devices.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/hierarchy.h"
#include "cgroup/limits.h"
#include "sys/bpf.h"

#define RULES_MAX 4096 /* what the program's jumps reach */
#define MAJOR_MAX 0xfff
#define MINOR_MAX 0xfffff

/*
 * What every container has whatever the config says, as in every runtime: making nodes (which
 * gives nothing by itself), null, zero, full, random, urandom, tty, ptmx, pts/N, tun.
 */
static const struct device_access defaults[] = {
	{true, DEVICE_CHAR, DEVICE_MKNOD, -1, -1, ""},
	{true, DEVICE_BLOCK, DEVICE_MKNOD, -1, -1, ""},
	{true, DEVICE_CHAR, DEVICE_RWM, 1, 3, ""},
	{true, DEVICE_CHAR, DEVICE_RWM, 1, 5, ""},
	{true, DEVICE_CHAR, DEVICE_RWM, 1, 7, ""},
	{true, DEVICE_CHAR, DEVICE_RWM, 1, 8, ""},
	{true, DEVICE_CHAR, DEVICE_RWM, 1, 9, ""},
	{true, DEVICE_CHAR, DEVICE_RWM, 5, 0, ""},
	{true, DEVICE_CHAR, DEVICE_RWM, 5, 2, ""},
	{true, DEVICE_CHAR, DEVICE_RWM, 136, -1, ""},
	{true, DEVICE_CHAR, DEVICE_RWM, 10, 200, ""},
};

static int parse_access(const char *letters, uint8_t *out)
{
	uint8_t bits = 0;

	for (; letters && *letters; letters++) {
		if (*letters != 'r' && *letters != 'w' && *letters != 'm')
			return -1;
		bits |= *letters == 'r'	  ? DEVICE_READ
			: *letters == 'w' ? DEVICE_WRITE
					  : DEVICE_MKNOD;
	}
	*out = bits ? bits : DEVICE_RWM;
	return 0;
}

static int parse_type(const char *type, uint8_t *out)
{
	*out = DEVICE_ANY;
	if (!type || str_eq(type, "a") || type[0] == '\0')
		return 0;
	*out = str_eq(type, "c") || str_eq(type, "u") ? DEVICE_CHAR : DEVICE_BLOCK;
	return *out == DEVICE_CHAR || str_eq(type, "b") ? 0 : -1;
}

static int parse_rule(struct device_access *out, const struct device_rule *r, struct arena *a,
		      size_t i, struct error *e)
{
	out->at = at_item(a, "devices", i, NULL);
	out->allow = r->allow.v;
	out->major = r->major.set ? r->major.v : -1;
	out->minor = r->minor.set ? r->minor.v : -1;
	if (parse_type(r->type, &out->type) < 0)
		return fail_at(e, at_item(a, "devices", i, "type"), 0,
			       "the device type \"%s\" is none of a, b, c", r->type);
	if (parse_access(r->access, &out->access) < 0)
		return fail_at(e, at_item(a, "devices", i, "access"), 0,
			       "the device access \"%s\" has other letters than r, w, m",
			       r->access);
	if (out->major < -1 || out->minor < -1)
		return fail_at(e, out->at, ERANGE, "a device number is negative");
	return 0;
}

static bool covers(const struct device_access *big, const struct device_access *small)
{
	return (big->type | small->type) == big->type &&
	       (big->access | small->access) == big->access &&
	       (big->major < 0 || big->major == small->major) &&
	       (big->minor < 0 || big->minor == small->minor);
}

static bool overlaps(const struct device_access *a, const struct device_access *b)
{
	return (a->type & b->type) && (a->access & b->access) &&
	       (a->major < 0 || b->major < 0 || a->major == b->major) &&
	       (a->minor < 0 || b->minor < 0 || a->minor == b->minor);
}

/* Appends a rule; older ones that it covers can never decide anything again. */
static void add_rule(device_rules *list, const struct device_access *rule)
{
	size_t n = 0;

	if (rule->major > MAJOR_MAX || rule->minor > MINOR_MAX)
		return; /* no device has such a number */
	for (size_t i = 0; i < list->n; i++)
		if (!covers(rule, &list->v[i]))
			list->v[n++] = list->v[i];
	list->v[n++] = *rule;
	list->n = n;
}

int devices_rules(device_rules *out, struct arena *a, const struct resources *r, struct error *e)
{
	static const struct device_access nothing = {false, DEVICE_ANY, DEVICE_RWM, -1, -1, ""};
	size_t n = r ? r->devices.n : 0;
	device_rules list = {.v = NULL};

	if (n > RULES_MAX)
		return fail_at(e, RESOURCES "devices", E2BIG, "more than %d device rules",
			       RULES_MAX);
	list.v = ARENA_ARRAY(a, n + ARRAY_SIZE(defaults) + 1, struct device_access);
	add_rule(&list, &nothing);
	for (size_t i = 0; i < n; i++) {
		struct device_access rule;

		if (parse_rule(&rule, &r->devices.v[i], a, i, e) < 0)
			return -1;
		add_rule(&list, &rule);
	}
	/* where everything is allowed anyhow, they say nothing new */
	if (list.n > 1 || !list.v[0].allow)
		for (size_t i = 0; i < ARRAY_SIZE(defaults); i++)
			add_rule(&list, &defaults[i]);
	*out = list;
	return 0;
}

bool devices_allow(const device_rules *rules, unsigned int type, unsigned int major,
		   unsigned int minor, unsigned int access)
{
	for (size_t i = rules->n; i-- > 0 && access;) {
		const struct device_access *r = &rules->v[i];

		if (!(r->type & type) || !(r->access & access) ||
		    (r->major >= 0 && r->major != (int64_t)major) ||
		    (r->minor >= 0 && r->minor != (int64_t)minor))
			continue;
		if (!r->allow)
			return false;
		access &= ~(unsigned int)r->access;
	}
	return true; /* the first rule is for everything: nothing is left to ask */
}

/* ---- v1 ---- */

/* @rule goes the default's way: what it covers of the exceptions is one no more. */
static int take_back(device_rules *exceptions, const struct device_access *rule, struct error *e)
{
	struct device_access numbers = *rule;
	size_t n = 0;

	numbers.access = DEVICE_RWM;
	for (size_t i = 0; i < exceptions->n; i++) {
		struct device_access x = exceptions->v[i];

		if (overlaps(rule, &x)) {
			if (!covers(&numbers, &x))
				return fail_at(
					e, rule->at, 0,
					"cgroup v1 cannot make an exception from the wider device rule "
					"before it");
			x.access &= (uint8_t)~rule->access;
		}
		if (x.access)
			exceptions->v[n++] = x;
	}
	exceptions->n = n;
	return 0;
}

/* One exception per device number: the kernel joins their access as well. */
static void add_exception(device_rules *exceptions, const struct device_access *rule, uint8_t type)
{
	for (size_t i = 0; i < exceptions->n; i++) {
		struct device_access *x = &exceptions->v[i];

		if (x->type == type && x->major == rule->major && x->minor == rule->minor) {
			x->access |= rule->access;
			return;
		}
	}
	exceptions->v[exceptions->n] = *rule;
	exceptions->v[exceptions->n++].type = type;
}

static const char *number(struct arena *a, int64_t n)
{
	return n < 0 ? "*" : arena_printf(a, "%lld", (long long)n);
}

const char *device_text(struct arena *a, const struct device_access *x)
{
	static const char letters[] = {0, 'b', 'c', 'a'};

	return arena_printf(a, "%c %s:%s %s%s%s", letters[x->type], number(a, x->major),
			    number(a, x->minor), x->access & DEVICE_READ ? "r" : "",
			    x->access & DEVICE_WRITE ? "w" : "",
			    x->access & DEVICE_MKNOD ? "m" : "");
}

static void add_line(struct limits *l, const struct device_access *x, bool allow)
{
	limit_add(l, "devices", allow ? "devices.allow" : "devices.deny", x->at, "%s",
		  device_text(l->arena, x))
		->optional = x->at[0] == '\0'; /* a nested yacr can give only what it was given */
}

int devices_v1(limit_list *out, struct arena *a, const device_rules *rules, struct error *e)
{
	/* "a" would mean everything, whatever numbers follow: such a rule becomes two */
	device_rules exceptions = {.v = ARENA_ARRAY(a, rules->n * 2, struct device_access)};
	bool allow = rules->v[0].allow;
	struct limits l = {.arena = a};

	for (size_t i = 1; i < rules->n; i++) {
		const struct device_access *r = &rules->v[i];

		if (r->allow == allow) {
			if (take_back(&exceptions, r, e) < 0)
				return -1;
			continue;
		}
		if (r->type & DEVICE_CHAR)
			add_exception(&exceptions, r, DEVICE_CHAR);
		if (r->type & DEVICE_BLOCK)
			add_exception(&exceptions, r, DEVICE_BLOCK);
	}
	/* a new cgroup allows what its parent allows: more is not to be had */
	limit_add(&l, "devices", allow ? "devices.allow" : "devices.deny", rules->v[0].at,
		  "a *:* rwm")
		->neutral = allow;
	FOR_EACH(x, exceptions)
		add_line(&l, x, !allow);
	*out = (limit_list){.v = l.v, .n = l.n};
	return 0;
}

/* ---- both ---- */

bool devices_wanted(const struct facts *f)
{
	return !facts_unprivileged(f);
}

static int load(struct device_limit *out, int dir, struct arena *a, const device_rules *rules,
		bool replace, struct error *e)
{
	struct bpf_insn *code;
	unsigned int n;

	if (!replace && rules->n == 1 && rules->v[0].allow)
		return 0; /* no program allows everything, too */
	n = devices_v2(&code, a, rules);
	out->program = bpf_device_load(code, n, e);
	if (out->program < 0)
		return error_at_prefix(e, RESOURCES "devices");
	out->dir = openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC); /* not just a path */
	if (out->dir >= 0)
		return 0;
	devices_close(out);
	return fail_at(e, RESOURCES "devices", errno, "cannot open the container's cgroup");
}

int devices_prepare(struct device_limit *out, const struct cgroup *g, struct arena *a,
		    const struct resources *r, const struct facts *f, bool replace, struct error *e)
{
	int i = place_index(g->place, "devices");
	bool v2 = i >= 0 && dir_is_v2(&g->place->dirs.v[i]);
	device_rules rules;

	*out = DEVICE_LIMIT_NONE;
	if (!devices_wanted(f) || i < 0 || (!g->fresh && cgroup_dir(g, (size_t)i) < 0))
		return 0;
	if (devices_rules(&rules, a, r, e) < 0)
		return -1;
	return v2 ? load(out, g->v2, a, &rules, replace, e) : devices_v1(&out->lines, a, &rules, e);
}

int devices_enforce(const struct device_limit *d, const struct cgroup *g, bool replace,
		    struct error *e)
{
	if (d->program < 0)
		return cgroup_apply(g, &d->lines, e);
	return bpf_device_attach(d->dir, d->program, replace, e) < 0
		       ? error_at_prefix(e, RESOURCES "devices")
		       : 0;
}

void devices_close(struct device_limit *d)
{
	close_fd(&d->program);
	close_fd(&d->dir);
	d->program = d->dir = -1;
}

int devices_apply(const struct cgroup *g, struct arena *a, const struct resources *r,
		  const struct facts *f, bool replace, struct error *e)
{
	struct device_limit d;
	int rc;

	if (devices_prepare(&d, g, a, r, f, replace, e) < 0)
		return -1;
	rc = devices_enforce(&d, g, replace, e);
	devices_close(&d);
	return rc;
}
