/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/list.h"
#include "host/protocol.h"

/* What the host did, in order: "I" id maps, "H" hook, "P" pid, "C" console. */
static char done[32];
static int pair[2];

static void did(char c)
{
	size_t n = strlen(done);

	done[n] = c;
	done[n + 1] = '\0';
}

static int on_operation(void *ctx, const struct op *op, struct error *e)
{
	did(op->kind == OP_ID_MAPS ? 'I' : 'H');
	return 0;
}

static int on_received(void *ctx, const struct op *op, const struct message *m, int fd,
		       struct error *e)
{
	did(m->kind == MSG_PID ? 'P' : 'C');
	close(fd);
	return 0;
}

static struct op ops[] = {
	{.kind = OP_ID_MAPS},
	{.kind = OP_BARRIER, .barrier = {BARRIER_MAPPED}},
	{.kind = OP_UNSHARE},
	{.kind = OP_REFORK},
	{.kind = OP_ROOTFS},
	{.kind = OP_BARRIER, .barrier = {BARRIER_HOOKS}},
	{.kind = OP_HOST_HOOK},
	{.kind = OP_HOST_HOOK},
	{.kind = OP_HOOK},
	{.kind = OP_CONSOLE},
	{.kind = OP_BARRIER, .barrier = {BARRIER_READY}},
	{.kind = OP_START_GATE},
};
static const struct plan plan = {.ops = ops, .op_count = ARRAY_SIZE(ops)};
static struct protocol protocol;

static int setup(void **state)
{
	done[0] = '\0';
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return -1;
	protocol = (struct protocol){
		.plan = &plan,
		.sock = pair[0],
		.interrupt = -1,
		.operation = on_operation,
		.received = on_received,
	};
	return 0;
}

static int teardown(void **state)
{
	close(pair[0]);
	if (pair[1] >= 0)
		close(pair[1]);
	return 0;
}

static void init_says(uint32_t kind, uint32_t value, bool with_fd)
{
	struct message m = {.kind = kind, .value = value};
	int fd = with_fd ? open("/dev/null", O_RDONLY | O_CLOEXEC) : -1;

	assert_int_equal(message_send(pair[1], &m, fd), 0);
	if (fd >= 0)
		close(fd);
}

static void init_says_error(uint32_t kind, int code, const char *at, const char *text)
{
	struct message m = {.kind = kind, .error = {.code = code}};

	strcpy(m.error.at, at);
	strcpy(m.error.text, text);
	assert_int_equal(message_send(pair[1], &m, -1), 0);
}

/* The barrier that the host has opened; 0 when it has said nothing. */
static uint32_t opened(void)
{
	struct message m;
	int fd;

	if (recv(pair[1], &m, sizeof(m), MSG_PEEK | MSG_DONTWAIT) < 0)
		return 0;
	assert_int_equal(message_receive(pair[1], &m, &fd), 1);
	assert_int_equal(m.kind, MSG_GO);
	return m.value;
}

static void a_walk_goes_as_the_plan_says(void **state)
{
	struct error e;

	init_says(MSG_PID, 42, true);
	init_says(MSG_BARRIER, BARRIER_HOOKS, false);
	assert_int_equal(protocol_walk(&protocol, BARRIER_HOOKS, &e), 0);
	assert_string_equal(done, "IP");
	assert_int_equal(opened(), BARRIER_MAPPED);
	assert_int_equal(opened(), 0); /* the hooks come first */

	init_says(MSG_CONSOLE, 0, true);
	init_says(MSG_BARRIER, BARRIER_READY, false);
	assert_int_equal(protocol_walk(&protocol, BARRIER_READY, &e), 0);
	assert_string_equal(done, "IPHHC");
	assert_int_equal(opened(), BARRIER_HOOKS);
	assert_int_equal(opened(), 0); /* not before the state is committed */
	assert_int_equal(protocol_open(&protocol, &e), 0);
	assert_int_equal(opened(), BARRIER_READY);
}

static void nobody_waits_at_a_barrier_that_is_open(void **state)
{
	struct op *ready = &ops[ARRAY_SIZE(ops) - 2];
	struct error e;

	ready->barrier.open = true;
	init_says(MSG_PID, 42, true);
	init_says(MSG_BARRIER, BARRIER_HOOKS, false);
	init_says(MSG_CONSOLE, 0, true);
	assert_int_equal(protocol_walk(&protocol, BARRIER_READY, &e), 0);
	assert_int_equal(opened(), BARRIER_MAPPED);
	assert_int_equal(opened(), BARRIER_HOOKS);
	assert_int_equal(protocol_open(&protocol, &e), 0);
	assert_int_equal(opened(), 0);
	ready->barrier.open = false;
}

static void a_message_that_the_plan_does_not_have_next_is_refused(void **state)
{
	static const struct {
		uint32_t kind, value;
		bool fd;
	} wrong[] = {
		{MSG_BARRIER, BARRIER_READY, false}, /* out of order */
		{MSG_BARRIER, BARRIER_HOOKS, false}, /* PID comes first */
		{MSG_CONSOLE, 0, true},
		{MSG_PID, 42, false}, /* without its descriptor */
		{MSG_GO, BARRIER_READY, false},
		{MSG_START, 0, false},
		{99, 0, false},
	};

	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++) {
		struct error e;

		setup(state);
		init_says(wrong[i].kind, wrong[i].value, wrong[i].fd);
		assert_int_equal(protocol_walk(&protocol, BARRIER_READY, &e), -1);
		assert_int_equal(e.code, EPROTO);
		assert_string_equal(done, "I");
		teardown(state);
	}
	setup(state);
}

static void an_error_of_init_becomes_the_error(void **state)
{
	struct error e;

	init_says(MSG_PID, 42, true);
	init_says_error(MSG_WARNING, 0, "", "something odd");
	init_says_error(MSG_ERROR, EPERM, "mounts[3]", "cannot mount \"sysfs\" on \"/sys\"");
	assert_int_equal(protocol_walk(&protocol, BARRIER_READY, &e), -1);
	assert_int_equal(e.code, EPERM);
	assert_string_equal(e.at, "mounts[3]");
	assert_string_equal(e.text, "cannot mount \"sysfs\" on \"/sys\"");
}

static void text_without_an_end_is_cut(void **state)
{
	struct message m = {.kind = MSG_ERROR};
	struct error e;

	memset(m.error.text, 'x', sizeof(m.error.text));
	memset(m.error.at, 'y', sizeof(m.error.at));
	assert_int_equal(message_send(pair[1], &m, -1), 0);
	assert_int_equal(protocol_walk(&protocol, BARRIER_READY, &e), -1);
	assert_int_equal(strlen(e.text), sizeof(e.text) - 1);
	assert_int_equal(strlen(e.at), sizeof(e.at) - 1);
}

static void an_init_that_goes_without_a_word_is_told_from_one_that_errs(void **state)
{
	struct error e;

	close(pair[1]);
	pair[1] = -1;
	assert_int_equal(protocol_walk(&protocol, BARRIER_READY, &e), PROTOCOL_EOF);
}

static void a_short_packet_is_refused(void **state)
{
	struct error e;

	assert_int_equal(send(pair[1], "x", 1, 0), 1);
	assert_int_equal(protocol_walk(&protocol, BARRIER_READY, &e), -1);
}

static void the_end_of_the_connection_means_that_the_program_runs(void **state)
{
	struct error e;

	close(pair[1]);
	pair[1] = -1;
	assert_int_equal(protocol_wait_exec(pair[0], -1, &e), 0);
}

static void an_error_instead_of_the_end_means_that_it_does_not(void **state)
{
	struct error e;

	init_says_error(MSG_ERROR, ENOENT, "process.args[0]",
			"exec: \"x\": no such file or directory");
	assert_int_equal(protocol_wait_exec(pair[0], -1, &e), -1);
	assert_string_equal(e.at, "process.args[0]");

	init_says(MSG_BARRIER, BARRIER_READY, false);
	assert_int_equal(protocol_wait_exec(pair[0], -1, &e), -1);
	assert_int_equal(e.code, EPROTO);
}

static void an_error_is_heard_of_an_init_that_is_gone_before_it_was_let_go(void **state)
{
	struct message go = {.kind = MSG_GO, .value = BARRIER_BUILT};
	struct error e;

	assert_int_equal(message_send(pair[0], &go, -1), 0);
	init_says_error(MSG_ERROR, ENOENT, "process.args[0]", "no such file");
	close(pair[1]);
	pair[1] = -1;
	assert_int_equal(protocol_wait_exec(pair[0], -1, &e), -1);
	assert_string_equal(e.text, "no such file");
	assert_int_equal(protocol_wait_exec(pair[0], -1, &e), 0);
}

static void what_init_failed_of_counts_more_than_what_the_host_did(void **state)
{
	struct error e = {.code = ENODEV, .text = "the cgroup is gone"};

	protocol_hear(-1, &e);
	protocol_hear(pair[0], &e);
	assert_string_equal(e.text, "the cgroup is gone");
	init_says_error(MSG_WARNING, 0, "", "by the way");
	protocol_hear(pair[0], &e);
	assert_string_equal(e.text, "the cgroup is gone");
	init_says_error(MSG_WARNING, 0, "", "by the way");
	init_says_error(MSG_ERROR, ENOENT, "process.args[0]", "no such file");
	close(pair[1]);
	pair[1] = -1;
	protocol_hear(pair[0], &e);
	assert_int_equal(e.code, ENOENT);
	assert_string_equal(e.text, "no such file");
}

static void the_listener_of_a_filter_is_taken_once_and_nothing_else_is(void **state)
{
	int listener = -1;
	struct error e;

	init_says(MSG_LISTENER, 0, true);
	assert_int_equal(protocol_wait_listener(pair[0], -1, &listener, &e), 0);
	assert_true(listener >= 0);
	close(listener);

	listener = -1;
	init_says(MSG_LISTENER, 0, false);
	assert_int_equal(protocol_wait_listener(pair[0], -1, &listener, &e), -1);
	assert_int_equal(e.code, EPROTO);
	init_says(MSG_CONSOLE, 0, true);
	assert_int_equal(protocol_wait_listener(pair[0], -1, &listener, &e), -1);
	assert_int_equal(e.code, EPROTO);
	assert_int_equal(listener, -1);

	/* A listener that nobody waits for. */
	init_says(MSG_LISTENER, 0, true);
	assert_int_equal(protocol_wait_exec(pair[0], -1, &e), -1);
	assert_int_equal(e.code, EPROTO);
}

static void an_init_that_ends_without_its_listener_could_not_send_it(void **state)
{
	int listener = -1;
	struct error e;

	close(pair[1]);
	pair[1] = -1;
	assert_int_equal(protocol_wait_listener(pair[0], -1, &listener, &e), -1);
	assert_string_equal(e.at, "linux.seccomp");
	assert_non_null(strstr(e.text, "sendmsg"));
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_walk_goes_as_the_plan_says),
		TEST(nobody_waits_at_a_barrier_that_is_open),
		TEST(a_message_that_the_plan_does_not_have_next_is_refused),
		TEST(an_error_of_init_becomes_the_error),
		TEST(text_without_an_end_is_cut),
		TEST(an_init_that_goes_without_a_word_is_told_from_one_that_errs),
		TEST(a_short_packet_is_refused),
		TEST(the_end_of_the_connection_means_that_the_program_runs),
		TEST(an_error_instead_of_the_end_means_that_it_does_not),
		TEST(an_error_is_heard_of_an_init_that_is_gone_before_it_was_let_go),
		TEST(what_init_failed_of_counts_more_than_what_the_host_did),
		TEST(the_listener_of_a_filter_is_taken_once_and_nothing_else_is),
		TEST(an_init_that_ends_without_its_listener_could_not_send_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
