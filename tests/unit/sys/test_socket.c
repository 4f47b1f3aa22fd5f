/* SPDX-License-Identifier: Apache-2.0 */
#include "sys_test.h"

#include <sys/socket.h>

#include "sys/socket.h"

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

static void a_descriptor_rides_along(void **state)
{
	struct error e;
	int pair[2], fd = -1;
	char text[8];

	(void)state;
	assert_int_equal(socket_pair(pair, &e), 0);
	assert_int_equal(socket_send_fd(pair[0], "one", 3, 0), 0);
	assert_int_equal(socket_send_fd(pair[0], "two", 3, -1), 0);
	assert_int_equal(socket_receive_fd(pair[1], text, sizeof(text), &fd), 3);
	assert_true(fd > 2 && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
	close(fd);
	assert_int_equal(socket_receive_fd(pair[1], text, sizeof(text), &fd), 3);
	assert_int_equal(fd, -1);
	close(pair[0]);
	assert_int_equal(socket_receive_fd(pair[1], text, sizeof(text), &fd), 0);
	assert_int_equal(socket_send_fd(pair[1], "x", 1, -1), -1); /* and no SIGPIPE */
	assert_int_equal(errno, EPIPE);
	close(pair[1]);
}

static void send_many(int sock, size_t n)
{
	char control[CMSG_SPACE(64 * sizeof(int))] = {0};
	struct iovec iov = {.iov_base = (char[]){"x"}, .iov_len = 1};
	struct msghdr m = {.msg_iov = &iov,
			   .msg_iovlen = 1,
			   .msg_control = control,
			   .msg_controllen = CMSG_SPACE(n * sizeof(int))};
	struct cmsghdr *c = CMSG_FIRSTHDR(&m);

	c->cmsg_level = SOL_SOCKET;
	c->cmsg_type = SCM_RIGHTS;
	c->cmsg_len = CMSG_LEN(n * sizeof(int)); /* all 0: standard input */
	assert_int_equal(sendmsg(sock, &m, 0), 1);
}

static int lowest_free(void)
{
	int fd = dup(0);

	close(fd);
	return fd;
}

static void more_than_one_descriptor_is_refused_and_none_is_kept(void **state)
{
	struct error e;
	int pair[2], fd = -9, before;
	char text[8];

	(void)state;
	assert_int_equal(socket_pair(pair, &e), 0);
	before = lowest_free();
	for (size_t n = 2; n <= 64; n *= 2) {
		send_many(pair[0], n);
		assert_int_equal(socket_receive_fd(pair[1], text, sizeof(text), &fd), -1);
		assert_int_equal(errno, EPROTO);
		assert_int_equal(fd, -9);
		assert_int_equal(lowest_free(), before);
	}
	/* a packet larger than the buffer, with a descriptor */
	assert_int_equal(socket_send_fd(pair[0], "too much for 8", 14, 0), 0);
	assert_int_equal(socket_receive_fd(pair[1], text, sizeof(text), &fd), -1);
	assert_int_equal(lowest_free(), before);
	close(pair[0]);
	close(pair[1]);
}

static void a_socket_deep_down_is_reached(void **state)
{
	AUTO_CLOSE int dir = -1, listener = -1, one = -1, two = -1;
	char path[600], *deep;
	struct error e;
	struct stat st;

	(void)state;
	deep = path + snprintf(path, sizeof(path), "%s", base);
	for (int i = 0; i < 4; i++) {
		deep += sprintf(deep, "/%0100d", i);
		assert_int_equal(mkdir(path, 0755), 0);
	}
	dir = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	umask(0);
	assert_true((listener = socket_listen(dir, "start.sock", SOCK_STREAM, &e)) >= 0);
	umask(022);
	assert_int_equal(fstatat(dir, "start.sock", &st, 0), 0);
	assert_int_equal(st.st_mode & 0777, 0600);
	assert_true((one = socket_connect(dir, "start.sock", SOCK_STREAM, &e)) >= 0);
	strcpy(deep, "/start.sock");
	assert_true((two = socket_connect_path(path, SOCK_STREAM, &e)) >= 0);
	assert_true(socket_listen(dir, "start.sock", SOCK_STREAM, &e) < 0);
	assert_int_equal(e.code, EADDRINUSE);
}

static void what_is_no_socket_is_refused(void **state)
{
	AUTO_CLOSE int dir = open(base, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct error e;

	(void)state;
	assert_true(socket_connect(dir, "nothing", SOCK_STREAM, &e) < 0);
	assert_int_equal(e.code, ENOENT);
	close(openat(dir, "file", O_CREAT | O_WRONLY, 0600));
	assert_true(socket_connect(dir, "file", SOCK_STREAM, &e) < 0);
	assert_int_equal(e.code, ENOTSOCK);
	assert_int_equal(symlinkat("file", dir, "link"), 0);
	assert_true(socket_connect(dir, "link", SOCK_STREAM, &e) < 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_scratch, remove_scratch)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_descriptor_rides_along),
		TEST(more_than_one_descriptor_is_refused_and_none_is_kept),
		TEST(a_socket_deep_down_is_reached),
		TEST(what_is_no_socket_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
