/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_RECVTTY_H
#define YACR_HOST_RECVTTY_H

#include "base/error.h"

/*
 * The other side of --console-socket: listens on @path, takes the first
 * terminal that is sent, and relays between it and ours until it ends.  The
 * end of our own input is not the end: the container's program goes on.
 */
int recvtty_single(const char *path, struct error *e);

/* Takes every terminal that is sent and throws away what it prints, until SIGTERM or SIGINT. */
int recvtty_null(const char *path, struct error *e);

#endif
