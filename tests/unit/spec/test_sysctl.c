/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include "spec/sysctl.h"

static void both_spellings_give_one_file(void **state)
{
	static const struct {
		const char *key, *file;
	} rows[] = {
		{"net.ipv4.ip_forward", "net/ipv4/ip_forward"},
		{"net/ipv4/ip_forward", "net/ipv4/ip_forward"},
		{"net/ipv4/conf/eno2.100/forwarding", "net/ipv4/conf/eno2.100/forwarding"},
		{"net.ipv4.conf.eno2/100.forwarding", "net/ipv4/conf/eno2.100/forwarding"},
		{"net.ipv4.conf.eth0/100.x", "net/ipv4/conf/eth0.100/x"},
		{"single", "single"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char file[SYSCTL_FILE_MAX];
		struct error e;

		assert_int_equal(sysctl_file(file, rows[i].key, &e), 0);
		assert_string_equal(file, rows[i].file);
	}
}

static void a_key_that_leads_elsewhere_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		".",
		"..",
		"/",
		"/net/ipv4/ip_forward",
		".net.ipv4",
		"net..kernel",
		"net.",
		"net/",
		"net//ipv4",
		"net/../kernel/core_pattern",
		"net/./a",
		"net.//.kernel",
		"net/ipv4/..",
		"net.ipv4\n.ip_forward",
		"../kernel/core_pattern",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char file[SYSCTL_FILE_MAX] = "untouched";
		struct error e;

		if (sysctl_file(file, bad[i], &e) == 0)
			fail_msg("\"%s\" became \"%s\"", bad[i], file);
		assert_string_equal(file, "untouched");
	}
}

static void a_key_has_less_than_256_bytes(void **state)
{
	char key[SYSCTL_FILE_MAX + 1], file[SYSCTL_FILE_MAX];
	struct error e;

	memset(key, 'a', sizeof(key));
	key[SYSCTL_FILE_MAX - 1] = '\0';
	assert_int_equal(sysctl_file(file, key, &e), 0);
	key[SYSCTL_FILE_MAX - 1] = 'a';
	key[SYSCTL_FILE_MAX] = '\0';
	assert_int_equal(sysctl_file(file, key, &e), -1);
}

#define SYSCTL "'linux': {'namespaces': [{'type': '%s'}]%s, 'sysctl': {'%s': '1'}}"
#define MAPS                                                           \
	",'uidMappings': [{'containerID': 0, 'hostID': 0, 'size': 1}]" \
	",'gidMappings': [{'containerID': 0, 'hostID': 0, 'size': 1}]"

static void each_setting_needs_its_own_namespace(void **state)
{
	static const struct {
		const char *key, *namespace, *more;
	} rows[] = {
		{"net.ipv4.ip_forward", "network", ""},
		{"net/core/somaxconn", "network", ""},
		{"kernel.msgmax", "ipc", ""},
		{"kernel.msgmnb", "ipc", ""},
		{"kernel.msgmni", "ipc", ""},
		{"kernel.sem", "ipc", ""},
		{"kernel.shmall", "ipc", ""},
		{"kernel.shmmax", "ipc", ""},
		{"kernel.shmmni", "ipc", ""},
		{"kernel.shm_rmid_forced", "ipc", ""},
		{"fs.mqueue.msg_max", "ipc", ""},
		{"kernel.domainname", "uts", ""},
		{"user.max_user_namespaces", "user", MAPS},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char text[1024], at[128];

		assert_int_equal(str_format(text, sizeof(text), SYSCTL, rows[i].namespace,
					    rows[i].more, rows[i].key),
				 0);
		accepts(text);
		assert_int_equal(str_format(text, sizeof(text), SYSCTL, "pid", "", rows[i].key), 0);
		snprintf(at, sizeof(at), "linux.sysctl.%s", rows[i].key);
		refuses(text, at);
	}
}

#define ALL                                                                                \
	"'linux': {'namespaces': [{'type': 'network'}, {'type': 'ipc'}, {'type': 'uts'}]," \
	"'sysctl': {%s}}"

static void settings_of_the_whole_host_are_refused(void **state)
{
	static const char *const bad[] = {
		"kernel.core_pattern",
		"kernel.hostname",
		"kernel/hostname",
		"vm.swappiness",
		"net/../kernel/core_pattern",
		"net",
		"netx.a",
		"fs.mqueue",
		"fs.mqueuex.a",
		"kernel.semx",
		"kernel.sem.a",
		"fs.file-max",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		char setting[128], at[128];

		snprintf(setting, sizeof(setting), "'%s': '1'", bad[i]);
		snprintf(at, sizeof(at), "linux.sysctl.%s", bad[i]);
		refuses_in(ALL, setting, at);
	}
}

static void a_value_is_one_line(void **state)
{
	accepts_in(
		ALL,
		"'net.ipv4.ip_local_port_range': '1024\\t65000', 'net.ipv4.ping_group_range': '0 1'");
	refuses_in(ALL, "'net.ipv4.ip_forward': '1\\n2'", "linux.sysctl.net.ipv4.ip_forward");
	refuses_in(ALL, "'net.ipv4.ip_forward': ''", "linux.sysctl.net.ipv4.ip_forward");
	refuses_in(ALL, "'net.ipv4.ip_forward': 1", "linux.sysctl.net.ipv4.ip_forward");
}

static void the_domainname_is_set_in_one_place(void **state)
{
	refuses("'domainname': 'a', 'linux': {'namespaces': [{'type': 'uts'}],"
		"'sysctl': {'kernel.domainname': 'b'}}",
		"linux.sysctl.kernel.domainname");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(both_spellings_give_one_file),
		cmocka_unit_test(a_key_that_leads_elsewhere_is_refused),
		cmocka_unit_test(a_key_has_less_than_256_bytes),
		cmocka_unit_test(each_setting_needs_its_own_namespace),
		cmocka_unit_test(settings_of_the_whole_host_are_refused),
		cmocka_unit_test(a_value_is_one_line),
		cmocka_unit_test(the_domainname_is_set_in_one_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
