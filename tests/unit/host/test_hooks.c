/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "base/fd.h"
#include "host/hooks.h"
#include "sys/file.h"
#include "sys/procfs.h"

static char dir[64];
static struct state container = {
	.format = STATE_FORMAT,
	.oci_version = OCI_VERSION,
	.id = "web1",
	.status = STATUS_CREATING,
	.bundle = dir,
	.rootfs = "/",
	.created = "",
};
static struct hook_context context = {.state = &container, .interrupt = -1};

static int setup(void **state)
{
	context.arena = arena_main();
	signal(SIGPIPE, SIG_IGN);
	scratch_make(dir);
	return 0;
}

static int teardown(void **state)
{
	scratch_remove(dir);
	return 0;
}

static struct hook shell(const char *script)
{
	static const char *args[4];
	static const char *env[] = {"PATH=/usr/bin:/bin", NULL};

	args[0] = "hook";
	args[1] = "-c";
	args[2] = script;
	return (struct hook){
		.path = "/bin/sh",
		.args = {args, 3},
		.env = {env, 1},
		.has_env = true,
	};
}

static int run(const struct hook *h, struct error *e)
{
	return hook_run(&context, h, HOOK_CREATE_RUNTIME, 0, STATUS_CREATED, 4711, e);
}

static const char *read_back(const char *name)
{
	static char text[4096];
	AUTO_CLOSE int d = open(dir, O_PATH | O_DIRECTORY);
	struct error e;

	if (file_read_at(d, name, text, sizeof(text), &e) < 0)
		return "";
	return text;
}

static void a_hook_gets_the_state_and_runs_in_the_bundle(void **state)
{
	struct hook h = shell("cat > state");
	struct error e;

	assert_int_equal(run(&h, &e), 0);
	assert_non_null(strstr(read_back("state"), "\"id\":\"web1\""));
	assert_non_null(strstr(read_back("state"), "\"status\":\"created\""));
	assert_non_null(strstr(read_back("state"), "\"pid\":4711"));
}

static void a_hook_need_not_read_its_input(void **state)
{
	struct hook h = shell("exec <&-; exit 0");
	char *big = malloc(1 << 20);
	struct pair note = {"big", big};
	struct error e;

	memset(big, 'x', (1 << 20) - 1);
	big[(1 << 20) - 1] = '\0';
	container.annotations.v = &note;
	container.annotations.n = 1;
	assert_int_equal(run(&h, &e), 0);
	h = shell("wc -c > count");
	assert_int_equal(run(&h, &e), 0);
	assert_true(atoi(read_back("count")) > 1 << 20);
	container.annotations.n = 0;
	free(big);
}

static void a_failure_says_which_hook_and_what_it_said_last(void **state)
{
	struct hook h = shell("echo to out; echo cannot find the moon >&2; exit 3");
	struct error e;

	assert_int_equal(run(&h, &e), -1);
	assert_string_equal(e.text,
			    "error running createRuntime hook #0: \"/bin/sh\" ended with exit "
			    "status 3: to out cannot find the moon");
	assert_string_equal(e.at, "hooks.createRuntime[0]");

	h = shell("kill -9 $$");
	assert_int_equal(run(&h, &e), -1);
	assert_non_null(strstr(e.text, "was killed by signal 9"));
}

static void a_hook_that_is_not_there_is_a_failure_too(void **state)
{
	struct hook h = {.path = "/nonexistent/hook"};
	struct error e;

	assert_int_equal(run(&h, &e), -1);
	assert_non_null(strstr(e.text, "error running createRuntime hook #0: cannot execute"));
	assert_int_equal(e.code, ENOENT);
}

static void ten_megabytes_of_output_are_no_trouble(void **state)
{
	struct hook h =
		shell("head -c 10485760 /dev/zero | tr '\\0' x; echo; echo the end; exit 1");
	struct error e;

	assert_int_equal(run(&h, &e), -1);
	assert_non_null(strstr(e.text, "x the end"));
}

static bool is_alive(pid_t pid)
{
	struct proc_stat st;

	return procfs_stat(pid, &st) == 0 && st.state != 'Z' && st.state != 'X';
}

/* In milliseconds, or from now on, it would be more than there is a number for. */
static void a_timeout_of_ages_is_no_timeout(void **state)
{
	struct hook h = shell("exit 0");
	struct error e;

	(void)state;
	h.timeout = (struct opt_i64){true, INT64_MAX};
	assert_int_equal(run(&h, &e), 0);
	h.timeout.v = INT64_MAX / 1000;
	assert_int_equal(run(&h, &e), 0);
}

static void a_timeout_ends_the_hook_and_what_it_started(void **state)
{
	struct hook h = shell("sleep 60 & echo $! > pid; wait");
	struct timespec begin, end;
	struct error e;

	h.timeout.set = true;
	h.timeout.v = 1;
	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(run(&h, &e), -1);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - begin.tv_sec < 10);
	assert_non_null(strstr(e.text, "timeout of 1 s"));
	for (int i = 0; i < 500 && is_alive(atoi(read_back("pid"))); i++)
		usleep(10000);
	assert_false(is_alive(atoi(read_back("pid"))));
}

static void a_process_that_a_hook_leaves_behind_does_not_hold_us(void **state)
{
	struct hook h = shell("sleep 30 & echo $! > pid");
	struct timespec begin, end;
	struct error e;

	clock_gettime(CLOCK_MONOTONIC, &begin);
	assert_int_equal(run(&h, &e), 0);
	clock_gettime(CLOCK_MONOTONIC, &end);
	assert_true(end.tv_sec - begin.tv_sec < 10);
	assert_int_equal(kill(atoi(read_back("pid")), SIGKILL), 0);
}

static void an_environment_that_is_not_given_is_inherited_and_an_empty_one_is_empty(void **state)
{
	struct hook h = shell("echo \"<$YACR_TEST_HOOK>\" > env");
	struct error e;

	setenv("YACR_TEST_HOOK", "here", 1);
	h.has_env = false;
	h.env.n = 0;
	assert_int_equal(run(&h, &e), 0);
	assert_string_equal(read_back("env"), "<here>\n");
	h.has_env = true;
	assert_int_equal(run(&h, &e), 0);
	assert_string_equal(read_back("env"), "<>\n");
}

static void the_first_failure_ends_a_list_but_not_that_of_poststop(void **state)
{
	const char *fails[] = {"false", NULL}, *touch[] = {"touch", "ran", NULL};
	struct hook list[] = {
		{.path = "/bin/false", .args = {fails, 1}},
		{.path = "/usr/bin/touch", .args = {touch, 2}},
	};
	struct hooks hooks = {.poststart = {list, 2}, .poststop = {list, 2}};
	struct error e;

	container.hooks = &hooks;
	assert_int_equal(hooks_run(&context, HOOK_POSTSTART, STATUS_RUNNING, 1, &e), -1);
	assert_non_null(strstr(e.text, "error running poststart hook #0"));
	assert_int_equal(faccessat(AT_FDCWD, arena_printf(context.arena, "%s/ran", dir), F_OK, 0),
			 -1);
	hooks_run_poststop(&context);
	assert_int_equal(faccessat(AT_FDCWD, arena_printf(context.arena, "%s/ran", dir), F_OK, 0),
			 0);
	container.hooks = NULL;
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_hook_gets_the_state_and_runs_in_the_bundle),
		TEST(a_hook_need_not_read_its_input),
		TEST(a_failure_says_which_hook_and_what_it_said_last),
		TEST(a_hook_that_is_not_there_is_a_failure_too),
		TEST(ten_megabytes_of_output_are_no_trouble),
		TEST(a_timeout_of_ages_is_no_timeout),
		TEST(a_timeout_ends_the_hook_and_what_it_started),
		TEST(a_process_that_a_hook_leaves_behind_does_not_hold_us),
		TEST(an_environment_that_is_not_given_is_inherited_and_an_empty_one_is_empty),
		TEST(the_first_failure_ends_a_list_but_not_that_of_poststop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
