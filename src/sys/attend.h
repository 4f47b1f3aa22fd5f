/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_ATTEND_H
#define YACR_SYS_ATTEND_H

/* Running a program to its end: what hooks have in common, whoever runs them. */

#include "sys/spawn.h"

/*
 * A descriptor from which @text (pieces, NULL ends them) can be read from the beginning.
 * A file, not a pipe: it does not block whoever writes it, however long it is and whether
 * or not the program reads it.
 */
int input_of(const char *const *text, struct error *e);

struct attention {
	int64_t timeout; /* seconds; 0: none */
	int interrupt;	 /* readable: stop; or -1 */
	int log;	 /* what the program writes to stderr is appended here as well; or -1 */
};

/*
 * Runs @c, whose stderr is ours, and so is its stdout when it is given no other; returns when
 * it has ended.  0 for exit status 0; else -1 with the status, and the end of what it wrote,
 * as one line.  A program that fails, takes too long or is interrupted (e->code EINTR) is
 * killed with its process group.
 */
int command_attend(struct command *c, const struct attention *a, struct error *e);

#endif
