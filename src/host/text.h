/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_TEXT_H
#define YACR_HOST_TEXT_H

#include "base/buf.h"

/*
 * All of what somebody names on the command line, a pipe as well as a file: at most JSON_SIZE_MAX.
 * @fd: just opened for it, below 0 with errno when that failed; stays open.  @name: what it is called
 * in the error.
 */
int text_read(struct buf *out, int fd, const char *name, struct error *e);

#endif
