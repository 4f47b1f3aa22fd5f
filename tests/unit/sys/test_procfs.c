/* SPDX-License-Identifier: Apache-2.0 */
#include "sys_test.h"

#include "sys/procfs.h"

static const int no_openat2[] = {SYS_openat2, -1};
static const int no_fsopen[] = {SYS_fsopen, -1};
static const int old_kernel[] = {SYS_fsopen, SYS_openat2, SYS_statx, -1};
static const int *const kernels[] = {NULL, no_openat2, no_fsopen, old_kernel};

static void use(const void *filter)
{
	struct error e;
	char text[256], pid[32];
	int proc;

	if (filter)
		take_away(filter);
	for (int whole = 0; whole < 2; whole++) {
		CHECK_OK(proc = procfs_open(whole, &e));
		CHECK(fcntl(proc, F_GETFD) & FD_CLOEXEC);
		CHECK_OK(procfs_read(proc, "self/status", text, sizeof(text), &e));
		CHECK(strlen(text) == 255 && !strncmp(text, "Name:", 5));
		CHECK_OK(procfs_write(proc, "self/comm", "renamed", &e));
		CHECK_OK(procfs_read(proc, "self/comm", text, sizeof(text), &e));
		CHECK(!strcmp(text, "renamed\n"));
		snprintf(pid, sizeof(pid), "%d/comm", getpid());
		CHECK(procfs_read(proc, pid, text, sizeof(text), &e) == 8);
		CHECK_OK(procfs_read(proc, "thread-self/comm", text, sizeof(text), &e));
		CHECK(procfs_open_file(proc, "self/nothing", O_RDONLY, &e) < 0 && e.code == ENOENT);
	}
	CHECK_OK(procfs_read(proc, "sys/kernel/ostype", text, sizeof(text), &e));
	CHECK(!strcmp(text, "Linux\n"));
}

static void a_file_of_this_process_is_read_and_written(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
		in_child(use, kernels[i]);
}

static void refuse_links(const void *filter)
{
	static const char *const names[] = {
		"self/cwd/x",  "self/root", "self/exe",	     "self/fd/0",
		"self/ns/mnt", "mounts",    "../etc/passwd", "self/../../etc/passwd",
		"/etc/passwd", "self",	    "self//comm",    "./self/comm",
		"net/dev"};
	struct error e;
	int proc;

	if (filter)
		take_away(filter);
	CHECK_OK(proc = procfs_open(true, &e));
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		int fd = procfs_open_file(proc, names[i], O_RDONLY, &e);

		/* the kernel lets these two pass: they stay in the same place */
		if (fd >= 0 && (strstr(names[i], "//") || names[i][0] == '.'))
			continue;
		if (fd >= 0)
			fprintf(stderr, "%s was opened\n", names[i]);
		CHECK(fd < 0);
	}
}

static void no_link_and_no_way_up_is_followed(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
		in_child(refuse_links, kernels[i]);
}

/* CVE-2019-16884, CVE-2025-52881: somebody mounted something else where we write. */
static void redirect(const void *filter)
{
	char base[64], text[64], what[80];
	struct error e;
	int proc, fd;
	bool detached;

	own_mounts();
	scratch_make(base);
	CHECK(mount("tmpfs", base, "tmpfs", 0, NULL) == 0);
	snprintf(what, sizeof(what), "%s/fake", base);
	write_text(what, "fake\n");
	CHECK(mount(what, "/proc/self/comm", NULL, MS_BIND, NULL) == 0); /* another file system */
	CHECK(mount("/proc/self/environ", "/proc/self/oom_score_adj", NULL, MS_BIND, NULL) ==
	      0); /* a real procfs file */
	if (filter)
		take_away(filter);
	detached = filter == NULL || filter == no_openat2;
	CHECK_OK(proc = procfs_open(true, &e));
	if (detached) {
		/* nothing can be mounted in a procfs that is mounted nowhere */
		CHECK_OK(procfs_write(proc, "self/comm", "real", &e));
		CHECK(procfs_read(proc, "self/comm", text, sizeof(text), &e) == 5 &&
		      !strcmp(text, "real\n"));
	} else {
		CHECK(procfs_write(proc, "self/comm", "real", &e) < 0 && e.code == EXDEV);
		CHECK(procfs_write(proc, "self/oom_score_adj", "0", &e) < 0 && e.code == EXDEV);
	}
	fd = open(what, O_RDONLY | O_CLOEXEC);
	CHECK(read(fd, text, sizeof(text)) == 5 && !memcmp(text, "fake\n", 5));
	/* and a /proc that is none at all is not taken for one */
	if (!detached) {
		CHECK(mount("tmpfs", "/proc", "tmpfs", 0, NULL) == 0);
		CHECK(procfs_open(false, &e) < 0);
	}
	umount2(base, MNT_DETACH);
	rmdir(base);
}

static void a_write_cannot_be_redirected_by_a_mount(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++) {
		if (kernels[i] == old_kernel)
			continue; /* fdinfo, then, is below the same /proc */
		in_child(redirect, kernels[i]);
	}
}

static void a_short_write_is_an_error(void **state)
{
	struct error e;
	AUTO_CLOSE int proc = procfs_open(true, &e);

	(void)state;
	assert_true(proc >= 0);
	assert_int_equal(procfs_write(proc, "self/oom_score_adj", "nonsense", &e), -1);
	assert_int_equal(e.code, EINVAL);
}

/* Until it sleeps or has ended, as @state says; the test's time limit is the bound. */
static void wait_for_state(pid_t pid, char state, struct proc_stat *st)
{
	do {
		usleep(1000);
		assert_int_equal(procfs_stat(pid, st), 0);
	} while (st->state != state);
}

static void state_and_start_time_tell_processes_apart(void **state)
{
	struct proc_stat one, two;
	pid_t pid = fork();

	(void)state;
	if (pid == 0) {
		prctl(PR_SET_NAME, "a) Z (b");
		for (;;)
			pause();
	}
	assert_int_equal(procfs_stat(getpid(), &one), 0);
	assert_int_equal(one.state, 'R');
	wait_for_state(pid, 'S', &two);
	assert_true(two.start_time >= one.start_time && two.start_time < one.start_time + 100000);
	assert_int_equal(kill(pid, SIGKILL), 0);
	wait_for_state(pid, 'Z', &one);
	assert_int_equal(one.start_time, two.start_time);
	waitpid(pid, NULL, 0);
	assert_int_equal(procfs_stat(pid, &one), -1);
	assert_int_equal(errno, ESRCH);
}

static void the_boot_id_has_36_characters(void **state)
{
	(void)state;
	assert_int_equal(strlen(procfs_boot_id()), 36);
	assert_int_equal(strspn(procfs_boot_id(), "0123456789abcdef-"), 36);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_file_of_this_process_is_read_and_written),
		cmocka_unit_test(no_link_and_no_way_up_is_followed),
		cmocka_unit_test(a_write_cannot_be_redirected_by_a_mount),
		cmocka_unit_test(a_short_write_is_an_error),
		cmocka_unit_test(state_and_start_time_tell_processes_apart),
		cmocka_unit_test(the_boot_id_has_36_characters),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
