/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Every member of linux.resources on v1 and on v2, as the lines that are written:
 * "file=value", with "?" for optional, "~" for what a new cgroup holds anyway,
 * "|file=value" for the second choice, "<file" for the usage that is looked at first.
 */
#include "layouts.h"

#include <math.h>

#include "base/buf.h"

static const char *print(const limit_list *list)
{
	struct buf b = buf_new(arena);

	FOR_EACH(l, *list) {
		buf_printf(&b, "%s%s=%s%s%s", b.len ? "; " : "", l->file, l->value,
			   l->optional ? "?" : "", l->neutral ? "~" : "");
		if (l->or_file)
			buf_printf(&b, "|%s=%s", l->or_file, l->or_value);
		if (l->usage)
			buf_printf(&b, "<%s", l->usage);
	}
	return b.len ? b.s : "";
}

static const char *limits_on(struct facts f, const char *resources)
{
	limit_list out = {0};
	struct error e = {0};

	if (cgroup_limits(&out, arena, resources_of(resources), &f, &e) < 0)
		return arena_printf(arena, "%s: %s", e.at, e.text);
	return print(&out);
}

struct example {
	const char *resources;
	const char *v1, *v2; /* lines; or "!" and the path of the error */
};

static void check(const struct example *x, struct facts f, const char *expected)
{
	const char *got = limits_on(f, x->resources);

	if (expected[0] == '!') {
		const char *at = arena_printf(arena, "linux.resources.%s: ", expected + 1);

		if (strncmp(got, at, strlen(at)) != 0)
			fail_msg("%s: expected an error at %s, got %s", x->resources, at, got);
	} else if (strcmp(got, expected) != 0) {
		fail_msg("%s:\n  expected %s\n  got      %s", x->resources, expected, got);
	}
}

static const struct example examples[] = {
	{"{}", "", ""},
	/* memory */
	{"{'memory': {}}", "", ""},
	{"{'memory': {'limit': 0, 'swap': 0, 'reservation': 0}}", "", ""},
	{"{'memory': {'limit': 1000}}", "memory.limit_in_bytes=1000", "memory.max=1000"},
	{"{'memory': {'limit': -1}}", "memory.limit_in_bytes=-1~; memory.memsw.limit_in_bytes=-1?~",
	 "memory.max=max~; memory.swap.max=max?~"},
	{"{'memory': {'limit': 1000, 'swap': 3000}}",
	 "memory.limit_in_bytes=1000; memory.memsw.limit_in_bytes=3000",
	 "memory.max=1000; memory.swap.max=2000"},
	{"{'memory': {'limit': 1000, 'swap': 1000}}",
	 "memory.limit_in_bytes=1000; memory.memsw.limit_in_bytes=1000",
	 "memory.max=1000; memory.swap.max=0?"},
	{"{'memory': {'limit': 1000, 'swap': -1}}",
	 "memory.limit_in_bytes=1000; memory.memsw.limit_in_bytes=-1?~",
	 "memory.max=1000; memory.swap.max=max?~"},
	{"{'memory': {'limit': -1, 'swap': 3000}}",
	 "memory.limit_in_bytes=-1~; memory.memsw.limit_in_bytes=3000",
	 "memory.max=max~; memory.swap.max=3000"},
	{"{'memory': {'limit': 1000, 'swap': 0}}", "memory.limit_in_bytes=1000", "memory.max=1000"},
	{"{'memory': {'swap': 3000}}", "memory.memsw.limit_in_bytes=3000", "!memory.swap"},
	{"{'memory': {'swap': -1}}", "memory.memsw.limit_in_bytes=-1?~", "memory.swap.max=max?~"},
	{"{'memory': {'reservation': 500}}", "memory.soft_limit_in_bytes=500", "memory.low=500"},
	{"{'memory': {'reservation': -1}}", "memory.soft_limit_in_bytes=-1~", "memory.low=max"},
	{"{'memory': {'kernel': -1}}", "memory.kmem.limit_in_bytes=-1?~", ""},
	{"{'memory': {'kernel': 4096}}", "memory.kmem.limit_in_bytes=4096?", ""},
	{"{'memory': {'kernelTCP': -1}}", "memory.kmem.tcp.limit_in_bytes=-1~", ""},
	{"{'memory': {'kernelTCP': 4096}}", "memory.kmem.tcp.limit_in_bytes=4096",
	 "!memory.kernelTCP"},
	{"{'memory': {'swappiness': 0}}", "memory.swappiness=0", "!memory.swappiness"},
	{"{'memory': {'swappiness': 60}}", "memory.swappiness=60", "!memory.swappiness"},
	{"{'memory': {'disableOOMKiller': true}}", "memory.oom_control=1",
	 "!memory.disableOOMKiller"},
	{"{'memory': {'disableOOMKiller': false}}", "memory.oom_control=0~", ""},
	{"{'memory': {'useHierarchy': true}}", "memory.use_hierarchy=1", ""},
	{"{'memory': {'useHierarchy': false}}", "memory.use_hierarchy=0", "!memory.useHierarchy"},
	{"{'memory': {'limit': 10, 'swap': 30, 'checkBeforeUpdate': true}}",
	 "memory.limit_in_bytes=10; memory.memsw.limit_in_bytes=30",
	 "memory.max=10<memory.current; memory.swap.max=20<memory.swap.current"},
	/* cpu */
	{"{'cpu': {'shares': 0, 'quota': 0, 'period': 0, 'cpus': '', 'mems': ''}}", "", ""},
	{"{'cpu': {'shares': 512}}", "cpu.shares=512", "cpu.weight=59"},
	{"{'cpu': {'shares': 1024}}", "cpu.shares=1024~", "cpu.weight=100~"},
	{"{'cpu': {'shares': 1}}", "!cpu.shares", "cpu.weight=1"},
	{"{'cpu': {'shares': 300000}}", "!cpu.shares", "cpu.weight=10000"},
	{"{'cpu': {'quota': 50000}}", "cpu.cfs_quota_us=50000", "cpu.max=50000"},
	{"{'cpu': {'quota': -1}}", "cpu.cfs_quota_us=-1~", "cpu.max=max~"},
	{"{'cpu': {'period': 100000}}", "cpu.cfs_period_us=100000~", "cpu.max=max 100000~"},
	{"{'cpu': {'period': 200000}}", "cpu.cfs_period_us=200000", "cpu.max=max 200000"},
	{"{'cpu': {'quota': 50000, 'period': 200000}}",
	 "cpu.cfs_period_us=200000; cpu.cfs_quota_us=50000", "cpu.max=50000 200000"},
	{"{'cpu': {'quota': -1, 'period': 200000}}",
	 "cpu.cfs_period_us=200000; cpu.cfs_quota_us=-1~", "cpu.max=max 200000"},
	{"{'cpu': {'quota': 50000, 'burst': 1000}}",
	 "cpu.cfs_quota_us=50000; cpu.cfs_burst_us=1000", "cpu.max=50000; cpu.max.burst=1000"},
	{"{'cpu': {'burst': 0}}", "cpu.cfs_burst_us=0?~", "cpu.max.burst=0?~"},
	{"{'cpu': {'realtimeRuntime': 0, 'realtimePeriod': 0}}", "", ""},
	{"{'cpu': {'realtimeRuntime': 900, 'realtimePeriod': 1000}}",
	 "cpu.rt_period_us=1000; cpu.rt_runtime_us=900", "!cpu.realtimeRuntime"},
	{"{'cpu': {'realtimePeriod': 1000}}", "cpu.rt_period_us=1000", "!cpu.realtimePeriod"},
	{"{'cpu': {'idle': 1, 'shares': 2}}", "cpu.idle=1", "cpu.idle=1"},
	{"{'cpu': {'idle': 0}}", "cpu.idle=0?~", "cpu.idle=0?~"},
	{"{'cpu': {'cpus': '0-3,7', 'mems': '0'}}", "cpuset.cpus=0-3,7; cpuset.mems=0",
	 "cpuset.cpus=0-3,7; cpuset.mems=0"},
	/* pids */
	{"{'pids': {'limit': 100}}", "pids.max=100", "pids.max=100"},
	{"{'pids': {'limit': 0}}", "pids.max=0", "pids.max=0"},
	{"{'pids': {'limit': -1}}", "pids.max=max~", "pids.max=max~"},
	/* blockIO */
	{"{'blockIO': {'weight': 0}}", "", ""},
	{"{'blockIO': {'weight': 10}}", "blkio.weight=10|blkio.bfq.weight=10",
	 "io.bfq.weight=10|io.weight=1"},
	{"{'blockIO': {'weight': 100}}", "blkio.weight=100|blkio.bfq.weight=100",
	 "io.bfq.weight=100|io.weight=910"},
	{"{'blockIO': {'weight': 500}}", "blkio.weight=500|blkio.bfq.weight=500",
	 "io.bfq.weight=500|io.weight=4950"},
	{"{'blockIO': {'weight': 1000}}", "blkio.weight=1000|blkio.bfq.weight=1000",
	 "io.bfq.weight=1000|io.weight=10000"},
	{"{'blockIO': {'leafWeight': 100}}", "blkio.leaf_weight=100", "!blockIO.leafWeight"},
	{"{'blockIO': {'weightDevice': [{'major': 8, 'minor': 0, 'weight': 100}]}}",
	 "blkio.weight_device=8:0 100|blkio.bfq.weight_device=8:0 100",
	 "io.bfq.weight=8:0 100|io.weight=8:0 910"},
	{"{'blockIO': {'weightDevice': [{'major': 8, 'minor': 0, 'leafWeight': 100}]}}",
	 "blkio.leaf_weight_device=8:0 100", "!blockIO.weightDevice[0].leafWeight"},
	{"{'blockIO': {'throttleReadBpsDevice': [{'major': 8, 'minor': 0, 'rate': 600}, {'major': 8, 'minor': 16, 'rate': 0}]}}",
	 "blkio.throttle.read_bps_device=8:0 600; blkio.throttle.read_bps_device=8:16 0",
	 "io.max=8:0 rbps=600; io.max=8:16 rbps=max"},
	{"{'blockIO': {'throttleWriteBpsDevice': [{'major': 8, 'minor': 0, 'rate': 18446744073709551615}]}}",
	 "blkio.throttle.write_bps_device=8:0 18446744073709551615",
	 "io.max=8:0 wbps=18446744073709551615"},
	{"{'blockIO': {'throttleReadIOPSDevice': [{'major': 8, 'minor': 0, 'rate': 1}]}}",
	 "blkio.throttle.read_iops_device=8:0 1", "io.max=8:0 riops=1"},
	{"{'blockIO': {'throttleWriteIOPSDevice': [{'major': 8, 'minor': 0, 'rate': 1}]}}",
	 "blkio.throttle.write_iops_device=8:0 1", "io.max=8:0 wiops=1"},
	/* hugepageLimits */
	{"{'hugepageLimits': [{'pageSize': '2MB', 'limit': 9223372036854775808}]}",
	 "hugetlb.2MB.limit_in_bytes=9223372036854775808; hugetlb.2MB.rsvd.limit_in_bytes=9223372036854775808?",
	 "hugetlb.2MB.max=9223372036854775808; hugetlb.2MB.rsvd.max=9223372036854775808?"},
	/* network */
	{"{'network': {}}", "", ""},
	{"{'network': {'classID': 0}}", "", ""},
	{"{'network': {'classID': 1048577}}", "net_cls.classid=1048577", "!network.classID"},
	{"{'network': {'priorities': [{'name': 'eth0', 'priority': 500}]}}",
	 "net_prio.ifpriomap=eth0 500", "!network.priorities"},
	/* rdma: no v1 hierarchy has it here */
	{"{'rdma': {'mlx5_1': {'hcaHandles': 3, 'hcaObjects': 10000}}}", "!rdma.mlx5_1",
	 "rdma.max=mlx5_1 hca_handle=3 hca_object=10000"},
	{"{'rdma': {'mlx5_1': {'hcaObjects': 5}}}", "!rdma.mlx5_1", "rdma.max=mlx5_1 hca_object=5"},
	/* unified */
	{"{'unified': {'memory.high': '1000'}}", "!unified.memory.high", "memory.high=1000"},
	{"{'unified': {'io.max': '8:0 rbps=1\\n8:16 rbps=2\\n'}}", "!unified.io.max",
	 "io.max=8:0 rbps=1; io.max=8:16 rbps=2"},
	{"{'unified': {'from.the.future': 'x', 'cgroup.max.depth': '3', 'memory.low': ''}}",
	 "!unified.from.the.future", "from.the.future=x; cgroup.max.depth=3"},
	{"{'memory': {'limit': 1000}, 'unified': {'memory.max': '2000'}}", "!unified.memory.max",
	 "memory.max=1000; memory.max=2000"},
};

static void every_resource_has_its_lines_on_v1(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		check(&examples[i], host_v1(), examples[i].v1);
}

static void every_resource_has_its_lines_or_its_error_on_v2(void **state)
{
	for (size_t i = 0; i < ARRAY_SIZE(examples); i++)
		check(&examples[i], host_v2(), examples[i].v2);
}

static void in_a_hybrid_layout_each_controller_is_written_where_it_lives(void **state)
{
	assert_string_equal(
		limits_on(host_hybrid(), "{'memory': {'limit': 1000}, 'pids': {'limit': 5},"
					 " 'hugepageLimits': [{'pageSize': '2MB', 'limit': 0}]}"),
		"memory.limit_in_bytes=1000; pids.max=5; hugetlb.2MB.max=0; hugetlb.2MB.rsvd.max=0?");
	assert_string_equal(limits_on(host_hybrid(), "{'unified': {'pids.max': '7'}}"),
			    "pids.max=7");
	assert_non_null(strstr(limits_on(host_hybrid(), "{'unified': {'memory.max': '7'}}"),
			       "in a cgroup v1"));
}

static void without_cgroups_a_limit_is_an_error_but_a_neutral_value_is_not(void **state)
{
	assert_non_null(strstr(limits_on(host_without(), "{'pids': {'limit': 5}}"),
			       "linux.resources.pids.limit: "));
	assert_string_equal(
		limits_on(host_without(), "{'pids': {'limit': -1}, 'memory': {'limit': -1}}"), "");
	assert_string_equal(limits_on(host_without(), "{'devices': [{'allow': false}]}"), "");
}

static void memory_and_swap_below_memory_is_refused(void **state)
{
	struct memory m = {.limit = {true, 1000}, .swap = {true, 500}};
	struct resources r = {.memory = &m};
	struct facts f = host_v2();
	limit_list out;
	struct error e;

	assert_int_equal(cgroup_limits(&out, arena, &r, &f, &e), -1);
	assert_string_equal(e.at, "linux.resources.memory.swap");
}

static void a_limit_carries_the_path_that_asked_for_it(void **state)
{
	struct facts f = host_v2();
	limit_list out;
	struct error e;

	assert_int_equal(
		cgroup_limits(
			&out, arena,
			resources_of(
				"{'blockIO': {'throttleWriteIOPSDevice': ["
				"{'major': 1, 'minor': 1, 'rate': 1}, {'major': 1, 'minor': 2, 'rate': 1}]}}"),
			&f, &e),
		0);
	assert_string_equal(out.v[1].at, "linux.resources.blockIO.throttleWriteIOPSDevice[1]");
	assert_string_equal(out.v[1].controller, "io");
}

static void file_names_that_lead_elsewhere_are_refused(void **state)
{
	static const char *const bad[] = {"../x", "memory/max", "", ".hidden", "nodot"};
	struct facts f = host_v2();

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct pair p = {bad[i], "1"};
		struct resources r = {.unified = {&p, 1}};
		limit_list out;
		struct error e;

		assert_int_equal(cgroup_limits(&out, arena, &r, &f, &e), -1);
	}
}

static void shares_become_weights_by_the_agreed_curve(void **state)
{
	static const struct {
		unsigned int shares, weight;
	} known[] = {{0, 1},	  {1, 1},      {2, 1},	     {100, 17},	      {512, 59},
		     {1024, 100}, {2048, 174}, {10240, 639}, {262144, 10000}, {1000000, 10000}};

	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		assert_int_equal(weight_of_shares(known[i].shares), known[i].weight);
}

static void the_integer_curve_is_the_real_one_for_every_number_of_shares(void **state)
{
	for (unsigned int shares = 3; shares < 262144; shares++) {
		double x = log2(shares), exact = pow(10, (x * x + 125 * x) / 612 - 7.0 / 34);
		unsigned int got = weight_of_shares(shares);

		if (fabs(exact - round(exact)) < 1e-9 ? got != (unsigned int)round(exact)
						      : got != (unsigned int)ceil(exact))
			fail_msg("%u shares: %u instead of %.12f rounded up", shares, got, exact);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(every_resource_has_its_lines_on_v1),
		TEST(every_resource_has_its_lines_or_its_error_on_v2),
		TEST(in_a_hybrid_layout_each_controller_is_written_where_it_lives),
		TEST(without_cgroups_a_limit_is_an_error_but_a_neutral_value_is_not),
		TEST(memory_and_swap_below_memory_is_refused),
		TEST(a_limit_carries_the_path_that_asked_for_it),
		TEST(file_names_that_lead_elsewhere_are_refused),
		TEST(shares_become_weights_by_the_agreed_curve),
		TEST(the_integer_curve_is_the_real_one_for_every_number_of_shares),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
