/* SPDX-License-Identifier: Apache-2.0 */
#include "host/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "sys/tty.h"

/*
 * The first of 0, 1, 2 that is a terminal; /dev/tty where all are redirected.
 * Without any, from cron say, the container gets its terminal all the same.
 */
static int find_terminal(struct relay *r)
{
	for (int fd = 0; fd <= 2; fd++)
		if (isatty(fd))
			return fd;
	r->tty_is_ours = true;
	return openat(AT_FDCWD, "/dev/tty", O_RDWR | O_NOCTTY | O_CLOEXEC);
}

int relay_begin(struct relay *r, int master, struct error *e)
{
	memset(r, 0, sizeof(*r));
	r->master = master;
	r->tty = find_terminal(r);
	if (fcntl(master, F_SETFL, O_NONBLOCK) < 0)
		return fail_errno(e, "cannot prepare the container's terminal");
	if (r->tty < 0)
		return 0;
	relay_resize(r);
	if (tcgetattr(r->tty, &r->saved) < 0 || tty_raw(r->tty, &r->saved) < 0)
		return fail_errno(e, "cannot set the terminal to raw mode");
	r->raw = true;
	return 0;
}

void relay_resize(struct relay *r)
{
	if (r->tty >= 0)
		(void)tty_copy_size(r->tty, r->master);
}

void relay_resume(struct relay *r)
{
	/* in the background it is still the shell's */
	if (!r->raw || tcgetpgrp(r->tty) != getpgrp())
		return;
	(void)tty_raw(r->tty, &r->saved);
	relay_resize(r);
}

static bool is_empty(const struct relay_buffer *b)
{
	return b->from == b->to;
}

/* 1 data, 0 nothing now, -1 the end. */
static int fill(struct relay_buffer *b, int fd)
{
	ssize_t n = read(fd, b->data, sizeof(b->data));

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return 0;
	if (n <= 0)
		return -1;
	b->from = 0;
	b->to = (size_t)n;
	return 1;
}

static int empty(struct relay_buffer *b, int fd)
{
	ssize_t n = write(fd, b->data + b->from, b->to - b->from);

	if (n < 0)
		return errno == EAGAIN || errno == EINTR ? 0 : -1;
	b->from += (size_t)n;
	return 1;
}

#define END_TYPED_MAX 8
#define END_PAUSE_MS 50 /* doubled each time: 13 s in all */

int relay_poll(const struct relay *r, struct pollfd fds[RELAY_FDS])
{
	short master = 0;

	if (!is_empty(&r->in))
		master |= POLLOUT;
	if (is_empty(&r->out))
		master |= POLLIN;
	/* Not asked for nothing: a terminal that was hung up would answer that at once, for ever. */
	fds[0] = (struct pollfd){.fd = r->output_ended || !master ? -1 : r->master,
				 .events = master};
	fds[1] = (struct pollfd){.fd = is_empty(&r->in) && !r->input_ended ? STDIN_FILENO : -1,
				 .events = POLLIN};
	fds[2] = (struct pollfd){.fd = is_empty(&r->out) ? -1 : STDOUT_FILENO, .events = POLLOUT};
	if (!r->input_ended || r->keep_input_open || r->end_typed == END_TYPED_MAX)
		return -1;
	return END_PAUSE_MS << r->end_typed;
}

/*
 * The end of a file or pipe on standard input is typed to the container as the
 * end-of-file character, or a program that reads its terminal would wait for
 * ever.  A shell that sets its terminal up just then misses it: so it is typed
 * again while nothing happens, after ever longer pauses, and then not any more.
 */
static void type_end(struct relay *r)
{
	struct termios t;

	if (r->keep_input_open || r->end_typed == END_TYPED_MAX || !is_empty(&r->in))
		return;
	if (tcgetattr(r->master, &t) < 0)
		return;
	r->end_typed++;
	r->in.data[0] = (char)t.c_cc[VEOF];
	r->in.from = 0;
	r->in.to = 1;
}

void relay_attend(struct relay *r, const struct pollfd fds[RELAY_FDS])
{
	if (fds[1].revents && fill(&r->in, STDIN_FILENO) < 0) {
		r->input_ended = true;
		type_end(r);
	}
	if ((fds[0].revents & POLLOUT) && empty(&r->in, r->master) < 0)
		r->in.from = r->in.to;
	/* EIO: no process has the other end open; more may come only from ones that open it anew. */
	if ((fds[0].revents & (POLLIN | POLLHUP | POLLERR)) && is_empty(&r->out) &&
	    fill(&r->out, r->master) < 0)
		r->output_ended = true;
	if (fds[2].revents && empty(&r->out, STDOUT_FILENO) < 0)
		r->out.from = r->out.to; /* nobody reads it any more; the container goes on */
	if (r->input_ended && !fds[0].revents && !fds[2].revents)
		type_end(r);
}

void relay_end(struct relay *r)
{
	do {
		while (!is_empty(&r->out))
			if (empty(&r->out, STDOUT_FILENO) < 0)
				r->out.from = r->out.to;
	} while (fill(&r->out, r->master) > 0);

	if (r->raw)
		tty_restore(r->tty, &r->saved);
	r->raw = false;
	if (r->tty_is_ours)
		close_fd(&r->tty);
}
