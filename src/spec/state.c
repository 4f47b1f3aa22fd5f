/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/state.h"

#include "spec/names.h"
#include "spec/tables.h"

const struct name status_names[] = {
	{"creating", STATUS_CREATING}, {"created", STATUS_CREATED}, {"running", STATUS_RUNNING},
	{"paused", STATUS_PAUSED},     {"stopped", STATUS_STOPPED}, {NULL},
};

const struct name cgroup_driver_names[] = {
	{"cgroupfs", CGROUP_DRIVER_FS},
	{"systemd", CGROUP_DRIVER_SYSTEMD},
	{"disabled", CGROUP_DRIVER_DISABLED},
	{NULL},
};

static const struct field cgroup_dir_fields[] = {
	FIELD(struct cgroup_dir, hierarchy, "hierarchy", .write_zero = true),
	FIELD(struct cgroup_dir, mountpoint, "mountpoint", .required = true),
	FIELD(struct cgroup_dir, path, "path", .required = true),
	FIELD(struct cgroup_dir, made, "made"),
};

static const struct table cgroup_dir_table = TABLE(struct cgroup_dir, cgroup_dir_fields);

static const struct field cgroup_place_fields[] = {
	FIELD(struct cgroup_place, driver, "driver", .names = cgroup_driver_names),
	FIELD(struct cgroup_place, unit, "unit"),
	FIELD(struct cgroup_place, slice, "slice"),
	FIELD(struct cgroup_place, manager, "manager"),
	FIELD_LIST(struct cgroup_place, dirs, "dirs", cgroup_dir_table),
};

static const struct table cgroup_place_table = TABLE(struct cgroup_place, cgroup_place_fields);

static const struct field rdt_group_fields[] = {
	FIELD(struct rdt_group, name, "name"),
	FIELD(struct rdt_group, monitoring, "monitoring"),
	FIELD(struct rdt_group, made, "made"),
	FIELD(struct rdt_group, shared, "shared"),
};

static const struct table rdt_group_table = TABLE(struct rdt_group, rdt_group_fields);

static const struct field seccomp_agent_fields[] = {
	FIELD(struct seccomp_agent, path, "path", .required = true),
	FIELD(struct seccomp_agent, metadata, "metadata"),
};

static const struct table seccomp_agent_table = TABLE(struct seccomp_agent, seccomp_agent_fields);

static const struct field host_mounts_fields[] = {
	FIELD(struct host_mounts, below, "below", .required = true),
	FIELD(struct host_mounts, before, "before"),
};

static const struct table host_mounts_table = TABLE(struct host_mounts, host_mounts_fields);

static const struct field state_fields[] = {
	FIELD(struct state, format, "format", .required = true),
	FIELD(struct state, oci_version, "ociVersion"),
	FIELD(struct state, id, "id", .required = true),
	FIELD(struct state, status, "status", .required = true, .names = status_names),
	FIELD(struct state, pid, "pid", RANGE(0, INT32_MAX)),
	FIELD(struct state, start_time, "startTime"),
	FIELD(struct state, pidfd_inode, "pidfdInode"),
	FIELD(struct state, creator, "creator", RANGE(0, INT32_MAX)),
	FIELD(struct state, creator_start, "creatorStartTime"),
	FIELD(struct state, boot_id, "bootID"),
	FIELD(struct state, bundle, "bundle"),
	FIELD(struct state, rootfs, "rootfs"),
	FIELD(struct state, created, "created"),
	FIELD(struct state, owner, "owner"),
	FIELD(struct state, has_process, "hasProcess"),
	FIELD(struct state, pid_ns_is_shared, "pidNamespaceIsShared"),
	FIELD_INLINE(struct state, cgroup, "cgroup", cgroup_place_table),
	FIELD_OBJECT(struct state, intel_rdt, "intelRdt", rdt_group_table),
	FIELD_OBJECT(struct state, hooks, "hooks", hooks_table),
	FIELD_OBJECT(struct state, seccomp_agent, "seccompAgent", seccomp_agent_table),
	FIELD_OBJECT(struct state, host_mounts, "hostMounts", host_mounts_table),
	FIELD(struct state, annotations, "annotations"),
};

const struct table state_table = TABLE(struct state, state_fields);

static const struct field exec_defaults_fields[] = {
	FIELD_OBJECT(struct exec_defaults, process, "process", process_table),
	FIELD_OBJECT(struct exec_defaults, personality, "personality", personality_table),
	FIELD_OBJECT(struct exec_defaults, memory_policy, "memoryPolicy", memory_policy_table),
	FIELD_NAMES(struct exec_defaults, namespaces, "namespaces", namespace_names),
	FIELD(struct exec_defaults, no_new_keyring, "noNewKeyring"),
	FIELD(struct exec_defaults, seccomp_flags, "seccompFlags"),
	FIELD(struct exec_defaults, external_mounts, "externalMounts"),
	FIELD(struct exec_defaults, external_namespaces, "externalNamespaces"),
};

const struct table exec_defaults_table = TABLE(struct exec_defaults, exec_defaults_fields);

int state_read(struct state *out, struct arena *a, char *text, size_t len, struct error *e)
{
	struct state s = {0};

	if (table_read(&state_table, &s, a, text, len, e) < 0)
		return error_context(e, "cannot read the container's state");
	if (s.format != STATE_FORMAT)
		return fail(e, 0, "the container's state has format %ju, this yacr reads %d",
			    (uintmax_t)s.format, STATE_FORMAT);
	*out = s;
	return 0;
}

void state_write(const struct state *s, struct buf *out)
{
	struct json_writer w = json_writer(out, 0);

	table_write(&state_table, s, &w, NULL);
	buf_putc(out, '\n');
}

/* Names of users are for a program with NSS; "#uid" is how a nameless one is shown. */
static void write_owner(struct json_writer *w, uint32_t uid)
{
	char text[sizeof("#4294967295")];

	if (uid == 0)
		json_write_string(w, "owner", "root");
	else if (str_format(text, sizeof(text), "#%u", uid) == 0)
		json_write_string(w, "owner", text);
}

void state_write_oci(const struct state *s, int status, int64_t pid, bool extra,
		     struct json_writer *w)
{
	json_write_object(w, NULL);
	json_write_string(w, "ociVersion", OCI_VERSION);
	json_write_string(w, "id", s->id);
	json_write_i64(w, "pid", pid);
	json_write_string(w, "status", name_of(status_names, status));
	json_write_string(w, "bundle", s->bundle);
	if (extra) {
		json_write_string(w, "rootfs", s->rootfs);
		json_write_string(w, "created", s->created);
		write_owner(w, s->owner);
	}
	if (s->annotations.n) {
		json_write_object(w, "annotations");
		FOR_EACH(a, s->annotations)
			json_write_string(w, a->key, a->value);
		json_write_object_end(w);
	}
	json_write_object_end(w);
}
