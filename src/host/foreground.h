/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_FOREGROUND_H
#define YACR_HOST_FOREGROUND_H

/* What `run` and `exec` do while they wait for a program: its signals, its terminal, its end. */

#include "host/launch.h"
#include "host/notify.h"
#include "host/relay.h"

struct foreground {
	const struct child *child;
	int signals;	       /* signalfd(2) of all signals */
	struct notify *notify; /* of a container's program, for the service manager; or NULL */
	struct relay relay;
	bool has_terminal;
	bool ended;
	int status; /* of waitpid(2) */
};

/* First of all, so that nothing is lost that comes while the process is being made. */
int foreground_block_signals(struct error *e);

/*
 * Takes signals from here on, and the user's terminal when there is a @master.  Only once
 * the process is made: making it begins with closing what others left open.
 * foreground_end() is called in both cases, and gives the terminal back.
 */
int foreground_begin(struct foreground *f, const struct child *child, int master, struct error *e);

/* Until the process has ended. */
int foreground_serve(struct foreground *f, struct error *e);
void foreground_end(struct foreground *f);

/* As shells have it: that of the process, or 128 and the signal. */
int foreground_exit_code(const struct foreground *f);

#endif
