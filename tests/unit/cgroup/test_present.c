/* SPDX-License-Identifier: Apache-2.0 */
#include "files.h"

#include "cgroup/present.h"

/* What @r comes to in a cgroup2 directory that holds what was put() there. */
static struct resources filled(const struct resources *r, const char *hierarchy)
{
	static struct cgroup_dir place_dir;
	static struct cgroup_place place;
	struct cgroup g = {.place = &place, .dirs = &dir, .v2 = hierarchy[0] ? -1 : dir};
	struct resources out;

	place_dir = (struct cgroup_dir){.hierarchy = hierarchy, .mountpoint = "", .path = "/"};
	place = (struct cgroup_place){.dirs = {&place_dir, 1}};
	present_fill(&out, &memory, &g, r);
	return out;
}

static void a_period_alone_keeps_the_quota(void **state)
{
	struct cpu cpu = {.period = {true, 50000}};
	struct resources r = {.cpu = &cpu};

	put("cpu.max", "20000 100000\n");
	assert_int_equal(filled(&r, "").cpu->quota.v, 20000);
	put("cpu.max", "max 100000\n");
	assert_int_equal(filled(&r, "").cpu->quota.v, -1);
	assert_false(cpu.quota.set); /* what was handed in is as it was */
}

static void a_quota_that_is_given_counts(void **state)
{
	struct cpu cpu = {.period = {true, 50000}, .quota = {true, 7000}};
	struct resources r = {.cpu = &cpu};

	put("cpu.max", "20000 100000\n");
	assert_int_equal(filled(&r, "").cpu->quota.v, 7000);
}

static void swap_alone_is_counted_from_the_memory_limit_there_is(void **state)
{
	struct memory swap = {.swap = {true, 3000}};
	struct resources r = {.memory = &swap};

	put("memory.max", "1000\n");
	assert_int_equal(filled(&r, "").memory->limit.v, 1000);
	put("memory.max", "max\n");
	assert_int_equal(filled(&r, "").memory->limit.v, -1);
	swap.swap.v = -1;
	assert_false(filled(&r, "").memory->limit.set);
}

static void cgroup_v1_has_a_file_for_each(void **state)
{
	struct cpu cpu = {.period = {true, 50000}};
	struct memory swap = {.swap = {true, 3000}};
	struct resources r = {.cpu = &cpu, .memory = &swap}, out;

	put("cpu.max", "20000 100000\n");
	put("memory.max", "1000\n");
	out = filled(&r, "cpu,memory");
	assert_false(out.cpu->quota.set);
	assert_false(out.memory->limit.set);
}

static void nothing_is_made_up_where_nothing_can_be_read(void **state)
{
	struct cpu cpu = {.period = {true, 50000}};
	struct resources r = {.cpu = &cpu}, none = {0};

	assert_false(filled(&r, "").cpu->quota.set);
	assert_null(filled(&none, "").cpu);
	assert_null(filled(&none, "").memory);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_period_alone_keeps_the_quota, set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_quota_that_is_given_counts, set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			swap_alone_is_counted_from_the_memory_limit_there_is, set_up, tear_down),
		cmocka_unit_test_setup_teardown(cgroup_v1_has_a_file_for_each, set_up, tear_down),
		cmocka_unit_test_setup_teardown(nothing_is_made_up_where_nothing_can_be_read,
						set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
