/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#define SECCOMP "'linux': {'seccomp': {%s}}"
#define RULE "'linux': {'seccomp': {'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{%s}]}}"
#define AT "linux.seccomp."

static void a_profile_needs_a_default_action(void **state)
{
	accepts_in(
		SECCOMP,
		"'defaultAction': 'SCMP_ACT_KILL', 'architectures': ['SCMP_ARCH_X86_64',"
		"'SCMP_ARCH_X32', 'SCMP_ARCH_LOONGARCH64'], 'flags': ['SECCOMP_FILTER_FLAG_LOG']");
	refuses_in(SECCOMP, "'architectures': []", AT "defaultAction");
	refuses_in(SECCOMP, "'defaultAction': 'ALLOW'", AT "defaultAction");
	refuses_in(SECCOMP, "'defaultAction': 'SCMP_ACT_NOTIFY', 'listenerPath': '/a'",
		   AT "defaultAction");
	refuses_in(SECCOMP, "'defaultAction': 'SCMP_ACT_KILL', 'architectures': ['SCMP_ARCH_VAX']",
		   AT "architectures[0]");
	refuses_in(SECCOMP, "'defaultAction': 'SCMP_ACT_KILL', 'flags': ['SECCOMP_FILTER_FLAG_X']",
		   AT "flags[0]");
}

static void an_errno_belongs_to_errno_and_trace(void **state)
{
	accepts_in(SECCOMP, "'defaultAction': 'SCMP_ACT_ERRNO', 'defaultErrnoRet': 38");
	accepts_in(SECCOMP, "'defaultAction': 'SCMP_ACT_TRACE', 'defaultErrnoRet': 65535");
	refuses_in(SECCOMP, "'defaultAction': 'SCMP_ACT_ALLOW', 'defaultErrnoRet': 1",
		   AT "defaultErrnoRet");
	refuses_in(SECCOMP, "'defaultAction': 'SCMP_ACT_ERRNO', 'defaultErrnoRet': 4096",
		   AT "defaultErrnoRet");
	refuses_in(SECCOMP, "'defaultAction': 'SCMP_ACT_TRACE', 'defaultErrnoRet': 65536",
		   AT "defaultErrnoRet");
	accepts_in(RULE, "'names': ['read'], 'action': 'SCMP_ACT_ERRNO', 'errnoRet': 0");
	refuses_in(RULE, "'names': ['read'], 'action': 'SCMP_ACT_KILL', 'errnoRet': 0",
		   AT "syscalls[0].errnoRet");
}

static void a_rule_has_names_and_an_action(void **state)
{
	accepts_in(RULE, "'names': ['read', 'no_such_call'], 'action': 'SCMP_ACT_LOG'");
	refuses_in(RULE, "'action': 'SCMP_ACT_LOG'", AT "syscalls[0].names");
	refuses_in(RULE, "'names': [], 'action': 'SCMP_ACT_LOG'", AT "syscalls[0].names");
	refuses_in(RULE, "'names': ['a', ''], 'action': 'SCMP_ACT_LOG'", AT "syscalls[0].names[1]");
	refuses_in(RULE, "'names': ['read']", AT "syscalls[0].action");
}

static void an_argument_is_complete_and_its_index_at_most_5(void **state)
{
	accepts_in(RULE,
		   "'names': ['a'], 'action': 'SCMP_ACT_LOG', 'args': [{'index': 0, 'value': 0,"
		   "'valueTwo': 18446744073709551615, 'op': 'SCMP_CMP_MASKED_EQ'}]");
	refuses_in(RULE,
		   "'names': ['a'], 'action': 'SCMP_ACT_LOG', 'args': [{'index': 6, 'value': 0,"
		   "'op': 'SCMP_CMP_EQ'}]",
		   AT "syscalls[0].args[0].index");
	refuses_in(RULE,
		   "'names': ['a'], 'action': 'SCMP_ACT_LOG', 'args': [{'value': 0,"
		   "'op': 'SCMP_CMP_EQ'}]",
		   AT "syscalls[0].args[0].index");
	refuses_in(RULE,
		   "'names': ['a'], 'action': 'SCMP_ACT_LOG', 'args': [{'index': 0,"
		   "'op': 'SCMP_CMP_EQ'}]",
		   AT "syscalls[0].args[0].value");
	refuses_in(RULE,
		   "'names': ['a'], 'action': 'SCMP_ACT_LOG', 'args': [{'index': 0, 'value': 0}]",
		   AT "syscalls[0].args[0].op");
	refuses_in(RULE,
		   "'names': ['a'], 'action': 'SCMP_ACT_LOG', 'args': [{'index': 0, 'value': 0,"
		   "'op': 'EQ'}]",
		   AT "syscalls[0].args[0].op");
}

static void a_listener_has_a_path(void **state)
{
	accepts_in(
		SECCOMP,
		"'defaultAction': 'SCMP_ACT_ALLOW', 'listenerPath': '/a', 'listenerMetadata': 'x',"
		"'syscalls': [{'names': ['mkdir'], 'action': 'SCMP_ACT_NOTIFY'}]");
	refuses_in(SECCOMP, "'defaultAction': 'SCMP_ACT_ALLOW', 'listenerMetadata': 'x'",
		   AT "listenerMetadata");
	refuses_in(RULE, "'names': ['mkdir'], 'action': 'SCMP_ACT_NOTIFY'",
		   AT "syscalls[0].action");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_profile_needs_a_default_action),
		cmocka_unit_test(an_errno_belongs_to_errno_and_trace),
		cmocka_unit_test(a_rule_has_names_and_an_action),
		cmocka_unit_test(an_argument_is_complete_and_its_index_at_most_5),
		cmocka_unit_test(a_listener_has_a_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
