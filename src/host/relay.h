/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_RELAY_H
#define YACR_HOST_RELAY_H

#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <termios.h>

#include "base/error.h"

/*
 * Between the user's terminal and that of a container in the foreground.  The
 * user's is raw meanwhile: every key goes to the container, ^C too.
 */
struct relay_buffer {
	char data[4096]; /* not more than a pipe takes at once (PIPE_BUF) */
	size_t from, to;
};

struct relay {
	int master;
	int tty; /* the user's terminal, or -1: there is none, and only data is relayed */
	bool tty_is_ours, raw;
	bool input_ended, output_ended;
	bool keep_input_open;	/* the end of our input is not typed to the container */
	unsigned int end_typed; /* how often */
	struct termios saved;
	struct relay_buffer in, out;
};

int relay_begin(struct relay *r, int master, struct error *e);

/* What to wait for, and how long (ms, or -1); relay_attend() with the answers, also when there are none. */
#define RELAY_FDS 3
int relay_poll(const struct relay *r, struct pollfd fds[RELAY_FDS]);
void relay_attend(struct relay *r, const struct pollfd fds[RELAY_FDS]);

void relay_resize(struct relay *r); /* SIGWINCH */

/* SIGCONT: while we were stopped a shell had the terminal, and set it up for itself. */
void relay_resume(struct relay *r);

/* The container has ended: what it has printed comes out, and the terminal is as it was. */
void relay_end(struct relay *r);

#endif
