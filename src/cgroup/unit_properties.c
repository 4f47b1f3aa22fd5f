/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/json_write.h"
#include "base/str.h"
#include "cgroup/explain.h"
#include "cgroup/hierarchy.h"
#include "cgroup/limits.h"
#include "cgroup/systemd.h"

/* ---- devices ---- */

/* NULL: systemd has no name for such devices. */
static const char *device_name(struct arena *a, const struct device_access *d, bool character)
{
	const char *type = character ? "char" : "block";

	if (d->major < 0)
		return d->minor < 0 ? arena_printf(a, "%s-*", type) : NULL;
	if (d->minor >= 0)
		return arena_printf(a, "/dev/%s/%lld:%lld", type, (long long)d->major,
				    (long long)d->minor);
	if (character &&
	    d->major == 136) /* older ones know groups by name only, and this one all need */
		return "char-pts";
	return arena_printf(a, "%s-%lld", type, (long long)d->major);
}

/*
 * Of one name systemd keeps the last entry alone: what all rules together allow of the devices
 * of the first of them, @i; 0 when that is another one.
 */
static unsigned int access_of(const device_rules *rules, size_t i, unsigned int type)
{
	unsigned int access = 0;
	size_t first = rules->n;

	for (size_t k = 0; k < rules->n; k++) {
		const struct device_access *d = &rules->v[k];

		if (!d->allow || !(d->type & type) || d->major != rules->v[i].major ||
		    d->minor != rules->v[i].minor)
			continue;
		first = first < k ? first : k;
		access |= d->access;
	}
	return first == i ? access : 0;
}

static void add_device(struct property_list *l, const device_rules *rules, size_t i,
		       unsigned int type)
{
	const struct device_access *d = &rules->v[i];
	unsigned int access = access_of(rules, i, type);
	const char *name = device_name(l->arena, d, type == DEVICE_CHAR);

	if (access)
		property_add(l, "DeviceAllow", "a(ss)",
			     arena_printf(l->arena, "%s %s%s%s", name,
					  access & DEVICE_READ ? "r" : "",
					  access & DEVICE_WRITE ? "w" : "",
					  access & DEVICE_MKNOD ? "m" : ""),
			     d->at)
			->since = str_starts(name, "/") || strpbrk(name, "*p") ? 0 : 240;
}

/*
 * "char-*" is all numbers that drivers have at that time: enough to make a node of, not to open
 * one where systemd's program has to agree with ours.
 */
static bool has_words_for(const device_rules *rules, bool v1)
{
	FOR_EACH(d, *rules)
		if (d != rules->v && d->allow && d->major < 0 &&
		    (d->minor >= 0 || (!v1 && d->access != DEVICE_MKNOD)))
			return false;
	return !rules->v[0].allow;
}

void properties_of_devices(struct property_list *l, const device_rules *rules, bool v1)
{
	/* that all is allowed has to be said, for add_accounts()'s reason */
	bool all = v1 && rules->n == 1 && rules->v[0].allow;
	bool strict = all || has_words_for(rules, v1);

	property_add(l, "DevicePolicy", "s", strict ? "strict" : "auto", rules->v[0].at);
	property_add(l, "DeviceAllow", "a(ss)", "", rules->v[0].at);
	for (size_t i = all ? 0 : 1; i < rules->n && strict; i++) {
		add_device(l, rules, i, DEVICE_CHAR);
		add_device(l, rules, i, DEVICE_BLOCK);
	}
}

/* ---- annotations ---- */

static bool is_property_name(const char *name)
{
	const char *c = name;

	while ((*c >= 'a' && *c <= 'z') || (*c >= 'A' && *c <= 'Z'))
		c++;
	return *c == '\0' && c - name >= 3;
}

int properties_of_annotations(struct property_list *l, const struct pairs *annotations,
			      struct error *e)
{
	FOR_EACH(p, *annotations) {
		const char *name = p->key + strlen(ANNOTATION_PROPERTY);
		const char *at = arena_printf(l->arena, "annotations.%s", p->key);

		if (!str_starts(p->key, ANNOTATION_PROPERTY))
			continue;
		if (!is_property_name(name))
			return fail_at(e, at, 0, "\"%s\" is not the name of a systemd property",
				       name);
		property_add(l, name, "", p->value, at);
	}
	return 0;
}

/* ---- all together ---- */

static void add_own(struct property_list *l, const struct cgroup_place *p, const char *wanted,
		    const char *id)
{
	property_add(l, "Description", "s", arena_printf(l->arena, "yacr container %s", id), "");
	property_add(l, "DefaultDependencies", "b", "false", "");
	if (!unit_is_scope(
		    p)) /* where a slice is follows from its name, and it cannot be delegated */
		return;
	property_add(l, "Slice", "s", p->slice, wanted && wanted[0] ? "linux.cgroupsPath" : "");
	property_add(l, "Delegate", "b", "true", "");
}

/*
 * What a slice and all in it have no use for, systemd clears away in v1 hierarchies of its own,
 * and with it a cgroup that a container has not yet joined.  Delegate does not stand for all of
 * them, and a slice has none.
 */
static void add_accounts(struct property_list *l, const struct facts *f)
{
	static const struct {
		const char *controller, *property;
		unsigned int since;
	} accounts[] = {
		{"cpu", "CPUAccounting", 208},
		{"memory", "MemoryAccounting", 208},
		{"blkio", "BlockIOAccounting", 208},
		{"pids", "TasksAccounting", 227},
	};

	for (size_t i = 0; i < ARRAY_SIZE(accounts); i++)
		if (hierarchy_v1(f, accounts[i].controller))
			property_add(l, accounts[i].property, "b", "true", "")->since =
				accounts[i].since;
}

static int add_resources(struct property_list *l, const struct resources *r, const struct facts *f,
			 bool devices, struct error *e)
{
	device_rules rules;
	limit_list limits;

	if (cgroup_limits(&limits, l->arena, r, f, e) < 0)
		return -1;
	properties_of_limits(l, &limits);
	if (!devices || !devices_wanted(f))
		return 0;
	if (devices_rules(&rules, l->arena, r, e) < 0)
		return -1;
	properties_of_devices(l, &rules, hierarchy_v1(f, "devices") != NULL);
	return 0;
}

int unit_properties_new(struct unit_properties *out, struct arena *a, const struct cgroup_place *p,
			const struct config *c, const struct facts *f, const char *id,
			struct error *e)
{
	const struct resources *r = c->linux_.resources;
	struct property_list l = {.arena = a};

	add_own(&l, p, c->linux_.cgroups_path, id);
	add_accounts(&l, f);
	/* a share of what the machine can hold would be systemd's default; other drivers have none */
	if (!r || !r->pids || !r->pids->limit.set)
		property_add(&l, "TasksMax", "t", "18446744073709551615", "")->since = 227;
	if (add_resources(&l, r, f, true, e) < 0 ||
	    properties_of_annotations(&l, &c->annotations, e) < 0)
		return -1;
	*out = (struct unit_properties){.v = l.v, .n = l.n};
	return 0;
}

int unit_properties_update(struct unit_properties *out, struct arena *a, const struct resources *r,
			   const struct facts *f, struct error *e)
{
	struct property_list l = {.arena = a};

	if (add_resources(&l, r, f, r && r->devices.n > 0, e) < 0)
		return -1;
	*out = (struct unit_properties){.v = l.v, .n = l.n};
	return 0;
}

/* ---- printing ---- */

static const char *type_of(const struct unit_property *p)
{
	return p->type[0] ? p->type : "variant";
}

void unit_print(struct buf *out, const struct cgroup_place *p, const struct unit_properties *l)
{
	buf_printf(out, "unit      %s in %s\n", p->unit, p->slice);
	FOR_EACH(x, *l) {
		size_t start = out->len;

		buf_printf(out, "property  %s %s ", x->name, type_of(x));
		explain_value(out, x->value);
		explain_at(out, start, x->at);
	}
}

void unit_print_json(struct json_writer *w, const struct cgroup_place *p,
		     const struct unit_properties *l)
{
	json_write_object(w, "unit");
	json_write_string(w, "name", p->unit);
	json_write_string(w, "slice", p->slice);
	json_write_array(w, "properties");
	FOR_EACH(x, *l) {
		json_write_object(w, NULL);
		json_write_string(w, "name", x->name);
		json_write_string(w, "type", type_of(x));
		json_write_string(w, "value", x->value);
		json_write_string(w, "config", x->at);
		json_write_object_end(w);
	}
	json_write_array_end(w);
	json_write_object_end(w);
}
