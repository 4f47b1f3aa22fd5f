/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#define RESOURCES "'linux': {'resources': {%s}}"
#define AT "linux.resources."

static void device_rules_have_known_types_and_letters(void **state)
{
	accepts_in(RESOURCES,
		   "'devices': [{'allow': false}, {'allow': true, 'type': '', 'access': ''},"
		   "{'allow': true, 'type': 'c', 'major': -1, 'minor': 5, 'access': 'rwm'}]");
	refuses_in(RESOURCES, "'devices': [{'type': 'a'}]", AT "devices[0].allow");
	refuses_in(RESOURCES, "'devices': [{'allow': true, 'type': 'p'}]", AT "devices[0].type");
	refuses_in(RESOURCES, "'devices': [{'allow': true, 'type': 'all'}]", AT "devices[0].type");
	refuses_in(RESOURCES, "'devices': [{'allow': true}, {'allow': true, 'access': 'rx'}]",
		   AT "devices[1].access");
	refuses_in(RESOURCES, "'devices': [{'allow': true, 'major': -2}]", AT "devices[0].major");
	refuses_in(RESOURCES, "'devices': [{'allow': true, 'minor': 4294967296}]",
		   AT "devices[0].minor");
}

static void a_negative_limit_other_than_minus_one_is_refused_with_its_path(void **state)
{
	accepts_in(
		RESOURCES,
		"'memory': {'limit': -1, 'swap': -1, 'reservation': -1, 'kernel': -1, 'kernelTCP': -1}");
	refuses_in(RESOURCES, "'memory': {'limit': -2}", AT "memory.limit");
	refuses_in(RESOURCES, "'memory': {'swap': -2}", AT "memory.swap");
	refuses_in(RESOURCES, "'memory': {'reservation': -2}", AT "memory.reservation");
	refuses_in(RESOURCES, "'pids': {'limit': -2}", AT "pids.limit");
}

static void memory_plus_swap_is_not_less_than_memory(void **state)
{
	accepts_in(RESOURCES, "'memory': {'limit': 100, 'swap': 100}");
	accepts_in(RESOURCES, "'memory': {'limit': 100, 'swap': 0}");
	accepts_in(RESOURCES, "'memory': {'limit': -1, 'swap': 100}");
	refuses_in(RESOURCES, "'memory': {'limit': 100, 'swap': 99}", AT "memory.swap");
}

static void swappiness_is_at_most_100(void **state)
{
	accepts_in(RESOURCES, "'memory': {'swappiness': 100}");
	refuses_in(RESOURCES, "'memory': {'swappiness': 101}", AT "memory.swappiness");
}

static void a_burst_is_not_above_the_quota(void **state)
{
	accepts_in(RESOURCES, "'cpu': {'quota': 1000, 'burst': 1000, 'period': 100000}");
	accepts_in(RESOURCES, "'cpu': {'quota': -1, 'burst': 1000}");
	accepts_in(RESOURCES,
		   "'cpu': {'shares': 0, 'quota': -5, 'realtimeRuntime': -1, 'idle': 1}");
	refuses_in(RESOURCES, "'cpu': {'quota': 1000, 'burst': 1001}", AT "cpu.burst");
	refuses_in(RESOURCES, "'cpu': {'idle': 2}", AT "cpu.idle");
	refuses_in(RESOURCES, "'cpu': {'shares': -1}", AT "cpu.shares");
}

static void weights_are_from_10_to_1000(void **state)
{
	accepts_in(RESOURCES, "'blockIO': {'weight': 10, 'leafWeight': 1000}");
	accepts_in(RESOURCES, "'blockIO': {'weight': 0}");
	refuses_in(RESOURCES, "'blockIO': {'weight': 9}", AT "blockIO.weight");
	refuses_in(RESOURCES, "'blockIO': {'leafWeight': 1001}", AT "blockIO.leafWeight");
}

static void a_weighted_device_has_a_weight(void **state)
{
	accepts_in(RESOURCES,
		   "'blockIO': {'weightDevice': [{'major': 8, 'minor': 0, 'leafWeight': 10}]}");
	refuses_in(RESOURCES, "'blockIO': {'weightDevice': [{'major': 8, 'minor': 0}]}",
		   AT "blockIO.weightDevice[0]");
	refuses_in(RESOURCES,
		   "'blockIO': {'weightDevice': [{'major': 8, 'minor': 0, 'weight': 5}]}",
		   AT "blockIO.weightDevice[0].weight");
	refuses_in(RESOURCES, "'blockIO': {'weightDevice': [{'minor': 0, 'weight': 10}]}",
		   AT "blockIO.weightDevice[0].major");
}

static void a_throttled_device_has_numbers_and_a_rate(void **state)
{
	accepts_in(RESOURCES,
		   "'blockIO': {'throttleReadBpsDevice': [{'major': 8, 'minor': 0, 'rate': 0}]}");
	refuses_in(RESOURCES, "'blockIO': {'throttleReadBpsDevice': [{'major': 8, 'minor': 0}]}",
		   AT "blockIO.throttleReadBpsDevice[0].rate");
	refuses_in(RESOURCES, "'blockIO': {'throttleWriteIOPSDevice': [{'major': 8, 'rate': 0}]}",
		   AT "blockIO.throttleWriteIOPSDevice[0].minor");
}

static void huge_pages_have_a_size_and_a_limit(void **state)
{
	accepts_in(RESOURCES,
		   "'hugepageLimits': [{'pageSize': '2MB', 'limit': 9223372036854772000},"
		   "{'pageSize': '64KB', 'limit': 0}]");
	refuses_in(RESOURCES, "'hugepageLimits': [{'pageSize': '64kB', 'limit': 0}]",
		   AT "hugepageLimits[0].pageSize");
	refuses_in(RESOURCES, "'hugepageLimits': [{'pageSize': '02MB', 'limit': 0}]",
		   AT "hugepageLimits[0].pageSize");
	refuses_in(RESOURCES, "'hugepageLimits': [{'pageSize': '2', 'limit': 0}]",
		   AT "hugepageLimits[0].pageSize");
	refuses_in(RESOURCES, "'hugepageLimits': [{'pageSize': '2MBs', 'limit': 0}]",
		   AT "hugepageLimits[0].pageSize");
	refuses_in(RESOURCES, "'hugepageLimits': [{'pageSize': '2MB'}]",
		   AT "hugepageLimits[0].limit");
	refuses_in(RESOURCES, "'hugepageLimits': [{'limit': 1}]", AT "hugepageLimits[0].pageSize");
}

static void an_rdma_device_has_one_of_its_limits(void **state)
{
	accepts_in(RESOURCES, "'rdma': {'mlx5_0': {'hcaHandles': 0}, 'mlx5_1': {'hcaObjects': 1}}");
	refuses_in(RESOURCES, "'rdma': {'mlx5_0': {'hcaHandles': 3}, 'mlx5_1': {}}",
		   AT "rdma.mlx5_1");
	refuses_in(RESOURCES, "'rdma': {'mlx5_0': {'hcaHandles': '3'}}",
		   AT "rdma.mlx5_0.hcaHandles");
}

static void unified_keys_are_names_of_files(void **state)
{
	accepts_in(RESOURCES, "'unified': {'memory.high': '1', 'not.known': ''}");
	refuses_in(RESOURCES, "'unified': {'../cgroup.procs': '1'}", AT "unified.../cgroup.procs");
	refuses_in(RESOURCES, "'unified': {'a/b': '1'}", AT "unified.a/b");
	refuses_in(RESOURCES, "'unified': {'..': '1'}", AT "unified...");
	refuses_in(RESOURCES, "'unified': {'': '1'}", AT "unified.");
	refuses_in(RESOURCES, "'unified': {'memory.high': 1}", AT "unified.memory.high");
}

static void network_priorities_are_complete(void **state)
{
	accepts_in(
		RESOURCES,
		"'network': {'classID': 1048577, 'priorities': [{'name': 'eth0', 'priority': 500}]}");
	refuses_in(RESOURCES, "'network': {'priorities': [{'priority': 500}]}",
		   AT "network.priorities[0].name");
	refuses_in(RESOURCES, "'network': {'priorities': [{'name': 'eth0'}]}",
		   AT "network.priorities[0].priority");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(device_rules_have_known_types_and_letters),
		cmocka_unit_test(a_negative_limit_other_than_minus_one_is_refused_with_its_path),
		cmocka_unit_test(memory_plus_swap_is_not_less_than_memory),
		cmocka_unit_test(swappiness_is_at_most_100),
		cmocka_unit_test(a_burst_is_not_above_the_quota),
		cmocka_unit_test(weights_are_from_10_to_1000),
		cmocka_unit_test(a_weighted_device_has_a_weight),
		cmocka_unit_test(a_throttled_device_has_numbers_and_a_rate),
		cmocka_unit_test(huge_pages_have_a_size_and_a_limit),
		cmocka_unit_test(an_rdma_device_has_one_of_its_limits),
		cmocka_unit_test(unified_keys_are_names_of_files),
		cmocka_unit_test(network_priorities_are_complete),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
