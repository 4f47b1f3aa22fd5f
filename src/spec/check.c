/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/check.h"

#include <linux/sched.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "spec/names.h"
#include "spec/version.h"

/* sethostname(2): __NEW_UTS_LEN. */
#define UTS_NAME_MAX 64

int at_element(struct error *e, const char *list, size_t index)
{
	char at[ERROR_AT_MAX];

	str_print(at, sizeof(at), "%s[%zu]", list, index);
	return error_at_prefix(e, at);
}

int at_member(struct error *e, const char *map, const char *key)
{
	char at[ERROR_AT_MAX];

	str_print(at, sizeof(at), "%s.%s", map, key);
	return error_at_prefix(e, at);
}

int check_absolute(const char *path, const char *at, struct error *e)
{
	if (path[0] != '/')
		return fail_at(e, at, 0, "\"%s\" is not an absolute path", path);
	return 0;
}

static int check_version(const char *text, struct error *e)
{
	struct version version, own;

	if (version_parse(&version, text) < 0)
		return fail_at(e, "ociVersion", 0, "\"%s\" is not a version by SemVer 2.0.0", text);
	if (version.major != 1)
		return fail_at(e, "ociVersion", 0, "version %s is not supported, only 1.x.y is",
			       text);
	if (version_parse(&own, OCI_VERSION) == 0 && version.minor > own.minor)
		log_debug("ociVersion %s is newer than %s: what is new in it is ignored", text,
			  OCI_VERSION);
	return 0;
}

static int check_uts_name(const struct config *c, const char *name, const char *at, struct error *e)
{
	if (!name)
		return 0;
	if (!config_namespace(c, CLONE_NEWUTS))
		return fail_at(e, at, 0, "a %s needs a uts namespace, or it would be the host's",
			       at);
	if (strlen(name) > UTS_NAME_MAX)
		return fail_at(e, at, 0, "longer than %d bytes", UTS_NAME_MAX);
	return 0;
}

static bool has_option(const struct mount *m, const char *name)
{
	FOR_EACH(option, m->options)
		if (str_eq(*option, name))
			return true;
	return false;
}

static int check_mount_idmap(const struct config *c, const struct mount *m, struct error *e)
{
	bool mapped = m->uid_mappings.n > 0;

	if (mapped != (m->gid_mappings.n > 0))
		return fail_at(e, mapped ? "uidMappings" : "gidMappings", 0,
			       "%s of a mount come together with %s",
			       mapped ? "uidMappings" : "gidMappings",
			       mapped ? "gidMappings" : "uidMappings");
	if (check_id_mappings(&m->uid_mappings, e) < 0)
		return error_at_prefix(e, "uidMappings");
	if (check_id_mappings(&m->gid_mappings, e) < 0)
		return error_at_prefix(e, "gidMappings");
	if (mapped || config_namespace(c, CLONE_NEWUSER))
		return 0;
	for (size_t i = 0; i < m->options.n; i++)
		if (str_eq(m->options.v[i], "idmap") || str_eq(m->options.v[i], "ridmap")) {
			fail(e, 0,
			     "option \"%s\" needs uidMappings and gidMappings, or a user "
			     "namespace to take them from",
			     m->options.v[i]);
			return at_element(e, "options", i);
		}
	return 0;
}

static int check_mount(const struct config *c, const struct mount *m, struct error *e)
{
	bool bind = has_option(m, "bind") || has_option(m, "rbind");

	if (m->destination[0] != '/')
		log_debug("mount destination \"%s\" is relative, which is deprecated: taken from /",
			  m->destination);
	if (bind && !m->source && !has_option(m, "remount"))
		return fail_at(e, "source", 0, "a bind mount needs a source");
	return check_mount_idmap(c, m, e);
}

static int check_hooks(const struct hooks *hooks, struct error *e)
{
	for (int kind = 0; kind < HOOK_KINDS; kind++) {
		const hook_list *list = hooks_of(hooks, (enum hook_kind)kind);

		for (size_t i = 0; i < list->n; i++)
			if (check_absolute(list->v[i].path, "path", e) < 0) {
				at_element(e, hook_names[kind], i);
				return error_at_prefix(e, "hooks");
			}
	}
	return 0;
}

/* mount(8), "SELinux". On a host without it the label is ignored, but not what can be none. */
static int check_mount_context(const char *type, struct error *e)
{
	static const char *const types[] = {"context", "fscontext", "defcontext", "rootcontext"};

	for (size_t i = 0; i < ARRAY_SIZE(types); i++)
		if (!type || str_eq(type, types[i]))
			return 0;
	return fail_at(e, "annotations." ANNOTATION_MOUNT_CONTEXT, 0,
		       "\"%s\" is none of context, fscontext, defcontext and rootcontext", type);
}

static int check_annotations(const struct config *c, struct error *e)
{
	FOR_EACH(a, c->annotations)
		if (a->key[0] == '\0')
			return fail_at(e, "annotations", 0, "a key is empty");
	return check_mount_context(config_annotation(c, ANNOTATION_MOUNT_CONTEXT), e);
}

int config_check(const struct config *c, struct error *e)
{
	if (check_version(c->oci_version, e) < 0 ||
	    check_uts_name(c, c->hostname, "hostname", e) < 0 ||
	    check_uts_name(c, c->domainname, "domainname", e) < 0)
		return -1;
	for (size_t i = 0; i < c->mounts.n; i++)
		if (check_mount(c, &c->mounts.v[i], e) < 0)
			return at_element(e, "mounts", i);
	if (check_hooks(c->hooks, e) < 0 || check_annotations(c, e) < 0)
		return -1;
	if (c->process && check_process(c, e) < 0)
		return error_at_prefix(e, "process");
	if (check_linux(c, e) < 0 || check_devices(c, e) < 0)
		return error_at_prefix(e, "linux");
	if (c->linux_.resources && check_resources(c->linux_.resources, e) < 0)
		return error_at_prefix(e, "linux.resources");
	if (c->linux_.seccomp && check_seccomp(c->linux_.seccomp, e) < 0)
		return error_at_prefix(e, "linux.seccomp");
	return 0;
}
