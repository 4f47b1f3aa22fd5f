/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_ERROR_H
#define YACR_BASE_ERROR_H

/*
 * Errors travel upwards as plain data and are printed once, in cmd/.
 *
 * What can fail takes "struct error *e" last and returns 0 or -1 (or a
 * descriptor, or -1).  The struct holds no pointers, so init sends it over its
 * socket as it is.  On failure every other output is left untouched.
 *
 * The text says what was being done, in lower case, without a final dot; the
 * code says what the kernel answered.  The two are joined only when printed:
 * see errno_words().
 */

#include <stdarg.h>
#include <stdbool.h>

#define ERROR_AT_MAX 160
#define ERROR_TEXT_MAX 640

struct error {
	int code;	       /* errno, or 0 when no system call is to blame */
	char at[ERROR_AT_MAX]; /* what in config.json asked for it: "mounts[3].options[1]", or "" */
	char text[ERROR_TEXT_MAX]; /* truncated with "..." when it does not fit */
};

#define PRINTF_LIKE(fmt, args) __attribute__((format(printf, fmt, args)))
#define MUST_CHECK __attribute__((warn_unused_result))

/* Fills @e and returns -1. @code is an errno, or 0. Keeps nothing of an earlier error. */
int fail(struct error *e, int code, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* The same, with errno. */
int fail_errno(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* As fail(), with the path in config.json to blame. @at may be "" or NULL. */
int fail_at(struct error *e, const char *at, int code, const char *fmt, ...) PRINTF_LIKE(4, 5);

/* Puts "context: " before the text of @e; returns -1, so it can end a return statement. */
int error_context(struct error *e, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* Puts @prefix before e->at: error_at_prefix(e, "process") turns "user.uid" into "process.user.uid". */
int error_at_prefix(struct error *e, const char *prefix);

/*
 * The errno in words of our own, never NULL.  Engines classify a runtime's
 * failure by searching its whole message for strerror's phrases ("no such file
 * or directory" is taken to mean that the container's program is missing, and
 * becomes exit code 127), so those phrases are kept for the one place where
 * they are true: see execve_words().
 */
const char *errno_words(int code);

/* strerror's own phrase, for a failing execve of the container's program only. */
const char *execve_words(int code);

/* Of an errno: descriptors or memory ran out, so what was looked for may well be there. */
bool error_is_shortage(int code);

#endif
