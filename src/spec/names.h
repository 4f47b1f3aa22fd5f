/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SPEC_NAMES_H
#define YACR_SPEC_NAMES_H

/*
 * Names of the spec and the kernel numbers behind them, one table each: the
 * parser, the compiler, `features` and the messages read the same rows.
 * Numbers are the kernel's ABI.  Where a number may be 0 and absence must be
 * told from it, the table holds number + 1, and says so.  Where a number has
 * two names, the first is the one that is written.
 */

#include "base/str.h"

extern const struct name namespace_names[];	     /* "pid" .. "time" -> CLONE_NEW* */
extern const struct name capability_names[];	     /* "CAP_CHOWN" -> 0 .. */
extern const struct name rlimit_names[];	     /* "RLIMIT_CPU" -> 0 .. */
extern const struct name scheduler_policy_names[];   /* "SCHED_OTHER" -> policy + 1 */
extern const struct name scheduler_flag_names[];     /* SCHED_FLAG_* */
extern const struct name io_class_names[];	     /* IOPRIO_CLASS_* */
extern const struct name personality_names[];	     /* "LINUX", "LINUX32" -> domain + 1 */
extern const struct name memory_policy_names[];	     /* "MPOL_DEFAULT" -> mode + 1 */
extern const struct name memory_policy_flag_names[]; /* MPOL_F_* */
extern const struct name clock_names[];		     /* "monotonic" -> CLOCK_MONOTONIC .. */
extern const struct name signal_names[];	     /* "HUP" -> 1 ..; without SIG */

enum seccomp_action {
	SECCOMP_KILL_PROCESS = 1,
	SECCOMP_KILL_THREAD, /* and SCMP_ACT_KILL */
	SECCOMP_TRAP,
	SECCOMP_ERRNO,
	SECCOMP_TRACE,
	SECCOMP_ALLOW,
	SECCOMP_LOG,
	SECCOMP_NOTIFY,
};
enum seccomp_op {
	SECCOMP_NE = 1,
	SECCOMP_LT,
	SECCOMP_LE,
	SECCOMP_EQ,
	SECCOMP_GE,
	SECCOMP_GT,
	SECCOMP_MASKED_EQ,
};
extern const struct name seccomp_action_names[]; /* "SCMP_ACT_KILL" ... */
extern const struct name seccomp_op_names[];
extern const struct name seccomp_flag_names[]; /* SECCOMP_FILTER_FLAG_* */

/*
 * "SCMP_ARCH_X86_64" -> AUDIT_ARCH_*, as the int that the config holds: cast it to uint32_t.
 * x32 has no AUDIT_ARCH of its own; it is SECCOMP_ARCH_X32.
 */
extern const struct name seccomp_arch_names[];
#define SECCOMP_ARCH_X32 0x4000003eu

/* The number of "CAP_CHOWN" and so on; -1 when it is none. */
int capability_number(const char *name);

/*
 * A signal by name ("KILL", "SIGKILL", "kill", "RTMIN+1", "RTMAX-2") or
 * number from 0, which only probes, to the highest; -1 when it is none.
 */
int signal_number(const char *text);

/* What programs mean by RTMIN: the kernel's 32 and 33 are used by the C libraries. */
#define SIGNAL_RTMIN 34

#endif
