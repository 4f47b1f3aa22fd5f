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
 * never from a name.  ONLCR is cleared on it, as runc does.  @height 0: the size
 * is left.
 */
int tty_open_pair(int devpts, uint16_t height, uint16_t width, int *slave, struct error *e);

/* Makes @slave the controlling terminal of this session and 0, 1, 2. */
int tty_take(int slave, struct error *e);

int tty_raw(int fd, struct termios *saved, struct error *e);
void tty_restore(int fd, const struct termios *saved);
int tty_copy_size(int from, int to); /* -1 with errno */

#endif
