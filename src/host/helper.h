/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_HELPER_H
#define YACR_HOST_HELPER_H

/*
 * Programs of yacr's own for what needs a library: they are not on everybody's path, and yacr
 * stays without one.  They are in ../libexec/yacr, seen from the directory that yacr itself was
 * executed from, in a tree that was only built as in one that is installed.  A helper has
 * yacr's standard descriptors, its end of a socket pair on HELPER_SOCKET and nothing else open;
 * signals are as by default, and the environment is a fixed PATH and nothing else.
 */

#include <limits.h>
#include <sys/types.h>

#include "base/error.h"

#define HELPER_SOCKET 3

struct helper {
	pid_t pid;
	int pidfd;
	int sock; /* SOCK_SEQPACKET; its end is the sign for the helper to go away */
};

/* The absolute path of helper @name; an error when it is not there. */
int helper_find(char path[PATH_MAX], const char *name, struct error *e);

int helper_start(struct helper *h, const char *name, struct error *e);

/* helper_start()'s second half, for a child that has more to do first. With errno when it returns. */
void helper_become(const char *path, int sock);

/* Closes the socket and waits for its end. Harmless when there is none. */
void helper_end(struct helper *h);

#endif
