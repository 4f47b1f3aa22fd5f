/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_TTY_H
#define YACR_SYS_TTY_H

/* Terminals: the container's pseudo terminal, and the user's. */

#include <stdint.h>
#include <termios.h>

#include "base/error.h"

/*
 * Opens a new pair on @devpts, the root directory of a devpts (O_PATH will do:
 * what mount_place() returned, or path_open_inside() of "/dev/pts").  It is
 * checked to be one.  Returns the master; the slave comes from TIOCGPTPEER,
 * never from a name.  @height 0: the size is left.
 * The rest is as the kernel has it, ONLCR too: engines and their clients show
 * what comes out of the master on a terminal that is quite raw.
 */
int tty_open_pair(int devpts, uint16_t height, uint16_t width, int *slave, struct error *e);

/* Makes @slave the controlling terminal of this session and 0, 1, 2. */
int tty_take(int slave, struct error *e);

/*
 * Clears ONLCR on a pair, by either end: what comes out has the newlines that were
 * written, for a file, a pipe, or a terminal that was made raw by tty_raw().
 */
int tty_keep_newlines(int fd, struct error *e);

/*
 * As @saved, but what is typed is raw.  What is printed is not: a newline still goes to the left.
 * 0, or -1 with errno.
 */
int tty_raw(int fd, const struct termios *saved);
void tty_restore(int fd, const struct termios *saved);
int tty_copy_size(int from, int to); /* -1 with errno */

#endif
