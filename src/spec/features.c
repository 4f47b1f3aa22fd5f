/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/features.h"

#include "base/table.h"
#include "spec/config.h"
#include "spec/mountopt.h"
#include "spec/names.h"

struct feature_switch {
	bool enabled;
};

struct feature_cgroup {
	bool v1, v2, systemd, systemd_user, rdma;
};

struct feature_seccomp {
	bool enabled;
	struct strs actions, operators, archs, known_flags, supported_flags;
};

struct feature_memory_policy {
	struct strs modes, flags;
};

struct feature_intel_rdt {
	bool enabled, schemata, monitoring;
};

struct feature_mount_extensions {
	struct feature_switch idmap;
};

struct feature_linux {
	struct strs namespaces, capabilities;
	struct feature_cgroup cgroup;
	struct feature_seccomp seccomp;
	struct feature_switch apparmor, selinux;
	struct feature_memory_policy memory_policy;
	struct feature_intel_rdt intel_rdt;
	struct feature_mount_extensions mount_extensions;
	struct feature_switch net_devices;
};

struct features {
	const char *version_min, *version_max;
	struct strs hooks, mount_options;
	struct feature_linux linux_;
	struct pairs annotations;
	struct strs unsafe_annotations;
};

/* "false" says something here: it is written. */
#define SWITCH(T, member, name) FIELD(T, member, name, .write_zero = true)

static const struct field switch_fields[] = {
	SWITCH(struct feature_switch, enabled, "enabled"),
};

static const struct table switch_table = TABLE(struct feature_switch, switch_fields);

static const struct field cgroup_fields[] = {
	SWITCH(struct feature_cgroup, v1, "v1"),
	SWITCH(struct feature_cgroup, v2, "v2"),
	SWITCH(struct feature_cgroup, systemd, "systemd"),
	SWITCH(struct feature_cgroup, systemd_user, "systemdUser"),
	SWITCH(struct feature_cgroup, rdma, "rdma"),
};

static const struct table cgroup_table = TABLE(struct feature_cgroup, cgroup_fields);

static const struct field seccomp_fields[] = {
	SWITCH(struct feature_seccomp, enabled, "enabled"),
	FIELD(struct feature_seccomp, actions, "actions"),
	FIELD(struct feature_seccomp, operators, "operators"),
	FIELD(struct feature_seccomp, archs, "archs"),
	FIELD(struct feature_seccomp, known_flags, "knownFlags"),
	FIELD(struct feature_seccomp, supported_flags, "supportedFlags", .write_zero = true),
};

static const struct table seccomp_features_table = TABLE(struct feature_seccomp, seccomp_fields);

static const struct field memory_policy_fields[] = {
	FIELD(struct feature_memory_policy, modes, "modes"),
	FIELD(struct feature_memory_policy, flags, "flags"),
};

static const struct table memory_policy_table =
	TABLE(struct feature_memory_policy, memory_policy_fields);

static const struct field intel_rdt_fields[] = {
	SWITCH(struct feature_intel_rdt, enabled, "enabled"),
	SWITCH(struct feature_intel_rdt, schemata, "schemata"),
	SWITCH(struct feature_intel_rdt, monitoring, "monitoring"),
};

static const struct table intel_rdt_table = TABLE(struct feature_intel_rdt, intel_rdt_fields);

static const struct field mount_extensions_fields[] = {
	FIELD_INLINE(struct feature_mount_extensions, idmap, "idmap", switch_table),
};

static const struct table mount_extensions_table =
	TABLE(struct feature_mount_extensions, mount_extensions_fields);

static const struct field linux_fields[] = {
	FIELD(struct feature_linux, namespaces, "namespaces"),
	FIELD(struct feature_linux, capabilities, "capabilities"),
	FIELD_INLINE(struct feature_linux, cgroup, "cgroup", cgroup_table),
	FIELD_INLINE(struct feature_linux, seccomp, "seccomp", seccomp_features_table),
	FIELD_INLINE(struct feature_linux, apparmor, "apparmor", switch_table),
	FIELD_INLINE(struct feature_linux, selinux, "selinux", switch_table),
	FIELD_INLINE(struct feature_linux, memory_policy, "memoryPolicy", memory_policy_table),
	FIELD_INLINE(struct feature_linux, intel_rdt, "intelRdt", intel_rdt_table,
		     .write_zero = true),
	FIELD_INLINE(struct feature_linux, mount_extensions, "mountExtensions",
		     mount_extensions_table),
	FIELD_INLINE(struct feature_linux, net_devices, "netDevices", switch_table,
		     .write_zero = true),
};

static const struct table linux_features_table = TABLE(struct feature_linux, linux_fields);

static const struct field features_fields[] = {
	FIELD(struct features, version_min, "ociVersionMin"),
	FIELD(struct features, version_max, "ociVersionMax"),
	FIELD(struct features, hooks, "hooks"),
	FIELD(struct features, mount_options, "mountOptions"),
	FIELD_INLINE(struct features, linux_, "linux", linux_features_table),
	FIELD(struct features, annotations, "annotations"),
	FIELD(struct features, unsafe_annotations, "potentiallyUnsafeConfigAnnotations"),
};

static const struct table features_table = TABLE(struct features, features_fields);

/* The names whose value has only bits of @mask; UINT64_MAX: all. */
static struct strs names_within(struct arena *a, const struct name *names, uint64_t mask)
{
	struct strs s = {0};
	size_t n = 0;

	while (names[n].name)
		n++;
	s.v = ARENA_ARRAY(a, n + 1, const char *);
	for (size_t i = 0; i < n; i++)
		if ((((uint64_t)names[i].value) & ~mask) == 0)
			s.v[s.n++] = names[i].name;
	return s;
}

static struct strs all_names(struct arena *a, const struct name *names)
{
	return names_within(a, names, UINT64_MAX);
}

/* Only counts; the writer does not change what it is given. */
static struct strs borrowed(const char *const *v)
{
	struct strs s = {.v = (const char **)v};

	while (v[s.n])
		s.n++;
	return s;
}

static struct pairs annotations(struct arena *a, const char *layout)
{
	struct pairs out = {.v = ARENA_ARRAY(a, 3, struct pair)};

	out.v[out.n++] = (struct pair){"yacr.version", YACR_VERSION};
	/* what engines look for */
	out.v[out.n++] = (struct pair){"org.opencontainers.runc.checkpoint.enabled", "true"};
	if (layout)
		out.v[out.n++] = (struct pair){"yacr.host.cgroup", layout};
	return out;
}

static const char *const unsafe_annotations[] = {
	ANNOTATION_PROPERTY,	 ANNOTATION_SUBGROUP,	  ANNOTATION_KEEP_GROUPS,
	ANNOTATION_HOOKS_STDOUT, ANNOTATION_HOOKS_STDERR, ANNOTATION_MOUNT_CONTEXT,
	ANNOTATION_CRIU_CONFIG,	 ANNOTATION_DELEGATE,	  NULL,
};

static struct feature_seccomp seccomp_features(struct arena *a, uint32_t kernel_flags)
{
	return (struct feature_seccomp){
		.enabled = true,
		.actions = all_names(a, seccomp_action_names),
		.operators = all_names(a, seccomp_op_names),
		.archs = all_names(a, seccomp_arch_names),
		.known_flags = all_names(a, seccomp_flag_names),
		.supported_flags = names_within(a, seccomp_flag_names, kernel_flags),
	};
}

static struct feature_linux linux_features(struct arena *a, uint32_t kernel_seccomp_flags,
					   bool systemd)
{
	return (struct feature_linux){
		.namespaces = all_names(a, namespace_names),
		.capabilities = all_names(a, capability_names),
		.cgroup = {.v1 = true,
			   .v2 = true,
			   .systemd = systemd,
			   .systemd_user = systemd,
			   .rdma = true},
		.seccomp = seccomp_features(a, kernel_seccomp_flags),
		.apparmor = {true},
		.selinux = {true},
		.memory_policy = {all_names(a, memory_policy_names),
				  all_names(a, memory_policy_flag_names)},
		.mount_extensions = {.idmap = {true}},
		.intel_rdt = {true, true, true},
		.net_devices = {true},
	};
}

void features_write(struct buf *out, uint32_t seccomp_flags, bool systemd, const char *layout)
{
	struct arena *a = out->arena;
	struct features f = {
		.version_min = "1.0.0",
		.version_max = OCI_VERSION,
		.hooks = {(const char **)hook_names, HOOK_KINDS},
		.mount_options = borrowed(mount_option_names()),
		.linux_ = linux_features(a, seccomp_flags, systemd),
		.annotations = annotations(a, layout),
		.unsafe_annotations = borrowed(unsafe_annotations),
	};
	struct json_writer w = json_writer(out, 4);

	table_write(&features_table, &f, &w, NULL);
	buf_putc(out, '\n');
}
