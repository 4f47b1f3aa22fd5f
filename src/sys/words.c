/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/words.h"

#include <string.h>

#include "base/fd.h"
#include "sys/socket.h"

int words_send(int sock, int fd, const char *const *words)
{
	char text[WORDS_SIZE];
	size_t len = 0;

	for (; *words; words++) {
		size_t more = strlen(*words) + 1;

		if (more > sizeof(text) - len) {
			errno = EMSGSIZE;
			return -1;
		}
		memcpy(text + len, *words, more);
		len += more;
	}
	return socket_send_fd(sock, text, len, fd);
}

static int split(struct words *w, size_t len)
{
	const char *at = w->text, *end = w->text + len;

	if (at == end || end[-1] != '\0')
		return -1;
	for (w->n = 0; at < end; at += strlen(at) + 1) {
		if (w->n == WORDS_MAX)
			return -1;
		w->v[w->n++] = at;
	}
	w->v[w->n] = NULL;
	return 0;
}

int words_receive(int sock, struct words *out)
{
	ssize_t len = socket_receive_fd(sock, out->text, sizeof(out->text), &out->fd);

	if (len <= 0) {
		out->fd = -1;
		return (int)len;
	}
	if (split(out, (size_t)len) == 0)
		return 1;
	close_fd(&out->fd);
	out->fd = -1;
	errno = EPROTO;
	return -1;
}
