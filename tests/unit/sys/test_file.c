/* SPDX-License-Identifier: Apache-2.0 */
#include "sys_test.h"

#include "sys/file.h"

static char base[64];
static int dir;

static int make_scratch(void **state)
{
	(void)state;
	scratch_make(base);
	dir = open(base, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return 0;
}

static int remove_scratch(void **state)
{
	(void)state;
	close(dir);
	scratch_remove(base);
	return 0;
}

static void a_file_is_replaced_in_one_step(void **state)
{
	struct error e;
	struct stat st;
	char text[16];

	(void)state;
	umask(077);
	assert_int_equal(file_replace_at(dir, "state", 0644, "one", 3, &e), 0);
	assert_int_equal(file_replace_at(dir, "state", 0640, "second", 6, &e), 0);
	umask(022);
	assert_int_equal(file_read_at(dir, "state", text, sizeof(text), &e), 6);
	assert_string_equal(text, "second");
	assert_int_equal(fstatat(dir, "state", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	/* a link is replaced, not written through */
	assert_int_equal(symlinkat("elsewhere", dir, "link"), 0);
	assert_int_equal(file_replace_at(dir, "link", 0600, "x", 1, &e), 0);
	assert_int_equal(fstatat(dir, "elsewhere", &st, 0), -1);
	assert_int_equal(file_replace_at(dir, "nodir/x", 0600, "x", 1, &e), -1);
	assert_int_equal(e.code, ENOENT);
}

static void reading_takes_what_fits_and_is_regular(void **state)
{
	struct error e;
	char text[4] = "abc";

	(void)state;
	assert_int_equal(file_replace_at(dir, "four", 0600, "1234", 4, &e), 0);
	assert_int_equal(file_read_at(dir, "four", text, sizeof(text), &e), -1);
	assert_int_equal(e.code, EFBIG);
	assert_int_equal(file_replace_at(dir, "three", 0600, "123", 3, &e), 0);
	assert_int_equal(file_read_at(dir, "three", text, sizeof(text), &e), 3);
	assert_string_equal(text, "123");
	assert_int_equal(symlinkat("three", dir, "link"), 0);
	assert_int_equal(mkfifoat(dir, "fifo", 0600), 0);
	assert_int_equal(file_read_at(dir, "link", text, sizeof(text), &e), -1);
	assert_int_equal(file_read_at(dir, "fifo", text, sizeof(text), &e), -1);
	assert_int_equal(file_read_at(dir, ".", text, sizeof(text), &e), -1);
	assert_int_equal(file_read_at(dir, "missing", text, sizeof(text), &e), -1);
	assert_int_equal(e.code, ENOENT);
}

static void a_tree_is_removed_and_what_its_links_name_is_not(void **state)
{
	struct error e;
	struct stat st;
	char command[600];

	(void)state;
	snprintf(command, sizeof(command),
		 "cd %s && mkdir -p t/a/b/c t/many keep && touch keep/file t/a/b/file && ln -s "
		 "../keep t/link && "
		 "ln -s .. t/a/up && mkfifo t/fifo && for i in $(seq 300); do mkdir "
		 "t/many/directory-$i; done",
		 base);
	assert_int_equal(system(command), 0);
	assert_int_equal(file_remove_tree_at(dir, "t", &e), 0);
	assert_int_equal(fstatat(dir, "t", &st, 0), -1);
	assert_int_equal(fstatat(dir, "keep/file", &st, 0), 0);
	assert_int_equal(file_remove_tree_at(dir, "t", &e), 0); /* gone is gone */
	assert_int_equal(symlinkat("keep", dir, "link"), 0);
	assert_int_equal(file_remove_tree_at(dir, "link", &e), 0);
	assert_int_equal(fstatat(dir, "keep/file", &st, 0), 0);
}

static void remove_mounted(const void *unused)
{
	struct error e;
	struct stat st;

	(void)unused;
	own_mounts();
	CHECK(chdir(base) == 0 && mkdir("t", 0755) == 0 && mkdir("t/m", 0755) == 0);
	CHECK(mount("tmpfs", "t/m", "tmpfs", 0, NULL) == 0);
	write_text("t/m/precious", "x");
	CHECK(file_remove_tree_at(open(".", O_PATH), "t", &e) < 0);
	CHECK(stat("t/m/precious", &st) == 0);
}

static void removing_stops_at_another_file_system(void **state)
{
	(void)state;
	in_child(remove_mounted, NULL);
}

static void open_in(const void *filter)
{
	char text[8] = "";
	int fd;

	CHECK(chdir(base) == 0 && mkdir("d", 0755) == 0 && mkdir("elsewhere", 0755) == 0);
	write_text("d/file", "inside");
	write_text("elsewhere/file", "outside");
	CHECK(symlink("elsewhere", "link") == 0 && symlink("../elsewhere/file", "d/link") == 0);
	CHECK(mkfifo("d/fifo", 0600) == 0);
	if (filter)
		take_away(filter);
	CHECK((fd = file_open_in(dir, "d", "file")) >= 0);
	CHECK(file_read_all(fd, text, sizeof(text)) == 6 && !strcmp(text, "inside"));
	CHECK(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	CHECK(file_open_in(dir, "d", "none") < 0 && errno == ENOENT);
	CHECK(file_open_in(dir, "none", "file") < 0 && errno == ENOENT);
	CHECK(file_open_in(dir, "link", "file") < 0 && (errno == ELOOP || errno == ENOTDIR));
	CHECK(file_open_in(dir, "d", "link") < 0 && errno == ELOOP);
	CHECK(file_open_in(dir, "d/file", "file") < 0 && errno == ENOTDIR);
	CHECK(file_open_in(dir, "d", "fifo") >= 0); /* and does not wait */
}

static void a_file_in_a_directory_is_opened_through_no_link(void **state)
{
	static const int no_openat2[] = {SYS_openat2, -1};

	(void)state;
	in_child(open_in, NULL);
	scratch_remove(base);
	make_scratch(NULL);
	in_child(open_in, no_openat2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_scratch, remove_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_file_is_replaced_in_one_step),
		TEST(reading_takes_what_fits_and_is_regular),
		TEST(a_file_in_a_directory_is_opened_through_no_link),
		TEST(a_tree_is_removed_and_what_its_links_name_is_not),
		TEST(removing_stops_at_another_file_system),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
