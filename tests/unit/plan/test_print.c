/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_text.h"

#include "plan/members.h"

static void each_operation_has_a_name_and_a_side(void **state)
{
	for (uint32_t i = OP_NONE + 1; i < OP_KINDS; i++) {
		assert_non_null(op_infos[i].name);
		assert_non_null(op_infos[i].members);
		assert_in_range(op_infos[i].side, SIDE_INIT, SIDE_BOTH);
	}
	assert_string_equal(op_name(OP_MASKED_PATH), "masked_path");
	assert_string_equal(op_name(OP_NONE), "?");
	assert_string_equal(op_name(OP_KINDS), "?");
}

static void a_plan_has_a_line_for_each_operation_and_slot(void **state)
{
	struct plan p = plan_of(PROCESS ", 'linux': {" NAMESPACES "}");
	const char *text = text_of(&p);
	uint32_t lines = 0;

	for (const char *s = text; *s; s++)
		lines += *s == '\n';
	assert_int_equal(lines, p.op_count + p.slot_count + 2);
	assert_true(
		str_starts(text, "clone  pid,network,mount,ipc,uts\nplan   own-mount-ns\nslot 0 "));
}

static void a_line_ends_with_the_path_in_the_config(void **state)
{
	struct plan p = plan_of(PROCESS ", 'hostname': 'web', 'linux': {" NAMESPACES "}");
	const char *line = strstr(text_of(&p), "hostname        web ");

	assert_non_null(line);
	assert_non_null(strstr(line, "  hostname\n"));
}

static void what_is_not_plain_is_quoted_on_one_line(void **state)
{
	struct plan p =
		plan_of("'process': {'cwd': '/', 'args': ['a b', 'c\\\\nd', '', '\\\"\\\\\\\\'],"
			"'user': {'uid': 0, 'gid': 0}}, 'linux': {" NAMESPACES "}");

	assert_non_null(strstr(text_of(&p), "argv=[\"a b\" "));
	assert_null(strstr(text_of(&p), "c\nd"));
}

static void json_names_all_that_is_set(void **state)
{
	struct plan p = plan_of(
		PROCESS ", 'mounts': [{'destination': '/b', 'source': '/srv', "
			"'options': ['rbind', 'ro', 'rslave']}], 'linux': {" NAMESPACES "}");
	struct buf out = buf_new(arena_main());
	struct json_writer w = json_writer(&out, 0);

	json_write_object(&w, NULL);
	plan_print_json(&p, &w);
	assert_non_null(strstr(
		out.s, "{\"operation\":\"mount\",\"side\":\"init\",\"target\":\"/b\","
		       "\"source\":\"/srv\",\"slot\":1,\"flags\":\"bind,recursive\","
		       "\"set\":\"ro\",\"propagation\":\"rslave\",\"config\":\"mounts[0]\"}"));
	assert_non_null(strstr(out.s, "\"clone\":[\"pid\",\"network\",\"mount\",\"ipc\",\"uts\"]"));
	assert_non_null(strstr(
		out.s, "{\"kind\":\"tree\",\"path\":\"/srv\",\"recursive\":true,\"as_is\":true,"
		       "\"config\":\"mounts[0]\"}"));
}

static void facts_read_back_as_they_were_written(void **state)
{
	static const char text[] =
		"{\"kernel\":5010,\"euid\":1000,\"egid\":0,\"privileged\":false,\"inUserNamespace\":true,"
		"\"mountApi\":true,\"lastCapability\":40,\"cgroup\":\"hybrid\",\"hierarchies\":"
		"[{\"mountpoint\":\"/sys/fs/cgroup/cpu\",\"controllers\":[\"cpu\",\"cpuacct\"],\"own\":\"/a\"}],"
		"\"subUids\":{\"100000\":\"65536\"}}";
	struct buf out = buf_new(arena_main());
	struct json_writer w = json_writer(&out, 0);
	struct facts f = {0};
	struct error e;

	assert_int_equal(table_read(&facts_table, &f, arena_main(),
				    arena_strdup(arena_main(), text), strlen(text), &e),
			 0);
	assert_int_equal(f.cgroup, CGROUP_HYBRID);
	assert_int_equal(f.hierarchies.n, 1);
	assert_string_equal(f.hierarchies.v[0].controllers.v[1], "cpuacct");
	assert_string_equal(f.sub_uids.v[0].value, "65536");
	table_write(&facts_table, &f, &w, NULL);
	assert_string_equal(out.s, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_operation_has_a_name_and_a_side),
		cmocka_unit_test(a_plan_has_a_line_for_each_operation_and_slot),
		cmocka_unit_test(a_line_ends_with_the_path_in_the_config),
		cmocka_unit_test(what_is_not_plain_is_quoted_on_one_line),
		cmocka_unit_test(json_names_all_that_is_set),
		cmocka_unit_test(facts_read_back_as_they_were_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
