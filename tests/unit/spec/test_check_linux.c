/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#define LINUX "'linux': {%s}"

static void a_namespace_type_is_there_once(void **state)
{
	accepts_in(LINUX,
		   "'namespaces': [{'type': 'pid'}, {'type': 'mount'}, {'type': 'network'},"
		   "{'type': 'ipc'}, {'type': 'uts'}, {'type': 'cgroup'}, {'type': 'time'}]");
	refuses_in(LINUX, "'namespaces': [{'type': 'pid'}, {'type': 'ipc'}, {'type': 'pid'}]",
		   "linux.namespaces[2].type");
	refuses_in(LINUX,
		   "'namespaces': [{'type': 'pid', 'path': '/a'}, {'type': 'pid', 'path': '/b'}]",
		   "linux.namespaces[1].type");
}

static void a_namespace_has_a_known_type_and_an_absolute_path(void **state)
{
	accepts_in(LINUX, "'namespaces': [{'type': 'pid', 'path': '/proc/1/ns/pid'}]");
	refuses_in(LINUX, "'namespaces': [{'type': 'net'}]", "linux.namespaces[0].type");
	refuses_in(LINUX, "'namespaces': [{'path': '/a'}]", "linux.namespaces[0].type");
	refuses_in(LINUX, "'namespaces': [{'type': 'pid', 'path': 'ns/pid'}]",
		   "linux.namespaces[0].path");
}

#define MAP "[{'containerID': 0, 'hostID': 1000, 'size': 1}]"
#define BOTH "'uidMappings': " MAP ", 'gidMappings': " MAP

static void mappings_belong_to_a_user_namespace(void **state)
{
	accepts_in(LINUX, "'namespaces': [{'type': 'user'}], " BOTH);
	accepts_in(LINUX, "'namespaces': [{'type': 'user', 'path': '/a'}], " BOTH);
	accepts_in(LINUX, "'namespaces': [{'type': 'user', 'path': '/a'}]");
	refuses_in(LINUX, BOTH, "linux.uidMappings");
	refuses_in(LINUX, "'gidMappings': " MAP, "linux.gidMappings");
	refuses_in(LINUX, "'namespaces': [{'type': 'user'}]", "linux.uidMappings");
	refuses_in(LINUX, "'namespaces': [{'type': 'user'}], 'uidMappings': " MAP,
		   "linux.gidMappings");
}

#define USERNS \
	"'linux': {'namespaces': [{'type': 'user'}], 'gidMappings': " MAP ", 'uidMappings': [%s]}"

static void mappings_are_ranges_that_the_kernel_takes(void **state)
{
	accepts_in(USERNS, "{'containerID': 0, 'hostID': 0, 'size': 4294967295}");
	accepts_in(
		USERNS,
		"{'containerID': 0, 'hostID': 10, 'size': 5}, {'containerID': 5, 'hostID': 15, 'size': 5}");
	refuses_in(USERNS, "{'containerID': 0, 'hostID': 0, 'size': 0}",
		   "linux.uidMappings[0].size");
	refuses_in(USERNS, "{'containerID': 1, 'hostID': 0, 'size': 4294967295}",
		   "linux.uidMappings[0].size");
	refuses_in(USERNS, "{'containerID': 0, 'hostID': 4294967295, 'size': 1}",
		   "linux.uidMappings[0].size");
	refuses_in(USERNS, "{'containerID': 0, 'hostID': 4294967296, 'size': 1}",
		   "linux.uidMappings[0].hostID");
	refuses_in(USERNS, "{'containerID': 0, 'hostID': 0}", "linux.uidMappings[0].size");
	refuses_in(USERNS, "{'hostID': 0, 'size': 1}", "linux.uidMappings[0].containerID");
	refuses_in(USERNS, "{'containerID': 0, 'size': 1}", "linux.uidMappings[0].hostID");
}

static void mappings_do_not_overlap(void **state)
{
	refuses_in(
		USERNS,
		"{'containerID': 0, 'hostID': 10, 'size': 5}, {'containerID': 4, 'hostID': 20, 'size': 1}",
		"linux.uidMappings[1].containerID");
	refuses_in(
		USERNS,
		"{'containerID': 4, 'hostID': 10, 'size': 5}, {'containerID': 0, 'hostID': 20, 'size': 5}",
		"linux.uidMappings[1].containerID");
	refuses_in(
		USERNS,
		"{'containerID': 0, 'hostID': 10, 'size': 5}, {'containerID': 5, 'hostID': 6, 'size': 5}",
		"linux.uidMappings[1].hostID");
}

static void there_are_at_most_340_mappings(void **state)
{
	static char list[340 * 80], text[sizeof(list) + 200];
	size_t len = 0;

	for (unsigned int i = 0; i < 341; i++) {
		len += (size_t)snprintf(list + len, sizeof(list) - len,
					"%s{'containerID': %u, 'hostID': %u, 'size': 1}",
					i ? "," : "", i, i);
		if (i < 339)
			continue;
		snprintf(text, sizeof(text), USERNS, list);
		if (i == 339)
			accepts(text);
		else
			refuses(text, "linux.uidMappings");
	}
}

static void time_offsets_need_a_new_time_namespace(void **state)
{
	accepts_in(LINUX,
		   "'namespaces': [{'type': 'time'}], 'timeOffsets': {'monotonic': {'secs': -5,"
		   "'nanosecs': 999999999}, 'boottime': {}}");
	refuses_in(LINUX, "'timeOffsets': {'monotonic': {'secs': 1}}", "linux.timeOffsets");
	refuses_in(LINUX,
		   "'namespaces': [{'type': 'time', 'path': '/a'}],"
		   "'timeOffsets': {'monotonic': {'secs': 1}}",
		   "linux.timeOffsets");
}

static void time_offsets_are_of_known_clocks(void **state)
{
	refuses_in(LINUX,
		   "'namespaces': [{'type': 'time'}], 'timeOffsets': {'realtime': {'secs': 1}}",
		   "linux.timeOffsets.realtime");
	refuses_in(
		LINUX,
		"'namespaces': [{'type': 'time'}], 'timeOffsets': {'boottime': {'nanosecs': 1000000000}}",
		"linux.timeOffsets.boottime.nanosecs");
}

static void settings_of_the_kernel_are_refused_by_key(void **state)
{
	accepts_in(LINUX,
		   "'namespaces': [{'type': 'network'}], 'sysctl': {'net.ipv4.ip_forward': '1'}");
	refuses_in(LINUX, "'sysctl': {'net.ipv4.ip_forward': '1'}",
		   "linux.sysctl.net.ipv4.ip_forward");
}

static void covered_paths_are_absolute_and_need_a_mount_namespace(void **state)
{
	accepts_in(
		LINUX,
		"'namespaces': [{'type': 'mount'}], 'maskedPaths': ['/a'], 'readonlyPaths': ['/a']");
	accepts_in(LINUX, "'maskedPaths': [], 'readonlyPaths': []");
	refuses_in(LINUX, "'maskedPaths': ['/a']", "linux.maskedPaths");
	refuses_in(LINUX, "'readonlyPaths': ['/a']", "linux.readonlyPaths");
	refuses_in(LINUX, "'namespaces': [{'type': 'mount'}], 'maskedPaths': ['/a', 'b']",
		   "linux.maskedPaths[1]");
	refuses_in(LINUX, "'namespaces': [{'type': 'mount'}], 'readonlyPaths': ['']",
		   "linux.readonlyPaths[0]");
}

static void the_propagation_of_the_root_is_one_of_eight(void **state)
{
	static const char *const good[] = {"shared",  "rshared",  "slave",	"rslave",
					   "private", "rprivate", "unbindable", "runbindable"};

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		accepts_in(
			"'linux': {'namespaces': [{'type': 'mount'}], 'rootfsPropagation': '%s'}",
			good[i]);
	refuses_in(LINUX, "'namespaces': [{'type': 'mount'}], 'rootfsPropagation': 'ro'",
		   "linux.rootfsPropagation");
	refuses_in(LINUX, "'rootfsPropagation': 'shared'", "linux.rootfsPropagation");
}

static void a_cgroup_path_does_not_lead_up(void **state)
{
	accepts_in(LINUX, "'cgroupsPath': '/a/..b/c..'");
	accepts_in(LINUX, "'cgroupsPath': 'system.slice:yacr:x'");
	refuses_in(LINUX, "'cgroupsPath': '../a'", "linux.cgroupsPath");
	refuses_in(LINUX, "'cgroupsPath': '/a/../b'", "linux.cgroupsPath");
	refuses_in(LINUX, "'cgroupsPath': '/a/..'", "linux.cgroupsPath");
	refuses_in(LINUX, "'cgroupsPath': '/a\\n/b'", "linux.cgroupsPath");
}

static void a_resctrl_group_is_a_name_or_the_root(void **state)
{
	accepts_in(
		LINUX,
		"'intelRdt': {'closID': '/', 'memBwSchema': 'MB:0=20', 'enableMonitoring': true}");
	accepts_in(
		LINUX,
		"'intelRdt': {'closID': 'a.b', 'l3CacheSchema': 'L3:0=f', 'schemata': ['L2:0=f']}");
	refuses_in(LINUX, "'intelRdt': {'closID': '..'}", "linux.intelRdt.closID");
	refuses_in(LINUX, "'intelRdt': {'closID': '.'}", "linux.intelRdt.closID");
	refuses_in(LINUX, "'intelRdt': {'closID': 'a/b'}", "linux.intelRdt.closID");
	refuses_in(LINUX, "'intelRdt': {'closID': '/a'}", "linux.intelRdt.closID");
}

static void schemata_are_single_lines(void **state)
{
	refuses_in(LINUX, "'intelRdt': {'memBwSchema': 'L3:0=20'}", "linux.intelRdt.memBwSchema");
	refuses_in(LINUX, "'intelRdt': {'memBwSchema': 'MB:0=20\\nMB:1=3'}",
		   "linux.intelRdt.memBwSchema");
	refuses_in(LINUX, "'intelRdt': {'l3CacheSchema': 'L3:0=f\\n'}",
		   "linux.intelRdt.l3CacheSchema");
	refuses_in(LINUX, "'intelRdt': {'schemata': ['MB:0=1', 'a\\nb']}",
		   "linux.intelRdt.schemata[1]");
}

static void a_memory_policy_has_the_nodes_its_mode_needs(void **state)
{
	accepts_in(LINUX, "'memoryPolicy': {'mode': 'MPOL_DEFAULT'}");
	accepts_in(LINUX, "'memoryPolicy': {'mode': 'MPOL_PREFERRED'}");
	accepts_in(LINUX, "'memoryPolicy': {'mode': 'MPOL_PREFERRED', 'nodes': '0'}");
	accepts_in(LINUX, "'memoryPolicy': {'mode': 'MPOL_WEIGHTED_INTERLEAVE', 'nodes': '0-1'}");
	refuses_in(LINUX, "'memoryPolicy': {'nodes': '0'}", "linux.memoryPolicy.mode");
	refuses_in(LINUX, "'memoryPolicy': {'mode': 'MPOL_LOCAL', 'nodes': '0'}",
		   "linux.memoryPolicy.nodes");
	refuses_in(LINUX, "'memoryPolicy': {'mode': 'MPOL_BIND'}", "linux.memoryPolicy.nodes");
	refuses_in(LINUX, "'memoryPolicy': {'mode': 'MPOL_BIND', 'nodes': ''}",
		   "linux.memoryPolicy.nodes");
	refuses_in(LINUX, "'memoryPolicy': {'mode': 'MPOL_BIND', 'nodes': 'x'}",
		   "linux.memoryPolicy.nodes");
	refuses_in(LINUX,
		   "'memoryPolicy': {'mode': 'MPOL_BIND', 'nodes': '0', 'flags': ['MPOL_F_X']}",
		   "linux.memoryPolicy.flags[0]");
	refuses_in(LINUX,
		   "'memoryPolicy': {'mode': 'MPOL_BIND', 'nodes': '0', 'flags':"
		   "['MPOL_F_STATIC_NODES', 'MPOL_F_RELATIVE_NODES']}",
		   "linux.memoryPolicy.flags");
}

static void a_personality_has_a_domain_and_flags_only_warn(void **state)
{
	accepts_in(LINUX, "'personality': {'domain': 'LINUX32', 'flags': ['x']}");
	refuses_in(LINUX, "'personality': {}", "linux.personality.domain");
	refuses_in(LINUX, "'personality': {'domain': 'linux'}", "linux.personality.domain");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_namespace_type_is_there_once),
		cmocka_unit_test(a_namespace_has_a_known_type_and_an_absolute_path),
		cmocka_unit_test(mappings_belong_to_a_user_namespace),
		cmocka_unit_test(mappings_are_ranges_that_the_kernel_takes),
		cmocka_unit_test(mappings_do_not_overlap),
		cmocka_unit_test(there_are_at_most_340_mappings),
		cmocka_unit_test(time_offsets_need_a_new_time_namespace),
		cmocka_unit_test(time_offsets_are_of_known_clocks),
		cmocka_unit_test(settings_of_the_kernel_are_refused_by_key),
		cmocka_unit_test(covered_paths_are_absolute_and_need_a_mount_namespace),
		cmocka_unit_test(the_propagation_of_the_root_is_one_of_eight),
		cmocka_unit_test(a_cgroup_path_does_not_lead_up),
		cmocka_unit_test(a_resctrl_group_is_a_name_or_the_root),
		cmocka_unit_test(schemata_are_single_lines),
		cmocka_unit_test(a_memory_policy_has_the_nodes_its_mode_needs),
		cmocka_unit_test(a_personality_has_a_domain_and_flags_only_warn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
