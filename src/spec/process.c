/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/config.h"
#include "spec/names.h"
#include "spec/tables.h"

/* The kernel's "no such id": setresuid(2) takes it for "leave unchanged". */
#define ID_MAX (UINT32_MAX - 1)

static const struct field console_size_fields[] = {
	FIELD(struct console_size, height, "height",
	      .present = offsetof(struct console_size, has_height), DOC("characters")),
	FIELD(struct console_size, width, "width",
	      .present = offsetof(struct console_size, has_width), DOC("characters")),
};

static const struct table console_size_table = TABLE(struct console_size, console_size_fields);

static const struct field user_fields[] = {
	FIELD(struct user, uid, "uid", .required = true, RANGE(0, ID_MAX), .write_zero = true,
	      DOC("in the container")),
	FIELD(struct user, gid, "gid", .required = true, RANGE(0, ID_MAX), .write_zero = true,
	      DOC("in the container")),
	FIELD(struct user, umask, "umask", RANGE(0, 0777), DOC("absent: 0022")),
	FIELD(struct user, additional_gids, "additionalGids", RANGE(0, ID_MAX)),
	FIELD_IGNORED("username", "for another platform"),
};

static const struct table user_table = TABLE(struct user, user_fields);

static const struct field capabilities_fields[] = {
	FIELD(struct capabilities, bounding, "bounding"),
	FIELD(struct capabilities, effective, "effective"),
	FIELD(struct capabilities, inheritable, "inheritable"),
	FIELD(struct capabilities, permitted, "permitted"),
	FIELD(struct capabilities, ambient, "ambient"),
};

const struct table capabilities_table = TABLE(struct capabilities, capabilities_fields);

static const struct field rlimit_fields[] = {
	FIELD(struct resource_limit, type, "type", .required = true,
	      DOC("RLIMIT_NOFILE and the like")),
	FIELD(struct resource_limit, hard, "hard", .required = true,
	      DOC("18446744073709551615 is infinity")),
	FIELD(struct resource_limit, soft, "soft", .required = true, DOC("at most the hard limit")),
};

static const struct table rlimit_table = TABLE(struct resource_limit, rlimit_fields);

static const struct field scheduler_fields[] = {
	FIELD(struct scheduler, policy, "policy", .required = true,
	      .names = scheduler_policy_names),
	FIELD(struct scheduler, nice, "nice", RANGE(INT32_MIN, INT32_MAX),
	      DOC("-20..19, for SCHED_OTHER and SCHED_BATCH")),
	FIELD(struct scheduler, priority, "priority", DOC("1..99, for SCHED_FIFO and SCHED_RR")),
	FIELD_NAMES(struct scheduler, flags, "flags", scheduler_flag_names),
	FIELD(struct scheduler, runtime, "runtime", DOC("ns, for SCHED_DEADLINE")),
	FIELD(struct scheduler, deadline, "deadline", DOC("ns, for SCHED_DEADLINE")),
	FIELD(struct scheduler, period, "period", DOC("ns, for SCHED_DEADLINE")),
};

static const struct table scheduler_table = TABLE(struct scheduler, scheduler_fields);

static const struct field io_priority_fields[] = {
	FIELD(struct io_priority, class, "class", .required = true, .names = io_class_names),
	FIELD(struct io_priority, priority, "priority", .required = true, RANGE(0, 7),
	      .write_zero = true, DOC("0 is the highest")),
};

static const struct table io_priority_table = TABLE(struct io_priority, io_priority_fields);

static const struct field cpu_affinity_fields[] = {
	FIELD(struct cpu_affinity, initial, "initial",
	      DOC("processors before the cgroup is joined")),
	FIELD(struct cpu_affinity, final, "final", DOC("processors after it")),
};

static const struct table cpu_affinity_table = TABLE(struct cpu_affinity, cpu_affinity_fields);

static const struct field process_fields[] = {
	FIELD(struct process, terminal, "terminal", DOC("a pseudoterminal as 0, 1 and 2")),
	FIELD_OBJECT(struct process, console_size, "consoleSize", console_size_table,
		     DOC("ignored without terminal")),
	FIELD_INLINE(struct process, user, "user", user_table, .write_zero = true),
	FIELD(struct process, args, "args", .required = true,
	      DOC("argv; args[0] is sought in PATH")),
	FIELD_IGNORED("commandLine", "for another platform"),
	FIELD(struct process, env, "env", DOC("NAME=value")),
	FIELD(struct process, cwd, "cwd", .required = true, DOC("absolute; made when missing")),
	FIELD_OBJECT(struct process, capabilities, "capabilities", capabilities_table,
		     DOC("absent: none")),
	FIELD_LIST(struct process, rlimits, "rlimits", rlimit_table, DOC("each type once")),
	FIELD(struct process, no_new_privileges, "noNewPrivileges"),
	FIELD(struct process, apparmor_profile, "apparmorProfile"),
	FIELD(struct process, selinux_label, "selinuxLabel"),
	FIELD(struct process, oom_score_adj, "oomScoreAdj", RANGE(-1000, 1000),
	      DOC("absent: left as it is")),
	FIELD_OBJECT(struct process, scheduler, "scheduler", scheduler_table),
	FIELD_OBJECT(struct process, io_priority, "ioPriority", io_priority_table),
	FIELD_OBJECT(struct process, exec_cpu_affinity, "execCPUAffinity", cpu_affinity_table,
		     DOC("of exec only")),
};

const struct table process_table = TABLE(struct process, process_fields);
