/* SPDX-License-Identifier: Apache-2.0 */
#include "init/world.h"

static struct stat stat_of(struct world *w, const char *path)
{
	struct stat st = {0};

	lstat(seen(w, path), &st);
	return st;
}

static struct op *add_device(struct world *w, const char *path, uint32_t type, unsigned int major,
			     unsigned int minor)
{
	return ADD(w, DEVICE, device, .path = text(w, path), .type = type, .major = major,
		   .minor = minor, .mode = 0666);
}

static void expect_null(struct world *w, const char *path)
{
	struct stat st = stat_of(w, path);

	assert_true(S_ISCHR(st.st_mode));
	assert_true(st.st_rdev == makedev(1, 3));
}

static void nodes_get_type_number_mode_and_owner(void **state)
{
	struct world *w = new_world();
	struct stat st;
	struct op *op;

	(void)state;
	add_root(w);
	add_device(w, "/dev/null", S_IFCHR, 1, 3)->device.is_default = 1;
	op = add_device(w, "/far/away/odd", S_IFCHR, 10, 666);
	op->device.mode = 0421;
	op->device.uid = 12;
	op->device.gid = 34;
	add_device(w, "/pipe", S_IFIFO, 0, 0);
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	expect_null(w, "/dev/null");
	assert_int_equal(stat_of(w, "/dev/null").st_mode & 07777, 0666);
	st = stat_of(w, "/far/away/odd");
	assert_true(S_ISCHR(st.st_mode) && st.st_rdev == makedev(10, 666));
	assert_int_equal(st.st_mode & 07777, 0421);
	assert_int_equal(st.st_uid, 12);
	assert_int_equal(st.st_gid, 34);
	assert_true(S_ISFIFO(stat_of(w, "/pipe").st_mode));
	end_world(w);
}

static void a_second_run_finds_the_nodes_of_the_first(void **state)
{
	char root[64];

	(void)state;
	for (int run = 0; run < 4; run++) {
		struct world *w = new_world();

		if (run) {
			rmdir(w->root);
			strcpy(w->root, root);
		}
		add_root(w);
		/* made, bound, bound, made again */
		add_device(w, "/dev/null", S_IFCHR, 1, 3)->device.bind = run == 1 || run == 2;
		ADD(w, SYMLINK, symlink, .path = text(w, "/dev/fd"),
		    .target = text(w, "/proc/self/fd"));
		ADD(w, SYMLINK, symlink, .path = text(w, "/dev/ptmx"),
		    .target = text(w, "pts/ptmx"));
		add_pivot(w);
		add_end(w);
		launch_ready(w);
		expect_null(w, "/dev/null");
		assert_string_equal(w->warning.text, "");
		strcpy(root, w->root);
		if (run < 3)
			strcpy(w->root, "/tmp/yacr-init-none");
		end_world(w);
	}
}

static void an_empty_file_left_by_binding_is_covered(void **state)
{
	struct world *w = new_world();

	(void)state;
	make(w->root, "/dev", NULL);
	make(w->root, "/dev/null", "");
	add_root(w);
	add_device(w, "/dev/null", S_IFCHR, 1, 3);
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	expect_null(w, "/dev/null");
	end_world(w);
}

static void something_else_at_the_path_is_an_error_and_a_link_is_not_followed(void **state)
{
	(void)state;
	for (int kind = 0; kind < 7; kind++) {
		for (int bind = 0; bind < 2; bind++) {
			struct world *w;
			char path[PATH_MAX];

			/* A file or foreign device may be covered: what is seen then is the right one. */
			if ((kind == 3 || kind == 4) && bind)
				continue;
			w = new_world();
			make(w->root, "/dev", NULL);
			snprintf(path, sizeof(path), "%s/dev/null", w->root);
			switch (kind) {
			case 0: link_to(w->root, "/dev/null", "/elsewhere"); break;
			case 1:
				link_to(w->root, "/dev/null", "zero");
				make(w->root, "/dev/zero", "");
				break;
			case 2: make(w->root, "/dev/null", NULL); break;
			case 3: make(w->root, "/dev/null", "content"); break;
			case 4:
				assert_int_equal(mknod(path, S_IFCHR | 0666, makedev(1, 5)), 0);
				break;
			case 5: assert_int_equal(mkfifo(path, 0666), 0); break;
			case 6: link_to(w->root, "/dev/null", "null"); break;
			}
			add_root(w);
			add_device(w, "/dev/null", S_IFCHR, 1, 3)->device.bind = (uint8_t)bind;
			w->ops[w->plan.op_count - 1].at = text(w, "linux.devices[0]");
			add_pivot(w);
			add_end(w);
			run_world(w);
			assert_true(w->failed);
			assert_string_equal(w->error.at, "linux.devices[0]");
			snprintf(path, sizeof(path), "%s/elsewhere", w->root);
			assert_int_equal(access(path, F_OK), -1);
			end_world(w);
		}
	}
}

static void in_a_user_namespace_nodes_are_bound_from_the_host(void **state)
{
	struct world *w = new_world();
	plan_slot slot;

	(void)state;
	w->plan.clone_flags |= CLONE_NEWUSER;
	slot = add_slot(w, SLOT_BY_INIT, -1);
	add_barrier(w, BARRIER_MAPPED);
	ADD(w, USERNS_ROOT, userns_root, 0);
	ADD(w, OPEN_SOURCE, open_source, .path = text(w, w->root), .slot = slot, .directory = 1);
	ADD(w, ROOTFS, rootfs, .path = text(w, w->root), .slot = slot,
	    .propagation = MS_REC | MS_SLAVE);
	add_mount(w, "tmpfs", "/dev", "");
	/* one that is tried and refused, one that is not tried */
	add_device(w, "/dev/null", S_IFCHR, 1, 3);
	add_device(w, "/dev/zero", S_IFCHR, 1, 5)->device.bind = 1;
	add_device(w, "/dev/pipe", S_IFIFO, 0, 0)->device.bind = 1;
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	expect_null(w, "/dev/null");
	assert_string_not_equal(mount_line(w, "/dev/null"), "");
	assert_true(stat_of(w, "/dev/zero").st_rdev == makedev(1, 5));
	assert_true(S_ISFIFO(stat_of(w, "/dev/pipe").st_mode));
	end_world(w);
}

static void a_device_that_the_host_does_not_have_cannot_be_bound(void **state)
{
	struct world *w = new_world();

	(void)state;
	add_root(w);
	add_device(w, "/dev/null", S_IFCHR, 77, 77)->device.bind = 1;
	run_world(w);
	assert_true(w->failed);
	assert_int_equal(w->error.code, ENODEV);
	end_world(w);
}

static void a_dev_that_leads_out_stays_inside(void **state)
{
	struct world *w = new_world();

	(void)state;
	make(w->root, "/inside", NULL);
	link_to(w->root, "/dev", "/../../../inside");
	add_root(w);
	add_device(w, "/dev/null", S_IFCHR, 1, 3);
	add_device(w, "/dev/../../../escaped", S_IFCHR, 1, 3);
	ADD(w, SYMLINK, symlink, .path = text(w, "/dev/stdin"),
	    .target = text(w, "/proc/self/fd/0"));
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	expect_null(w, "/inside/null");
	expect_null(w, "/escaped");
	assert_true(S_ISLNK(stat_of(w, "/inside/stdin").st_mode));
	end_world(w);
}

static void a_link_is_made_when_what_it_needs_is_there(void **state)
{
	struct world *w = new_world();
	char buf[64] = "";

	(void)state;
	make(w->root, "/is-there", "");
	make(w->root, "/kept", "");
	add_root(w);
	ADD(w, SYMLINK, symlink, .path = text(w, "/a"), .target = text(w, "t"),
	    .needs = text(w, "/is-there"));
	ADD(w, SYMLINK, symlink, .path = text(w, "/b"), .target = text(w, "t"),
	    .needs = text(w, "/is-not"));
	ADD(w, SYMLINK, symlink, .path = text(w, "/kept"), .target = text(w, "t"));
	ADD(w, DIRECTORY, directory, .path = text(w, "/made/for/cwd"), .mode = 0755);
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_int_equal(readlink(seen(w, "/a"), buf, sizeof(buf)), 1);
	assert_int_equal(stat_of(w, "/b").st_mode, 0);
	assert_true(S_ISREG(stat_of(w, "/kept").st_mode));
	assert_non_null(strstr(w->warning.text, "/kept"));
	assert_true(S_ISDIR(stat_of(w, "/made/for/cwd").st_mode));
	end_world(w);
}

static void the_terminal_is_that_of_the_containers_devpts(void **state)
{
	struct world *w = new_world();
	char buf[64] = "", path[PATH_MAX];

	(void)state;
	add_root(w);
	add_mount(w, "tmpfs", "/dev", "mode=755");
	add_mount(w, "devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=0620");
	ADD(w, SESSION, session, 0);
	ADD(w, CONSOLE, console, .height = 24, .width = 80, .uid = 1000, .bind = 1);
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_true(w->console >= 0);
	assert_true(isatty(w->console));
	snprintf(path, sizeof(path), "/proc/%d/fd/0", w->pid);
	assert_true(readlink(path, buf, sizeof(buf) - 1) > 0);
	assert_string_equal(buf, "/dev/pts/0");
	assert_int_equal(stat_of(w, "/dev/pts/0").st_uid, 1000);
	assert_true(stat_of(w, "/dev/console").st_rdev == stat_of(w, "/dev/pts/0").st_rdev);
	assert_string_not_equal(mount_line(w, "/dev/console"), "");
	end_world(w);
}

static void a_console_in_the_image_leads_nowhere(void **state)
{
	(void)state;
	for (int i = 0; i < 4; i++) {
		struct world *w = new_world();
		char path[PATH_MAX];

		make(w->root, "/dev", NULL);
		make(w->root, "/victim", "intact");
		snprintf(path, sizeof(path), "%s/new", w->root);
		switch (i) {
		case 0: link_to(w->root, "/dev/console", "/new"); break;
		case 1: link_to(w->root, "/dev/console", "/victim"); break;
		case 2: /* no devpts, only something like it */
			make(w->root, "/dev/pts", NULL);
			make(w->root, "/dev/pts/ptmx", "");
			break;
		case 3: link_to(w->root, "/dev/pts", "/"); break;
		}
		add_root(w);
		if (i < 2)
			add_mount(w, "devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=0620");
		ADD(w, CONSOLE, console, .bind = 1);
		add_pivot(w);
		add_end(w);
		run_world(w);
		assert_true(w->failed);
		assert_int_equal(access(path, F_OK), -1);
		end_world(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nodes_get_type_number_mode_and_owner),
		cmocka_unit_test(a_second_run_finds_the_nodes_of_the_first),
		cmocka_unit_test(an_empty_file_left_by_binding_is_covered),
		cmocka_unit_test(something_else_at_the_path_is_an_error_and_a_link_is_not_followed),
		cmocka_unit_test(in_a_user_namespace_nodes_are_bound_from_the_host),
		cmocka_unit_test(a_device_that_the_host_does_not_have_cannot_be_bound),
		cmocka_unit_test(a_dev_that_leads_out_stays_inside),
		cmocka_unit_test(a_link_is_made_when_what_it_needs_is_there),
		cmocka_unit_test(the_terminal_is_that_of_the_containers_devpts),
		cmocka_unit_test(a_console_in_the_image_leads_nowhere),
	};

	if (geteuid())
		return 77; /* skipped: these make namespaces as root */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
