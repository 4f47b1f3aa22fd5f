/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SPEC_NAMES_H
#define YACR_SPEC_NAMES_H

/*
 * Names of the spec and the kernel numbers behind them, one table each: the
 * parser, the compiler, `features` and the messages read the same rows.
 * Numbers are the kernel's ABI.  Where a number may be 0 and absence must be
 * told from it, the table holds number + 1, and says so.
 */

#include "base/str.h"

extern const struct name namespace_names[];   /* "pid" .. "time" -> CLONE_NEW* */
extern const struct name capability_names[];  /* "CAP_CHOWN" -> 0 .. */
extern const struct name rlimit_names[];      /* "RLIMIT_CPU" -> 0 .. */
extern const struct name scheduler_policy_names[]; /* "SCHED_OTHER" -> policy + 1 */
extern const struct name scheduler_flag_names[];
extern const struct name io_class_names[];
extern const struct name personality_names[]; /* "LINUX", "LINUX32" -> domain + 1 */
extern const struct name memory_policy_names[]; /* "MPOL_DEFAULT" -> mode + 1 */
extern const struct name memory_policy_flag_names[];
extern const struct name signal_names[];      /* "HUP" -> 1 ..; without SIG */

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
extern const struct name seccomp_flag_names[];	 /* SECCOMP_FILTER_FLAG_* */
extern const struct name seccomp_arch_names[];	 /* "SCMP_ARCH_X86_64" -> AUDIT_ARCH_*; X32: see seccomp */

/* A signal by name ("KILL", "SIGKILL", "RTMIN+1") or number; -1 when it is none. */
int signal_number(const char *text);

#endif
