/* SPDX-License-Identifier: Apache-2.0 */
#include "helpers/criu/swrk.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/str.h"
#include "host/helper.h"
#include "sys/socket.h"
#include "sys/spawn.h"

#define RESPONSE_MAX 65536 /* of CRIU's own */
#define FDS_MAX 256	   /* more than yacr ever sends */

/* In the child. */
static void become_criu(const char *path, int sock)
{
	char number[16];
	char *argv[] = {(char *)"criu", (char *)"swrk", number, NULL};

	for (int fd = 0; fd < FDS_MAX; fd++)
		(void)fcntl(fd, F_SETFD, fd == HELPER_SOCKET ? FD_CLOEXEC : 0);
	if (str_format(number, sizeof(number), "%d", sock) < 0)
		return;
	execv(path, argv);
}

int swrk_start(struct swrk *s, const char *path, struct error *e)
{
	int pair[2], pidfd = -1;

	/* It tells by the peer's number whose descriptors a request names: ours. */
	if (socket_pair(pair, e) < 0)
		return -1;
	s->pid = spawn(CLONE_PARENT, -1, &pidfd, e);
	if (s->pid == 0) {
		close(pair[0]);
		become_criu(path, pair[1]);
		_exit(127);
	}
	close(pair[1]);
	close_fd(&pidfd);
	s->sock = pair[0];
	return s->pid < 0 ? error_context(e, "cannot start \"%s\"", path) : 0;
}

int swrk_send(const struct swrk *s, const CriuReq *request, struct error *e)
{
	size_t len = criu_req__get_packed_size(request);
	uint8_t *packed = malloc(len ? len : 1);
	ssize_t n;

	if (!packed)
		return fail(e, ENOMEM, "cannot tell CRIU what to do");
	criu_req__pack(request, packed);
	do
		n = send(s->sock, packed, len, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	free(packed);
	return n < 0 ? fail_errno(e, "cannot tell CRIU what to do") : 0;
}

/* Nobody would know what became of it if we went on without yacr. */
static void wait_for_response(const struct swrk *s)
{
	struct pollfd fds[] = {
		{.fd = s->sock, .events = POLLIN},
		{.fd = HELPER_SOCKET, .events = POLLIN},
	};

	while (!fds[0].revents) {
		if (poll(fds, 2, -1) < 0 && errno != EINTR)
			exit(1);
		if (fds[1].revents && !fds[0].revents)
			exit(1);
	}
}

CriuResp *swrk_receive(const struct swrk *s, int *fd, struct error *e)
{
	static uint8_t packed[RESPONSE_MAX];
	CriuResp *response = NULL;
	ssize_t n;

	wait_for_response(s);
	n = socket_receive_fd(s->sock, packed, sizeof(packed), fd);
	if (n > 0)
		response = criu_resp__unpack(NULL, (size_t)n, packed);
	if (!response)
		fail(e, n < 0 ? errno : 0, "CRIU has ended without an answer");
	return response;
}
