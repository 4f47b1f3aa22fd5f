/* SPDX-License-Identifier: Apache-2.0 */
#include "init/world.h"

#include <linux/mount.h>
#include <sys/xattr.h>

static struct stat stat_of(struct world *w, const char *path)
{
	struct stat st = {0};

	lstat(seen(w, path), &st);
	return st;
}

static void content_is(struct world *w, const char *path, const char *expected)
{
	char buf[256] = "";
	int fd = open(seen(w, path), O_RDONLY | O_NONBLOCK);

	assert_true(fd >= 0);
	assert_true(read(fd, buf, sizeof(buf) - 1) >= 0);
	close(fd);
	assert_string_equal(buf, expected);
}

static void file_systems_are_mounted_with_their_attributes_where_they_belong(void **state)
{
	struct world *w = new_world();

	(void)state;
	add_root(w);
	add_mount(w, "proc", "/proc", "")->mount.set =
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	add_mount(w, "tmpfs", "/dev", "mode=755,size=65536k")->mount.set =
		MOUNT_ATTR_NOSUID | MOUNT_ATTR_STRICTATIME;
	add_mount(w, "devpts", "/dev/pts", "newinstance,ptmxmode=0666,mode=0620");
	add_mount(w, "tmpfs", "/deep/er/place", "");
	add_mount(w, "mqueue", "/dev/mqueue", "");
	add_mount(w, "sysfs", "/sys", "")->mount.set = MOUNT_ATTR_RDONLY;
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_non_null(strstr(mount_line(w, "/proc"), " - proc proc "));
	assert_non_null(strstr(mount_line(w, "/proc"), "nosuid,nodev,noexec"));
	assert_non_null(strstr(mount_line(w, "/dev"), "size=65536k,mode=755"));
	assert_non_null(strstr(mount_line(w, "/dev/pts"), " - devpts "));
	assert_non_null(strstr(mount_line(w, "/deep/er/place"), " - tmpfs "));
	assert_non_null(strstr(mount_line(w, "/dev/mqueue"), " - mqueue "));
	assert_non_null(strstr(mount_line(w, "/sys"), " ro,"));
	end_world(w);
}

static void a_target_through_links_lands_inside(void **state)
{
	static const char *const targets[] = {"/to-abs/x", "/to-rel/y", "/../../z", "/dangling",
					      "/loop-free/../q"};
	struct world *w = new_world();

	(void)state;
	make(w->root, "/real", NULL);
	link_to(w->root, "/to-abs", "/real");
	link_to(w->root, "/to-rel", "../../../real");
	link_to(w->root, "/dangling", "/tmp/yacr-init-dangling");
	make(w->root, "/loop-free", NULL);
	add_root(w);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		add_mount(w, "tmpfs", targets[i], "");
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_string_not_equal(mount_line(w, "/real/x"), "");
	assert_string_not_equal(mount_line(w, "/real/y"), "");
	assert_string_not_equal(mount_line(w, "/z"), "");
	assert_string_not_equal(mount_line(w, "/tmp/yacr-init-dangling"), "");
	assert_string_not_equal(mount_line(w, "/q"), "");
	assert_int_equal(access("/tmp/yacr-init-dangling", F_OK), -1);
	end_world(w);
}

/* The way to "/a/" is remembered, but not over a mount that may be on it. */
static void a_target_is_looked_for_in_what_covers_its_directory(void **state)
{
	static const char *const targets[] = {"/a/one", "/a/two", "/a", "/a/three", "/a/four"};
	struct world *w = new_world();

	(void)state;
	add_root(w);
	for (size_t i = 0; i < ARRAY_SIZE(targets); i++)
		add_mount(w, "tmpfs", targets[i], "");
	ADD(w, SYMLINK, symlink, .path = text(w, "/a/link"), .target = text(w, "x"));
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_true(S_ISDIR(stat_of(w, "/a/three").st_mode));
	assert_true(S_ISDIR(stat_of(w, "/a/four").st_mode));
	assert_true(S_ISLNK(stat_of(w, "/a/link").st_mode));
	assert_int_equal(stat_of(w, "/a/one").st_mode, 0);
	end_world(w);
}

static void proc_and_sysfs_go_on_real_directories_only(void **state)
{
	static const char *const types[] = {"proc", "sysfs"};

	(void)state;
	for (int i = 0; i < 6; i++) {
		struct world *w = new_world();
		const char *type = types[i % 2];

		switch (i / 2) {
		case 0:
			make(w->root, "/other", NULL);
			link_to(w->root, "/point", "/other");
			break;
		case 1: link_to(w->root, "/point", "/missing"); break;
		case 2: make(w->root, "/point", "a file"); break;
		}
		add_root(w);
		add_mount(w, type, "/point", "")->at = text(w, "mounts[0]");
		add_pivot(w);
		add_end(w);
		run_world(w);
		assert_true(w->failed);
		assert_string_equal(w->error.at, "mounts[0]");
		assert_non_null(strstr(w->error.text, "/point"));
		end_world(w);
	}
}

static void nothing_covers_the_containers_proc(void **state)
{
	static const struct {
		const char *target;
		bool proc_is_there;
	} cases[] = {
		{"/proc", false}, {"/proc", true}, {"/proc/sys", true}, {"/proc/sys/kernel", true},
		{"/link", false}, {"/link", true}, {"/link/sys", true}, {"/proc/1/attr", true},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world *w = new_world();

		make(w->root, "/proc", NULL);
		link_to(w->root, "/link", "proc");
		add_root(w);
		if (cases[i].proc_is_there)
			add_mount(w, "proc", "/proc", "");
		add_mount(w, "tmpfs", cases[i].target, "");
		add_pivot(w);
		add_end(w);
		run_world(w);
		assert_true(w->failed);
		assert_non_null(strstr(w->error.text, cases[i].target));
		end_world(w);
	}
}

static void what_the_plan_allows_covers_a_file_of_proc(void **state)
{
	struct world *w = new_world();

	(void)state;
	make(w->root, "/uptime", "1 2\n");
	add_root(w);
	add_mount(w, "proc", "/proc", "");
	add_bind(w, "/etc/hostname", "/proc/uptime")->mount.flags |= MOUNT_ON_PROC;
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_string_not_equal(mount_line(w, "/proc/uptime"), "");
	end_world(w);
}

static void a_file_is_bound_on_a_file_and_a_directory_on_a_directory(void **state)
{
	struct world *w = new_world();
	struct op *op;

	(void)state;
	make(w->root, "/src", NULL);
	make(w->root, "/src/file", "content");
	make(w->root, "/inner", NULL);
	add_root(w);
	add_bind(w, w->root, "/a/dir");
	op = add_bind(w, "/etc/passwd", "/b/file");
	op->mount.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC;
	op->mount.propagation[0] = PROPAGATE_PRIVATE | PROPAGATE_RECURSIVE;
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	content_is(w, "/a/dir/src/file", "content");
	assert_true(S_ISREG(stat_of(w, "/b/file").st_mode));
	assert_non_null(strstr(mount_line(w, "/b/file"), " ro,"));
	assert_non_null(strstr(mount_line(w, "/b/file"), "noexec"));
	assert_null(strstr(mount_line(w, "/b/file"), "master:"));
	end_world(w);
}

static void a_file_on_a_directory_is_told_in_the_words_that_docker_looks_for(void **state)
{
	(void)state;
	for (int i = 0; i < 2; i++) {
		struct world *w = new_world();

		make(w->root, "/dir", NULL);
		make(w->root, "/file", "");
		add_root(w);
		add_bind(w, i ? "/etc" : "/etc/passwd", i ? "/file" : "/dir");
		add_pivot(w);
		add_end(w);
		run_world(w);
		assert_true(w->failed);
		assert_non_null(strstr(w->error.text, "not a directory"));
		end_world(w);
	}
}

static void propagation_is_applied_in_the_order_given(void **state)
{
	struct world *w = new_world();
	struct op *op;

	(void)state;
	add_root(w);
	op = add_mount(w, "tmpfs", "/t", "");
	op->mount.propagation[0] = PROPAGATE_SHARED;
	op = add_mount(w, "tmpfs", "/u", "");
	op->mount.propagation[0] = PROPAGATE_SHARED;
	op->mount.propagation[1] = PROPAGATE_PRIVATE;
	op = add_mount(w, "tmpfs", "/v", "");
	op->mount.propagation[0] = PROPAGATE_UNBINDABLE;
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_non_null(strstr(mount_line(w, "/t"), " shared:"));
	assert_null(strstr(mount_line(w, "/u"), " shared:"));
	assert_non_null(strstr(mount_line(w, "/v"), " unbindable"));
	end_world(w);
}

static void a_tmpfs_keeps_the_mode_of_what_it_covers(void **state)
{
	struct world *w = new_world();
	char path[PATH_MAX];

	(void)state;
	make(w->root, "/was", NULL);
	snprintf(path, sizeof(path), "%s/was", w->root);
	assert_int_equal(chmod(path, 01751), 0);
	add_root(w);
	add_mount(w, "tmpfs", "/was", "size=1m")->mount.flags |= MOUNT_KEEP_MODE;
	add_mount(w, "tmpfs", "/new", "")->mount.flags |= MOUNT_KEEP_MODE;
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_int_equal(stat_of(w, "/was").st_mode & 07777, 01751);
	assert_int_equal(stat_of(w, "/new").st_mode & 07777, 01777);
	end_world(w);
}

static void a_remount_changes_what_is_there_also_through_a_kept_slot(void **state)
{
	struct world *w = new_world();
	plan_slot kept = add_slot(w, SLOT_BY_INIT, -1);
	struct op *op;

	(void)state;
	add_root(w);
	add_mount(w, "tmpfs", "/a", "");
	add_mount(w, "tmpfs", "/b", "")->mount.keep = kept;
	op = add_mount(w, "", "/a", "");
	op->mount.flags = MOUNT_REMOUNT;
	op->mount.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID;
	make(w->root, "/x", "");
	op = add_mount(w, "", "/b", "");
	op->mount.flags = MOUNT_REMOUNT;
	op->mount.set = MOUNT_ATTR_RDONLY;
	op->mount.slot = kept;
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_non_null(strstr(mount_line(w, "/a"), " ro,nosuid"));
	assert_non_null(strstr(mount_line(w, "/b"), " ro,"));
	end_world(w);
}

static void what_is_mounted_over_the_root_is_the_root(void **state)
{
	struct world *w = new_world();

	(void)state;
	make(w->root, "/below", "");
	add_root(w);
	add_mount(w, "tmpfs", "/", "mode=755");
	add_mount(w, "proc", "/proc", "");
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_int_equal(access(seen(w, "/below"), F_OK), -1);
	assert_int_equal(access(seen(w, "/proc/1/status"), F_OK), 0);
	end_world(w);
}

static void what_the_kernel_refuses_is_taken_from_the_host_read_only(void **state)
{
	struct world *w = new_world();
	struct op *op;

	(void)state;
	/* A user namespace may mount sysfs only with a network namespace of its own. */
	w->plan.clone_flags |= CLONE_NEWUSER;
	add_barrier(w, BARRIER_MAPPED);
	ADD(w, USERNS_ROOT, userns_root, 0);
	{
		plan_slot slot = add_slot(w, SLOT_BY_INIT, -1);

		ADD(w, OPEN_SOURCE, open_source, .path = text(w, w->root), .slot = slot,
		    .directory = 1);
		ADD(w, ROOTFS, rootfs, .path = text(w, w->root), .slot = slot,
		    .propagation = MS_REC | MS_SLAVE);
	}
	op = add_mount(w, "sysfs", "/sys", "");
	op->mount.flags = MOUNT_OR_BIND | MOUNT_FALLBACK_READONLY;
	op->mount.fallback = text(w, "/sys");
	op->mount.set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV;
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_non_null(strstr(mount_line(w, "/sys"), " ro,"));
	assert_non_null(strstr(mount_line(w, "/sys"), " - sysfs "));
	end_world(w);
}

static void a_refusal_without_a_fallback_names_source_target_and_config(void **state)
{
	struct world *w = new_world();

	(void)state;
	add_root(w);
	add_mount(w, "nosuchfs", "/x", "")->at = text(w, "mounts[7]");
	run_world(w);
	assert_true(w->failed);
	assert_int_equal(w->error.code, ENODEV);
	assert_string_equal(w->error.at, "mounts[7]");
	assert_non_null(strstr(w->error.text, "cannot mount \"nosuchfs\" on \"/x\""));
	end_world(w);
}

static void copy_up_takes_files_links_fifos_and_leaves_devices(void **state)
{
	struct world *w = new_world();
	char path[PATH_MAX], buf[64] = "";
	struct op *op;

	(void)state;
	make(w->root, "/up", NULL);
	make(w->root, "/up/sub", NULL);
	make(w->root, "/up/sub/file", "content");
	link_to(w->root, "/up/abs", "/etc/shadow");
	link_to(w->root, "/up/dangling", "../../../../x");
	snprintf(path, sizeof(path), "%s/up/fifo", w->root);
	assert_int_equal(mkfifo(path, 0640), 0);
	snprintf(path, sizeof(path), "%s/up/null", w->root);
	assert_int_equal(mknod(path, S_IFCHR | 0666, makedev(1, 3)), 0);
	snprintf(path, sizeof(path), "%s/up/sub/file", w->root);
	assert_int_equal(chown(path, 1234, 1235), 0);
	assert_int_equal(chmod(path, 04751), 0);
	snprintf(path, sizeof(path), "%s/up/sparse", w->root);
	make(w->root, "/up/sparse", "");
	assert_int_equal(truncate(path, 1 << 30), 0);
	add_root(w);
	op = add_mount(w, "tmpfs", "/up", "size=1m");
	op->mount.flags = MOUNT_COPY_UP | MOUNT_KEEP_MODE;
	op->mount.set = MOUNT_ATTR_RDONLY;
	op->mount.sb_set = MS_RDONLY;
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	content_is(w, "/up/sub/file", "content");
	assert_int_equal(stat_of(w, "/up/sub/file").st_mode & 07777, 04751);
	assert_int_equal(stat_of(w, "/up/sub/file").st_uid, 1234);
	assert_int_equal(stat_of(w, "/up/sub/file").st_gid, 1235);
	assert_int_equal(stat_of(w, "/up/sparse").st_size, 1 << 30);
	assert_true(S_ISFIFO(stat_of(w, "/up/fifo").st_mode));
	assert_int_equal(stat_of(w, "/up/null").st_mode, 0);
	assert_true(readlink(seen(w, "/up/abs"), buf, sizeof(buf)) > 0);
	assert_string_equal(buf, "/etc/shadow");
	assert_true(S_ISLNK(stat_of(w, "/up/dangling").st_mode));
	assert_non_null(strstr(mount_line(w, "/up"), " ro,"));
	end_world(w);
}

static void copy_up_takes_attributes_however_many_and_long(void **state)
{
	struct world *w = new_world();
	char path[PATH_MAX], name[64], value[2000];

	(void)state;
	make(w->root, "/up", NULL);
	make(w->root, "/up/file", "content");
	snprintf(path, sizeof(path), "%s/up/file", w->root);
	memset(value, 'v', sizeof(value));
	if (setxattr(path, "trusted.long", value, sizeof(value), 0) < 0)
		skip();
	for (int i = 0; i < 30; i++) {
		snprintf(name, sizeof(name), "trusted.a-name-of-about-forty-characters-%d", i);
		assert_int_equal(setxattr(path, name, "v", 1, 0), 0);
	}
	add_root(w);
	add_mount(w, "tmpfs", "/up", "size=1m")->mount.flags = MOUNT_COPY_UP;
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_int_equal(getxattr(seen(w, "/up/file"), name, value, sizeof(value)), 1);
	assert_int_equal(getxattr(seen(w, "/up/file"), "trusted.long", value, sizeof(value)),
			 sizeof(value));
	end_world(w);
}

static void copy_up_of_too_much_is_an_error_not_a_half_copy(void **state)
{
	struct world *w = new_world();
	char big[8192];

	(void)state;
	memset(big, 'x', sizeof(big) - 1);
	big[sizeof(big) - 1] = '\0';
	make(w->root, "/up", NULL);
	make(w->root, "/up/a", big);
	make(w->root, "/up/b", big);
	make(w->root, "/up/c", big);
	add_root(w);
	add_mount(w, "tmpfs", "/up", "size=8k")->mount.flags = MOUNT_COPY_UP;
	add_pivot(w);
	add_end(w);
	run_world(w);
	assert_true(w->failed);
	assert_int_equal(w->error.code, ENOSPC);
	end_world(w);
}

static void a_link_is_copied_when_asked(void **state)
{
	struct world *w = new_world();
	char buf[64] = "";
	struct op *op;

	(void)state;
	make(w->root, "/etc", NULL);
	link_to(w->root, "/source", "to/where");
	add_root(w);
	{
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/source", w->root);
		op = add_bind(w, path, "/etc/copied");
	}
	op->mount.flags |= MOUNT_COPY_SYMLINK | MOUNT_SRC_NOFOLLOW;
	w->ops[w->plan.op_count - 2].open_source.nofollow = 1;
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_true(readlink(seen(w, "/etc/copied"), buf, sizeof(buf)) > 0);
	assert_string_equal(buf, "to/where");
	end_world(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(file_systems_are_mounted_with_their_attributes_where_they_belong),
		cmocka_unit_test(a_target_through_links_lands_inside),
		cmocka_unit_test(a_target_is_looked_for_in_what_covers_its_directory),
		cmocka_unit_test(proc_and_sysfs_go_on_real_directories_only),
		cmocka_unit_test(nothing_covers_the_containers_proc),
		cmocka_unit_test(what_the_plan_allows_covers_a_file_of_proc),
		cmocka_unit_test(a_file_is_bound_on_a_file_and_a_directory_on_a_directory),
		cmocka_unit_test(a_file_on_a_directory_is_told_in_the_words_that_docker_looks_for),
		cmocka_unit_test(propagation_is_applied_in_the_order_given),
		cmocka_unit_test(a_tmpfs_keeps_the_mode_of_what_it_covers),
		cmocka_unit_test(a_remount_changes_what_is_there_also_through_a_kept_slot),
		cmocka_unit_test(what_is_mounted_over_the_root_is_the_root),
		cmocka_unit_test(what_the_kernel_refuses_is_taken_from_the_host_read_only),
		cmocka_unit_test(a_refusal_without_a_fallback_names_source_target_and_config),
		cmocka_unit_test(copy_up_takes_files_links_fifos_and_leaves_devices),
		cmocka_unit_test(copy_up_takes_attributes_however_many_and_long),
		cmocka_unit_test(copy_up_of_too_much_is_an_error_not_a_half_copy),
		cmocka_unit_test(a_link_is_copied_when_asked),
	};

	if (geteuid())
		return 77; /* skipped: these make namespaces as root */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
