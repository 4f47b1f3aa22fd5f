/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/config.h"

#include <string.h>

#include "spec/check.h"
#include "spec/tables.h"
#include "spec/version.h"

#define OTHER_PLATFORM "for another platform"

static const struct field config_fields[] = {
	FIELD(struct config, oci_version, "ociVersion", .required = true,
	      DOC("version of the runtime-spec, SemVer 2.0.0")),
	FIELD_OBJECT(struct config, process, "process", process_table,
		     DOC("the program; needed by start, not by create")),
	FIELD_OBJECT(struct config, root, "root", root_table, .required = true,
		     DOC("the root file system")),
	FIELD(struct config, hostname, "hostname", DOC("of the uts namespace")),
	FIELD(struct config, domainname, "domainname", DOC("of the uts namespace")),
	FIELD_LIST(struct config, mounts, "mounts", mount_table, DOC("in this order")),
	FIELD_OBJECT(struct config, hooks, "hooks", hooks_table),
	FIELD(struct config, annotations, "annotations", DOC("handed on to state and hooks")),
	FIELD_INLINE(struct config, linux_, "linux", linux_table),
	FIELD_IGNORED("solaris", OTHER_PLATFORM),
	FIELD_IGNORED("windows", OTHER_PLATFORM),
	FIELD_IGNORED("zos", OTHER_PLATFORM),
	FIELD_IGNORED("freebsd", OTHER_PLATFORM),
	FIELD_IGNORED("vm", "only binds a runtime that starts virtual machines"),
};

const struct table config_table = TABLE(struct config, config_fields);

static void absent_if_empty(const char **s)
{
	if (*s && **s == '\0')
		*s = NULL;
}

/* 1.3 made 0 a limit.  Callers who write an earlier version mean none: Podman's --pids-limit -1. */
static void limit_of_pids(struct pids *p, const char *version)
{
	struct version v;

	if (p->limit.v == 0 && version_parse(&v, version) == 0 && v.minor < 3)
		p->limit.v = -1;
}

/*
 * Callers write "" for strings they do not set.  Where the spec has no use for
 * an empty one, it is gone from here on, and so is what the spec wants ignored.
 */
static void normalise(struct config *c)
{
	struct linux_config *l = &c->linux_;
	const char **strings[] = {&c->hostname, &c->domainname, &l->cgroups_path,
				  &l->rootfs_propagation, &l->mount_label};

	for (size_t i = 0; i < ARRAY_SIZE(strings); i++)
		absent_if_empty(strings[i]);
	FOR_EACH(ns, l->namespaces)
		absent_if_empty(&ns->path);
	FOR_EACH(device, l->net_devices)
		absent_if_empty(&device->name);
	FOR_EACH(m, c->mounts) {
		absent_if_empty(&m->source);
		absent_if_empty(&m->type);
	}
	if (l->seccomp) {
		absent_if_empty(&l->seccomp->listener_path);
		absent_if_empty(&l->seccomp->listener_metadata);
	}
	if (l->intel_rdt) {
		absent_if_empty(&l->intel_rdt->clos_id);
		absent_if_empty(&l->intel_rdt->l3_cache_schema);
		absent_if_empty(&l->intel_rdt->mem_bw_schema);
	}
	if (l->resources && l->resources->pids)
		limit_of_pids(l->resources->pids, c->oci_version);
	if (c->process) {
		absent_if_empty(&c->process->apparmor_profile);
		absent_if_empty(&c->process->selinux_label);
		if (!c->process->terminal)
			c->process->console_size = NULL;
	}
}

/* bench/budgets counts what is in it, so it is not to dissolve in its caller. */
__attribute__((noinline)) int config_load(struct config *out, struct arena *a, char *text,
					  size_t len, struct error *e)
{
	struct config c = {0};

	if (table_read(&config_table, &c, a, text, len, e) < 0)
		return -1;
	normalise(&c);
	if (config_check(&c, e) < 0)
		return error_context(e, "%s", e->at); /* as table_read() words it */
	*out = c;
	return 0;
}

const struct namespace *config_namespace(const struct config *c, int type)
{
	FOR_EACH(ns, c->linux_.namespaces)
		if (ns->type == type)
			return ns;
	return NULL;
}

const char *config_annotation(const struct config *c, const char *key)
{
	FOR_EACH(a, c->annotations)
		if (str_eq(a->key, key))
			return a->value;
	return NULL;
}
