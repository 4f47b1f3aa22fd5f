/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/socket.h"

#include <stdbool.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/abi.h"

enum { FDS_MAX = 253 }; /* SCM_MAX_FD: no message brings more */

int socket_pair(int pair[2], struct error *e)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return fail_errno(e, "cannot make a socket pair");
	return 0;
}

static int make_socket(int type, struct error *e)
{
	int fd = socket(AF_UNIX, type | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return fail_errno(e, "cannot make a socket");
	return fd;
}

/* An address has room for 108 bytes; a directory's descriptor makes any place short. */
int socket_listen(int dir, const char *name, int type, struct error *e)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	AUTO_CLOSE int fd = make_socket(type, e);
	mode_t mask;
	int bound;

	if (fd < 0)
		return -1;
	if (str_format(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d/%s", dir, name) < 0)
		return fail_errno(e, "cannot make socket \"%s\"", name);
	mask = umask(0177); /* yacr has no threads */
	bound = bind(fd, (struct sockaddr *)&a, sizeof(a));
	umask(mask);
	if (bound < 0)
		return fail_errno(e, "cannot make socket \"%s\"", name);
	if ((type & ~SOCK_NONBLOCK) != SOCK_DGRAM && listen(fd, 8) < 0)
		return fail_errno(e, "cannot listen on socket \"%s\"", name);
	return TAKE_FD(fd);
}

/* @place: an O_PATH descriptor of the socket itself. */
static int connect_to(int place, const char *name, int type, struct error *e)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	AUTO_CLOSE int fd = make_socket(type, e);
	struct stat st;

	if (fd < 0)
		return -1;
	if (fstat(place, &st) < 0)
		return fail_errno(e, "cannot examine socket \"%s\"", name);
	if (!S_ISSOCK(st.st_mode))
		return fail(e, ENOTSOCK, "\"%s\" is no socket", name);
	if (str_format(a.sun_path, sizeof(a.sun_path), "/proc/self/fd/%d", place) < 0)
		return fail_errno(e, "cannot connect to \"%s\"", name);
	while (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		if (errno != EINTR)
			return fail_errno(e, "cannot connect to \"%s\"", name);
	return TAKE_FD(fd);
}

int socket_connect(int dir, const char *name, int type, struct error *e)
{
	AUTO_CLOSE int place = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);

	if (place < 0)
		return fail_errno(e, "cannot open socket \"%s\"", name);
	return connect_to(place, name, type, e);
}

int socket_connect_path(const char *path, int type, struct error *e)
{
	AUTO_CLOSE int place = openat(AT_FDCWD, path, O_PATH | O_CLOEXEC);

	if (place < 0)
		return fail_errno(e, "cannot open socket \"%s\"", path);
	return connect_to(place, path, type, e);
}

int socket_send_fd(int sock, const void *data, size_t len, int fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(sizeof(int))] = {0};
	struct iovec iov = {.iov_base = (void *)data, .iov_len = len};
	struct msghdr msg = {.msg_iov = &iov, .msg_iovlen = 1};
	ssize_t n;

	if (fd >= 0) {
		struct cmsghdr *c;

		msg.msg_control = control;
		msg.msg_controllen = sizeof(control);
		c = CMSG_FIRSTHDR(&msg);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &fd, sizeof(int));
	}
	do
		n = sendmsg(sock, &msg, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	if (n >= 0 && (size_t)n != len) {
		errno = EMSGSIZE;
		return -1;
	}
	return n < 0 ? -1 : 0;
}

/* Takes the first descriptor of @c and closes the others; returns how many there were. */
static size_t take_rights(struct cmsghdr *c, int *fd)
{
	size_t n = (c->cmsg_len - CMSG_LEN(0)) / sizeof(int);

	for (size_t i = 0; i < n; i++) {
		int got;

		memcpy(&got, CMSG_DATA(c) + i * sizeof(int), sizeof(int));
		if (*fd < 0)
			*fd = got;
		else
			close(got);
	}
	return n;
}

#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wsign-compare" /* CMSG_NXTHDR of musl */
#endif

ssize_t socket_receive_fd(int sock, void *data, size_t size, int *fd)
{
	_Alignas(struct cmsghdr) char control[CMSG_SPACE(FDS_MAX * sizeof(int))];
	struct iovec iov = {.iov_base = data, .iov_len = size};
	struct msghdr msg = {
		.msg_iov = &iov,
		.msg_iovlen = 1,
		.msg_control = control,
		.msg_controllen = sizeof(control),
	};
	AUTO_CLOSE int got = -1;
	size_t count = 0;
	ssize_t n;

	do
		n = recvmsg(sock, &msg, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return -1;
	for (struct cmsghdr *c = CMSG_FIRSTHDR(&msg); c; c = CMSG_NXTHDR(&msg, c))
		if (c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS)
			count += take_rights(c, &got);
	if (count > 1 || (msg.msg_flags & (MSG_TRUNC | MSG_CTRUNC))) {
		errno = EPROTO;
		return -1;
	}
	*fd = TAKE_FD(got);
	return n;
}
