/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_CLOCK_H
#define YACR_BASE_CLOCK_H

/* The time of day as text: RFC 3339, UTC, without libc's time zones; and the clocks themselves. */

#include <time.h>

#define CLOCK_TEXT_MAX 40

/* "2026-11-23T09:08:07.123456789Z" with @digits of fraction, 0 to 9. */
void clock_format(char out[CLOCK_TEXT_MAX], const struct timespec *t, unsigned int digits);

/* The same of now. */
void clock_now(char out[CLOCK_TEXT_MAX], unsigned int digits);

/*
 * clock_gettime(2) of @clock, which is one that always exists.  Asked of the kernel: to find its
 * function in the vDSO takes a C library longer than the few times that we ask.
 */
void clock_read(clockid_t clock, struct timespec *out);

#endif
