/* SPDX-License-Identifier: Apache-2.0 */
#include "init/world.h"

static struct stat stat_of(struct world *w, const char *path)
{
	struct stat st = {0};

	lstat(seen(w, path), &st);
	return st;
}

static void mask(struct world *w, const char *path)
{
	ADD(w, MASKED_PATH, masked_path, .path = text(w, path));
}

static void expect_masked_file(struct world *w, const char *path)
{
	struct stat st = stat_of(w, path);

	assert_true(S_ISCHR(st.st_mode) && st.st_rdev == makedev(1, 3));
}

static void masks(bool before_pivot)
{
	struct world *w = new_world();
	char path[PATH_MAX];

	make(w->root, "/dir", NULL);
	make(w->root, "/dir/secret", "x");
	make(w->root, "/dir2", NULL);
	make(w->root, "/dir2/secret", "x");
	make(w->root, "/file", "x");
	make(w->root, "/file2", "x");
	link_to(w->root, "/link", "/linked");
	make(w->root, "/linked", "x");
	snprintf(path, sizeof(path), "%s/fifo", w->root);
	assert_int_equal(mkfifo(path, 0666), 0);
	/* What the image has instead of a null device is not used (CVE-2025-31133). */
	make(w->root, "/dev", NULL);
	link_to(w->root, "/dev/null", "/dir/secret");
	add_root(w);
	add_mount(w, "proc", "/proc", "");
	if (!before_pivot)
		add_pivot(w);
	mask(w, "/dir");
	mask(w, "/dir2");
	mask(w, "/file");
	mask(w, "/file2");
	mask(w, "/fifo");
	mask(w, "/link");
	mask(w, "/missing");
	mask(w, "/file/below");
	mask(w, "/proc/version");
	mask(w, "/proc/acpi");
	mask(w, "/proc/fs");
	if (before_pivot)
		add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_int_equal(access(seen(w, "/dir/secret"), F_OK), -1);
	assert_int_equal(access(seen(w, "/dir2/secret"), F_OK), -1);
	assert_non_null(strstr(mount_line(w, "/dir"), " ro,nosuid,nodev,noexec"));
	assert_non_null(strstr(mount_line(w, "/dir2"), " ro,nosuid,nodev,noexec"));
	assert_int_equal(mkdir(seen(w, "/dir/x"), 0755), -1);
	/* one file system for both */
	assert_true(stat_of(w, "/dir").st_dev == stat_of(w, "/dir2").st_dev);
	expect_masked_file(w, "/file");
	expect_masked_file(w, "/file2");
	expect_masked_file(w, "/fifo");
	expect_masked_file(w, "/linked");
	expect_masked_file(w, "/proc/version");
	assert_non_null(strstr(mount_line(w, "/proc/fs"), " - tmpfs "));
	end_world(w);
}

static void masked_paths_are_empty_directories_and_null_devices(void **state)
{
	(void)state;
	masks(false);
}

static void masks_before_the_pivot_are_the_same(void **state)
{
	(void)state;
	masks(true);
}

static void readonly_paths_are_read_only_with_all_below(void **state)
{
	struct world *w = new_world();

	(void)state;
	make(w->root, "/dir", NULL);
	make(w->root, "/file", "x");
	add_root(w);
	add_mount(w, "proc", "/proc", "");
	add_mount(w, "tmpfs", "/dir/below", "");
	add_pivot(w);
	ADD(w, READONLY_PATH, readonly_path, .path = text(w, "/dir"));
	ADD(w, READONLY_PATH, readonly_path, .path = text(w, "/file"));
	ADD(w, READONLY_PATH, readonly_path, .path = text(w, "/proc/sys"));
	ADD(w, READONLY_PATH, readonly_path, .path = text(w, "/missing"));
	add_end(w);
	launch_ready(w);
	assert_int_equal(mkdir(seen(w, "/dir/x"), 0755), -1);
	assert_int_equal(errno, EROFS);
	assert_int_equal(mkdir(seen(w, "/dir/below/x"), 0755), -1);
	assert_int_equal(errno, EROFS);
	assert_int_equal(open(seen(w, "/file"), O_WRONLY), -1);
	assert_non_null(strstr(mount_line(w, "/proc/sys"), " ro,"));
	end_world(w);
}

static void names_and_sysctls_are_those_of_the_namespace(void **state)
{
	struct world *w = new_world();
	char before[65] = "", after[65] = "", buf[64] = "";
	int fd;

	(void)state;
	gethostname(before, sizeof(before) - 1);
	add_root(w);
	add_mount(w, "proc", "/proc", "");
	add_pivot(w);
	ADD(w, HOSTNAME, hostname, .name = text(w, "inside"));
	ADD(w, DOMAINNAME, domainname, .name = text(w, "example.org"));
	ADD(w, SYSCTL, sysctl, .file = text(w, "kernel/msgmax"), .value = text(w, "4242"));
	add_end(w);
	launch_ready(w);
	gethostname(after, sizeof(after) - 1);
	assert_string_equal(before, after);
	/* What a sysctl says depends on who reads it, so this is of us, who are not inside. */
	fd = open("/proc/sys/kernel/msgmax", O_RDONLY);
	assert_true(read(fd, buf, sizeof(buf) - 1) > 0);
	assert_string_not_equal(buf, "4242\n");
	close(fd);
	end_world(w);
}

static void a_sysctl_that_does_not_exist_is_named(void **state)
{
	struct world *w = new_world();

	(void)state;
	add_root(w);
	add_pivot(w);
	ADD(w, SYSCTL, sysctl, .file = text(w, "kernel/nonsense"), .value = text(w, "1"))->at =
		text(w, "linux.sysctl.kernel.nonsense");
	run_world(w);
	assert_true(w->failed);
	assert_non_null(strstr(w->error.text, "kernel/nonsense"));
	assert_string_equal(w->error.at, "linux.sysctl.kernel.nonsense");
	end_world(w);
}

/* CVE-2025-52881: the container's own /proc is a fake, and nothing is written to it. */
static void a_sysctl_is_not_written_to_what_the_container_calls_proc(void **state)
{
	struct world *w = new_world();
	char path[PATH_MAX], buf[16] = "";
	int fd;

	(void)state;
	make(w->root, "/proc", NULL);
	make(w->root, "/proc/sys", NULL);
	make(w->root, "/proc/sys/kernel", NULL);
	make(w->root, "/proc/sys/kernel/msgmax", "untouched");
	add_root(w);
	add_pivot(w);
	ADD(w, SYSCTL, sysctl, .file = text(w, "kernel/msgmax"), .value = text(w, "4242"));
	add_end(w);
	launch_ready(w);
	snprintf(path, sizeof(path), "%s/proc/sys/kernel/msgmax", w->root);
	fd = open(path, O_RDONLY);
	assert_true(read(fd, buf, sizeof(buf) - 1) > 0);
	assert_string_equal(buf, "untouched");
	close(fd);
	end_world(w);
}

/* Neither where something of the container's /proc is covered, nor where that is read-only. */
static void a_sysctl_is_written_whatever_is_on_the_containers_proc(void **state)
{
	(void)state;
	for (int covered = 0; covered < 2; covered++) {
		struct world *w = new_world();
		char path[PATH_MAX], buf[16] = "";
		struct op *proc;
		int fd;

		make(w->root, "/fake", "untouched");
		snprintf(path, sizeof(path), "%s/fake", w->root);
		add_root(w);
		proc = add_mount(w, "proc", "/proc", "");
		if (covered)
			add_bind(w, path, "/proc/sys/kernel/msgmax")->mount.flags |= MOUNT_ON_PROC;
		else
			proc->mount.set = MOUNT_ATTR_RDONLY;
		add_pivot(w);
		ADD(w, SYSCTL, sysctl, .file = text(w, "kernel/msgmax"), .value = text(w, "4242"));
		add_end(w);
		launch_ready(w);
		fd = open(path, O_RDONLY);
		assert_true(read(fd, buf, sizeof(buf) - 1) > 0);
		assert_string_equal(buf, "untouched");
		close(fd);
		end_world(w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(masked_paths_are_empty_directories_and_null_devices),
		cmocka_unit_test(masks_before_the_pivot_are_the_same),
		cmocka_unit_test(readonly_paths_are_read_only_with_all_below),
		cmocka_unit_test(names_and_sysctls_are_those_of_the_namespace),
		cmocka_unit_test(a_sysctl_that_does_not_exist_is_named),
		cmocka_unit_test(a_sysctl_is_not_written_to_what_the_container_calls_proc),
		cmocka_unit_test(a_sysctl_is_written_whatever_is_on_the_containers_proc),
	};

	if (geteuid())
		return 77; /* skipped: these make namespaces as root */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
