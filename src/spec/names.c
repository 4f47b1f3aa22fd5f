/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/names.h"

#include <linux/capability.h>
#include <linux/ioprio.h>
#include <linux/mempolicy.h>
#include <linux/personality.h>
#include <linux/resource.h>
#include <linux/sched.h>
#include <linux/time.h>
#include <string.h>

/* The kernel headers of the build may be older than the spec. */
#ifndef CAP_CHECKPOINT_RESTORE
#define CAP_CHECKPOINT_RESTORE 40 /* Linux 5.9 */
#endif
#define SCHED_ISO_RESERVED 4	    /* in the spec; no kernel has it */
#define MPOL_PREFERRED_MANY_ 5	    /* Linux 5.15 */
#define MPOL_WEIGHTED_INTERLEAVE_ 6 /* Linux 6.9 */

const struct name namespace_names[] = {
	{"pid", CLONE_NEWPID},	     {"network", CLONE_NEWNET}, {"mount", CLONE_NEWNS},
	{"ipc", CLONE_NEWIPC},	     {"uts", CLONE_NEWUTS},	{"user", CLONE_NEWUSER},
	{"cgroup", CLONE_NEWCGROUP}, {"time", CLONE_NEWTIME},	{NULL},
};

/* clang-format off */
#define CAP(name) {"CAP_" #name, CAP_##name}
/* clang-format on */
const struct name capability_names[] = {
	CAP(CHOWN),
	CAP(DAC_OVERRIDE),
	CAP(DAC_READ_SEARCH),
	CAP(FOWNER),
	CAP(FSETID),
	CAP(KILL),
	CAP(SETGID),
	CAP(SETUID),
	CAP(SETPCAP),
	CAP(LINUX_IMMUTABLE),
	CAP(NET_BIND_SERVICE),
	CAP(NET_BROADCAST),
	CAP(NET_ADMIN),
	CAP(NET_RAW),
	CAP(IPC_LOCK),
	CAP(IPC_OWNER),
	CAP(SYS_MODULE),
	CAP(SYS_RAWIO),
	CAP(SYS_CHROOT),
	CAP(SYS_PTRACE),
	CAP(SYS_PACCT),
	CAP(SYS_ADMIN),
	CAP(SYS_BOOT),
	CAP(SYS_NICE),
	CAP(SYS_RESOURCE),
	CAP(SYS_TIME),
	CAP(SYS_TTY_CONFIG),
	CAP(MKNOD),
	CAP(LEASE),
	CAP(AUDIT_WRITE),
	CAP(AUDIT_CONTROL),
	CAP(SETFCAP),
	CAP(MAC_OVERRIDE),
	CAP(MAC_ADMIN),
	CAP(SYSLOG),
	CAP(WAKE_ALARM),
	CAP(BLOCK_SUSPEND),
	CAP(AUDIT_READ),
	CAP(PERFMON),
	CAP(BPF),
	CAP(CHECKPOINT_RESTORE),
	{NULL},
};

/* A config has some dozens of them: what all begin with is compared once. */
int capability_number(const char *name)
{
	const size_t begin = strlen("CAP_");

	if (!str_starts(name, "CAP_"))
		return -1;
	for (const struct name *n = capability_names; n->name; n++)
		if (n->name[begin] == name[begin] && str_eq(n->name + begin, name + begin))
			return (int)n->value;
	return -1;
}

/* clang-format off */
#define LIMIT(name) {"RLIMIT_" #name, RLIMIT_##name}
/* clang-format on */
const struct name rlimit_names[] = {
	LIMIT(CPU),	 LIMIT(FSIZE), LIMIT(DATA),   LIMIT(STACK),
	LIMIT(CORE),	 LIMIT(RSS),   LIMIT(NPROC),  LIMIT(NOFILE),
	LIMIT(MEMLOCK),	 LIMIT(AS),    LIMIT(LOCKS),  LIMIT(SIGPENDING),
	LIMIT(MSGQUEUE), LIMIT(NICE),  LIMIT(RTPRIO), LIMIT(RTTIME),
	{NULL},
};

const struct name scheduler_policy_names[] = {
	{"SCHED_OTHER", SCHED_NORMAL + 1},
	{"SCHED_FIFO", SCHED_FIFO + 1},
	{"SCHED_RR", SCHED_RR + 1},
	{"SCHED_BATCH", SCHED_BATCH + 1},
	{"SCHED_ISO", SCHED_ISO_RESERVED + 1},
	{"SCHED_IDLE", SCHED_IDLE + 1},
	{"SCHED_DEADLINE", SCHED_DEADLINE + 1},
	{NULL},
};

/* clang-format off */
#define SCHED_FLAG(name) {"SCHED_FLAG_" #name, SCHED_FLAG_##name}
/* clang-format on */
const struct name scheduler_flag_names[] = {
	SCHED_FLAG(RESET_ON_FORK),  SCHED_FLAG(RECLAIM),
	SCHED_FLAG(DL_OVERRUN),	    SCHED_FLAG(KEEP_POLICY),
	SCHED_FLAG(KEEP_PARAMS),    SCHED_FLAG(UTIL_CLAMP_MIN),
	SCHED_FLAG(UTIL_CLAMP_MAX), {NULL},
};

const struct name io_class_names[] = {
	{"IOPRIO_CLASS_RT", IOPRIO_CLASS_RT},
	{"IOPRIO_CLASS_BE", IOPRIO_CLASS_BE},
	{"IOPRIO_CLASS_IDLE", IOPRIO_CLASS_IDLE},
	{NULL},
};

const struct name personality_names[] = {
	{"LINUX", PER_LINUX + 1},
	{"LINUX32", PER_LINUX32 + 1},
	{NULL},
};

const struct name memory_policy_names[] = {
	{"MPOL_DEFAULT", MPOL_DEFAULT + 1},
	{"MPOL_BIND", MPOL_BIND + 1},
	{"MPOL_INTERLEAVE", MPOL_INTERLEAVE + 1},
	{"MPOL_WEIGHTED_INTERLEAVE", MPOL_WEIGHTED_INTERLEAVE_ + 1},
	{"MPOL_PREFERRED", MPOL_PREFERRED + 1},
	{"MPOL_PREFERRED_MANY", MPOL_PREFERRED_MANY_ + 1},
	{"MPOL_LOCAL", MPOL_LOCAL + 1},
	{NULL},
};

const struct name memory_policy_flag_names[] = {
	{"MPOL_F_NUMA_BALANCING", 1 << 13}, /* Linux 5.12 */
	{"MPOL_F_RELATIVE_NODES", MPOL_F_RELATIVE_NODES},
	{"MPOL_F_STATIC_NODES", MPOL_F_STATIC_NODES},
	{NULL},
};

const struct name clock_names[] = {
	{"monotonic", CLOCK_MONOTONIC},
	{"boottime", CLOCK_BOOTTIME},
	{NULL},
};
