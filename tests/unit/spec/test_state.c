/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include "spec/state.h"

static struct state example(void)
{
	static struct cgroup_dir dirs[] = {
		{"cpu,cpuacct", "/sys/fs/cgroup/cpu", "/yacr/web1", "/yacr"},
		{"", "/sys/fs/cgroup/unified", "/yacr/web1", NULL},
	};
	static struct pair annotations[] = {{"a.b", "c"}, {"empty", ""}};

	return (struct state){
		.format = STATE_FORMAT,
		.oci_version = OCI_VERSION,
		.id = "web1",
		.status = STATUS_CREATED,
		.pid = 4422,
		.start_time = UINT64_MAX,
		.pidfd_inode = UINT64_MAX - 1,
		.creator = 4400,
		.boot_id = "b",
		.bundle = "/bundle",
		.rootfs = "/bundle/rootfs",
		.created = "2026-01-02T03:04:05.000000006Z",
		.owner = 1000,
		.has_process = true,
		.cgroup = {.driver = CGROUP_DRIVER_FS, .dirs = {dirs, 2}},
		.annotations = {annotations, 2},
	};
}

static char *written(const struct state *s)
{
	struct buf b = buf_new(arena_main());

	state_write(s, &b);
	return b.s;
}

static void what_is_written_reads_back_the_same(void **state)
{
	struct state s = example(), back;
	char *text = written(&s);
	struct error e;

	if (state_read(&back, arena_main(), text, strlen(text), &e) < 0)
		fail_msg("%s", e.text);
	assert_string_equal(written(&back), written(&s));
	assert_int_equal(back.status, STATUS_CREATED);
	assert_true(back.start_time == UINT64_MAX);
	assert_true(back.pidfd_inode == UINT64_MAX - 1);
	assert_int_equal(back.pid, 4422);
	assert_string_equal(back.cgroup.dirs.v[1].hierarchy, "");
	assert_null(back.cgroup.dirs.v[1].made);
	assert_false(back.pid_ns_is_shared);
	assert_null(back.hooks);
}

static void hooks_keep_an_empty_environment(void **state)
{
	struct config c =
		loaded("'hooks': {'poststop': [{'path': '/a', 'env': [], 'timeout': 5}]}");
	struct state s = example(), back;
	struct error e;

	s.hooks = c.hooks;
	assert_int_equal(state_read(&back, arena_main(), written(&s), strlen(written(&s)), &e), 0);
	assert_true(back.hooks->poststop.v[0].has_env);
	assert_int_equal(back.hooks->poststop.v[0].timeout.v, 5);
}

static void the_resctrl_group_is_kept_also_when_it_is_the_root(void **state)
{
	struct rdt_group g = {.monitoring = "web1", .shared = true};
	struct state s = example(), back;
	struct error e;

	s.intel_rdt = &g;
	assert_int_equal(state_read(&back, arena_main(), written(&s), strlen(written(&s)), &e), 0);
	assert_null(back.intel_rdt->name);
	assert_string_equal(back.intel_rdt->monitoring, "web1");
	assert_true(back.intel_rdt->shared && !back.intel_rdt->made);
}

static void a_state_is_one_short_line(void **state)
{
	struct state s = example();
	char *text = written(&s);

	assert_ptr_equal(strchr(text, '\n'), text + strlen(text) - 1);
	assert_true(strlen(text) < 600);
}

static void a_file_that_is_no_state_is_refused(void **state)
{
	static const char *const bad[] = {
		"",
		"{}",
		"[]",
		"{'format': 1}",
		"{'format': 1, 'id': 'a'}",
		"{'format': 2, 'id': 'a', 'status': 'created'}",
		"{'format': 1, 'id': 'a', 'status': 'dead'}",
		"{'format': 1, 'id': 'a', 'status': 'created', 'pid': -1}",
		"{'format': 1, 'id': 'a', 'status': 'created', 'pid': 99999999999}",
		"{'format': 1, 'id': 'a', 'status': 'created'",
	};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		struct state s = {.id = "untouched"};
		struct error e;

		assert_int_equal(
			state_read(&s, arena_main(), double_quotes(bad[i]), strlen(bad[i]), &e),
			-1);
		assert_string_equal(s.id, "untouched");
	}
}

static char *shown(const struct state *s, int status, int64_t pid, bool extra)
{
	struct buf b = buf_new(arena_main());
	struct json_writer w = json_writer(&b, 0);

	state_write_oci(s, status, pid, extra, &w);
	return b.s;
}

static bool has(const char *text, const char *what)
{
	return strstr(text, double_quotes(what)) != NULL;
}

static void the_spec_sees_five_members_and_annotations(void **state)
{
	struct state s = example();
	char *text = shown(&s, STATUS_RUNNING, 1, false);

	assert_true(has(text, "'ociVersion':'1.3.0'"));
	assert_true(has(text, "'id':'web1'"));
	assert_true(has(text, "'status':'running'"));
	assert_true(has(text, "'pid':1"));
	assert_true(has(text, "'bundle':'/bundle'"));
	assert_true(has(text, "'annotations':{'a.b':'c','empty':''}"));
	assert_false(has(text, "rootfs'"));
	s.annotations.n = 0;
	assert_false(has(shown(&s, STATUS_RUNNING, 1, false), "annotations"));
}

static void people_see_more_and_a_pid_of_0_when_it_stopped(void **state)
{
	struct state s = example();
	char *text = shown(&s, STATUS_STOPPED, 0, true);

	assert_true(has(text, "'pid':0"));
	assert_true(has(text, "'status':'stopped'"));
	assert_true(has(text, "'rootfs':'/bundle/rootfs'"));
	assert_true(has(text, "'created':'2026-01-02T03:04:05.000000006Z'"));
	assert_true(has(text, "'owner':'#1000'"));
	s.owner = 0;
	assert_true(has(shown(&s, STATUS_STOPPED, 0, true), "'owner':'root'"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_is_written_reads_back_the_same),
		cmocka_unit_test(hooks_keep_an_empty_environment),
		cmocka_unit_test(the_resctrl_group_is_kept_also_when_it_is_the_root),
		cmocka_unit_test(a_state_is_one_short_line),
		cmocka_unit_test(a_file_that_is_no_state_is_refused),
		cmocka_unit_test(the_spec_sees_five_members_and_annotations),
		cmocka_unit_test(people_see_more_and_a_pid_of_0_when_it_stopped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
