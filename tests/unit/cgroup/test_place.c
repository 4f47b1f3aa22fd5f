/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts.h"

#include <limits.h>

static struct cgroup_place place_on(struct facts f, const char *path, const char *id)
{
	struct cgroup_place p = {0};
	struct error e = {0};
	const char *text = path ? arena_printf(arena, "{'cgroupsPath': '%s'}", path) : "{}";

	if (cgroup_place(&p, arena, config_of(text), &f, id, CGROUP_DRIVER_FS, &e) < 0)
		fail_msg("%s: %s", e.at, e.text);
	return p;
}

static struct error refusal_of(const char *path)
{
	struct cgroup_place p = {.driver = 77};
	struct facts f = host_v2();
	struct config *c = config_of("{}");
	struct error e = {0};

	c->linux_.cgroups_path = path;
	assert_int_equal(cgroup_place(&p, arena, c, &f, "web1", CGROUP_DRIVER_FS, &e), -1);
	assert_int_equal(p.driver, 77);
	assert_string_equal(e.at, "linux.cgroupsPath");
	return e;
}

static void a_place_has_a_directory_in_every_hierarchy(void **state)
{
	struct cgroup_place p = place_on(host_hybrid(), NULL, "web1");

	assert_int_equal(p.dirs.n, 4);
	assert_string_equal(p.dirs.v[0].hierarchy, "memory");
	assert_string_equal(p.dirs.v[0].mountpoint, "/sys/fs/cgroup/memory");
	assert_string_equal(p.dirs.v[0].path, "/yacr-web1");
	assert_string_equal(p.dirs.v[2].hierarchy, "name=systemd");
	assert_string_equal(p.dirs.v[3].hierarchy, "");
	assert_string_equal(p.dirs.v[3].mountpoint, "/sys/fs/cgroup/unified");
	assert_int_equal(p.driver, CGROUP_DRIVER_FS);
}

static void controllers_of_one_hierarchy_get_one_directory(void **state)
{
	struct cgroup_place p = place_on(host_v1(), NULL, "x");

	assert_int_equal(p.dirs.n, 9);
	assert_string_equal(p.dirs.v[2].hierarchy, "cpu,cpuacct");
}

static void absolute_and_relative_paths_lead_below_the_mount_point(void **state)
{
	assert_string_equal(place_on(host_v2(), "/a/b", "x").dirs.v[0].path, "/a/b");
	assert_string_equal(place_on(host_v2(), "a/b", "x").dirs.v[0].path, "/a/b");
	assert_string_equal(place_on(host_v2(), "//a/./b//", "x").dirs.v[0].path, "/a/b");
	assert_string_equal(place_on(host_v2(), "", "x").dirs.v[0].path, "/yacr-x");
}

static void paths_that_lead_elsewhere_are_refused(void **state)
{
	assert_int_equal(refusal_of("/a/../b").code, 0);
	assert_int_equal(refusal_of("..").code, 0);
	assert_int_equal(refusal_of("/").code, 0);
	assert_int_equal(refusal_of("/./").code, 0);
	assert_int_equal(refusal_of("/a\nb").code, 0);
	assert_int_equal(refusal_of("/a\177").code, 0);
	assert_non_null(strstr(refusal_of("system.slice:yacr:web1").text, "systemd"));
}

static void overlong_paths_are_refused(void **state)
{
	char name[NAME_MAX + 3] = "/", path[PATH_MAX + 1] = "";

	memset(name + 1, 'a', NAME_MAX + 1);
	assert_int_equal(refusal_of(name).code, ENAMETOOLONG);
	while (strlen(path) < PATH_MAX / 2)
		strcat(path, "/aaaaaaa");
	assert_int_equal(refusal_of(path).code, ENAMETOOLONG);
}

static void dots_inside_a_name_are_part_of_it(void **state)
{
	assert_string_equal(place_on(host_v2(), "/a..b/...", "x").dirs.v[0].path, "/a..b/...");
}

static void the_longest_id_still_fits(void **state)
{
	char id[NAME_MAX + 1] = "";
	const char *name;

	memset(id, 'i', NAME_MAX);
	name = strrchr(place_on(host_v2(), NULL, id).dirs.v[0].path, '/') + 1;
	assert_in_range(strlen(name), 1, NAME_MAX);
}

static void without_privilege_the_default_is_beside_the_own_cgroup(void **state)
{
	struct facts f = host_v2();

	f.euid = 1000;
	assert_string_equal(place_on(f, NULL, "x").dirs.v[0].path,
			    "/user.slice/user-1000.slice/yacr-x");
	assert_string_equal(place_on(f, "/a", "x").dirs.v[0].path, "/a");
	f = host_hybrid();
	f.in_userns = true;
	assert_string_equal(place_on(f, NULL, "x").dirs.v[0].path, "/yacr-x");
	assert_string_equal(place_on(f, NULL, "x").dirs.v[3].path, "/a/yacr-x");
}

static void without_cgroups_the_place_is_empty_and_the_driver_disabled(void **state)
{
	struct cgroup_place p = place_on(host_without(), "/a", "x");
	struct facts f = host_v2();
	struct error e;

	assert_int_equal(p.dirs.n, 0);
	assert_int_equal(p.driver, CGROUP_DRIVER_DISABLED);
	assert_int_equal(
		cgroup_place(&p, arena, config_of("{}"), &f, "x", CGROUP_DRIVER_DISABLED, &e), 0);
	assert_int_equal(p.dirs.n, 0);
}

static void hierarchies_that_are_not_mounted_have_no_directory(void **state)
{
	struct cgroup_place p =
		place_on(host("2:memory:/\n1:pids:/\n", MOUNT_V1("pids")), NULL, "x");

	assert_int_equal(p.dirs.n, 1);
	assert_string_equal(p.dirs.v[0].hierarchy, "pids");
}

/* ---- cgroups below ---- */

static int below(struct cgroup_place *out, const char *wanted, struct error *e)
{
	struct cgroup_place p = place_on(host_v1(), "/a/web1", "web1");

	*out = p;
	out->dirs.v = ARENA_ARRAY(arena, p.dirs.n, struct cgroup_dir);
	memcpy(out->dirs.v, p.dirs.v, p.dirs.n * sizeof(*p.dirs.v));
	return cgroup_below(out, arena, &p, wanted, e);
}

static void a_cgroup_below_is_below_each_of_the_containers(void **state)
{
	static const struct {
		const char *wanted, *path;
	} cases[] = {
		{"x", "/a/web1/x"}, {"/x/y/", "/a/web1/x/y"}, {"./x", "/a/web1/x"},
		{"/", "/a/web1"},   {"", "/a/web1"},	      {"..x/y..", "/a/web1/..x/y.."},
	};
	struct cgroup_place p;
	struct error e = {0};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		assert_int_equal(below(&p, cases[i].wanted, &e), 0);
		FOR_EACH(dir, p.dirs)
			assert_string_equal(dir->path, cases[i].path);
	}
}

static void a_cgroup_below_may_be_for_some_controllers_only(void **state)
{
	struct cgroup_place p;
	struct error e = {0};

	assert_int_equal(below(&p, "pids,nonesuch:x", &e), 0);
	FOR_EACH(dir, p.dirs)
		assert_string_equal(dir->path,
				    str_eq(dir->hierarchy, "pids") ? "/a/web1/x" : "/a/web1");
	assert_int_equal(below(&p, "pid:x", &e), -1);
	assert_int_equal(below(&p, ":x", &e), -1);
}

static void no_cgroup_but_one_below_can_be_named(void **state)
{
	static const char *const names[] = {"..",   "../web10", "/../web10", "x/../../y",
					    "x\ny", "pids:..",	"a:b:c"};
	struct cgroup_place p;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		struct error e = {0};

		assert_int_equal(below(&p, names[i], &e), -1);
		assert_string_equal(e.at, "");
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_place_has_a_directory_in_every_hierarchy),
		TEST(controllers_of_one_hierarchy_get_one_directory),
		TEST(absolute_and_relative_paths_lead_below_the_mount_point),
		TEST(paths_that_lead_elsewhere_are_refused),
		TEST(overlong_paths_are_refused),
		TEST(dots_inside_a_name_are_part_of_it),
		TEST(the_longest_id_still_fits),
		TEST(without_privilege_the_default_is_beside_the_own_cgroup),
		TEST(without_cgroups_the_place_is_empty_and_the_driver_disabled),
		TEST(hierarchies_that_are_not_mounted_have_no_directory),
		TEST(a_cgroup_below_is_below_each_of_the_containers),
		TEST(a_cgroup_below_may_be_for_some_controllers_only),
		TEST(no_cgroup_but_one_below_can_be_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
