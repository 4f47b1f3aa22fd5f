/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <linux/audit.h>
#include <linux/capability.h>
#include <linux/sched.h>
#include <linux/seccomp.h>

#include "base/list.h"
#include "spec/names.h"

static int64_t value(const struct name *table, const char *name)
{
	const struct name *found = name_find(table, name);

	if (!found)
		fail_msg("\"%s\" is not in the table", name);
	return found->value;
}

static size_t count(const struct name *table)
{
	size_t n = 0;

	while (table[n].name)
		n++;
	return n;
}

static void tables_have_all_names_of_the_spec(void **state)
{
	assert_int_equal(count(namespace_names), 8);
	assert_int_equal(count(capability_names), 41);
	assert_int_equal(count(rlimit_names), 16);
	assert_int_equal(count(scheduler_policy_names), 7);
	assert_int_equal(count(scheduler_flag_names), 7);
	assert_int_equal(count(io_class_names), 3);
	assert_int_equal(count(personality_names), 2);
	assert_int_equal(count(memory_policy_names), 7);
	assert_int_equal(count(memory_policy_flag_names), 3);
	assert_int_equal(count(seccomp_action_names), 9);
	assert_int_equal(count(seccomp_op_names), 7);
	assert_int_equal(count(seccomp_flag_names), 4);
	assert_int_equal(count(seccomp_arch_names), 23);
}

static void numbers_are_the_kernels(void **state)
{
	assert_int_equal(value(namespace_names, "mount"), CLONE_NEWNS);
	assert_int_equal(value(namespace_names, "time"), 0x80);
	assert_int_equal(value(capability_names, "CAP_CHOWN"), 0);
	assert_int_equal(value(capability_names, "CAP_CHECKPOINT_RESTORE"), 40);
	assert_int_equal(value(rlimit_names, "RLIMIT_CPU"), 0);
	assert_int_equal(value(rlimit_names, "RLIMIT_RTTIME"), 15);
	assert_int_equal(value(io_class_names, "IOPRIO_CLASS_RT"), 1);
	assert_int_equal(value(scheduler_flag_names, "SCHED_FLAG_UTIL_CLAMP_MAX"), 0x40);
	assert_int_equal(value(memory_policy_flag_names, "MPOL_F_STATIC_NODES"), 1 << 15);
	assert_int_equal(value(seccomp_flag_names, "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV"),
			 1 << 5);
}

static void capabilities_are_in_the_order_of_their_numbers(void **state)
{
	for (size_t i = 0; i < count(capability_names); i++)
		assert_int_equal(capability_names[i].value, i);
}

static void numbers_that_may_be_0_are_kept_one_higher(void **state)
{
	assert_int_equal(value(scheduler_policy_names, "SCHED_OTHER"), 0 + 1);
	assert_int_equal(value(scheduler_policy_names, "SCHED_DEADLINE"), 6 + 1);
	assert_int_equal(value(personality_names, "LINUX"), 0 + 1);
	assert_int_equal(value(personality_names, "LINUX32"), 8 + 1);
	assert_int_equal(value(memory_policy_names, "MPOL_DEFAULT"), 0 + 1);
	assert_int_equal(value(memory_policy_names, "MPOL_WEIGHTED_INTERLEAVE"), 6 + 1);
}

static void an_action_with_two_names_is_written_with_the_newer_one(void **state)
{
	assert_int_equal(value(seccomp_action_names, "SCMP_ACT_KILL"), SECCOMP_KILL_THREAD);
	assert_string_equal(name_of(seccomp_action_names, SECCOMP_KILL_THREAD),
			    "SCMP_ACT_KILL_THREAD");
}

static void architectures_fit_in_an_int_and_back(void **state)
{
	const struct name *n = name_find(seccomp_arch_names, "SCMP_ARCH_X86_64");
	int kept = (int)n->value;

	assert_int_equal((uint32_t)kept, AUDIT_ARCH_X86_64);
	assert_string_equal(name_of(seccomp_arch_names, kept), "SCMP_ARCH_X86_64");
	assert_int_equal((uint32_t)value(seccomp_arch_names, "SCMP_ARCH_X32"), SECCOMP_ARCH_X32);
}

static void no_two_rows_have_one_number_but_by_purpose(void **state)
{
	for (size_t i = 0; i < count(seccomp_arch_names); i++)
		for (size_t k = 0; k < i; k++)
			assert_true(seccomp_arch_names[i].value != seccomp_arch_names[k].value);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(tables_have_all_names_of_the_spec),
		cmocka_unit_test(numbers_are_the_kernels),
		cmocka_unit_test(capabilities_are_in_the_order_of_their_numbers),
		cmocka_unit_test(numbers_that_may_be_0_are_kept_one_higher),
		cmocka_unit_test(an_action_with_two_names_is_written_with_the_newer_one),
		cmocka_unit_test(architectures_fit_in_an_int_and_back),
		cmocka_unit_test(no_two_rows_have_one_number_but_by_purpose),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
