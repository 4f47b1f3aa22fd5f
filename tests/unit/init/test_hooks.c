/* SPDX-License-Identifier: Apache-2.0 */
#include "init/world.h"

#include <time.h>

static struct op *add_hook(struct world *w, const char *script, int64_t timeout)
{
	return ADD(w, HOOK, hook, .path = text(w, "/bin/sh"),
		   .argv = VEC(w, "a-hook", "-c", script),
		   .env = VEC(w, "PATH=/usr/bin:/bin", "A=b"), .timeout = timeout,
		   .state_head = text(w, "{\"id\":\"x\",\"pid\":"),
		   .state_tail = text(w, ",\"bundle\":\"/b\"}"),
		   .what = text(w, "createContainer hook #0"), .out = SLOT_NONE, .err = SLOT_NONE);
}

static void read_file(struct world *w, const char *name, char *buf, size_t size)
{
	char path[PATH_MAX];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "%s/%s", w->root, name);
	fd = open(path, O_RDONLY);
	assert_true(fd >= 0);
	n = read(fd, buf, size - 1);
	assert_true(n >= 0);
	buf[n] = '\0';
	close(fd);
}

static void a_hook_gets_the_state_with_its_own_view_of_the_pid(void **state)
{
	struct world *w = new_world();
	char buf[1024];

	(void)state;
	add_root(w);
	add_hook(w, "cat >state; echo \"$0 $A $HOME\" >env; pwd >cwd; echo /proc/self/fd/* >fds",
		 10);
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	read_file(w, "state", buf, sizeof(buf));
	assert_string_equal(buf, "{\"id\":\"x\",\"pid\":1,\"bundle\":\"/b\"}");
	read_file(w, "env", buf, sizeof(buf));
	assert_string_equal(buf, "a-hook b \n");
	/* It sees the host's paths, and begins in the root file system. */
	read_file(w, "cwd", buf, sizeof(buf));
	buf[strcspn(buf, "\n")] = '\0';
	assert_string_equal(buf, w->root);
	end_world(w);
}

static void a_hook_holds_its_three_descriptors_and_nothing_else(void **state)
{
	struct world *w = new_world();
	int leak = dup2(open("/", O_RDONLY), 77);

	(void)state;
	add_root(w);
	add_programs(w);
	add_mount(w, "proc", "/proc", "");
	add_pivot(w);
	add_hook(
		w,
		"[ \"$(echo /proc/self/fd/*)\" = '/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3' ] ||"
		"{ echo /proc/self/fd/* >&2; exit 1; }",
		10);
	add_end(w);
	launch_ready(w);
	close(leak);
	end_world(w);
}

static void failing(const char *script, int64_t timeout, const char *expected)
{
	struct world *w = new_world();

	add_root(w);
	add_hook(w, script, timeout)->at = text(w, "hooks.createContainer[0]");
	add_pivot(w);
	add_end(w);
	run_world(w);
	assert_true(w->failed);
	assert_string_equal(w->error.text, expected);
	assert_string_equal(w->error.at, "hooks.createContainer[0]");
	end_world(w);
}

static void a_failure_is_told_with_the_hooks_name_status_and_last_words(void **state)
{
	(void)state;
	failing("echo first >&2; printf 'no\\n\\n  such\\tthing\\n' >&2; exit 3", 0,
		"error running createContainer hook #0: \"/bin/sh\" ended with exit status 3: first no such thing");
	failing("exit 1", 5,
		"error running createContainer hook #0: \"/bin/sh\" ended with exit status 1");
	failing("kill -9 $$", 0,
		"error running createContainer hook #0: \"/bin/sh\" was killed by signal 9");
}

static void a_hook_that_takes_too_long_is_killed_with_its_children(void **state)
{
	struct timespec from, to;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &from);
	failing("sleep 30 & sleep 30", 1,
		"error running createContainer hook #0: \"/bin/sh\" took longer than its timeout of 1 s");
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true(to.tv_sec - from.tv_sec < 5);
}

static void a_talkative_hook_neither_blocks_nor_grows(void **state)
{
	struct world *w = new_world();

	(void)state;
	add_root(w);
	add_hook(
		w,
		"i=0; while [ $i -lt 20000 ]; do echo 'a line of no great interest to anybody' >&2; i=$((i+1)); done;"
		"echo THE END >&2; exit 1",
		30);
	run_world(w);
	assert_true(w->failed);
	assert_non_null(strstr(w->error.text, "THE END"));
	assert_true(strlen(w->error.text) < 400);
	end_world(w);
}

static void one_that_leaves_a_process_behind_is_not_waited_for(void **state)
{
	struct world *w = new_world();
	struct timespec from, to;

	(void)state;
	clock_gettime(CLOCK_MONOTONIC, &from);
	add_root(w);
	add_hook(w, "sleep 5 & exit 0", 30);
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	clock_gettime(CLOCK_MONOTONIC, &to);
	assert_true(to.tv_sec - from.tv_sec < 4);
	end_world(w);
}

static void one_that_is_not_there_is_named(void **state)
{
	struct world *w = new_world();
	struct op *op;

	(void)state;
	add_root(w);
	op = add_hook(w, "", 0);
	op->hook.path = text(w, "/nonexistent/hook");
	run_world(w);
	assert_true(w->failed);
	assert_int_equal(w->error.code, ENOENT);
	assert_non_null(strstr(w->error.text, "error running createContainer hook #0: "));
	assert_non_null(strstr(w->error.text, "/nonexistent/hook"));
	end_world(w);
}

static void it_need_not_read_its_input(void **state)
{
	struct world *w = new_world();
	static char long_tail[40000];

	(void)state;
	memset(long_tail, ' ', sizeof(long_tail) - 1);
	add_root(w);
	add_hook(w, "exec <&-; exit 0", 10)->hook.state_tail = text(w, long_tail);
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	end_world(w);
}

static void with_a_shared_environment_the_program_gets_it_too(void **state)
{
	struct world *w = new_world();
	struct op *hook;

	(void)state;
	add_root(w);
	add_programs(w);
	add_pivot(w);
	add_barrier(w, BARRIER_READY);
	ADD(w, START_GATE, start_gate, 0);
	hook = add_hook(w, "exit 0", 10);
	ADD(w, CLOSE_FDS, close_fds, .keep = 3);
	ADD(w, EXEC, exec, .argv = VEC(w, "/bin/sh", "-c", "echo $A"), .env = hook->hook.env);
	run_world(w);
	assert_false(w->failed);
	assert_string_equal(w->output, "b\n");
	end_world(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hook_gets_the_state_with_its_own_view_of_the_pid),
		cmocka_unit_test(a_hook_holds_its_three_descriptors_and_nothing_else),
		cmocka_unit_test(a_failure_is_told_with_the_hooks_name_status_and_last_words),
		cmocka_unit_test(a_hook_that_takes_too_long_is_killed_with_its_children),
		cmocka_unit_test(a_talkative_hook_neither_blocks_nor_grows),
		cmocka_unit_test(one_that_leaves_a_process_behind_is_not_waited_for),
		cmocka_unit_test(one_that_is_not_there_is_named),
		cmocka_unit_test(it_need_not_read_its_input),
		cmocka_unit_test(with_a_shared_environment_the_program_gets_it_too),
	};

	if (geteuid())
		return 77; /* skipped: these make namespaces as root */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
