/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_HANDOVER_H
#define YACR_HOST_HANDOVER_H

/* What create, run and exec give to their caller besides an exit code. */

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"

/* One message, @name, with one descriptor: the receiver may close after it. 0, or -1 with errno. */
int hand_over(int sock, const char *name, int fd);

/*
 * --console-socket: whether terminal, detaching and the socket go together; the connection to
 * it, *@sock (-1 without @path); and the master sent over it, after which both are closed.
 */
int console_check(bool terminal, bool detached, const char *path, struct error *e);
int console_connect(int *sock, const char *path, struct error *e);
int console_hand_over(int *sock, const char *path, int *master, struct error *e);

/* --pidfd-socket */
int hand_over_pidfd(const char *path, int pidfd, struct error *e);

/* --pid-file: digits and nothing else, whole or not at all. */
int write_pid_file(const char *path, pid_t pid, struct error *e);

#endif
