/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_WORDS_H
#define YACR_SYS_WORDS_H

/*
 * What yacr and a program of its own (host/helper.h) say to each other over a SOCK_SEQPACKET
 * pair: messages of a few words, each ended by NUL, and at most one descriptor.
 */

#include "base/error.h"

#define WORDS_MAX 8
#define WORDS_SIZE 16384 /* of all of them together */

struct words {
	const char *v[WORDS_MAX + 1]; /* into .text; v[n] is NULL */
	unsigned int n;
	int fd; /* came along, or -1; the receiver's */
	char text[WORDS_SIZE];
};

/* @words ends with NULL; @fd -1: none. 0, or -1 with errno; never raises SIGPIPE. */
int words_send(int sock, int fd, const char *const *words);

/* 1, 0 at the end of the stream, -1 with errno; EPROTO: these are no words. */
int words_receive(int sock, struct words *out);

#endif
