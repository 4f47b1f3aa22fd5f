/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_INTERRUPT_H
#define YACR_HOST_INTERRUPT_H

#include <stdint.h>

#include "base/error.h"

/*
 * While a container is being made, SIGINT, SIGTERM, SIGHUP and SIGQUIT must not
 * end yacr, but make it undo what it did.  They are blocked and arrive on a
 * descriptor that whoever waits for something polls as well.
 */
int interrupt_open(struct error *e);

/* 0, or -1 with "interrupted by SIGTERM" when one of them has come. @fd may be -1. */
int interrupt_check(int fd, struct error *e);

/*
 * Waits until one of @fds[0..n) is readable: its index; -1 for an interruption or
 * an error; n when @ms passed (-1: no limit).  Descriptors of -1 are passed over.
 */
int interrupt_wait(int interrupt, const int *fds, unsigned int n, int64_t ms, struct error *e);

#endif
