/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <linux/sched.h>

static void the_least_config_has_a_version_and_a_root(void **state)
{
	struct config c;
	struct error e;

	assert_int_equal(load_text(&c, "{'ociVersion': '1.0.2', 'root': {'path': '.'}}", &e), 0);
	assert_string_equal(c.root->path, ".");
	assert_false(c.root->readonly);
	assert_null(c.process);
	assert_null(c.hooks);
	assert_null(c.linux_.resources);
	assert_int_equal(c.mounts.n, 0);
}

static void what_is_required_is_missed(void **state)
{
	static const struct {
		const char *text, *at;
	} cases[] = {
		{"{'root': {'path': '.'}}", "ociVersion"},
		{"{'ociVersion': '1.0.0'}", "root"},
		{"{'ociVersion': '1.0.0', 'root': null}", "root"},
		{"{'ociVersion': '1.0.0', 'root': {}}", "root.path"},
		{"{'ociVersion': '1.0.0', 'root': {'path': ''}}", "root.path"},
		{"{'ociVersion': '', 'root': {'path': '.'}}", "ociVersion"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config c;
		struct error e;

		assert_int_equal(load_text(&c, cases[i].text, &e), -1);
		assert_string_equal(e.at, cases[i].at);
	}
}

static void a_document_that_is_no_json_is_refused_with_its_line(void **state)
{
	struct config c;
	struct error e;

	assert_int_equal(load_text(&c, "{]", &e), -1);
	assert_true(str_starts(e.text, "line 1, column 2"));
	assert_int_equal(load_text(&c, "", &e), -1);
	assert_int_equal(load_text(&c, "[]", &e), -1);
	assert_int_equal(load_text(&c, "{'ociVersion': '1.0.0', 'root': {'path': '.'}} x", &e), -1);
	assert_int_equal(load_text(&c, "{'ociVersion': '1.0.0', 'ociVersion': '1.0.0'}", &e), -1);
}

static void unknown_properties_and_other_platforms_are_passed_over(void **state)
{
	accepts("'unknown': [1, {'a': null}], 'linux': {'unknown': 1, 'resources': {'unknown': 2}}");
	accepts("'windows': 5, 'solaris': {}, 'zos': [], 'freebsd': {'jail': {'vnet': 'x'}}, 'vm': 1");
	accepts("'process': {'cwd': '/', 'args': ['a'], 'commandLine': 'x', 'user': "
		"{'uid': 0, 'gid': 0, 'username': 7}}");
	accepts("'linux': {'intelRdt': {'enableCMT': true, 'enableMBM': 0}}");
}

static void keys_are_case_sensitive(void **state)
{
	assert_null(loaded("'Hostname': 'x'").hostname);
}

static void null_is_the_same_as_absent(void **state)
{
	struct config c = loaded("'process': null, 'hostname': null, 'mounts': null, 'hooks': null,"
				 "'annotations': null, 'linux': {'resources': {'pids': null}}");

	assert_null(c.process);
	assert_null(c.linux_.resources->pids);
}

static void absent_and_zero_are_told_apart(void **state)
{
	struct config c = loaded("'process': {'cwd': '/', 'args': ['a'], 'oomScoreAdj': 0},"
				 "'linux': {'resources': {'pids': {'limit': 0}, 'memory': {}}}");

	assert_true(c.process->oom_score_adj.set);
	assert_false(c.process->user.umask.set);
	assert_true(c.linux_.resources->pids->limit.set);
	assert_false(c.linux_.resources->memory->limit.set);
}

static void no_pids_were_no_limit_before_1_3(void **state)
{
	static const struct {
		const char *version;
		int64_t limit;
	} cases[] = {{"1.0.2-dev", -1}, {"1.2.1", -1}, {"1.3.0", 0}, {"1.10.0", 0}};

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct config c;
		struct error e;

		assert_int_equal(
			load_text(&c,
				  arena_printf(arena_main(),
					       "{'ociVersion': '%s', 'root': {'path': '.'},"
					       " 'linux': {'resources': {'pids': {'limit': 0}}}}",
					       cases[i].version),
				  &e),
			0);
		assert_int_equal(c.linux_.resources->pids->limit.v, cases[i].limit);
	}
}

static void a_wrong_type_is_refused_at_its_path(void **state)
{
	refuses("'root2': 1, 'hostname': 5", "hostname");
	refuses("'process': []", "process");
	refuses("'process': {'cwd': '/', 'args': ['a', 1]}", "process.args[1]");
	refuses("'process': {'cwd': '/', 'args': 'a'}", "process.args");
	refuses("'mounts': [{'destination': '/a'}, {'destination': 1}]", "mounts[1].destination");
	refuses("'annotations': {'a': 1}", "annotations.a");
	refuses("'linux': {'resources': {'memory': {'limit': '5'}}}",
		"linux.resources.memory.limit");
	refuses("'linux': {'resources': {'memory': {'limit': 1.5}}}",
		"linux.resources.memory.limit");
	refuses("'linux': {'netDevices': {'eth0': {'name': 23}}}", "linux.netDevices.eth0.name");
	refuses("'linux': {'seccomp': {'defaultAction': 'SCMP_ACT_MAYBE'}}",
		"linux.seccomp.defaultAction");
}

static void numbers_keep_all_64_bits(void **state)
{
	struct config c = loaded(
		"'process': {'cwd': '/', 'args': ['a'], 'rlimits': [{'type': 'RLIMIT_CORE',"
		"'soft': 18446744073709551615, 'hard': 18446744073709551615}]},"
		"'linux': {'seccomp': {'defaultAction': 'SCMP_ACT_ALLOW', 'syscalls': [{'names': ['a'],"
		"'action': 'SCMP_ACT_LOG', 'args': [{'index': 5, 'op': 'SCMP_CMP_EQ',"
		"'value': 9223372036854775809}]}]}}");

	assert_true(c.process->rlimits.v[0].soft.v == UINT64_MAX);
	assert_true(c.linux_.seccomp->syscalls.v[0].args.v[0].value.v == 9223372036854775809u);
}

static void strings_that_say_nothing_are_absent(void **state)
{
	struct config c = loaded(
		"'hostname': '', 'domainname': '', 'process': {'cwd': '/', 'args': ['a'],"
		"'apparmorProfile': '', 'selinuxLabel': ''}, 'mounts': [{'destination': '/a',"
		"'type': '', 'source': ''}], 'linux': {'namespaces': [{'type': 'pid', 'path': ''}],"
		"'cgroupsPath': '', 'rootfsPropagation': '', 'mountLabel': '', 'intelRdt': {'closID': ''}}");

	assert_null(c.hostname);
	assert_null(c.domainname);
	assert_null(c.process->apparmor_profile);
	assert_null(c.process->selinux_label);
	assert_null(c.mounts.v[0].type);
	assert_null(c.mounts.v[0].source);
	assert_null(c.linux_.namespaces.v[0].path);
	assert_null(c.linux_.cgroups_path);
	assert_null(c.linux_.rootfs_propagation);
	assert_null(c.linux_.mount_label);
	assert_null(c.linux_.intel_rdt->clos_id);
}

static void an_empty_environment_of_a_hook_differs_from_none(void **state)
{
	struct config c =
		loaded("'hooks': {'poststop': [{'path': '/a', 'env': []}, {'path': '/b'}]}");

	assert_true(c.hooks->poststop.v[0].has_env);
	assert_false(c.hooks->poststop.v[1].has_env);
}

static void empty_seccomp_flags_differ_from_none(void **state)
{
	assert_true(loaded("'linux': {'seccomp': {'defaultAction': 'SCMP_ACT_ALLOW', 'flags': []}}")
			    .linux_.seccomp->has_flags);
	assert_false(loaded("'linux': {'seccomp': {'defaultAction': 'SCMP_ACT_ALLOW'}}")
			     .linux_.seccomp->has_flags);
}

static void hooks_are_found_by_kind(void **state)
{
	struct config c =
		loaded("'hooks': {'prestart': [{'path': '/0'}], 'createRuntime': [{'path': '/1'}],"
		       "'createContainer': [{'path': '/2'}], 'startContainer': [{'path': '/3'}],"
		       "'poststart': [{'path': '/4'}], 'poststop': [{'path': '/5'}]}");

	for (int kind = 0; kind < HOOK_KINDS; kind++) {
		const hook_list *list = hooks_of(c.hooks, kind);

		assert_int_equal(list->n, 1);
		assert_int_equal(list->v[0].path[1], '0' + kind);
		assert_non_null(hook_names[kind]);
		assert_int_equal(hooks_of(NULL, kind)->n, 0);
	}
}

static void a_namespace_is_found_by_its_type(void **state)
{
	struct config c = loaded("'linux': {'namespaces': [{'type': 'pid'}, {'type': 'network',"
				 "'path': '/run/netns/a'}]}");

	assert_string_equal(config_namespace(&c, CLONE_NEWNET)->path, "/run/netns/a");
	assert_null(config_namespace(&c, CLONE_NEWPID)->path);
	assert_null(config_namespace(&c, CLONE_NEWUTS));
}

static void an_annotation_is_found_by_its_key(void **state)
{
	struct config c = loaded("'annotations': {'a.b': 'c', 'empty': ''}");

	assert_string_equal(config_annotation(&c, "a.b"), "c");
	assert_string_equal(config_annotation(&c, "empty"), "");
	assert_null(config_annotation(&c, "a"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_least_config_has_a_version_and_a_root),
		cmocka_unit_test(what_is_required_is_missed),
		cmocka_unit_test(a_document_that_is_no_json_is_refused_with_its_line),
		cmocka_unit_test(unknown_properties_and_other_platforms_are_passed_over),
		cmocka_unit_test(keys_are_case_sensitive),
		cmocka_unit_test(null_is_the_same_as_absent),
		cmocka_unit_test(absent_and_zero_are_told_apart),
		cmocka_unit_test(no_pids_were_no_limit_before_1_3),
		cmocka_unit_test(a_wrong_type_is_refused_at_its_path),
		cmocka_unit_test(numbers_keep_all_64_bits),
		cmocka_unit_test(strings_that_say_nothing_are_absent),
		cmocka_unit_test(an_empty_environment_of_a_hook_differs_from_none),
		cmocka_unit_test(empty_seccomp_flags_differ_from_none),
		cmocka_unit_test(hooks_are_found_by_kind),
		cmocka_unit_test(a_namespace_is_found_by_its_type),
		cmocka_unit_test(an_annotation_is_found_by_its_key),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
