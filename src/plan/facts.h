/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_PLAN_FACTS_H
#define YACR_PLAN_FACTS_H

/*
 * What this host is, as far as a plan depends on it.  host/probe.c finds out;
 * golden tests write it down for machines that nobody has.  Plain data:
 * printable and parsable (base/table.h rows in facts.c), so that
 * `yacr explain --facts FILE` shows the plan for another machine.
 */

#include <stdint.h>

#include "base/list.h"
#include "base/table.h"

enum cgroup_layout { CGROUP_NONE = 1, CGROUP_V1, CGROUP_HYBRID, CGROUP_V2 };

/* What --rootless says; it is found out otherwise. */
enum rootless { ROOTLESS_AUTO, ROOTLESS_TRUE, ROOTLESS_FALSE };

struct cgroup_hierarchy {
	const char *mountpoint;	 /* "/sys/fs/cgroup/memory", "" when not mounted */
	struct strs controllers; /* "cpu", "cpuacct"; "name=systemd"; empty for cgroup2 */
	const char *own;	 /* where yacr itself is: "/user.slice" */
};

struct facts {
	uint32_t kernel; /* major * 1000 + minor: 6018 */
	uint32_t euid, egid;
	uint32_t host_uid; /* euid as the initial user namespace has it: whose systemd is ours */
	bool privileged;   /* CAP_SYS_ADMIN in the current user namespace */
	bool in_userns;	   /* not the initial user namespace */
	int rootless;	   /* enum rootless: whether to do without cgroups that are not ours */
	bool mount_api; /* open_tree(2), fsopen(2), move_mount(2) (5.2) are there and allowed here */
	bool mount_setattr;    /* 5.12 */
	bool time_ns;	       /* 5.6 */
	bool setgroups_denied; /* /proc/self/setgroups says deny */
	bool apparmor, selinux;
	bool rootfs_on_initramfs; /* "/" is the initial ramfs: pivot_root(2) cannot work */
	uint64_t last_cap;	  /* the kernel's highest capability */
	int cgroup;		  /* enum cgroup_layout */
	LIST(struct cgroup_hierarchy)
	hierarchies;			 /* v1 and hybrid: each v1 one, then cgroup2; v2: one */
	struct pairs sub_uids, sub_gids; /* ranges of this user: "100000" -> "65536" */
};

extern const struct table facts_table;
extern const struct name cgroup_layout_names[]; /* "none", "v1", "hybrid", "v2" */

#endif
