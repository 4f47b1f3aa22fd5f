/* SPDX-License-Identifier: Apache-2.0 */
#include "layouts.h"

#include "cgroup/systemd.h"

/* ---- names and places ---- */

static struct facts user_host(const char *own)
{
	struct facts f = host(arena_printf(arena, "0::%s\n", own), MOUNT_V2("/sys/fs/cgroup"));

	f.euid = f.host_uid = 1000;
	return f;
}

static int try_place(struct cgroup_place *p, const struct facts *f, const char *linux_,
		     const char *annotations, const char *id, struct error *e)
{
	struct config *c =
		config_of(arena_printf(arena, "%s, 'annotations': %s", linux_, annotations));

	return cgroup_place(p, arena, c, f, id, CGROUP_DRIVER_SYSTEMD, e);
}

static const char *in_subgroup = "{}";

/* "unit slice path" of a cgroupsPath. */
static const char *unit_of(struct facts f, const char *path, const char *id)
{
	struct cgroup_place p = {0};
	struct error e = {0};
	const char *text = path ? arena_printf(arena, "{'cgroupsPath': '%s'}", path) : "{}";

	if (try_place(&p, &f, text, in_subgroup, id, &e) < 0)
		return arena_printf(arena, "%s: %s", e.at, e.text);
	assert_int_equal(p.driver, CGROUP_DRIVER_SYSTEMD);
	return arena_printf(arena, "%s %s %s", p.unit, p.slice, p.dirs.v[0].path);
}

static void slice_prefix_and_name_make_a_scope(void **state)
{
	assert_string_equal(unit_of(host_v2(), "system.slice:docker:4d1c", "x"),
			    "docker-4d1c.scope system.slice /system.slice/docker-4d1c.scope");
	assert_string_equal(unit_of(host_v2(), ":crio:a", "x"),
			    "crio-a.scope system.slice /system.slice/crio-a.scope");
	assert_string_equal(unit_of(host_v2(), "-.slice:p:a", "x"), "p-a.scope -.slice /p-a.scope");
}

static void the_slices_above_a_slice_are_in_its_name(void **state)
{
	assert_string_equal(
		unit_of(host_v2(), "kubepods-besteffort-pod1.slice:cri:a", "x"),
		"cri-a.scope kubepods-besteffort-pod1.slice "
		"/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod1.slice/cri-a.scope");
}

static void a_name_that_is_a_slice_is_the_unit_itself(void **state)
{
	struct cgroup_place p = {.unit = "a-b.slice"};

	assert_string_equal(unit_of(host_v2(), "a.slice:p:a-b.slice", "x"),
			    "a-b.slice a.slice /a.slice/a-b.slice");
	assert_false(unit_is_scope(&p));
}

static void one_name_is_a_scope_in_the_default_slice(void **state)
{
	assert_string_equal(unit_of(host_v2(), "web", "x"),
			    "web.scope system.slice /system.slice/web.scope");
	assert_string_equal(unit_of(host_v2(), NULL, "web1"),
			    "yacr-web1.scope system.slice /system.slice/yacr-web1.scope");
	assert_string_equal(unit_of(host_v2(), "", "a+b"),
			    "yacr-a\\x2bb.scope system.slice /system.slice/yacr-a\\x2bb.scope");
}

static void a_users_units_are_below_the_users_manager(void **state)
{
	assert_string_equal(
		unit_of(user_host("/user.slice/user-1000.slice/session-3.scope"), NULL, "w"),
		"yacr-w.scope user.slice "
		"/user.slice/user-1000.slice/user@1000.service/user.slice/yacr-w.scope");
	/* where it really is, when yacr runs below it: a nested host, another slice */
	assert_string_equal(
		unit_of(user_host("/a/user@1000.service/app.slice/b.scope"), "app.slice:p:n", "w"),
		"p-n.scope app.slice /a/user@1000.service/app.slice/p-n.scope");
	assert_string_equal(unit_of(user_host("/user@10001.service/b.scope"), ":p:n", "w"),
			    "p-n.scope user.slice "
			    "/user.slice/user-1000.slice/user@1000.service/user.slice/p-n.scope");
}

static void each_hierarchy_of_v1_has_the_same_place(void **state)
{
	struct cgroup_place p = {0};
	struct facts f = host_hybrid();
	struct error e;

	assert_int_equal(try_place(&p, &f, "{'cgroupsPath': 'a.slice:p:n'}", "{}", "x", &e), 0);
	assert_int_equal(p.dirs.n, 4);
	FOR_EACH(dir, p.dirs)
		assert_string_equal(dir->path, "/a.slice/p-n.scope");
}

static void a_subgroup_is_below_the_unit(void **state)
{
	in_subgroup = "{'run.oci.systemd.subgroup': 'container'}";
	assert_string_equal(unit_of(host_v2(), ":p:n", "x"),
			    "p-n.scope system.slice /system.slice/p-n.scope/container");
	in_subgroup = "{'run.oci.systemd.subgroup': ''}";
	assert_string_equal(unit_of(host_v2(), ":p:n", "x"),
			    "p-n.scope system.slice /system.slice/p-n.scope");
	in_subgroup = "{'run.oci.systemd.subgroup': '../x'}";
	assert_string_equal(
		unit_of(host_v2(), ":p:n", "x"),
		"annotations.run.oci.systemd.subgroup: \"../x\" is not the name of a cgroup");
	in_subgroup = "{}";
}

static void what_is_no_unit_is_refused(void **state)
{
	static const char *const wrong[] = {
		"/a/b",		 "a:b",		  "a.slice:p:n:m",
		"a:p:n",	 ".slice:p:n",	  "a--b.slice:p:n",
		"-a.slice:p:n",	 "a-.slice:p:n",  "a/b.slice:p:n",
		"a.slice:p:n/m", "a.slice:p:n m", "a.slice:p:a--b.slice",
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		if (!str_starts(unit_of(host_v2(), wrong[i], "x"), "linux.cgroupsPath: "))
			fail_msg("%s: %s", wrong[i], unit_of(host_v2(), wrong[i], "x"));
	assert_non_null(
		strstr(unit_of(host_v2(), arena_printf(arena, ":p:%0250d", 1), "x"), "255"));
}

/* ---- properties ---- */

/* "NAME=VALUE NAME=VALUE" of what an update with @text tells systemd. */
static const char *properties_on(struct facts f, const char *text)
{
	struct unit_properties l = {0};
	struct buf out = buf_new(arena);
	struct error e = {0};

	if (unit_properties_update(&l, arena, resources_of(text), &f, &e) < 0)
		fail_msg("%s: %s", e.at, e.text);
	FOR_EACH(p, l)
		buf_printf(&out, "%s%s=%s", out.len ? " " : "", p->name, p->value);
	return out.s;
}

#define ASSERT_V2(text, wanted) assert_string_equal(properties_on(host_v2(), text), wanted)
#define ASSERT_V1(text, wanted) assert_string_equal(properties_on(host_v1(), text), wanted)
#define INFINITE "18446744073709551615"

static void each_limit_of_v2_has_its_property(void **state)
{
	ASSERT_V2("{'cpu': {'shares': 512}}", "CPUWeight=59");
	ASSERT_V2("{'cpu': {'shares': 512, 'idle': 1}}", "CPUWeight=0");
	ASSERT_V2("{'cpu': {'cpus': '0-3,7', 'mems': '0'}}",
		  "AllowedCPUs=0-3,7 AllowedMemoryNodes=0");
	ASSERT_V2("{'memory': {'limit': 67108864, 'swap': 100663296, 'reservation': 4096}}",
		  "MemoryMax=67108864 MemorySwapMax=33554432 MemoryLow=4096");
	ASSERT_V2("{'memory': {'limit': -1}}", "MemoryMax=" INFINITE " MemorySwapMax=" INFINITE);
	ASSERT_V2("{'pids': {'limit': 17}}", "TasksMax=17");
	ASSERT_V2("{'pids': {'limit': 0}}", "TasksMax=1");
	ASSERT_V2("{'pids': {'limit': -1}}", "TasksMax=" INFINITE);
	ASSERT_V2("{'blockIO': {'weight': 500}}", "IOWeight=4950");
	ASSERT_V2("{'blockIO': {'weightDevice': [{'major': 8, 'minor': 0, 'weight': 10}]}}",
		  "IODeviceWeight=/dev/block/8:0 1");
	ASSERT_V2("{'blockIO': {'throttleReadBpsDevice': [{'major': 8, 'minor': 0, 'rate': 7}],"
		  "'throttleWriteIOPSDevice': [{'major': 8, 'minor': 16, 'rate': 0}]}}",
		  "IOReadBandwidthMax=/dev/block/8:0 7 IOWriteIOPSMax=/dev/block/8:16 " INFINITE);
}

static void a_quota_is_rounded_up_to_what_a_unit_file_can_say(void **state)
{
	ASSERT_V2("{'cpu': {'quota': 50000, 'period': 100000}}", "CPUQuotaPerSecUSec=500000");
	ASSERT_V2("{'cpu': {'quota': 12345}}", "CPUQuotaPerSecUSec=130000");
	ASSERT_V2("{'cpu': {'quota': 3000, 'period': 2000}}",
		  "CPUQuotaPeriodUSec=2000 CPUQuotaPerSecUSec=1500000");
	ASSERT_V2("{'cpu': {'quota': -1}}", "CPUQuotaPerSecUSec=" INFINITE);
	ASSERT_V1("{'cpu': {'quota': 3000, 'period': 2000}}",
		  "CPUQuotaPeriodUSec=2000 CPUQuotaPerSecUSec=1500000");
}

static void files_of_unified_have_theirs_too(void **state)
{
	ASSERT_V2(
		"{'unified': {'memory.high': '1G', 'memory.min': 'max', 'cpu.max': '1000 10000'}}",
		"MemoryHigh=1073741824 MemoryMin=" INFINITE
		" CPUQuotaPeriodUSec=10000 CPUQuotaPerSecUSec=100000");
	ASSERT_V2(
		"{'unified': {'memory.high': 'much', 'memory.oom.group': '1', 'hugetlb.2MB.max': '0',"
		"'cpuset.cpus': 'all', 'memory.max': '1Gi'}}",
		"");
}

static void each_limit_of_v1_has_its_property(void **state)
{
	ASSERT_V1(
		"{'cpu': {'shares': 512}, 'memory': {'limit': 4096, 'swap': 8192}, 'pids': {'limit': 3}}",
		"MemoryLimit=4096 CPUShares=512 TasksMax=3");
	ASSERT_V1("{'blockIO': {'weight': 500, 'throttleWriteBpsDevice': "
		  "[{'major': 8, 'minor': 0, 'rate': 7}]}}",
		  "BlockIOWeight=500 BlockIOWriteBandwidth=/dev/block/8:0 7");
}

#define DEFAULT_DEVICES                                                                              \
	"DeviceAllow=char-* m DeviceAllow=block-* m DeviceAllow=/dev/char/1:3 rwm "                  \
	"DeviceAllow=/dev/char/1:5 rwm DeviceAllow=/dev/char/1:7 rwm DeviceAllow=/dev/char/1:8 rwm " \
	"DeviceAllow=/dev/char/1:9 rwm DeviceAllow=/dev/char/5:0 rwm DeviceAllow=/dev/char/5:2 rwm " \
	"DeviceAllow=char-pts rwm DeviceAllow=/dev/char/10:200 rwm"

static void device_rules_are_told_as_a_list_of_what_is_allowed(void **state)
{
	ASSERT_V2(
		"{'devices': [{'allow': false}, {'allow': true, 'type': 'b', 'major': 8, 'access': 'r'},"
		"{'allow': true, 'major': 4, 'minor': 7}]}",
		"DevicePolicy=strict DeviceAllow= DeviceAllow=block-8 r DeviceAllow=/dev/char/4:7 rwm "
		"DeviceAllow=/dev/block/4:7 rwm " DEFAULT_DEVICES);
	/* of one name the last entry is all that counts to systemd */
	ASSERT_V2(
		"{'devices': [{'allow': false}, {'allow': true, 'type': 'c', 'major': 4, 'minor': 7, "
		"'access': 'r'}, {'allow': false, 'type': 'c', 'major': 4, 'minor': 7, 'access': 'm'}, "
		"{'allow': true, 'major': 4, 'minor': 7, 'access': 'w'}]}",
		"DevicePolicy=strict DeviceAllow= DeviceAllow=/dev/char/4:7 rw "
		"DeviceAllow=/dev/block/4:7 w " DEFAULT_DEVICES);
}

static const char *new_properties(struct facts f, const char *linux_, const char *annotations,
				  const char *unit)
{
	struct config *c =
		config_of(arena_printf(arena, "%s, 'annotations': %s", linux_, annotations));
	struct cgroup_place p = {.unit = unit, .slice = "a.slice"};
	struct unit_properties l = {0};
	struct buf out = buf_new(arena);
	struct error e = {0};

	if (unit_properties_new(&l, arena, &p, c, &f, "web1", &e) < 0)
		return arena_printf(arena, "%s: %s", e.at, e.text);
	FOR_EACH(x, l)
		if (!strstr(x->name, "Device"))
			buf_printf(&out, "%s=%s ", x->name, x->value);
	return out.s;
}

static void rules_that_systemd_has_no_words_for_are_left_to_yacrs_own_program(void **state)
{
	ASSERT_V2("{'devices': [{'allow': true}]}", "DevicePolicy=auto DeviceAllow=");
	ASSERT_V2("{'devices': [{'allow': true}, {'allow': false, 'type': 'c', 'major': 4}]}",
		  "DevicePolicy=auto DeviceAllow=");
	ASSERT_V2("{'devices': [{'allow': true, 'type': 'c', 'minor': 4, 'access': 'r'}]}",
		  "DevicePolicy=auto DeviceAllow=");
	ASSERT_V2("{'devices': [{'allow': true, 'type': 'c', 'access': 'r'}]}",
		  "DevicePolicy=auto DeviceAllow=");
	ASSERT_V1("{'devices': [{'allow': true}, {'allow': false, 'type': 'c', 'major': 4}]}",
		  "DevicePolicy=auto DeviceAllow=");
}

static void on_v1_systemd_is_told_what_it_would_clear_away_otherwise(void **state)
{
	ASSERT_V1(
		"{'devices': [{'allow': true}]}",
		"DevicePolicy=strict DeviceAllow= DeviceAllow=char-* rwm DeviceAllow=block-* rwm");
	assert_string_equal(
		new_properties(host_v1(), "{}", "{}", "a.scope"),
		"Description=yacr container web1 DefaultDependencies=false Slice=a.slice "
		"Delegate=true CPUAccounting=true MemoryAccounting=true BlockIOAccounting=true "
		"TasksAccounting=true TasksMax=" INFINITE " ");
}

static void a_user_without_privilege_has_no_device_rules(void **state)
{
	assert_string_equal(properties_on(user_host("/"), "{'devices': [{'allow': false}]}"), "");
}

static void a_new_scope_is_delegated_and_has_no_limit_that_nobody_asked_for(void **state)
{
	assert_string_equal(
		new_properties(host_v2(), "{}", "{}", "a.scope"),
		"Description=yacr container web1 DefaultDependencies=false Slice=a.slice "
		"Delegate=true TasksMax=" INFINITE " ");
	assert_string_equal(
		new_properties(host_v2(), "{'resources': {'pids': {'limit': 5}}}", "{}", "a.scope"),
		"Description=yacr container web1 DefaultDependencies=false Slice=a.slice "
		"Delegate=true TasksMax=5 ");
	assert_string_equal(
		new_properties(host_v2(), "{}", "{}", "a.slice"),
		"Description=yacr container web1 DefaultDependencies=false TasksMax=" INFINITE " ");
}

static void annotations_are_properties_that_count_last(void **state)
{
	const char *all = new_properties(host_v2(), "{'resources': {'memory': {'limit': 4096}}}",
					 "{'org.systemd.property.MemoryMax': 'uint64 1', 'a': 'b'}",
					 "a.scope");

	assert_non_null(strstr(all, "MemoryMax=4096 MemoryMax=uint64 1 "));
	assert_string_equal(
		new_properties(host_v2(), "{}", "{'org.systemd.property.a.b': '1'}", "a.scope"),
		"annotations.org.systemd.property.a.b: \"a.b\" is not the name of a systemd property");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(slice_prefix_and_name_make_a_scope),
		TEST(the_slices_above_a_slice_are_in_its_name),
		TEST(a_name_that_is_a_slice_is_the_unit_itself),
		TEST(one_name_is_a_scope_in_the_default_slice),
		TEST(a_users_units_are_below_the_users_manager),
		TEST(each_hierarchy_of_v1_has_the_same_place),
		TEST(a_subgroup_is_below_the_unit),
		TEST(what_is_no_unit_is_refused),
		TEST(each_limit_of_v2_has_its_property),
		TEST(a_quota_is_rounded_up_to_what_a_unit_file_can_say),
		TEST(files_of_unified_have_theirs_too),
		TEST(each_limit_of_v1_has_its_property),
		TEST(device_rules_are_told_as_a_list_of_what_is_allowed),
		TEST(rules_that_systemd_has_no_words_for_are_left_to_yacrs_own_program),
		TEST(on_v1_systemd_is_told_what_it_would_clear_away_otherwise),
		TEST(a_user_without_privilege_has_no_device_rules),
		TEST(a_new_scope_is_delegated_and_has_no_limit_that_nobody_asked_for),
		TEST(annotations_are_properties_that_count_last),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
