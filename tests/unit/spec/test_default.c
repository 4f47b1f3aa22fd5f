/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include <linux/sched.h>

#include "spec/default.h"

static char *written(const struct config *c)
{
	struct buf b = buf_new(arena_main());

	config_write(c, &b);
	return b.s;
}

static struct config read_back(char *text)
{
	struct config c;
	struct error e;

	if (config_load(&c, arena_main(), text, strlen(text), &e) < 0)
		fail_msg("%s", e.text);
	return c;
}

static void what_spec_writes_reads_back_the_same(void **state)
{
	for (int rootless = 0; rootless < 2; rootless++) {
		char *text = written(config_default(arena_main(), rootless, 1000, 1001));
		struct config c = read_back(arena_strdup(arena_main(), text));

		assert_string_equal(written(&c), text);
		assert_int_equal(text[strlen(text) - 1], '\n');
	}
}

static void the_default_runs_a_shell_on_a_terminal(void **state)
{
	struct config c = read_back(written(config_default(arena_main(), false, 0, 0)));

	assert_string_equal(c.oci_version, OCI_VERSION);
	assert_true(c.process->terminal);
	assert_string_equal(c.process->args.v[0], "sh");
	assert_string_equal(c.process->cwd, "/");
	assert_true(c.process->no_new_privileges);
	assert_int_equal(c.process->capabilities->bounding.n, 3);
	assert_int_equal(c.process->capabilities->inheritable.n, 0);
	assert_string_equal(c.root->path, "rootfs");
	assert_true(c.root->readonly);
	assert_string_equal(c.hostname, "yacr");
	assert_string_equal(c.mounts.v[0].destination, "/proc");
	assert_false(c.linux_.resources->devices.v[0].allow.v);
	assert_non_null(config_namespace(&c, CLONE_NEWNET));
	assert_null(config_namespace(&c, CLONE_NEWUSER));
	assert_non_null(strstr(written(&c), "\"uid\": 0"));
}

static void rootless_maps_the_caller_to_root(void **state)
{
	struct config c = read_back(written(config_default(arena_main(), true, 1000, 1001)));

	assert_non_null(config_namespace(&c, CLONE_NEWUSER));
	assert_null(config_namespace(&c, CLONE_NEWNET));
	assert_null(c.linux_.resources);
	assert_int_equal(c.linux_.uid_mappings.v[0].host_id, 1000);
	assert_int_equal(c.linux_.gid_mappings.v[0].host_id, 1001);
	assert_int_equal(c.linux_.uid_mappings.v[0].size, 1);
}

static void rootless_needs_no_other_group_and_binds_sys_but_not_the_cgroups(void **state)
{
	struct config c = read_back(written(config_default(arena_main(), true, 1000, 1000)));
	bool sys = false, cgroups = false;

	FOR_EACH(m, c.mounts) {
		FOR_EACH(option, m->options)
			assert_false(str_starts(*option, "gid="));
		cgroups |= sys && str_eq(m->destination, "/sys/fs/cgroup");
		if (str_eq(m->destination, "/sys")) {
			assert_string_equal(m->source, "/sys");
			assert_string_equal(m->options.v[0], "rbind");
			sys = true;
		}
	}
	assert_true(sys && cgroups);
}

static void devices_and_links_of_the_spec_are_there(void **state)
{
	size_t devices = 0, links = 0;

	for (const struct default_device *d = default_devices; d->path; d++)
		devices++;
	for (const struct default_link *l = default_links; l->path; l++)
		links++;
	assert_int_equal(devices, 6);
	assert_int_equal(links, 6);
	assert_string_equal(default_links[links - 1].target, "pts/ptmx");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_spec_writes_reads_back_the_same),
		cmocka_unit_test(the_default_runs_a_shell_on_a_terminal),
		cmocka_unit_test(rootless_maps_the_caller_to_root),
		cmocka_unit_test(rootless_needs_no_other_group_and_binds_sys_but_not_the_cgroups),
		cmocka_unit_test(devices_and_links_of_the_spec_are_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
