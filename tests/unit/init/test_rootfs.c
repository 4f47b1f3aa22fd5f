/* SPDX-License-Identifier: Apache-2.0 */
#include "init/world.h"
#include "sys/mount.h"

static void the_root_file_system_becomes_the_root_and_the_hosts_is_gone(void **state)
{
	struct world *w = new_world();

	(void)state;
	make(w->root, "/here", "yes");
	add_root(w);
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_int_equal(access(seen(w, "/here"), F_OK), 0);
	assert_int_equal(access(seen(w, "/proc/1/status"), F_OK), -1);
	assert_string_not_equal(mount_line(w, "/"), "");
	end_world(w);
}

/* @namespaces: CLONE_NEW* besides those of a world. */
static void detached_root(uint64_t namespaces)
{
	struct world *w = new_world();
	struct error e;
	int dir = open(w->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	int tree = mount_clone(dir, true, &e);
	plan_slot slot = add_slot(w, SLOT_TREE, tree);

	assert_true(tree >= 0);
	w->plan.clone_flags |= namespaces;
	make(w->root, "/here", "yes");
	add_barrier(w, BARRIER_MAPPED);
	if (namespaces & CLONE_NEWUSER)
		ADD(w, USERNS_ROOT, userns_root, 0);
	ADD(w, ROOTFS, rootfs, .path = text(w, w->root), .slot = slot,
	    .propagation = MS_REC | MS_SLAVE);
	add_mount(w, "proc", "/proc", "");
	add_pivot(w);
	ADD(w, READONLY_ROOT, readonly_root, 0);
	add_end(w);
	launch_ready(w);
	assert_int_equal(access(seen(w, "/here"), F_OK), 0);
	assert_int_equal(access(seen(w, "/proc/1/status"), F_OK), 0);
	assert_non_null(strstr(mount_line(w, "/"), " ro,"));
	close(dir);
	close(tree);
	end_world(w);
}

static void a_detached_mount_of_the_host_serves_as_root(void **state)
{
	(void)state;
	detached_root(0);
}

static void in_a_user_namespace_a_detached_mount_of_the_host_serves_as_root_too(void **state)
{
	(void)state;
	detached_root(CLONE_NEWUSER);
}

static void without_pivot_root_it_is_moved_onto_the_root(void **state)
{
	struct world *w = new_world();

	(void)state;
	make(w->root, "/here", "yes");
	add_root(w);
	add_mount(w, "proc", "/proc", "");
	ADD(w, PIVOT, pivot, .how = PIVOT_MOVE);
	add_end(w);
	launch_ready(w);
	assert_int_equal(access(seen(w, "/here"), F_OK), 0);
	assert_int_equal(access(seen(w, "/proc/1/status"), F_OK), 0);
	end_world(w);
}

static void without_a_mount_namespace_the_directory_is_used_as_it_is(void **state)
{
	struct world *w = new_world();
	plan_slot slot = add_slot(w, SLOT_ROOTFS, open(w->root, O_PATH | O_DIRECTORY | O_CLOEXEC));

	(void)state;
	w->plan.clone_flags = CLONE_NEWPID;
	w->plan.own_mount_ns = 0;
	make(w->root, "/here", "yes");
	add_barrier(w, BARRIER_MAPPED);
	ADD(w, ROOTFS, rootfs, .path = text(w, w->root), .slot = slot);
	ADD(w, PIVOT, pivot, .how = PIVOT_CHROOT);
	add_end(w);
	launch_ready(w);
	assert_int_equal(access(seen(w, "/here"), F_OK), 0);
	close(w->fds[slot]);
	end_world(w);
}

static void a_shared_root_shares_nothing_with_the_host(void **state)
{
	struct world *w = new_world();
	char line[4096];
	int a = 0, b = -1;

	(void)state;
	add_root(w);
	w->ops[2].rootfs.propagation = MS_REC | MS_SHARED;
	add_mount(w, "tmpfs", "/t", "");
	add_pivot(w);
	ADD(w, PROPAGATION, propagation, .flags = MS_SHARED | MS_REC);
	add_end(w);
	launch_ready(w);
	strcpy(line, mount_line(w, "/"));
	assert_non_null(strstr(line, " shared:"));
	assert_null(strstr(line, " master:"));
	sscanf(strstr(line, " shared:"), " shared:%d", &a);
	{
		struct world here = {.pid = getpid()};

		if (strstr(mount_line(&here, "/"), " shared:"))
			sscanf(strstr(mount_line(&here, "/"), " shared:"), " shared:%d", &b);
		assert_string_equal(mount_line(&here, "/t"), "");
	}
	assert_int_not_equal(a, b);
	end_world(w);
}

static void a_missing_root_is_an_error_that_names_it(void **state)
{
	struct world *w = new_world();
	plan_slot slot = add_slot(w, SLOT_BY_INIT, -1);

	(void)state;
	add_barrier(w, BARRIER_MAPPED);
	ADD(w, OPEN_SOURCE, open_source, .path = text(w, "/nonexistent/root"), .slot = slot)->at =
		text(w, "root.path");
	run_world(w);
	assert_true(w->failed);
	assert_int_equal(w->error.code, ENOENT);
	assert_string_equal(w->error.at, "root.path");
	assert_non_null(strstr(w->error.text, "/nonexistent/root"));
	end_world(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_root_file_system_becomes_the_root_and_the_hosts_is_gone),
		cmocka_unit_test(a_detached_mount_of_the_host_serves_as_root),
		cmocka_unit_test(
			in_a_user_namespace_a_detached_mount_of_the_host_serves_as_root_too),
		cmocka_unit_test(without_pivot_root_it_is_moved_onto_the_root),
		cmocka_unit_test(without_a_mount_namespace_the_directory_is_used_as_it_is),
		cmocka_unit_test(a_shared_root_shares_nothing_with_the_host),
		cmocka_unit_test(a_missing_root_is_an_error_that_names_it),
	};

	if (geteuid())
		return 77; /* skipped: these make namespaces as root */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
