/* SPDX-License-Identifier: Apache-2.0 */
#include "init/world.h"

static int pair[2];

static int make_pair(void **state)
{
	(void)state;
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair);
}

static int close_pair(void **state)
{
	(void)state;
	close(pair[0]);
	close(pair[1]);
	return 0;
}

static void a_message_arrives_as_it_was_sent(void **state)
{
	struct message m = {.kind = MSG_ERROR, .value = 7}, got;
	int fd = 99;

	(void)state;
	m.error.code = ENOENT;
	strcpy(m.error.at, "mounts[3]");
	strcpy(m.error.text, "cannot");
	assert_int_equal(message_send(pair[0], &m, -1), 0);
	assert_int_equal(message_receive(pair[1], &got, &fd), 1);
	assert_memory_equal(&m, &got, sizeof(m));
	assert_int_equal(fd, -1);
}

static void a_descriptor_rides_along(void **state)
{
	struct message m = {.kind = MSG_CONSOLE};
	struct stat a, b;
	int fd = -1;

	(void)state;
	assert_int_equal(message_send(pair[0], &m, pair[0]), 0);
	assert_int_equal(message_receive(pair[1], &m, &fd), 1);
	assert_true(fd >= 0);
	assert_int_equal(fstat(fd, &a), 0);
	assert_int_equal(fstat(pair[0], &b), 0);
	assert_true(a.st_ino == b.st_ino);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
}

static void a_packet_of_another_length_is_refused_and_its_descriptor_closed(void **state)
{
	struct message m;
	int fd = 99, before = dup(0);

	(void)state;
	close(before);
	assert_int_equal(send(pair[0], "short", 5, 0), 5);
	assert_int_equal(message_receive(pair[1], &m, &fd), -1);
	assert_int_equal(errno, EPROTO);
	assert_int_equal(fd, -1);
	fd = dup(0);
	assert_int_equal(fd, before);
	close(fd);
}

static void strings_without_an_end_get_one(void **state)
{
	struct message m, got;
	int fd;

	(void)state;
	memset(&m, 'x', sizeof(m));
	assert_int_equal(message_send(pair[0], &m, -1), 0);
	assert_int_equal(message_receive(pair[1], &got, &fd), 1);
	assert_int_equal(strlen(got.error.at), ERROR_AT_MAX - 1);
	assert_int_equal(strlen(got.error.text), ERROR_TEXT_MAX - 1);
}

static void the_end_is_0_and_sending_to_nobody_raises_no_signal(void **state)
{
	struct message m = {.kind = MSG_GO};
	int fd;

	(void)state;
	close(pair[0]);
	pair[0] = -1;
	assert_int_equal(message_receive(pair[1], &m, &fd), 0);
	assert_int_equal(message_send(pair[1], &m, -1), -1);
	assert_int_equal(errno, EPIPE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(a_message_arrives_as_it_was_sent, make_pair,
						close_pair),
		cmocka_unit_test_setup_teardown(a_descriptor_rides_along, make_pair, close_pair),
		cmocka_unit_test_setup_teardown(
			a_packet_of_another_length_is_refused_and_its_descriptor_closed, make_pair,
			close_pair),
		cmocka_unit_test_setup_teardown(strings_without_an_end_get_one, make_pair,
						close_pair),
		cmocka_unit_test_setup_teardown(the_end_is_0_and_sending_to_nobody_raises_no_signal,
						make_pair, close_pair),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
