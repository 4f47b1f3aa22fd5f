/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts.h"

#include "cgroup/hierarchy.h"

static void the_layout_follows_from_what_is_mounted(void **state)
{
	struct facts f = host_v1();

	assert_int_equal(f.cgroup, CGROUP_V1);
	f = host_hybrid();
	assert_int_equal(f.cgroup, CGROUP_HYBRID);
	f = host_v2();
	assert_int_equal(f.cgroup, CGROUP_V2);
	f = host_without();
	assert_int_equal(f.cgroup, CGROUP_NONE);
}

static void cgroup2_comes_behind_the_v1_hierarchies(void **state)
{
	struct facts f = host("0::/own\n1:memory:/\n",
			      MOUNT_V1("memory") MOUNT_V2("/sys/fs/cgroup/unified"));

	assert_int_equal(f.hierarchies.n, 2);
	assert_string_equal(f.hierarchies.v[0].controllers.v[0], "memory");
	assert_int_equal(f.hierarchies.v[1].controllers.n, 0);
	assert_string_equal(f.hierarchies.v[1].own, "/own");
}

static void controllers_that_share_a_hierarchy_are_each_found_in_it(void **state)
{
	struct facts f = host_v1();

	assert_ptr_equal(hierarchy_v1(&f, "cpu"), hierarchy_v1(&f, "cpuacct"));
	assert_string_equal(hierarchy_v1(&f, "net_prio")->mountpoint,
			    "/sys/fs/cgroup/net_cls,net_prio");
	assert_null(hierarchy_v1(&f, "perf_event"));
	assert_null(hierarchy_v2(&f));
}

static void a_hierarchy_that_is_not_mounted_is_listed_without_a_mount_point(void **state)
{
	struct facts f = host("2:memory:/\n1:pids:/\n", MOUNT_V1("pids"));

	assert_string_equal(f.hierarchies.v[0].mountpoint, "");
	assert_null(hierarchy_v1(&f, "memory"));
	assert_non_null(hierarchy_v1(&f, "pids"));
}

static void mount_points_may_be_anywhere_and_have_blanks(void **state)
{
	struct facts f =
		host("1:cpu,cpuacct:/\n",
		     "30 29 0:26 / /mnt/my\\040cgroups rw shared:4 - cgroup none rw,cpuacct,cpu\n");

	assert_string_equal(f.hierarchies.v[0].mountpoint, "/mnt/my cgroups");
}

static void the_first_mount_of_a_hierarchy_is_taken(void **state)
{
	struct facts f =
		host("1:pids:/\n",
		     MOUNT_V1("pids") "50 29 0:26 / /chroot/pids rw - cgroup cgroup rw,pids\n");

	assert_string_equal(f.hierarchies.v[0].mountpoint, "/sys/fs/cgroup/pids");
}

static void the_usual_place_is_taken_before_any_other(void **state)
{
	struct facts f = host("1:pids:/docker/abc\n",
			      "50 29 0:26 / /chroot/pids rw - cgroup cgroup rw,pids\n"
			      "51 29 0:26 /docker /sys/fs/cgroup/pids rw - cgroup cgroup rw,pids\n"
			      "52 29 0:26 /docker/abc /srv/pids rw - cgroup cgroup rw,pids\n");

	assert_string_equal(f.hierarchies.v[0].mountpoint, "/sys/fs/cgroup/pids");
	assert_string_equal(f.hierarchies.v[0].own, "/abc");
}

static void in_a_container_the_own_place_counts_from_what_the_mount_shows(void **state)
{
	struct facts f =
		host("1:memory:/docker/abc/sub\n",
		     "30 29 0:26 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");

	assert_string_equal(f.hierarchies.v[0].own, "/sub");
	f = host("1:memory:/docker/abc\n",
		 "30 29 0:26 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
	assert_string_equal(f.hierarchies.v[0].own, "/");
	f = host("1:memory:/docker/abcdef\n",
		 "30 29 0:26 /docker/abc /sys/fs/cgroup/memory rw - cgroup cgroup rw,memory\n");
	assert_string_equal(f.hierarchies.v[0].own, "/docker/abcdef");
}

static void a_mount_from_outside_the_cgroup_namespace_is_passed_over(void **state)
{
	struct facts f = host(
		"0::/\n",
		"30 29 0:26 /../other /mnt rw - cgroup2 cgroup2 rw\n" MOUNT_V2("/sys/fs/cgroup"));

	assert_string_equal(f.hierarchies.v[0].mountpoint, "/sys/fs/cgroup");
}

static void nonsense_in_proc_self_cgroup_is_an_error(void **state)
{
	struct facts f = {0};
	struct error e;

	assert_int_equal(hierarchies_parse(&f, arena, "12 memory\n", &e), -1);
	assert_non_null(strstr(e.text, "12 memory"));
}

static void lines_that_are_no_mounts_are_passed_over(void **state)
{
	struct facts f =
		host("1:pids:/\n",
		     " - cgroup\n1 2 - cgroup x\nrubbish - cgroup2 - -\n" MOUNT_V1("pids"));

	assert_string_equal(f.hierarchies.v[0].mountpoint, "/sys/fs/cgroup/pids");
}

static void this_host_has_a_layout_and_every_mount_point_is_one(void **state)
{
	struct facts f = {0};
	struct error e;

	assert_int_equal(cgroup_detect(&f, arena, &e), 0);
	assert_in_range(f.cgroup, CGROUP_NONE, CGROUP_V2);
	for (size_t i = 0; i < f.hierarchies.n; i++)
		if (f.hierarchies.v[i].mountpoint[0])
			assert_int_equal(f.hierarchies.v[i].own[0], '/');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(the_layout_follows_from_what_is_mounted),
		TEST(cgroup2_comes_behind_the_v1_hierarchies),
		TEST(controllers_that_share_a_hierarchy_are_each_found_in_it),
		TEST(a_hierarchy_that_is_not_mounted_is_listed_without_a_mount_point),
		TEST(mount_points_may_be_anywhere_and_have_blanks),
		TEST(the_first_mount_of_a_hierarchy_is_taken),
		TEST(the_usual_place_is_taken_before_any_other),
		TEST(in_a_container_the_own_place_counts_from_what_the_mount_shows),
		TEST(a_mount_from_outside_the_cgroup_namespace_is_passed_over),
		TEST(nonsense_in_proc_self_cgroup_is_an_error),
		TEST(lines_that_are_no_mounts_are_passed_over),
		TEST(this_host_has_a_layout_and_every_mount_point_is_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
