/* SPDX-License-Identifier: Apache-2.0 */

/* This program is its own subject: with an argument it protects itself and says what it has become.
 */

#include "sys_test.h"

#include <signal.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/sendfile.h>
#include <sys/statfs.h>

#include "sys/self.h"

static const int no_open_tree[] = {SYS_open_tree, -1};
static const int no_setattr[] = {SYS_mount_setattr, -1};
static const int no_memfd[] = {SYS_open_tree, SYS_memfd_create, -1};

/* ---- the subject ---- */

static int subject(char **argv, char **env)
{
	struct error e = {0};
	struct statfs fs;
	char name[100] = "", comm[20] = "";
	int fd;

	if (self_protect(argv, env, &e) < 0) {
		printf("failed %d %s\n", e.code, e.text);
		return 3;
	}
	prctl(PR_GET_NAME, comm);
	comm[strcspn(comm, ".")] = '\0';
	if (readlink("/proc/self/exe", name, sizeof(name) - 1) < 0 ||
	    statfs("/proc/self/exe", &fs) < 0)
		return 4;
	fd = open("/proc/self/exe", O_WRONLY | O_CLOEXEC);
	printf("%s %s %s write %s fds", argv[0], comm,
	       !strcmp(name, "/")	      ? "mount"
	       : !strncmp(name, "/memfd:", 7) ? "memfd"
					      : "file",
	       fd < 0		       ? "refused"
	       : write(fd, "x", 1) < 0 ? "refused"
				       : "done");
	if (fd >= 0)
		close(fd);
	for (int i = 3; i < 100; i++)
		if (fcntl(i, F_GETFD) >= 0)
			printf(" %d", i);
	/* whoever holds the file cannot make its mount writable again */
	fd = open("/proc/self/exe", O_PATH | O_CLOEXEC);
	printf(" setattr %s\n",
	       abi_mount_setattr(fd, 0, &(struct abi_mount_attr){.clear = MOUNT_ATTR_RDONLY}) < 0
		       ? "refused"
		       : "done");
	return 0;
}

/* ---- */

static void expect_of(const char *path, uid_t uid, const int *filter, const char *wanted)
{
	int pipes[2], status;
	char out[300];
	ssize_t n;
	pid_t pid;

	assert_int_equal(pipe2(pipes, O_CLOEXEC), 0);
	fflush(NULL);
	pid = fork();
	if (pid == 0) {
		const char *const argv[] = {"a-name", "subject", NULL};
		const char *const env[] = {"ASAN_OPTIONS=detect_leaks=0", NULL};

		dup2(pipes[1], 1);
		close_range(3, ~0U, 0); /* what the test's caller left open */
		if (!strcmp(path, "/dev/fd/3") && open("/proc/self/exe", O_PATH | O_CLOEXEC) != 3)
			_exit(9);
		if (uid && setresuid(uid, uid, uid) < 0)
			_exit(9);
		if (filter)
			take_away(filter);
		execve(path, (char *const *)argv, (char *const *)env);
		_exit(9);
	}
	close(pipes[1]);
	n = read(pipes[0], out, sizeof(out) - 1);
	out[n > 0 ? n : 0] = '\0';
	close(pipes[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_string_equal(out, wanted);
}

static void expect(const int *filter, const char *wanted)
{
	expect_of("/proc/self/exe", 0, filter, wanted);
}

static void need_root(void)
{
	if (getuid() != 0) {
		print_message("skipped: needs root, for a detached mount\n");
		skip();
	}
}

static void it_runs_from_a_detached_readonly_mount(void **state)
{
	(void)state;
	need_root();
	expect(NULL, "a-name yacr mount write refused fds setattr refused\n");
}

static void without_mounting_it_runs_from_a_sealed_copy(void **state)
{
	(void)state;
	expect(no_open_tree, "a-name yacr memfd write refused fds setattr refused\n");
	expect(no_setattr, "a-name yacr memfd write refused fds setattr refused\n");
}

enum { A_USER = 4242 };

/* This program in a file with that owner and mode. */
static const char *copy(char *path, uid_t owner, mode_t mode)
{
	int from = open("/proc/self/exe", O_RDONLY | O_CLOEXEC), to = mkstemp(path);

	assert_true(from >= 0 && to >= 0);
	while (sendfile(to, from, NULL, 1 << 20) > 0)
		;
	assert_int_equal(fchown(to, owner, (gid_t)owner) + fchmod(to, mode), 0);
	close(from);
	close(to);
	return path;
}

static void what_is_roots_alone_to_write_a_user_runs_as_it_is(void **state)
{
	char path[] = "/tmp/yacr-self.XXXXXX";

	(void)state;
	need_root();
	expect_of(copy(path, 0, 0755), A_USER, NULL,
		  "a-name yacr-self file write refused fds setattr refused\n");
	unlink(path);
}

static void what_a_user_may_write_they_run_from_a_sealed_copy(void **state)
{
	static const struct {
		uid_t owner;
		mode_t mode;
	} files[] = {{A_USER, 0555}, {0, 0775}, {0, 0757}, {A_USER + 1, 0755}};

	(void)state;
	need_root();
	for (size_t i = 0; i < ARRAY_SIZE(files); i++) {
		char path[] = "/tmp/yacr-self.XXXXXX";

		expect_of(copy(path, files[i].owner, files[i].mode), A_USER, NULL,
			  "a-name yacr memfd write refused fds setattr refused\n");
		unlink(path);
	}
}

/* As ours is, from the mount: what did not protect once will not the second time. */
static void executed_by_a_descriptor_it_runs_from_a_sealed_copy(void **state)
{
	(void)state;
	need_root();
	expect_of("/dev/fd/3", 0, NULL, "a-name yacr memfd write refused fds setattr refused\n");
}

static void unprotected_it_does_not_run(void **state)
{
	(void)state;
	expect(no_memfd, "failed 38 cannot make a sealed copy of yacr's executable\n");
}

static void start(const void *unused)
{
	struct error e;
	struct stat st;
	struct sigaction s;

	(void)unused;
	umask(022);
	close(0);
	close(2);
	CHECK_OK(self_start(&e));
	CHECK(fstat(0, &st) == 0 && S_ISCHR(st.st_mode) && fstat(2, &st) == 0 &&
	      S_ISCHR(st.st_mode));
	CHECK(fcntl(0, F_GETFD) == 0);
	CHECK(umask(0) == 077);
	CHECK(sigaction(SIGPIPE, NULL, &s) == 0 && s.sa_handler == SIG_IGN);
}

static void closed_descriptors_become_dev_null(void **state)
{
	(void)state;
	in_child(start, NULL);
}

static const int no_close_range[] = {SYS_close_range, -1};

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

static void close_some(const void *filter)
{
	int keep[] = {700, 42, 3, 44, -1, 43};
	struct error e;

	for (int i = 3; i < 1000; i++)
		dup2(2, i);
	if (filter)
		take_away(filter);
	CHECK_OK(self_cloexec_from(990, &e));
	CHECK(fcntl(989, F_GETFD) == 0 && fcntl(990, F_GETFD) == FD_CLOEXEC &&
	      fcntl(999, F_GETFD) == FD_CLOEXEC);
	CHECK_OK(self_close_all_but(10, keep, ARRAY_SIZE(keep), &e));
	for (int i = 3; i < 1100; i++)
		CHECK(is_open(i) == (i < 10 || i == 42 || i == 43 || i == 44 || i == 700));
	CHECK_OK(self_close_from(5, 44, &e));
	CHECK(is_open(4) && !is_open(5) && is_open(44) && !is_open(43) && !is_open(700));
	CHECK_OK(self_close_from(3, -1, &e));
	CHECK(!is_open(3) && !is_open(44) && is_open(2));
}

static void descriptors_are_closed_but_those_to_keep(void **state)
{
	(void)state;
	in_child(close_some, NULL);
	in_child(close_some, no_close_range);
}

static void close_without_proc(const void *unused)
{
	(void)unused;
	own_mounts();
	CHECK(mount("tmpfs", "/proc", "tmpfs", 0, NULL) == 0);
	close_some(no_close_range);
}

static void without_procfs_every_number_is_tried(void **state)
{
	(void)state;
	in_child(close_without_proc, NULL);
}

int main(int argc, char **argv, char **env)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_runs_from_a_detached_readonly_mount),
		cmocka_unit_test(without_mounting_it_runs_from_a_sealed_copy),
		cmocka_unit_test(what_is_roots_alone_to_write_a_user_runs_as_it_is),
		cmocka_unit_test(what_a_user_may_write_they_run_from_a_sealed_copy),
		cmocka_unit_test(executed_by_a_descriptor_it_runs_from_a_sealed_copy),
		cmocka_unit_test(unprotected_it_does_not_run),
		cmocka_unit_test(closed_descriptors_become_dev_null),
		cmocka_unit_test(descriptors_are_closed_but_those_to_keep),
		cmocka_unit_test(without_procfs_every_number_is_tried),
	};

	if (argc > 1)
		return subject(argv, env);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
