/* SPDX-License-Identifier: Apache-2.0 */
#include "sys_test.h"

#include <sys/statfs.h>

#include "sys/mount.h"
#include "sys/ns.h"
#include "sys/path.h"

/* The ladder is gone down one rung after the other, and all together. */
static const int whole_api[] = {-1};
static const int no_setattr[] = {SYS_mount_setattr, -1};
static const int no_fsopen[] = {SYS_fsopen, SYS_fspick, -1};
static const int no_open_tree[] = {SYS_open_tree, -1};
static const int no_move_mount[] = {SYS_move_mount, -1};
static const int old_kernel[] = {SYS_fsopen,	    SYS_fspick,	 SYS_open_tree, SYS_move_mount,
				 SYS_mount_setattr, SYS_openat2, SYS_statx,	-1};
static const int *const kernels[] = {whole_api,	   no_setattr,	  no_fsopen,
				     no_open_tree, no_move_mount, old_kernel};

static char base[64];

static int make_scratch(void **state)
{
	(void)state;
	scratch_make(base);
	return 0;
}

static int remove_scratch(void **state)
{
	(void)state;
	scratch_remove(base);
	return 0;
}

/* In every child: "base" is a tmpfs of its own and the working directory. */
static int enter(const void *filter)
{
	own_mounts();
	CHECK(mount("tmpfs", base, "tmpfs", 0, NULL) == 0 && chdir(base) == 0);
	CHECK(mkdir("dir", 0755) == 0 && mkdir("dir/sub", 0755) == 0 && mkdir("there", 0755) == 0);
	write_text("dir/file", "under");
	write_text("file", "source");
	if (filter)
		take_away(filter);
	return open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static int at(const char *path)
{
	int fd = open(path, O_PATH | O_CLOEXEC);

	CHECK(fd >= 0);
	return fd;
}

static bool can_write(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool mountinfo_has(const char *point, const char *word)
{
	char line[4096], want[128];
	FILE *f = fopen("/proc/self/mountinfo", "re");
	bool has = false;

	CHECK(f);
	snprintf(want, sizeof(want), " %s/%s ", base, point);
	while (fgets(line, sizeof(line), f))
		if (strstr(line, want))
			has = strstr(line, word) != NULL;
	fclose(f);
	return has;
}

static struct mount_intent intent(const char *type, int tree)
{
	return (struct mount_intent){
		.type = type, .source = type, .data = "", .tree = tree, .attr = {.userns = -1}};
}

static uint64_t attributes(int fd)
{
	struct error e;
	uint64_t attrs;

	CHECK_OK(mount_attributes(fd, &attrs, &e));
	return attrs;
}

static void place_tmpfs(const void *filter)
{
	struct mount_intent m = intent("tmpfs", -1);
	const uint64_t set = MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC |
			     MOUNT_ATTR_NOATIME | MOUNT_ATTR_NOSYMFOLLOW;
	struct error e;
	struct statfs fs;
	struct stat st;
	int fd;

	enter(filter);
	m.data = "mode=1711,size=64k,nr_inodes=10";
	m.attr.set = set;
	CHECK_OK(fd = mount_place(&m, at("dir"), &e));
	CHECK(fstatfs(fd, &fs) == 0 && fs.f_blocks * (unsigned long)fs.f_bsize == 65536 &&
	      fs.f_files == 10);
	CHECK(fstat(fd, &st) == 0 && (st.st_mode & 07777) == 01711);
	CHECK((attributes(fd) & (set | MOUNT_ATTR__ATIME)) == set);
	CHECK(access("dir/file", F_OK) < 0 && can_write("dir/new"));
	CHECK(openat(fd, "new", O_RDONLY) >= 0); /* the descriptor is of the new mount */
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
}

static void place_readonly(const void *filter)
{
	struct mount_intent m = intent("tmpfs", -1);
	struct error e;
	int fd;

	enter(filter);
	m.attr.set = MOUNT_ATTR_RDONLY;
	CHECK_OK(fd = mount_place(&m, at("dir"), &e));
	CHECK(!can_write("dir/new") && errno == EROFS);
	CHECK(attributes(fd) & MOUNT_ATTR_RDONLY);
}

static void place_over(const void *filter)
{
	struct mount_intent m = intent("tmpfs", -1);
	const uint64_t set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			     MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NOATIME;
	struct stat st;
	int top = enter(filter);

	m.data = "mode=1711,size=64k";
	m.attr.set = MOUNT_ATTR_NOATIME;
	m.attr.rec_set = set & ~(uint64_t)MOUNT_ATTR_NOATIME;
	CHECK(mount_over(&m, at("dir")));
	CHECK(access("./file", F_OK) == 0 &&
	      access("../there", F_OK) == 0); /* in what is covered */
	CHECK(fchdir(top) == 0 && access("dir/file", F_OK) < 0);
	CHECK(stat("dir", &st) == 0 && (st.st_mode & 07777) == 01711);
	CHECK((attributes(at("dir")) & (set | MOUNT_ATTR__ATIME)) == set);
	CHECK(!can_write("dir/new") && errno == EROFS);
	CHECK(mountinfo_has("dir", " ro,") && mountinfo_has("dir", " - tmpfs tmpfs ro,"));
}

/* What is not for it: others have to do it, or to say why it cannot be done. */
static void pass_over(const void *filter)
{
	const struct {
		const char *type, *data, *target;
		uint64_t set;
	} cases[] = {
		{"tmpfs", "size=64k,nonsense=1", "dir", 0},
		{"nosuchfs", "", "dir", 0},
		{"tmpfs", "", "file", 0},
		{"tmpfs", "", "dir", MOUNT_ATTR_NOSYMFOLLOW},
		{"tmpfs", "mode=\"700\"", "dir", 0}, /* the quotes are not the kernel's */
	};
	static char data[5000];
	struct mount_intent m;
	int top = enter(filter);

	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		m = intent(cases[i].type, -1);
		m.data = cases[i].data;
		m.attr.set = cases[i].set;
		CHECK(!mount_over(&m, at(cases[i].target)) && fchdir(top) == 0);
	}
	memset(data, ',', sizeof(data) - 1);
	m = intent("tmpfs", -1);
	m.data = data;
	CHECK(!mount_over(&m, at("dir")) && fchdir(top) == 0);
	m = intent(NULL, at("there"));
	CHECK(!mount_over(&m, at("dir")) && fchdir(top) == 0);
	m = intent("tmpfs", -1);
	m.attr.propagation = MS_SHARED;
	CHECK(!mount_over(&m, at("dir")) && fchdir(top) == 0);
	CHECK(access("dir/file", F_OK) == 0 && can_write("file"));
}

static void place_bind(const void *filter)
{
	struct error e;
	int fd;

	enter(filter);
	{
		struct mount_intent m = intent(NULL, at("dir"));

		m.attr.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC;
		CHECK_OK(fd = mount_place(&m, at("there"), &e));
	}
	CHECK(access("there/file", F_OK) == 0 && !can_write("there/new") && can_write("dir/new"));
	CHECK(openat(fd, "new", O_RDONLY) >= 0);
	{
		struct mount_intent m = intent(NULL, at("file"));

		m.attr.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV;
		CHECK_OK(fd = mount_place(&m, at("dir/file"), &e));
	}
	CHECK(!can_write("dir/file") && errno == EROFS && can_write("file"));
	CHECK((attributes(fd) & (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV)) ==
	      (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV));
	/* over a mount that is there already, and cleared again */
	{
		struct mount_intent m = intent(NULL, at("there"));

		m.attr.clear = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RDONLY;
		CHECK_OK(fd = mount_place(&m, at("there"), &e));
	}
	CHECK(can_write("there/new2") && !(attributes(fd) & MOUNT_ATTR_NOEXEC));
}

static void place_tree(const void *filter)
{
	struct mount_intent m;
	struct error e;
	int fd;

	enter(NULL);
	CHECK(mount("tmpfs", "dir/sub", "tmpfs", 0, NULL) == 0);
	write_text("dir/sub/inner", "x");
	take_away(filter);
	m = intent(NULL, at("dir"));
	CHECK_OK(fd = mount_place(&m, at("there"), &e));
	CHECK(access("there/sub/inner", F_OK) < 0);
	m.recursive = true;
	CHECK_OK(fd = mount_place(&m, at("there"), &e));
	CHECK(access("there/sub/inner", F_OK) == 0);
	m.attr.set = MOUNT_ATTR_RDONLY; /* of the first mount only */
	CHECK_OK(fd = mount_place(&m, at("there"), &e));
	CHECK(!can_write("there/new") && can_write("there/sub/new"));
}

/* Read-only for the whole tree, also where the kernel can change one mount at a time only. */
static void place_readonly_tree(const void *filter)
{
	struct mount_intent m;
	struct error e;

	enter(NULL);
	CHECK(mount("tmpfs", "dir/sub", "tmpfs", 0, NULL) == 0 &&
	      mkdir("dir/sub/deeper", 0755) == 0);
	CHECK(mount("tmpfs", "dir/sub/deeper", "tmpfs", 0, NULL) == 0);
	take_away(filter);
	m = intent(NULL, at("dir"));
	m.recursive = true;
	m.attr.rec_set = MOUNT_ATTR_RDONLY;
	CHECK_OK(mount_place(&m, at("there"), &e));
	CHECK(!can_write("there/new") && !can_write("there/sub/new") &&
	      !can_write("there/sub/deeper/new"));
	CHECK(can_write("dir/new") && can_write("dir/sub/new"));
}

/* A mount that cannot be got at is an error, not passed over. */
static void refuse_half_a_tree(const void *filter)
{
	struct mount_intent m;
	struct error e;
	int fd;

	enter(NULL);
	CHECK(mount("tmpfs", "dir/sub", "tmpfs", 0, NULL) == 0);
	CHECK(mount("tmpfs", "dir/sub", "tmpfs", 0, NULL) == 0); /* hides the first */
	take_away(filter);
	m = intent(NULL, at("dir"));
	m.recursive = true;
	m.attr.rec_set = MOUNT_ATTR_RDONLY;
	fd = mount_place(&m, at("there"), &e);
	if (fd < 0) {
		CHECK(e.code == EBUSY && filter != whole_api);
		return;
	}
	CHECK(!can_write("there/sub/new") && umount2("there/sub", 0) == 0 &&
	      !can_write("there/sub/new"));
}

static void refuse_bad_options(const void *filter)
{
	struct mount_intent m = intent("tmpfs", -1);
	struct error e;

	enter(filter);
	m.data = "size=64k,nonsense=1";
	CHECK(mount_place(&m, at("dir"), &e) < 0 && e.code == EINVAL);
	if (filter == whole_api)
		CHECK(strstr(e.text, "nonsense"));
	m = intent("nosuchfs", -1);
	CHECK(mount_place(&m, at("dir"), &e) < 0 && e.code == ENODEV);
	CHECK(access("dir/file", F_OK) == 0);
	m = intent("tmpfs", -1);
	CHECK(mount_place(&m, at("file"), &e) < 0 && e.code == ENOTDIR);
}

/* fsconfig(2) takes 255 bytes; the layers of an overlay are more. */
static void place_overlay(const void *filter)
{
	struct mount_intent m = intent("overlay", -1);
	char data[1000] = "lowerdir=";
	struct error e;
	int fd;

	enter(filter);
	for (int i = 0; i < 3; i++) {
		char name[120];

		memset(name, 'a' + i, sizeof(name) - 1);
		name[sizeof(name) - 1] = '\0';
		CHECK(mkdir(name, 0755) == 0);
		snprintf(data + strlen(data), sizeof(data) - strlen(data), "%s%s/%s", i ? ":" : "",
			 base, name);
	}
	m.data = data;
	fd = mount_place(&m, at("dir"), &e);
	if (fd < 0 && e.code == ENODEV)
		skip_child("needs overlayfs");
	CHECK_OK(fd);
	CHECK(access("dir/file", F_OK) < 0);
}

static void change(const void *filter)
{
	struct mount_intent m = intent("tmpfs", -1);
	struct error e;
	struct statfs fs;
	int fd;

	enter(filter);
	m.attr.set = MOUNT_ATTR_NODEV;
	CHECK_OK(fd = mount_place(&m, at("dir"), &e));
	m = intent(NULL, -1);
	m.data = "size=128k";
	m.attr.set = MOUNT_ATTR_NOEXEC;
	CHECK_OK(mount_change(&m, at("dir"), &e));
	CHECK(statfs("dir", &fs) == 0 && fs.f_blocks * (unsigned long)fs.f_bsize == 131072);
	CHECK((attributes(fd) & (MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV)) ==
	      (MOUNT_ATTR_NOEXEC | MOUNT_ATTR_NODEV));
	m = intent(NULL, -1);
	m.attr.set = MOUNT_ATTR_RDONLY;
	CHECK_OK(mount_change(&m, at("dir"), &e));
	CHECK(!can_write("dir/new") && (attributes(fd) & MOUNT_ATTR_NOEXEC));
	m.attr.set = MOUNT_ATTR_NOATIME;
	m.attr.clear = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOEXEC | MOUNT_ATTR__ATIME;
	CHECK_OK(mount_change(&m, at("dir"), &e));
	CHECK(can_write("dir/new") && !(attributes(fd) & MOUNT_ATTR_NOEXEC));
	CHECK((attributes(fd) & MOUNT_ATTR__ATIME) == MOUNT_ATTR_NOATIME);
}

/* The word for @point in /proc/self/mountinfo: "shared:1 ", "", ... */
static void set_propagation(const void *filter)
{
	struct mount_intent m = intent("tmpfs", -1);
	struct error e;
	int fd;

	enter(filter);
	CHECK_OK(mount_propagation(at("."), MS_SHARED, &e));
	CHECK_OK(fd = mount_place(&m, at("dir"), &e));
	CHECK(mountinfo_has("dir", "shared:")); /* as its parent */
	CHECK_OK(mount_propagation(fd, MS_SLAVE, &e));
	CHECK(!mountinfo_has("dir", "shared:"));
	m.attr.propagation = MS_PRIVATE;
	CHECK_OK(fd = mount_place(&m, at("there"), &e));
	CHECK(!mountinfo_has("there", "shared:"));
	CHECK_OK(mount_propagation(at("."), MS_SHARED | MS_REC, &e));
	CHECK(mountinfo_has("there", "shared:"));
	CHECK(mount_propagation(at("."), MS_PRIVATE, &e) == 0 && mountinfo_has("there", "shared:"));
}

static void make_parent_private(const void *filter)
{
	struct error e;
	char parent[] = "";

	enter(filter);
	(void)parent;
	CHECK(mount(NULL, base, NULL, MS_SHARED, NULL) == 0);
	CHECK_OK(mount_private_parent(at("dir/sub"), &e));
	CHECK(mount(NULL, base, NULL, MS_SHARED, NULL) == 0);
	CHECK_OK(mount_private_parent(at("."), &e)); /* of itself: that is where it lies */
	{
		struct mount_intent m = intent(NULL, at("dir"));

		CHECK_OK(mount_place(&m, at("dir"), &e));
		CHECK_OK(mount_pivot(at("dir"), false, &e));
	}
	CHECK(access("/file", F_OK) == 0 && access("/dir", F_OK) < 0);
}

static void change_root(const void *filter)
{
	struct mount_intent m;
	struct error e;
	char cwd[100];

	enter(filter);
	m = intent(NULL, at("dir"));
	CHECK_OK(mount_pivot(mount_place(&m, at("dir"), &e), true, &e));
	CHECK(getcwd(cwd, sizeof(cwd)) && !strcmp(cwd, "/") && access("/file", F_OK) == 0);
	CHECK(access("/proc", F_OK) < 0 && access("/../../tmp", F_OK) < 0);
}

static void move_root(const void *filter)
{
	struct mount_intent m;
	struct error e;
	AUTO_CLOSE int mounts = -1;
	char text[8192];
	ssize_t n;

	enter(filter);
	m = intent(NULL, at("dir"));
	CHECK_OK(mount_move_to_root(mount_place(&m, at("dir"), &e), &e));
	CHECK(access("/file", F_OK) == 0 && access("/proc", F_OK) < 0 &&
	      access("/../tmp", F_OK) < 0);
	/* no procfs of the host is left below */
	CHECK(mkdir("/p", 0755) == 0);
	if (mount("proc", "/p", "proc", 0, NULL) < 0)
		skip_child("needs a procfs to look with");
	mounts = open("/p/self/mountinfo", O_RDONLY | O_CLOEXEC);
	n = read(mounts, text, sizeof(text) - 1);
	CHECK(n > 0);
	text[n] = '\0';
	CHECK(!strstr(text, " - sysfs "));
}

/* What came locked from another user namespace stays, and is no error; what is asked for is set. */
static void keep_locked(const void *filter)
{
	struct mount_intent m;
	struct error e;
	uint64_t attrs;
	int fd;

	if (getuid() != 0)
		skip_child("needs root, to own what is locked");
	own_mounts();
	CHECK(mount("tmpfs", base, "tmpfs", 0, NULL) == 0 && chdir(base) == 0);
	CHECK(mkdir("locked", 0755) == 0 && mkdir("there", 0755) == 0);
	CHECK(mount("tmpfs", "locked", "tmpfs", MS_RDONLY | MS_NODEV | MS_NOSUID | MS_NOATIME,
		    NULL) == 0);
	CHECK(chmod(base, 0777) == 0);
	CHECK(unshare(CLONE_NEWUSER) == 0);
	write_text("/proc/self/setgroups", "deny");
	write_text("/proc/self/uid_map", "0 0 1");
	write_text("/proc/self/gid_map", "0 0 1");
	CHECK(unshare(CLONE_NEWNS) == 0 && chdir(base) == 0);
	take_away(filter);
	m = intent(NULL, at("locked"));
	m.attr.set = MOUNT_ATTR_NOEXEC | MOUNT_ATTR_RELATIME;
	m.attr.clear = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NODEV | MOUNT_ATTR__ATIME;
	CHECK_OK(fd = mount_place(&m, at("there"), &e));
	attrs = attributes(fd);
	CHECK(attrs & MOUNT_ATTR_RDONLY && attrs & MOUNT_ATTR_NODEV && attrs & MOUNT_ATTR_NOEXEC &&
	      attrs & MOUNT_ATTR_NOSUID);
}

static void clone_and_set(const void *unused)
{
	struct mount_attr_intent a = {.set = MOUNT_ATTR_RDONLY, .userns = -1};
	struct error e;
	int fd;

	(void)unused;
	enter(NULL);
	CHECK_OK(fd = mount_clone(at("dir"), false, &e));
	CHECK_OK(mount_set(fd, &a, &e));
	CHECK_OK(mount_attach(fd, at("there"), &e));
	CHECK(!can_write("there/file") && can_write("dir/file"));
	CHECK_OK(fd = mount_new("tmpfs", "tmpfs", "size=64k", 0, &e));
	{
		struct mount_intent m = intent(NULL, fd);

		m.tree_detached = true;
		m.attr.set = MOUNT_ATTR_NOEXEC;
		CHECK_OK(fd = mount_place(&m, at("dir"), &e));
		CHECK(access("dir/file", F_OK) < 0 && attributes(fd) & MOUNT_ATTR_NOEXEC);
	}
	take_away(no_move_mount);
	CHECK(mount_clone(at("dir"), false, &e) < 0 && e.code == ENOSYS);
}

static void map_ids(const void *unused)
{
	struct mount_intent m;
	struct error e;
	struct stat st;
	int fd;

	(void)unused;
	if (getuid() != 0)
		skip_child("needs root, to map ids of a mount");
	enter(NULL);
	m = intent(NULL, at("dir"));
	m.attr.userns = idmap_userns("0 1000 10\n", "0 2000 5\n5 3000 5\n", &e);
	CHECK_OK(m.attr.userns);
	fd = mount_place(&m, at("there"), &e);
	if (fd < 0 && e.code == EINVAL)
		skip_child("needs a tmpfs with idmapped mounts (Linux 6.3)");
	CHECK_OK(fd);
	CHECK(stat("there/file", &st) == 0 && st.st_uid == 1000 && st.st_gid == 2000);
}

static void on_every_kernel(void (*body)(const void *))
{
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
		in_child(body, kernels[i]);
}

#define ON_EVERY_KERNEL(name, body)    \
	static void name(void **state) \
	{                              \
		(void)state;           \
		on_every_kernel(body); \
	}

ON_EVERY_KERNEL(a_new_file_system_has_all_that_was_asked_for, place_tmpfs)
ON_EVERY_KERNEL(a_readonly_file_system_cannot_be_written, place_readonly)
ON_EVERY_KERNEL(one_call_covers_a_directory_with_all_that_was_asked_for, place_over)
ON_EVERY_KERNEL(one_call_does_nothing_by_halves, pass_over)
ON_EVERY_KERNEL(a_bind_gets_attributes_of_its_own, place_bind)
ON_EVERY_KERNEL(a_tree_is_bound_with_and_without_what_is_below, place_tree)
ON_EVERY_KERNEL(a_whole_tree_becomes_readonly, place_readonly_tree)
ON_EVERY_KERNEL(half_a_tree_is_an_error, refuse_half_a_tree)
ON_EVERY_KERNEL(a_refused_option_is_an_error_and_nothing_is_mounted, refuse_bad_options)
ON_EVERY_KERNEL(an_option_longer_than_255_bytes_is_served, place_overlay)
ON_EVERY_KERNEL(a_remount_changes_what_it_names_and_nothing_else, change)
ON_EVERY_KERNEL(propagation_is_set_after_attaching, set_propagation)
ON_EVERY_KERNEL(a_root_can_be_made_below_a_shared_mount, make_parent_private)
ON_EVERY_KERNEL(after_pivot_there_is_only_the_new_root, change_root)
ON_EVERY_KERNEL(moving_the_root_leaves_no_sysfs_of_the_host, move_root)
ON_EVERY_KERNEL(locked_attributes_are_kept, keep_locked)

static void a_detached_mount_is_changed_before_anybody_sees_it(void **state)
{
	(void)state;
	in_child(clone_and_set, NULL);
}

static void a_mount_has_its_ids_mapped(void **state)
{
	(void)state;
	in_child(map_ids, NULL);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_scratch, remove_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_new_file_system_has_all_that_was_asked_for),
		TEST(a_readonly_file_system_cannot_be_written),
		TEST(one_call_covers_a_directory_with_all_that_was_asked_for),
		TEST(one_call_does_nothing_by_halves),
		TEST(a_bind_gets_attributes_of_its_own),
		TEST(a_tree_is_bound_with_and_without_what_is_below),
		TEST(a_whole_tree_becomes_readonly),
		TEST(half_a_tree_is_an_error),
		TEST(a_refused_option_is_an_error_and_nothing_is_mounted),
		TEST(an_option_longer_than_255_bytes_is_served),
		TEST(a_remount_changes_what_it_names_and_nothing_else),
		TEST(propagation_is_set_after_attaching),
		TEST(a_root_can_be_made_below_a_shared_mount),
		TEST(after_pivot_there_is_only_the_new_root),
		TEST(moving_the_root_leaves_no_sysfs_of_the_host),
		TEST(locked_attributes_are_kept),
		TEST(a_detached_mount_is_changed_before_anybody_sees_it),
		TEST(a_mount_has_its_ids_mapped),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
