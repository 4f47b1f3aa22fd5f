/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

static int load_version(const char *version, struct error *e)
{
	struct config c;

	return load_text(
		&c,
		arena_printf(arena_main(), "{'ociVersion': '%s', 'root': {'path': '.'}}", version),
		e);
}

static void versions_of_major_1_are_accepted(void **state)
{
	static const char *const good[] = {"1.0.0",	"1.0.2-dev", "1.3.0",
					   "1.3.0+dev", "1.99.0",    "1.0.0-rc.1"};
	struct error e;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(load_version(good[i], &e), 0);
}

static void other_versions_are_refused(void **state)
{
	static const char *const bad[] = {"0.5.0-dev", "2.0.0",	 "invalid", "1",
					  "1.0",       "v1.0.0", "1.0.0 "};
	struct error e;

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(load_version(bad[i], &e), -1);
		assert_string_equal(e.at, "ociVersion");
	}
}

#define UTS "'linux': {'namespaces': [{'type': 'uts'}]}"
#define NAME_64 "0123456789012345678901234567890123456789012345678901234567890123"

static void names_of_the_host_need_a_uts_namespace(void **state)
{
	accepts("'hostname': 'a', 'domainname': 'b', " UTS);
	accepts("'hostname': 'a', 'linux': {'namespaces': [{'type': 'uts', 'path': '/a'}]}");
	refuses("'hostname': 'a'", "hostname");
	refuses("'domainname': 'a'", "domainname");
}

static void a_hostname_has_at_most_64_bytes(void **state)
{
	accepts("'hostname': '" NAME_64 "', " UTS);
	refuses("'hostname': '" NAME_64 "4', " UTS, "hostname");
	refuses("'domainname': '" NAME_64 "4', " UTS, "domainname");
}

static void the_option_of_a_label_is_one_that_mount_has(void **state)
{
#define TYPE "run.oci.mount_context_type"
	accepts("'annotations': {'" TYPE "': 'defcontext'}");
	refuses("'annotations': {'" TYPE "': 'context=a,size'}", "annotations." TYPE);
	refuses("'annotations': {'" TYPE "': ''}", "annotations." TYPE);
}

static void a_label_has_no_quotation_marks(void **state)
{
	accepts("'linux': {'mountLabel': 'system_u:object_r:container_file_t:s0:c1,c2'}");
	refuses("'linux': {'mountLabel': 'a\\\",mode=777'}", "linux.mountLabel");
}

static void a_mount_needs_a_destination(void **state)
{
	refuses("'mounts': [{'source': '/a'}]", "mounts[0].destination");
	refuses("'mounts': [{'destination': '/a'}, {'destination': ''}]", "mounts[1].destination");
	accepts("'mounts': [{'destination': 'relative', 'type': 'tmpfs'}]");
}

static void a_bind_needs_a_source(void **state)
{
	refuses("'mounts': [{'destination': '/a', 'options': ['rbind']}]", "mounts[0].source");
	accepts("'mounts': [{'destination': '/a', 'options': ['bind', 'remount', 'ro']}]");
	accepts("'mounts': [{'destination': '/a', 'type': 'bind'}]"); /* only the option makes it one */
}

#define MAP "[{'containerID': 0, 'hostID': 1000, 'size': 1}]"

static void mappings_of_a_mount_come_in_pairs(void **state)
{
	accepts("'mounts': [{'destination': '/a', 'uidMappings': " MAP ", 'gidMappings': " MAP
		"}]");
	refuses("'mounts': [{'destination': '/a', 'uidMappings': " MAP "}]",
		"mounts[0].uidMappings");
	refuses("'mounts': [{'destination': '/a', 'gidMappings': " MAP "}]",
		"mounts[0].gidMappings");
	refuses("'mounts': [{'destination': '/a', 'uidMappings': " MAP ", 'gidMappings':"
		"[{'containerID': 0, 'hostID': 0}]}]",
		"mounts[0].gidMappings[0].size");
	refuses("'mounts': [{'destination': '/a', 'gidMappings': " MAP ", 'uidMappings':"
		"[{'containerID': 1, 'hostID': 0, 'size': 4294967295}]}]",
		"mounts[0].uidMappings[0].size");
}

static void idmap_without_a_mapping_needs_a_user_namespace(void **state)
{
	refuses("'mounts': [{'destination': '/a', 'options': ['ro', 'idmap']}]",
		"mounts[0].options[1]");
	refuses("'mounts': [{'destination': '/a', 'options': ['ridmap']}]", "mounts[0].options[0]");
	accepts("'mounts': [{'destination': '/a', 'options': ['ridmap']}], 'linux': {'namespaces':"
		"[{'type': 'user', 'path': '/a'}]}");
}

static void a_hook_has_an_absolute_path(void **state)
{
	refuses("'hooks': {'prestart': [{'path': '/a'}, {'path': 'b'}]}", "hooks.prestart[1].path");
	refuses("'hooks': {'poststop': [{}]}", "hooks.poststop[0].path");
	refuses("'hooks': {'createContainer': [{'path': './a'}]}", "hooks.createContainer[0].path");
}

static void the_timeout_of_a_hook_is_above_0(void **state)
{
	accepts("'hooks': {'poststart': [{'path': '/a', 'timeout': 1}]}");
	refuses("'hooks': {'poststart': [{'path': '/a', 'timeout': 0}]}",
		"hooks.poststart[0].timeout");
	refuses("'hooks': {'startContainer': [{'path': '/a', 'timeout': -1}]}",
		"hooks.startContainer[0].timeout");
}

static void annotations_have_keys(void **state)
{
	accepts("'annotations': {'a': ''}");
	refuses("'annotations': {'': 'a'}", "annotations");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_of_major_1_are_accepted),
		cmocka_unit_test(other_versions_are_refused),
		cmocka_unit_test(names_of_the_host_need_a_uts_namespace),
		cmocka_unit_test(a_hostname_has_at_most_64_bytes),
		cmocka_unit_test(the_option_of_a_label_is_one_that_mount_has),
		cmocka_unit_test(a_label_has_no_quotation_marks),
		cmocka_unit_test(a_mount_needs_a_destination),
		cmocka_unit_test(a_bind_needs_a_source),
		cmocka_unit_test(mappings_of_a_mount_come_in_pairs),
		cmocka_unit_test(idmap_without_a_mapping_needs_a_user_namespace),
		cmocka_unit_test(a_hook_has_an_absolute_path),
		cmocka_unit_test(the_timeout_of_a_hook_is_above_0),
		cmocka_unit_test(annotations_have_keys),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
