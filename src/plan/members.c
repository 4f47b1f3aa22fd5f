/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/members.h"

#include <linux/mount.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/list.h"
#include "spec/names.h"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000 /* Linux 5.14 */
#endif

static const struct name barrier_names[] = {
	{"mapped", BARRIER_MAPPED}, {"userns", BARRIER_USERNS}, {"hooks", BARRIER_HOOKS},
	{"ready", BARRIER_READY},   {"built", BARRIER_BUILT},	{NULL},
};

static const struct name hook_kind_names[] = {
	{"prestart", 0},
	{"createRuntime", 1},
	{"createContainer", 2},
	{"startContainer", 3},
	{"poststart", 4},
	{"poststop", 5},
	{NULL},
};

/* MOUNT_ATTR_*; access time is one value of several, and 0, relatime, is seen in .clear only. */
static const struct name attribute_names[] = {
	{"ro", MOUNT_ATTR_RDONLY},
	{"nosuid", MOUNT_ATTR_NOSUID},
	{"nodev", MOUNT_ATTR_NODEV},
	{"noexec", MOUNT_ATTR_NOEXEC},
	{"atime", MOUNT_ATTR__ATIME},
	{"noatime", MOUNT_ATTR_NOATIME},
	{"strictatime", MOUNT_ATTR_STRICTATIME},
	{"nodiratime", MOUNT_ATTR_NODIRATIME},
	{"nosymfollow", MOUNT_ATTR_NOSYMFOLLOW},
	{NULL},
};

static const struct name superblock_names[] = {
	{"ro", MS_RDONLY},
	{"sync", MS_SYNCHRONOUS},
	{"dirsync", MS_DIRSYNC},
	{"lazytime", MS_LAZYTIME},
	{"iversion", MS_I_VERSION},
	{"silent", MS_SILENT},
	{NULL},
};

static const struct name propagation_names[] = {
	{"private", MS_PRIVATE},       {"shared", MS_SHARED}, {"slave", MS_SLAVE},
	{"unbindable", MS_UNBINDABLE}, {"recursive", MS_REC}, {NULL},
};

static const struct name mount_flag_names[] = {
	{"bind", MOUNT_BIND},
	{"recursive", MOUNT_RECURSIVE},
	{"remount", MOUNT_REMOUNT},
	{"copy-up", MOUNT_COPY_UP},
	{"src-nofollow", MOUNT_SRC_NOFOLLOW},
	{"dest-nofollow", MOUNT_DEST_NOFOLLOW},
	{"copy-symlink", MOUNT_COPY_SYMLINK},
	{"idmap-recursive", MOUNT_IDMAP_RECURSIVE},
	{"keep-mode", MOUNT_KEEP_MODE},
	{"data-ignored", MOUNT_DATA_IGNORED},
	{"or-bind", MOUNT_OR_BIND},
	{"fallback-ro", MOUNT_FALLBACK_READONLY},
	{"on-proc", MOUNT_ON_PROC},
	{NULL},
};

static const struct name device_type_names[] = {
	{"c", S_IFCHR},
	{"b", S_IFBLK},
	{"p", S_IFIFO},
	{NULL},
};

static const struct name pivot_names[] = {
	{"pivot_root", PIVOT_ROOT},
	{"move", PIVOT_MOVE},
	{"chroot", PIVOT_CHROOT},
	{NULL},
};

static const struct name lsm_names[] = {
	{"apparmor", LABEL_APPARMOR},
	{"selinux", LABEL_SELINUX},
	{NULL},
};

const struct name slot_kind_names[] = {
	{"namespace", SLOT_NAMESPACE}, {"rootfs", SLOT_ROOTFS},
	{"tree", SLOT_TREE},	       {"by-init", SLOT_BY_INIT},
	{"idmap", SLOT_IDMAP},	       {"log", SLOT_LOG},
	{"process", SLOT_PROCESS},     {NULL},
};

/*
 * ROW(op, member, KIND, ...): the size of the member is checked against the kind,
 * which is what a wrong kind would get wrong.
 */
#define SIZE_OF_KIND(kind)                                                              \
	((kind) == MEMBER_SWITCH						    ? 1 \
	 : (kind) == MEMBER_U16 || (kind) == MEMBER_BITS16 || (kind) == MEMBER_SLOT ? 2 \
	 : (kind) == MEMBER_U64 || (kind) == MEMBER_I64 || (kind) == MEMBER_LIMIT ||    \
			 (kind) == MEMBER_CAPS || (kind) == MEMBER_BITS64 ||            \
			 (kind) == MEMBER_VEC || (kind) == MEMBER_U32S                  \
		 ? 8                                                                    \
		 : 4)
#define CHECKED(T, path, kind_)         \
	((uint16_t)(offsetof(T, path) + \
		    0 * sizeof(char[sizeof(((T *)0)->path) == SIZE_OF_KIND(kind_) ? 1 : -1])))

/* clang-format off */
#define ROW_AS(name_, op_, member_, kind_, ...)                                             \
	{ .name = name_, .kind = MEMBER_##kind_,                                            \
	  .offset = CHECKED(struct op, op_.member_, MEMBER_##kind_), ##__VA_ARGS__ }
#define ROW(op_, member_, kind_, ...) ROW_AS(#member_, op_, member_, kind_, ##__VA_ARGS__)
#define SLOT_ROW(member_, kind_, ...)                                                       \
	{ .name = #member_, .kind = MEMBER_##kind_,                                         \
	  .offset = CHECKED(struct slot, member_, MEMBER_##kind_), ##__VA_ARGS__ }
/* clang-format on */

#define MEMBERS(op_, ...) static const struct member op_##_members[] = {__VA_ARGS__}

/* ---- namespaces ---- */

MEMBERS(barrier, ROW(barrier, id, ENUM, .names = barrier_names, .bare = true),
	ROW(barrier, open, SWITCH));
MEMBERS(id_maps, ROW(id_maps, uid_map, LINES), ROW(id_maps, gid_map, LINES),
	ROW(id_maps, deny_setgroups, SWITCH), ROW(id_maps, use_helpers, SWITCH));
MEMBERS(userns_root, ROW(userns_root, optional, SWITCH));
MEMBERS(join_cgroup);
MEMBERS(delegated_cgroup);
MEMBERS(cpu_affinity, ROW(cpu_affinity, cpus, U32S), ROW(cpu_affinity, any, SWITCH));
MEMBERS(join_ns, ROW(join_ns, type, BITS, .names = namespace_names, .bare = true),
	ROW(join_ns, path, STR, .bare = true), ROW(join_ns, slot, SLOT));
MEMBERS(unshare, ROW(unshare, flags, BITS, .names = namespace_names, .bare = true));
MEMBERS(time_offsets, ROW(time_offsets, text, LINES, .bare = true));
MEMBERS(refork);
MEMBERS(session);
MEMBERS(keyring, ROW(keyring, name, STR, .bare = true), ROW(keyring, label, STR));
MEMBERS(loopback);
MEMBERS(net_device, ROW(net_device, name, STR, .bare = true), ROW(net_device, new_name, STR));
MEMBERS(rlimit, ROW(rlimit, resource, ENUM, .names = rlimit_names, .bare = true, .always = true),
	ROW(rlimit, soft, LIMIT, .always = true), ROW(rlimit, hard, LIMIT, .always = true),
	ROW(rlimit, late, SWITCH));
MEMBERS(oom_score, ROW(oom_score, value, I32, .bare = true, .always = true));
MEMBERS(intel_rdt, ROW(intel_rdt, clos_id, STR), ROW(intel_rdt, l3, STR), ROW(intel_rdt, mb, STR),
	ROW(intel_rdt, schemata, VEC), ROW(intel_rdt, clos_given, SWITCH),
	ROW(intel_rdt, monitoring, SWITCH), ROW(intel_rdt, id, STR));

/* ---- the root file system ---- */

MEMBERS(open_source, ROW(open_source, path, STR, .bare = true), ROW(open_source, slot, SLOT),
	ROW(open_source, nofollow, SWITCH), ROW(open_source, directory, SWITCH),
	ROW(open_source, procfs, SWITCH));
MEMBERS(rootfs, ROW(rootfs, path, STR, .bare = true), ROW(rootfs, slot, SLOT),
	ROW(rootfs, propagation, BITS, .names = propagation_names));
MEMBERS(enter, ROW(enter, root, SLOT));
MEMBERS(mount, ROW(mount, target, STR, .bare = true), ROW(mount, type, STR),
	ROW(mount, source, STR), ROW(mount, slot, SLOT),
	ROW(mount, flags, BITS16, .names = mount_flag_names),
	ROW(mount, set, BITS, .names = attribute_names),
	ROW(mount, clear, BITS, .names = attribute_names),
	ROW(mount, rec_set, BITS, .names = attribute_names),
	ROW(mount, rec_clear, BITS, .names = attribute_names),
	ROW(mount, sb_set, BITS, .names = superblock_names),
	ROW(mount, sb_clear, BITS, .names = superblock_names), ROW(mount, data, STR),
	ROW(mount, propagation, PROPAGATION), ROW(mount, keep, SLOT), ROW(mount, userns, SLOT),
	ROW(mount, fallback, STR));
MEMBERS(cgroup_tree, ROW_AS("target", cgroup_tree, mount.target, STR, .bare = true),
	ROW_AS("flags", cgroup_tree, mount.flags, BITS16, .names = mount_flag_names),
	ROW_AS("set", cgroup_tree, mount.set, BITS, .names = attribute_names),
	ROW_AS("clear", cgroup_tree, mount.clear, BITS, .names = attribute_names),
	ROW_AS("sb_set", cgroup_tree, mount.sb_set, BITS, .names = superblock_names),
	ROW_AS("data", cgroup_tree, mount.data, STR),
	ROW_AS("propagation", cgroup_tree, mount.propagation, PROPAGATION),
	ROW_AS("keep", cgroup_tree, mount.keep, SLOT), ROW(cgroup_tree, slot, SLOT),
	ROW(cgroup_tree, targets, VEC), ROW(cgroup_tree, links, VEC));
MEMBERS(device, ROW(device, path, STR, .bare = true),
	ROW(device, type, ENUM, .names = device_type_names, .bare = true),
	ROW(device, major, U32, .always = true), ROW(device, minor, U32, .always = true),
	ROW(device, mode, OCTAL, .always = true), ROW(device, uid, U32), ROW(device, gid, U32),
	ROW(device, bind, SWITCH), ROW(device, is_default, SWITCH));
MEMBERS(directory, ROW(directory, path, STR, .bare = true), ROW(directory, mode, OCTAL));
MEMBERS(symlink, ROW(symlink, path, STR, .bare = true), ROW(symlink, target, STR),
	ROW(symlink, needs, STR));
MEMBERS(console, ROW(console, height, U16), ROW(console, width, U16), ROW(console, uid, U32),
	ROW(console, bind, SWITCH), ROW(console, newlines, SWITCH));
MEMBERS(host_hook,
	ROW(host_hook, kind, ENUM, .names = hook_kind_names, .bare = true, .always = true),
	ROW(host_hook, index, U32, .bare = true, .always = true));
MEMBERS(hook, ROW(hook, what, STR, .bare = true), ROW(hook, path, STR), ROW(hook, argv, VEC),
	ROW(hook, env, VEC), ROW(hook, inherit_env, SWITCH), ROW(hook, timeout, I64),
	ROW(hook, state_head, STR), ROW(hook, state_tail, STR), ROW(hook, out, SLOT),
	ROW(hook, err, SLOT));
MEMBERS(pivot, ROW(pivot, how, ENUM, .names = pivot_names, .bare = true));
MEMBERS(propagation, ROW(propagation, flags, BITS, .names = propagation_names, .bare = true));
MEMBERS(hostname, ROW(hostname, name, STR, .bare = true));
MEMBERS(domainname, ROW(domainname, name, STR, .bare = true));
MEMBERS(sysctl, ROW(sysctl, file, STR, .bare = true), ROW(sysctl, value, STR));
MEMBERS(readonly_path, ROW(readonly_path, path, STR, .bare = true));
MEMBERS(masked_path, ROW(masked_path, path, STR, .bare = true), ROW(masked_path, data, STR));
MEMBERS(readonly_root);

/* ---- the process ---- */

MEMBERS(scheduler,
	ROW(scheduler, policy, ENUM, .names = scheduler_policy_names, .plus_one = true,
	    .bare = true, .always = true),
	ROW(scheduler, flags, BITS64, .names = scheduler_flag_names), ROW(scheduler, priority, U32),
	ROW(scheduler, nice, I32), ROW(scheduler, runtime, U64), ROW(scheduler, deadline, U64),
	ROW(scheduler, period, U64));
MEMBERS(io_priority, ROW(io_priority, value, IO_PRIORITY, .bare = true, .always = true));
MEMBERS(personality, ROW(personality, domain, ENUM, .names = personality_names, .plus_one = true,
			 .bare = true, .always = true));
MEMBERS(memory_policy, ROW(memory_policy, mode, POLICY, .bare = true, .always = true),
	ROW(memory_policy, nodes, U32S));
MEMBERS(cwd, ROW(cwd, path, STR, .bare = true), ROW(cwd, again, SWITCH));
MEMBERS(bounding, ROW(bounding, keep, CAPS, .bare = true, .always = true));
MEMBERS(stdio, ROW(stdio, uid, U32, .always = true));
MEMBERS(ids, ROW(ids, uid, U32, .always = true), ROW(ids, gid, U32, .always = true),
	ROW(ids, umask, OCTAL, .always = true), ROW(ids, groups, U32S),
	ROW(ids, no_setgroups, SWITCH), ROW(ids, keep_groups, SWITCH));
MEMBERS(capabilities, ROW(capabilities, effective, CAPS, .always = true),
	ROW(capabilities, permitted, CAPS, .always = true),
	ROW(capabilities, inheritable, CAPS, .always = true),
	ROW(capabilities, ambient, CAPS, .always = true));
MEMBERS(no_new_privs);
MEMBERS(exec_label, ROW(exec_label, lsm, ENUM, .names = lsm_names, .bare = true),
	ROW(exec_label, label, STR, .bare = true));
MEMBERS(find_executable, ROW(find_executable, file, STR, .bare = true),
	ROW(find_executable, path, STR));
MEMBERS(start_gate);
MEMBERS(close_fds, ROW(close_fds, keep, U32, .bare = true));
MEMBERS(seccomp, ROW(seccomp, program, FILTER),
	ROW(seccomp, flags, BITS, .names = seccomp_flag_names), ROW(seccomp, notify, SWITCH),
	ROW(seccomp, slot, SLOT));
MEMBERS(exec, ROW(exec, argv, VEC), ROW(exec, env, VEC), ROW(exec, no_process, SWITCH),
	ROW(exec, listen_pid, SWITCH));

/* clang-format off */
#define OF(name_, side_, members_)                                                          \
	{ .name = name_, .side = side_, .members = members_, .count = ARRAY_SIZE(members_) }
/* clang-format on */

const struct op_info op_infos[OP_KINDS] = {
#define X(NAME, name_, side_) [OP_##NAME] = OF(#name_, SIDE_##side_, name_##_members),
	PLAN_OPS(X)
#undef X
};

static const struct member slot_members[] = {
	SLOT_ROW(path, STR, .bare = true),
	SLOT_ROW(type, BITS, .names = namespace_names),
	SLOT_ROW(pid, U32),
	SLOT_ROW(recursive, SWITCH),
	SLOT_ROW(nofollow, SWITCH),
	SLOT_ROW(directory, SWITCH),
	SLOT_ROW(procfs, SWITCH),
	SLOT_ROW(userns, SLOT),
	SLOT_ROW(idmap_recursive, SWITCH),
	SLOT_ROW(born_in, SWITCH),
	SLOT_ROW(as_is, SWITCH),
	SLOT_ROW(uid_map, LINES),
	SLOT_ROW(gid_map, LINES),
};

const struct op_info slot_info = OF("slot", SIDE_HOST, slot_members);
