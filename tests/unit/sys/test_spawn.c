/* SPDX-License-Identifier: Apache-2.0 */
#include "sys_test.h"

#include <signal.h>
#include <time.h>

#include "sys/spawn.h"

static const int no_clone3[] = {SYS_clone3, -1};
static const int old_kernel[] = {SYS_clone3, SYS_pidfd_open, SYS_pidfd_send_signal, SYS_close_range,
				 -1};
static const int *const kernels[] = {NULL, no_clone3, old_kernel};

static void run(const void *filter)
{
	struct error e;
	int pidfd = -5, status;
	pid_t pid;

	if (filter)
		take_away(filter);
	CHECK_OK(pid = spawn(0, -1, &pidfd, &e));
	if (pid == 0)
		_exit(pidfd == -1 ? 42 : 1);
	CHECK(pidfd >= 0 && (fcntl(pidfd, F_GETFD) & FD_CLOEXEC));
	CHECK(spawn_wait(pid, pidfd, 5000, &status, &e) == 1);
	CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
	CHECK(spawn_wait(pid, pidfd, 0, &status, &e) < 0 && e.code == ECHILD);
}

static void a_child_ends_and_tells_its_status(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
		in_child(run, kernels[i]);
}

static void wait_in_vain(const void *filter)
{
	struct error e;
	int pidfd, status = 7;
	struct timespec a, b;
	pid_t pid;

	if (filter)
		take_away(filter);
	CHECK_OK(pid = spawn(0, -1, &pidfd, &e));
	if (pid == 0)
		for (;;)
			pause();
	clock_gettime(CLOCK_MONOTONIC, &a);
	CHECK(spawn_wait(pid, pidfd, 50, &status, &e) == 0 && status == 7);
	clock_gettime(CLOCK_MONOTONIC, &b);
	CHECK((b.tv_sec - a.tv_sec) * 1000 + (b.tv_nsec - a.tv_nsec) / 1000000 >= 49);
	CHECK(signal_process(pid, pidfd, SIGKILL) == 0);
	CHECK(spawn_wait(pid, pidfd, -1, &status, &e) == 1 && WTERMSIG(status) == SIGKILL);
	CHECK(signal_process(pid, pidfd, SIGKILL) < 0 && errno == ESRCH);
	/* and without a descriptor */
	CHECK_OK(pid = spawn(0, -1, &pidfd, &e));
	if (pid == 0)
		_exit(3);
	CHECK(spawn_wait(pid, -1, -1, &status, &e) == 1 && WEXITSTATUS(status) == 3);
}

static void a_wait_that_is_over_says_so(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
		in_child(wait_in_vain, kernels[i]);
}

static void make_namespaces(const void *filter)
{
	char host[80], inside[80];
	struct error e;
	int pidfd, status;
	pid_t pid;

	own_mounts();
	if (filter)
		take_away(filter);
	CHECK(readlink("/proc/self/ns/uts", host, sizeof(host)) > 0);
	CHECK_OK(pid = spawn(CLONE_NEWPID | CLONE_NEWUTS, -1, &pidfd, &e));
	if (pid == 0) {
		CHECK(getpid() == 1 &&
		      readlink("/proc/thread-self/ns/uts", inside, sizeof(inside)) != 0);
		_exit(strcmp(host, inside) ? 0 : 1);
	}
	CHECK(spawn_wait(pid, pidfd, -1, &status, &e) == 1 && status == 0);
	/* what clone(2) cannot say is not half said */
	if (filter) {
		CHECK(spawn(CLONE_NEWTIME, -1, &pidfd, &e) < 0 && e.code == ENOSYS);
		CHECK(spawn(0, 0, &pidfd, &e) < 0 && e.code == ENOSYS);
	} else {
		CHECK(spawn(0, 0, &pidfd, &e) < 0 && e.code != ENOSYS); /* 0 is no cgroup */
	}
}

static void a_child_is_born_in_its_namespaces(void **state)
{
	(void)state;
	in_child(make_namespaces, NULL);
	in_child(make_namespaces, no_clone3);
}

static void a_sibling_is_a_child_of_the_parent(void **state)
{
	int pipes[2], status;
	pid_t middle, sibling = 0;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	middle = fork();
	if (middle == 0) {
		struct error e;
		int pidfd;
		pid_t pid;

		CHECK_OK(pid = spawn(CLONE_PARENT, -1, &pidfd, &e));
		if (pid == 0)
			_exit(9);
		CHECK(write(pipes[1], &pid, sizeof(pid)) == sizeof(pid));
		_exit(0);
	}
	assert_int_equal(read(pipes[0], &sibling, sizeof(sibling)), sizeof(sibling));
	assert_int_equal(waitpid(sibling, &status, __WALL), sibling);
	assert_int_equal(WEXITSTATUS(status), 9);
	assert_int_equal(waitpid(middle, &status, 0), middle);
}

/* ---- commands ---- */

static int run_shell(const char *script, struct command c, char *out, size_t size)
{
	const char *const argv[] = {"sh", "-c", script, NULL};
	const char *const env[] = {"ONLY=this", NULL};
	int pipes[2], pidfd, status;
	struct error e;
	ssize_t n;
	pid_t pid;

	CHECK(pipe2(pipes, O_CLOEXEC) == 0);
	c.path = "/bin/sh";
	c.argv = argv;
	c.env = env;
	c.stdout_fd = pipes[1];
	CHECK_OK(pid = spawn_command(&c, &pidfd, &e));
	close(pipes[1]);
	for (n = 0; n < (ssize_t)size - 1;) {
		ssize_t got = read(pipes[0], out + n, size - 1 - (size_t)n);

		if (got <= 0)
			break;
		n += got;
	}
	out[n] = '\0';
	CHECK(spawn_wait(pid, pidfd, -1, &status, &e) == 1);
	return status;
}

static const struct command bare = {.stdin_fd = -1, .stdout_fd = -1, .stderr_fd = 2, .cwd = -1};

static void leave_nothing(const void *filter)
{
	struct command c = bare;
	char out[4096];
	sigset_t set;

	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	sigemptyset(&set);
	sigaddset(&set, SIGTERM);
	sigprocmask(SIG_BLOCK, &set, NULL);
	for (int i = 10; i < 20; i++)
		dup2(1, i); /* without O_CLOEXEC */
	umask(077);
	if (filter)
		take_away(filter);
	CHECK(run_shell("ls /proc/self/fd | tr '\\n' ' '; env | grep -v ^PWD= | grep -v ^_= | tr "
			"'\\n' ' '",
			c, out, sizeof(out)) == 0);
	if (strcmp(out, "0 1 2 3 ONLY=this ") && strcmp(out, "0 1 2 3 ONLY=this SHLVL=0 ") &&
	    strcmp(out, "0 1 2 3 ONLY=this OLDPWD=/ ")) {
		fprintf(stderr, "%s\n", out);
		_exit(1);
	}
	CHECK(run_shell("grep -E '^Sig(Blk|Ign|Cgt)' /proc/$$/status | grep -v "
			"'0000000000000000\\|Cgt'; umask",
			c, out, sizeof(out)) == 0);
	CHECK(!strcmp(out, "0022\n"));
	CHECK(run_shell("cut -d' ' -f1,5 /proc/$$/stat", c, out, sizeof(out)) == 0);
	CHECK(atoi(out) == atoi(strchr(out, ' '))); /* its own process group */
	CHECK(run_shell("cat; exit 3", c, out, sizeof(out)) == 3 << 8 && !*out);
	c.cwd = open("/usr", O_PATH | O_CLOEXEC);
	CHECK(run_shell("pwd", c, out, sizeof(out)) == 0 && !strcmp(out, "/usr\n"));
}

static void a_command_inherits_nothing_that_was_not_given(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(kernels); i++)
		in_child(leave_nothing, kernels[i]);
}

static void crossed(const void *unused)
{
	struct command c = bare;
	char out[100];
	int pipes[2];

	(void)unused;
	CHECK(pipe2(pipes, O_CLOEXEC) == 0 && write(pipes[1], "given", 5) == 5);
	close(pipes[1]);
	/* the descriptor for stdin is 2, and 0 is closed */
	CHECK(dup2(pipes[0], 2) == 2);
	close(0);
	c.stdin_fd = 2;
	c.stderr_fd = 1;
	CHECK(run_shell("cat", c, out, sizeof(out)) == 0);
	CHECK(!strcmp(out, "given"));
}

static void standard_descriptors_may_come_from_each_other(void **state)
{
	(void)state;
	in_child(crossed, NULL);
}

static void what_cannot_be_executed_is_an_error_at_once(void **state)
{
	const char *const argv[] = {"x", NULL};
	struct command c = bare;
	struct error e;
	int pidfd = -7;

	(void)state;
	c.argv = argv;
	c.env = argv + 1;
	c.path = "/no/such/command";
	assert_int_equal(spawn_command(&c, &pidfd, &e), -1);
	assert_int_equal(e.code, ENOENT);
	c.path = "/etc/passwd";
	assert_int_equal(spawn_command(&c, &pidfd, &e), -1);
	assert_int_equal(e.code, EACCES);
	assert_int_equal(pidfd, -7);
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1); /* no zombie is left */
}

/* T13: in a container /dev/null is what the image says. */
static void fake_null(const void *unused)
{
	struct command c = bare;
	struct error e;
	struct stat st;
	int pidfd, status;
	const char *const argv[] = {"sh", "-c", "echo written; cat", NULL};
	pid_t pid;

	(void)unused;
	own_mounts();
	CHECK(mount("tmpfs", "/dev", "tmpfs", 0, NULL) == 0);
	write_text("/dev/null", "");
	c.path = "/bin/sh";
	c.argv = argv;
	c.env = argv + 3;
	CHECK_OK(pid = spawn_command(&c, &pidfd, &e));
	CHECK(spawn_wait(pid, pidfd, 5000, &status, &e) == 1 && status == 0);
	CHECK(stat("/dev/null", &st) == 0 && st.st_size == 0);
}

static void a_dev_null_that_is_none_is_not_written_to(void **state)
{
	(void)state;
	in_child(fake_null, NULL);
}

static void an_identity_is_that_of_one_process_and_of_each_of_its_descriptors(void **state)
{
	int own = pidfd_of(getpid()), pidfd = -1, again, status;
	uint64_t of_child;
	struct error e;
	pid_t pid;

	(void)state;
	assert_int_equal(pidfd_identity(-1), 0);
	assert_int_equal(pidfd_identity(STDERR_FILENO), 0); /* has an inode, too */
	if (!pidfd_identity(own))
		skip(); /* before 6.9 */
	pid = spawn(0, -1, &pidfd, &e);
	if (pid == 0)
		pause();
	of_child = pidfd_identity(pidfd);
	again = pidfd_of(pid);
	assert_int_not_equal(of_child, 0);
	assert_int_not_equal(of_child, pidfd_identity(own));
	assert_true(pidfd_is(again, of_child));
	assert_false(pidfd_is(own, of_child));
	close(pidfd);
	close(again);
	again = pidfd_of(
		pid); /* the number outlives the inode, of which nobody holds a descriptor */
	assert_true(pidfd_is(again, of_child));
	kill(pid, SIGKILL);
	assert_int_equal(spawn_wait(pid, again, 5000, &status, &e), 1);
	assert_true(pidfd_is(again, of_child));
	assert_false(pidfd_is(-1, of_child));
	close(again);
	close(own);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_child_ends_and_tells_its_status),
		cmocka_unit_test(a_wait_that_is_over_says_so),
		cmocka_unit_test(a_child_is_born_in_its_namespaces),
		cmocka_unit_test(a_sibling_is_a_child_of_the_parent),
		cmocka_unit_test(a_command_inherits_nothing_that_was_not_given),
		cmocka_unit_test(standard_descriptors_may_come_from_each_other),
		cmocka_unit_test(what_cannot_be_executed_is_an_error_at_once),
		cmocka_unit_test(a_dev_null_that_is_none_is_not_written_to),
		cmocka_unit_test(an_identity_is_that_of_one_process_and_of_each_of_its_descriptors),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
