/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#define DEVICE "'linux': {'devices': [{'path': '/dev/a', 'type': 'p'}, {%s}]}"
#define AT "linux.devices[1]"

static void a_device_has_an_absolute_path_and_a_known_type(void **state)
{
	accepts_in(DEVICE,
		   "'path': '/dev/b', 'type': 'c', 'major': 10, 'minor': 666, 'fileMode': 33206");
	accepts_in(DEVICE,
		   "'path': '/dev/b', 'type': 'u', 'major': 0, 'minor': 0, 'uid': 1, 'gid': 2");
	refuses_in(DEVICE, "'type': 'p'", AT ".path");
	refuses_in(DEVICE, "'path': 'dev/b', 'type': 'p'", AT ".path");
	refuses_in(DEVICE, "'path': '/dev/b'", AT ".type");
	refuses_in(DEVICE, "'path': '/dev/b', 'type': 'x'", AT ".type");
	refuses_in(DEVICE, "'path': '/dev/b', 'type': 'cb'", AT ".type");
	refuses_in(DEVICE, "'path': '/dev/b', 'type': ''", AT ".type");
}

static void a_node_has_numbers_unless_it_is_a_fifo(void **state)
{
	accepts_in(DEVICE, "'path': '/dev/b', 'type': 'b', 'major': 4095, 'minor': 1048575");
	refuses_in(DEVICE, "'path': '/dev/b', 'type': 'b', 'minor': 1", AT ".major");
	refuses_in(DEVICE, "'path': '/dev/b', 'type': 'u', 'major': 1", AT ".minor");
	refuses_in(DEVICE, "'path': '/dev/b', 'type': 'c', 'major': -1, 'minor': 1", AT ".major");
	refuses_in(DEVICE, "'path': '/dev/b', 'type': 'c', 'major': 4096, 'minor': 1", AT ".major");
	refuses_in(DEVICE, "'path': '/dev/b', 'type': 'c', 'major': 1, 'minor': 1048576",
		   AT ".minor");
}

#define NET "'linux': {'namespaces': [{'type': 'network'}], 'netDevices': {%s}}"

static void network_devices_need_a_network_namespace(void **state)
{
	accepts_in(NET, "'eth0': {}, 'eth1': {'name': 'eth2'}");
	refuses("'linux': {'netDevices': {'eth0': {}}}", "linux.netDevices");
	accepts("'linux': {'netDevices': {}}");
}

static void names_of_network_devices_are_the_kernels(void **state)
{
	accepts_in(NET, "'eth0': {'name': '123456789012345'}");
	refuses_in(NET, "'eth0': {'name': '1234567890123456'}", "linux.netDevices.eth0.name");
	refuses_in(NET, "'eth0': {'name': 'a/b'}", "linux.netDevices.eth0.name");
	refuses_in(NET, "'eth0': {'name': 'a:b'}", "linux.netDevices.eth0.name");
	refuses_in(NET, "'eth0': {'name': 'a b'}", "linux.netDevices.eth0.name");
	refuses_in(NET, "'eth0': {'name': '..'}", "linux.netDevices.eth0.name");
	refuses_in(NET, "'a/b': {'name': 'c'}", "linux.netDevices.a/b");
	refuses_in(NET, "'eth%d': {}", "linux.netDevices.eth%d");
}

static void a_new_name_may_leave_its_number_to_the_kernel(void **state)
{
	accepts_in(NET, "'eth0': {'name': 'eth%d'}, 'eth1': {'name': 'eth%d'}");
	refuses_in(NET, "'eth0': {'name': 'eth%s'}", "linux.netDevices.eth0.name");
	refuses_in(NET, "'eth0': {'name': 'eth%d%d'}", "linux.netDevices.eth0.name");
	refuses_in(NET, "'eth0': {'name': 'eth%'}", "linux.netDevices.eth0.name");
}

static void two_network_devices_do_not_get_one_name(void **state)
{
	refuses_in(NET, "'eth0': {'name': 'a'}, 'eth1': {'name': 'a'}",
		   "linux.netDevices.eth1.name");
	refuses_in(NET, "'eth0': {'name': 'eth1'}, 'eth1': {}", "linux.netDevices.eth1");
	accepts_in(NET, "'eth0': {'name': 'eth1'}, 'eth1': {'name': 'eth0'}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_device_has_an_absolute_path_and_a_known_type),
		cmocka_unit_test(a_node_has_numbers_unless_it_is_a_fifo),
		cmocka_unit_test(network_devices_need_a_network_namespace),
		cmocka_unit_test(names_of_network_devices_are_the_kernels),
		cmocka_unit_test(a_new_name_may_leave_its_number_to_the_kernel),
		cmocka_unit_test(two_network_devices_do_not_get_one_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
