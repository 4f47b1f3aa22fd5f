/* SPDX-License-Identifier: Apache-2.0 */
/* Between create and start. */
#include <poll.h>
#include <signal.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/list.h"
#include "init/message.h"
#include "init/walk.h"
#include "sys/self.h"

static void end_by_signal(int sig)
{
	_exit(128 + sig);
}

void init_be_mortal(void)
{
	const struct sigaction a = {.sa_handler = end_by_signal};
	static const int signals[] = {SIGHUP, SIGINT, SIGQUIT, SIGTERM};

	for (size_t i = 0; i < ARRAY_SIZE(signals); i++)
		sigaction(signals[i], &a, NULL);
}

/* What was needed to get here does not wait with us: mounts of the host would be kept busy by it. */
static int let_go(struct init *in)
{
	const struct op *last = init_next(in, OP_CLOSE_FDS);
	const struct op *hook = init_next(in, OP_HOOK);
	int keep[] = {in->root, in->start_sock, init_next(in, OP_EXEC_LABEL) ? in->proc : -1,
		      hook ? init_log(in, hook->hook.out) : -1,
		      hook ? init_log(in, hook->hook.err) : -1};

	in->proc = keep[2];
	in->host = in->null = in->mask = in->time_offsets = -1;
	for (uint32_t i = 0; i < in->plan->slot_count; i++)
		if (in->plan->slots[i].kind != SLOT_LOG)
			in->fds[i] = -1;
	return self_close_all_but(last ? last->close_fds.keep : 3, keep, ARRAY_SIZE(keep), in->e);
}

/* The connection of a `start` that meant it; one that goes away has changed its mind. */
static int await_start(struct init *in)
{
	for (;;) {
		AUTO_CLOSE int conn = accept4(in->start_sock, NULL, NULL, SOCK_CLOEXEC);
		AUTO_CLOSE int fd = -1;
		struct message m;

		if (conn >= 0 && message_receive(conn, &m, &fd) == 1 && m.kind == MSG_START)
			return TAKE_FD(conn);
		if (conn >= 0 || errno == EINTR || errno == ECONNABORTED)
			continue;
		/* The machine may have more to give in a moment. */
		if (errno != ENFILE && errno != ENOMEM && errno != ENOBUFS)
			return fail_errno(in->e, "cannot wait for start");
		poll(NULL, 0, 10);
	}
}

int do_start_gate(struct init *in, const struct op_start_gate *o)
{
	(void)o;
	if (!in->ready && init_await_commit(in) < 0)
		return -1;
	/* Foreground: the host is there, and listens for what comes of execve. */
	if (in->start_sock < 0)
		return 0;
	if (let_go(in) < 0)
		return -1;
	self_drop_image();
	in->host = await_start(in);
	close_fd(&in->start_sock);
	in->start_sock = -1;
	return in->host < 0 ? -1 : 0;
}
