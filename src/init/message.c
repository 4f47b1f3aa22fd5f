/* SPDX-License-Identifier: Apache-2.0 */
#include "init/message.h"

#include <errno.h>

#include "base/fd.h"
#include "sys/socket.h"

int message_send(int sock, const struct message *m, int fd)
{
	return socket_send_fd(sock, m, sizeof(*m), fd);
}

int message_receive(int sock, struct message *m, int *fd)
{
	AUTO_CLOSE int got = -1;
	struct message in;
	ssize_t n = socket_receive_fd(sock, &in, sizeof(in), &got);

	*fd = -1;
	if (n <= 0)
		return (int)n;
	if (n != sizeof(in)) {
		errno = EPROTO;
		return -1;
	}
	/* What another process sent ends where we say, not where it says. */
	in.error.at[sizeof(in.error.at) - 1] = '\0';
	in.error.text[sizeof(in.error.text) - 1] = '\0';
	*m = in;
	*fd = TAKE_FD(got);
	return 1;
}
