/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/facts.h"

const struct name cgroup_layout_names[] = {
	{"none", CGROUP_NONE},
	{"v1", CGROUP_V1},
	{"hybrid", CGROUP_HYBRID},
	{"v2", CGROUP_V2},
	{NULL},
};

static const struct name rootless_names[] = {
	{"yes", ROOTLESS_TRUE},
	{"no", ROOTLESS_FALSE},
	{NULL},
};

static const struct field hierarchy_fields[] = {
	FIELD(struct cgroup_hierarchy, mountpoint, "mountpoint",
	      DOC("absent when it is not mounted")),
	FIELD(struct cgroup_hierarchy, controllers, "controllers", DOC("none for cgroup2")),
	FIELD(struct cgroup_hierarchy, own, "own", DOC("where yacr itself is")),
};

static const struct table hierarchy_table = TABLE(struct cgroup_hierarchy, hierarchy_fields);

static const struct field facts_fields[] = {
	FIELD(struct facts, kernel, "kernel", DOC("major * 1000 + minor")),
	FIELD(struct facts, euid, "euid", .write_zero = true),
	FIELD(struct facts, egid, "egid", .write_zero = true),
	FIELD(struct facts, host_uid, "hostUid", DOC("euid outside of all user namespaces")),
	FIELD(struct facts, privileged, "privileged", .write_zero = true,
	      DOC("CAP_SYS_ADMIN here")),
	FIELD(struct facts, in_userns, "inUserNamespace", DOC("not the initial one")),
	FIELD(struct facts, rootless, "rootless", .names = rootless_names,
	      DOC("--rootless; absent: found out when a cgroup may not be made")),
	FIELD(struct facts, mount_api, "mountApi", DOC("open_tree(2) and its family")),
	FIELD(struct facts, mount_setattr, "mountSetattr", DOC("mount_setattr(2)")),
	FIELD(struct facts, time_ns, "timeNamespace"),
	FIELD(struct facts, setgroups_denied, "setgroupsDenied", DOC("user_namespaces(7)")),
	FIELD(struct facts, apparmor, "apparmor"),
	FIELD(struct facts, selinux, "selinux"),
	FIELD(struct facts, rootfs_on_initramfs, "rootOnInitramfs", DOC("no pivot_root(2)")),
	FIELD(struct facts, last_cap, "lastCapability", DOC("the kernel's highest; 0: not known")),
	FIELD(struct facts, cgroup, "cgroup", .names = cgroup_layout_names),
	FIELD_LIST(struct facts, hierarchies, "hierarchies", hierarchy_table),
	FIELD(struct facts, sub_uids, "subUids", DOC("first id of a range of this user: how many")),
	FIELD(struct facts, sub_gids, "subGids"),
};

const struct table facts_table = TABLE(struct facts, facts_fields);
