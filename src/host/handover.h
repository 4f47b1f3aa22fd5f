/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_HANDOVER_H
#define YACR_HOST_HANDOVER_H

/* What create gives to its caller besides an exit code. */

#include <sys/types.h>

#include "base/error.h"

/* One message, @name, with one descriptor: the receiver may close after it. 0, or -1 with errno. */
int hand_over(int sock, const char *name, int fd);

/* --pidfd-socket */
int hand_over_pidfd(const char *path, int pidfd, struct error *e);

/* --pid-file: digits and nothing else, whole or not at all. */
int write_pid_file(const char *path, pid_t pid, struct error *e);

#endif
