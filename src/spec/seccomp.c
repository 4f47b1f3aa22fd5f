/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/config.h"
#include "spec/names.h"
#include "spec/tables.h"

/* SECCOMP_RET_DATA: what an action can carry. */
#define ACTION_DATA_MAX 0xffff

static const struct field arg_fields[] = {
	FIELD(struct seccomp_arg, index, "index", .required = true, RANGE(0, 5)),
	FIELD(struct seccomp_arg, value, "value", .required = true),
	FIELD(struct seccomp_arg, value_two, "valueTwo", DOC("for SCMP_CMP_MASKED_EQ")),
	FIELD(struct seccomp_arg, op, "op", .required = true, .names = seccomp_op_names),
};

static const struct table arg_table = TABLE(struct seccomp_arg, arg_fields);

static const struct field rule_fields[] = {
	FIELD(struct seccomp_rule, names, "names", .required = true,
	      DOC("system calls; unknown ones are passed over")),
	FIELD(struct seccomp_rule, action, "action", .required = true,
	      .names = seccomp_action_names),
	FIELD(struct seccomp_rule, errno_ret, "errnoRet", RANGE(0, ACTION_DATA_MAX),
	      DOC("for SCMP_ACT_ERRNO and SCMP_ACT_TRACE; absent: EPERM")),
	FIELD_LIST(struct seccomp_rule, args, "args", arg_table),
};

static const struct table rule_table = TABLE(struct seccomp_rule, rule_fields);

static const struct field seccomp_fields[] = {
	FIELD(struct seccomp, default_action, "defaultAction", .required = true,
	      .names = seccomp_action_names),
	FIELD(struct seccomp, default_errno_ret, "defaultErrnoRet", RANGE(0, ACTION_DATA_MAX)),
	FIELD_NAMES(struct seccomp, flags, "flags", seccomp_flag_names,
		    .present = offsetof(struct seccomp, has_flags),
		    DOC("absent: SECCOMP_FILTER_FLAG_SPEC_ALLOW")),
	FIELD(struct seccomp, listener_path, "listenerPath", DOC("socket, for SCMP_ACT_NOTIFY")),
	FIELD(struct seccomp, listener_metadata, "listenerMetadata"),
	FIELD_NAMES(struct seccomp, architectures, "architectures", seccomp_arch_names,
		    DOC("besides the native one")),
	FIELD_LIST(struct seccomp, syscalls, "syscalls", rule_table),
};

const struct table seccomp_table = TABLE(struct seccomp, seccomp_fields);
