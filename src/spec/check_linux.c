/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/check.h"

#include <linux/mempolicy.h>
#include <linux/sched.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "spec/cpulist.h"
#include "spec/mountopt.h"
#include "spec/names.h"
#include "spec/sysctl.h"

/* user_namespaces(7): lines of a map, since Linux 4.15. */
#define ID_MAPPINGS_MAX 340

static int check_namespaces(const struct config *c, struct error *e)
{
	int seen = 0;

	for (size_t i = 0; i < c->linux_.namespaces.n; i++) {
		const struct namespace *ns = &c->linux_.namespaces.v[i];

		if (seen & ns->type) {
			fail_at(e, "type", 0, "the %s namespace is there twice",
				name_of(namespace_names, ns->type));
			return at_element(e, "namespaces", i);
		}
		if (ns->path && check_absolute(ns->path, "path", e) < 0)
			return at_element(e, "namespaces", i);
		seen |= ns->type;
	}
	return 0;
}

static bool overlap(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a < b ? b - a < a_size : a - b < b_size;
}

static int check_id_mapping(const id_mappings *mappings, size_t i, struct error *e)
{
	const struct id_mapping *m = &mappings->v[i];

	/* 4294967295 is no id */
	if (m->container_id > UINT32_MAX - m->size || m->host_id > UINT32_MAX - m->size)
		return fail_at(e, "size", 0, "the range leads beyond the highest id");
	for (size_t k = 0; k < i; k++) {
		const struct id_mapping *other = &mappings->v[k];

		if (overlap(m->container_id, m->size, other->container_id, other->size))
			return fail_at(e, "containerID", 0,
				       "the range overlaps that of mapping %zu", k);
		if (overlap(m->host_id, m->size, other->host_id, other->size))
			return fail_at(e, "hostID", 0, "the range overlaps that of mapping %zu", k);
	}
	return 0;
}

int check_id_mappings(const id_mappings *mappings, struct error *e)
{
	if (mappings->n > ID_MAPPINGS_MAX)
		return fail(e, 0, "more than %d id mappings", ID_MAPPINGS_MAX);
	for (size_t i = 0; i < mappings->n; i++)
		if (check_id_mapping(mappings, i, e) < 0)
			return at_element(e, "", i);
	return 0;
}

/* A joined namespace has its maps already; they may be repeated, which the host compares. */
static int check_user_namespace(const struct config *c, struct error *e)
{
	const struct linux_config *l = &c->linux_;
	const struct namespace *ns = config_namespace(c, CLONE_NEWUSER);

	if (!ns && l->uid_mappings.n)
		return fail_at(e, "uidMappings", 0, "id mappings need a user namespace");
	if (!ns && l->gid_mappings.n)
		return fail_at(e, "gidMappings", 0, "id mappings need a user namespace");
	if (ns && !ns->path && !l->uid_mappings.n)
		return fail_at(e, "uidMappings", 0, "a new user namespace needs them");
	if (ns && !ns->path && !l->gid_mappings.n)
		return fail_at(e, "gidMappings", 0, "a new user namespace needs them");
	if (check_id_mappings(&l->uid_mappings, e) < 0)
		return error_at_prefix(e, "uidMappings");
	if (check_id_mappings(&l->gid_mappings, e) < 0)
		return error_at_prefix(e, "gidMappings");
	return 0;
}

static int check_time_offsets(const struct config *c, struct error *e)
{
	const struct namespace *ns = config_namespace(c, CLONE_NEWTIME);

	if (c->linux_.time_offsets.n == 0)
		return 0;
	if (!ns || ns->path)
		return fail_at(e, "timeOffsets", 0, "time offsets need a new time namespace");
	FOR_EACH(offset, c->linux_.time_offsets)
		if (!name_find(clock_names, offset->clock)) {
			fail(e, 0, "\"%s\" is not a clock of a time namespace", offset->clock);
			return at_member(e, "timeOffsets", offset->clock);
		}
	return 0;
}

static int check_sysctl(const struct config *c, struct error *e)
{
	FOR_EACH(setting, c->linux_.sysctl)
		if (sysctl_check(c, setting, e) < 0)
			return at_member(e, "sysctl", setting->key);
	return 0;
}

/* They are mounts: without a mount namespace of its own the host would get them. */
static int check_paths(const struct config *c, const struct strs *paths, const char *at,
		       struct error *e)
{
	if (paths->n && !config_namespace(c, CLONE_NEWNS))
		return fail_at(e, at, 0, "%s need a mount namespace", at);
	for (size_t i = 0; i < paths->n; i++)
		if (check_absolute(paths->v[i], "", e) < 0)
			return at_element(e, at, i);
	return 0;
}

static int check_propagation(const struct config *c, struct error *e)
{
	const char *value = c->linux_.rootfs_propagation;

	if (!value)
		return 0;
	if (mount_propagation_find(value) < 0)
		return fail_at(e, "rootfsPropagation", 0, "\"%s\" is not a mount propagation",
			       value);
	if (!config_namespace(c, CLONE_NEWNS))
		return fail_at(e, "rootfsPropagation", 0,
			       "rootfsPropagation needs a mount namespace");
	return 0;
}

/* It is handed to the kernel in quotes: one of its own would let it end there, and options follow. */
static int check_mount_label(const char *label, struct error *e)
{
	return label && strchr(label, '"')
		       ? fail_at(e, "mountLabel", 0, "a label has no quotation marks")
		       : 0;
}

static bool leads_up(const char *path)
{
	for (const char *s = str_find(path, ".."); s; s = str_find(s + 1, ".."))
		if ((s == path || s[-1] == '/') && (s[2] == '/' || s[2] == '\0'))
			return true;
	return false;
}

static int check_cgroups_path(const char *path, struct error *e)
{
	if (!path)
		return 0;
	if (leads_up(path))
		return fail_at(e, "cgroupsPath", 0, "\"%s\" has a component \"..\"", path);
	if (strchr(path, '\n'))
		return fail_at(e, "cgroupsPath", 0, "the path has a line break");
	return 0;
}

static int check_schema(const char *line, const char *start, const char *at, struct error *e)
{
	if (!line)
		return 0;
	if (start && !str_starts(line, start))
		return fail_at(e, at, 0, "\"%s\" does not start with \"%s\"", line, start);
	if (strchr(line, '\n'))
		return fail_at(e, at, 0, "a schema is one line");
	return 0;
}

int check_intel_rdt(const struct intel_rdt *rdt, struct error *e)
{
	const char *id = rdt->clos_id;

	if (id && !str_eq(id, "/") && (strchr(id, '/') || str_eq(id, ".") || str_eq(id, "..")))
		return fail_at(e, "closID", 0, "\"%s\" is not the name of a resctrl group", id);
	if (check_schema(rdt->l3_cache_schema, NULL, "l3CacheSchema", e) < 0 ||
	    check_schema(rdt->mem_bw_schema, "MB:", "memBwSchema", e) < 0)
		return -1;
	for (size_t i = 0; i < rdt->schemata.n; i++)
		if (check_schema(rdt->schemata.v[i], NULL, "", e) < 0)
			return at_element(e, "schemata", i);
	return 0;
}

static int check_memory_policy(const struct memory_policy *p, struct error *e)
{
	const char *name = name_of(memory_policy_names, p->mode);
	int mode = p->mode - 1, flags = 0;
	struct cpulist nodes = {.words = 0};

	if (p->nodes && cpulist_parse(&nodes, p->nodes, e) < 0)
		return error_at_prefix(e, "nodes");
	if ((mode == MPOL_DEFAULT || mode == MPOL_LOCAL) && nodes.words)
		return fail_at(e, "nodes", 0, "%s takes no nodes", name);
	if (mode != MPOL_DEFAULT && mode != MPOL_LOCAL && mode != MPOL_PREFERRED && !nodes.words)
		return fail_at(e, "nodes", 0, "%s needs nodes", name);
	FOR_EACH(flag, p->flags)
		flags |= *flag;
	if ((flags & MPOL_F_STATIC_NODES) && (flags & MPOL_F_RELATIVE_NODES))
		return fail_at(e, "flags", 0, "nodes are either static or relative");
	return 0;
}

static void warn_of_personality(const struct personality *p)
{
	FOR_EACH(flag, p->flags)
		log_warning("personality flag \"%s\" is unknown and ignored", *flag);
}

int check_linux(const struct config *c, struct error *e)
{
	const struct linux_config *l = &c->linux_;

	if (check_namespaces(c, e) < 0 || check_user_namespace(c, e) < 0 ||
	    check_time_offsets(c, e) < 0 || check_sysctl(c, e) < 0 ||
	    check_paths(c, &l->masked_paths, "maskedPaths", e) < 0 ||
	    check_paths(c, &l->readonly_paths, "readonlyPaths", e) < 0 ||
	    check_propagation(c, e) < 0 || check_mount_label(l->mount_label, e) < 0 ||
	    check_cgroups_path(l->cgroups_path, e) < 0)
		return -1;
	if (l->intel_rdt && check_intel_rdt(l->intel_rdt, e) < 0)
		return error_at_prefix(e, "intelRdt");
	if (l->memory_policy && check_memory_policy(l->memory_policy, e) < 0)
		return error_at_prefix(e, "memoryPolicy");
	if (l->personality)
		warn_of_personality(l->personality);
	return 0;
}
