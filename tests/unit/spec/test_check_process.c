/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#define PROCESS "'process': {'cwd': '/', 'args': ['a'], %s}"

static void a_process_needs_args_and_cwd(void **state)
{
	refuses("'process': {'cwd': '/'}", "process.args");
	refuses("'process': {'cwd': '/', 'args': []}", "process.args");
	refuses("'process': {'args': ['a']}", "process.cwd");
	refuses("'process': {'args': ['a'], 'cwd': ''}", "process.cwd");
}

static void the_working_directory_is_absolute(void **state)
{
	refuses("'process': {'args': ['a'], 'cwd': 'a'}", "process.cwd");
	refuses("'process': {'args': ['a'], 'cwd': './'}", "process.cwd");
}

static void environment_entries_have_a_name_and_an_equals_sign(void **state)
{
	accepts_in(PROCESS, "'env': ['A=', 'B=c=d']");
	refuses_in(PROCESS, "'env': ['A=b', 'B']", "process.env[1]");
	refuses_in(PROCESS, "'env': ['=b']", "process.env[0]");
	refuses_in(PROCESS, "'env': ['']", "process.env[0]");
}

static void the_console_size_counts_only_with_a_terminal(void **state)
{
	accepts_in(PROCESS, "'consoleSize': {'height': 100000}");
	accepts_in(PROCESS, "'terminal': true, 'consoleSize': {'height': 0, 'width': 65535}");
	refuses_in(PROCESS, "'terminal': true, 'consoleSize': {'height': 3}",
		   "process.consoleSize.width");
	refuses_in(PROCESS, "'consoleSize': {'width': 3}, 'terminal': true",
		   "process.consoleSize.height");
	refuses_in(PROCESS, "'terminal': true, 'consoleSize': {'height': 65536, 'width': 1}",
		   "process.consoleSize.height");
	refuses_in(PROCESS, "'terminal': true, 'consoleSize': {'height': 1, 'width': 65536}",
		   "process.consoleSize.width");
}

static void ids_are_below_4294967295(void **state)
{
	accepts_in(PROCESS, "'user': {'uid': 4294967294, 'gid': 4294967294}");
	refuses_in(PROCESS, "'user': {'uid': 4294967295, 'gid': 0}", "process.user.uid");
	refuses_in(PROCESS, "'user': {'uid': 0, 'gid': 4294967295}", "process.user.gid");
	refuses_in(PROCESS, "'user': {'uid': -1, 'gid': 0}", "process.user.uid");
	refuses_in(PROCESS, "'user': {'uid': 4294967296, 'gid': 0}", "process.user.uid");
	refuses_in(PROCESS, "'user': {'gid': 0}", "process.user.uid");
	refuses_in(PROCESS, "'user': {'uid': 0}", "process.user.gid");
	refuses_in(PROCESS, "'user': {'uid': 0, 'gid': 0, 'additionalGids': [1, 4294967295]}",
		   "process.user.additionalGids[1]");
}

static void a_umask_has_nine_bits(void **state)
{
	accepts_in(PROCESS, "'user': {'uid': 0, 'gid': 0, 'umask': 511}");
	refuses_in(PROCESS, "'user': {'uid': 0, 'gid': 0, 'umask': 512}", "process.user.umask");
}

#define USERNS                                                                           \
	"'linux': {'namespaces': [{'type': 'user'}], 'uidMappings': [{'containerID': 0," \
	"'hostID': 1000, 'size': 2}, {'containerID': 10, 'hostID': 5000, 'size': 5}],"   \
	"'gidMappings': [{'containerID': 0, 'hostID': 1000, 'size': 1}]}, " PROCESS

static void ids_are_mapped_in_the_user_namespace(void **state)
{
	accepts_in(USERNS, "'user': {'uid': 1, 'gid': 0}");
	accepts_in(USERNS, "'user': {'uid': 14, 'gid': 0}");
	refuses_in(USERNS, "'user': {'uid': 2, 'gid': 0}", "process.user.uid");
	refuses_in(USERNS, "'user': {'uid': 15, 'gid': 0}", "process.user.uid");
	refuses_in(USERNS, "'user': {'uid': 0, 'gid': 1}", "process.user.gid");
}

static void an_unknown_capability_is_only_worth_a_warning(void **state)
{
	struct config c = loaded("'process': {'cwd': '/', 'args': ['a'], 'capabilities': "
				 "{'bounding': ['CAP_CHOWN', 'CAP_TEST']}}");

	assert_string_equal(c.process->capabilities->bounding.v[1], "CAP_TEST");
}

#define RLIMITS "'process': {'cwd': '/', 'args': ['a'], 'rlimits': [%s]}"

static void resource_limits_are_known_and_complete(void **state)
{
	accepts_in(RLIMITS, "{'type': 'RLIMIT_RTTIME', 'soft': 1, 'hard': 1}");
	refuses_in(RLIMITS, "{'type': 'RLIMIT_TEST', 'soft': 1, 'hard': 1}",
		   "process.rlimits[0].type");
	refuses_in(RLIMITS, "{'soft': 1, 'hard': 1}", "process.rlimits[0].type");
	refuses_in(RLIMITS, "{'type': 'RLIMIT_CPU', 'hard': 1}", "process.rlimits[0].soft");
	refuses_in(RLIMITS, "{'type': 'RLIMIT_CPU', 'soft': 1}", "process.rlimits[0].hard");
}

static void a_resource_limit_is_there_once(void **state)
{
	refuses_in(RLIMITS,
		   "{'type': 'RLIMIT_CPU', 'soft': 1, 'hard': 1},"
		   "{'type': 'RLIMIT_AS', 'soft': 1, 'hard': 1},"
		   "{'type': 'RLIMIT_CPU', 'soft': 1, 'hard': 1}",
		   "process.rlimits[2].type");
}

static void a_soft_limit_is_not_above_the_hard_one(void **state)
{
	refuses_in(RLIMITS, "{'type': 'RLIMIT_CPU', 'soft': 2, 'hard': 1}",
		   "process.rlimits[0].soft");
	refuses_in(RLIMITS, "{'type': 'RLIMIT_CPU', 'soft': 18446744073709551615, 'hard': 1}",
		   "process.rlimits[0].soft");
}

static void oom_score_adj_is_from_minus_1000_to_1000(void **state)
{
	accepts_in(PROCESS, "'oomScoreAdj': -1000");
	accepts_in(PROCESS, "'oomScoreAdj': 1000");
	refuses_in(PROCESS, "'oomScoreAdj': -1001", "process.oomScoreAdj");
	refuses_in(PROCESS, "'oomScoreAdj': 1001", "process.oomScoreAdj");
}

#define SCHEDULER "'process': {'cwd': '/', 'args': ['a'], 'scheduler': {%s}}"

static void a_scheduler_has_a_policy_that_exists(void **state)
{
	accepts_in(SCHEDULER, "'policy': 'SCHED_BATCH', 'nice': -20");
	accepts_in(SCHEDULER,
		   "'policy': 'SCHED_OTHER', 'nice': 19, 'flags': ['SCHED_FLAG_RESET_ON_FORK']");
	refuses_in(SCHEDULER, "'nice': 1", "process.scheduler.policy");
	refuses_in(SCHEDULER, "'policy': 'SCHED_MAYBE'", "process.scheduler.policy");
	refuses_in(SCHEDULER, "'policy': 'SCHED_ISO'", "process.scheduler.policy");
	refuses_in(SCHEDULER, "'policy': 'SCHED_OTHER', 'flags': ['SCHED_FLAG_MAYBE']",
		   "process.scheduler.flags[0]");
}

static void nice_is_from_minus_20_to_19(void **state)
{
	refuses_in(SCHEDULER, "'policy': 'SCHED_OTHER', 'nice': -21", "process.scheduler.nice");
	refuses_in(SCHEDULER, "'policy': 'SCHED_BATCH', 'nice': 20", "process.scheduler.nice");
}

static void a_priority_belongs_to_a_realtime_policy(void **state)
{
	accepts_in(SCHEDULER, "'policy': 'SCHED_FIFO', 'priority': 1");
	accepts_in(SCHEDULER, "'policy': 'SCHED_RR', 'priority': 99");
	accepts_in(SCHEDULER, "'policy': 'SCHED_OTHER', 'priority': 0");
	refuses_in(SCHEDULER, "'policy': 'SCHED_FIFO'", "process.scheduler.priority");
	refuses_in(SCHEDULER, "'policy': 'SCHED_RR', 'priority': 100",
		   "process.scheduler.priority");
	refuses_in(SCHEDULER, "'policy': 'SCHED_OTHER', 'priority': 1",
		   "process.scheduler.priority");
}

static void deadlines_belong_to_their_policy_and_are_in_order(void **state)
{
	accepts_in(SCHEDULER, "'policy': 'SCHED_DEADLINE', 'runtime': 1024, 'deadline': 1024");
	accepts_in(SCHEDULER,
		   "'policy': 'SCHED_DEADLINE', 'runtime': 1024, 'deadline': 2000, 'period': 3000");
	refuses_in(SCHEDULER, "'policy': 'SCHED_DEADLINE', 'runtime': 1023, 'deadline': 2000",
		   "process.scheduler.runtime");
	refuses_in(SCHEDULER, "'policy': 'SCHED_DEADLINE', 'runtime': 2000, 'deadline': 1999",
		   "process.scheduler.deadline");
	refuses_in(SCHEDULER,
		   "'policy': 'SCHED_DEADLINE', 'runtime': 1024, 'deadline': 3, 'period': 2",
		   "process.scheduler.deadline");
	refuses_in(SCHEDULER,
		   "'policy': 'SCHED_DEADLINE', 'runtime': 1024, 'deadline': 2000, 'period': 2",
		   "process.scheduler.period");
	refuses_in(SCHEDULER, "'policy': 'SCHED_OTHER', 'runtime': 1", "process.scheduler.runtime");
	refuses_in(SCHEDULER, "'policy': 'SCHED_OTHER', 'deadline': 1",
		   "process.scheduler.deadline");
	refuses_in(SCHEDULER, "'policy': 'SCHED_RR', 'priority': 1, 'period': 1",
		   "process.scheduler.period");
}

static void clamps_have_no_value_in_the_spec(void **state)
{
	refuses_in(SCHEDULER,
		   "'policy': 'SCHED_OTHER', 'flags': ['SCHED_FLAG_RESET_ON_FORK',"
		   "'SCHED_FLAG_UTIL_CLAMP_MIN']",
		   "process.scheduler.flags[1]");
}

static void an_io_priority_has_a_class_and_is_from_0_to_7(void **state)
{
	accepts_in(PROCESS, "'ioPriority': {'class': 'IOPRIO_CLASS_BE', 'priority': 0}");
	accepts_in(PROCESS, "'ioPriority': {'class': 'IOPRIO_CLASS_IDLE', 'priority': 7}");
	refuses_in(PROCESS, "'ioPriority': {'class': 'IOPRIO_CLASS_BE', 'priority': 8}",
		   "process.ioPriority.priority");
	refuses_in(PROCESS, "'ioPriority': {'class': 'IOPRIO_CLASS_BE', 'priority': -1}",
		   "process.ioPriority.priority");
	refuses_in(PROCESS, "'ioPriority': {'class': 'IOPRIO_CLASS_NONE', 'priority': 1}",
		   "process.ioPriority.class");
	refuses_in(PROCESS, "'ioPriority': {'priority': 1}", "process.ioPriority.class");
	refuses_in(PROCESS, "'ioPriority': {'class': 'IOPRIO_CLASS_RT'}",
		   "process.ioPriority.priority");
}

static void processors_for_exec_are_a_list(void **state)
{
	accepts_in(PROCESS, "'execCPUAffinity': {'initial': '0-3,7', 'final': ''}");
	refuses_in(PROCESS, "'execCPUAffinity': {'initial': '3-0'}",
		   "process.execCPUAffinity.initial");
	refuses_in(PROCESS, "'execCPUAffinity': {'final': 'all'}", "process.execCPUAffinity.final");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_process_needs_args_and_cwd),
		cmocka_unit_test(the_working_directory_is_absolute),
		cmocka_unit_test(environment_entries_have_a_name_and_an_equals_sign),
		cmocka_unit_test(the_console_size_counts_only_with_a_terminal),
		cmocka_unit_test(ids_are_below_4294967295),
		cmocka_unit_test(a_umask_has_nine_bits),
		cmocka_unit_test(ids_are_mapped_in_the_user_namespace),
		cmocka_unit_test(an_unknown_capability_is_only_worth_a_warning),
		cmocka_unit_test(resource_limits_are_known_and_complete),
		cmocka_unit_test(a_resource_limit_is_there_once),
		cmocka_unit_test(a_soft_limit_is_not_above_the_hard_one),
		cmocka_unit_test(oom_score_adj_is_from_minus_1000_to_1000),
		cmocka_unit_test(a_scheduler_has_a_policy_that_exists),
		cmocka_unit_test(nice_is_from_minus_20_to_19),
		cmocka_unit_test(a_priority_belongs_to_a_realtime_policy),
		cmocka_unit_test(deadlines_belong_to_their_policy_and_are_in_order),
		cmocka_unit_test(clamps_have_no_value_in_the_spec),
		cmocka_unit_test(an_io_priority_has_a_class_and_is_from_0_to_7),
		cmocka_unit_test(processors_for_exec_are_a_list),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
