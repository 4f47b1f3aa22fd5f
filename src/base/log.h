/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_LOG_H
#define YACR_BASE_LOG_H

/*
 * The log an engine reads.  On success nothing is written at the default
 * level, on failure exactly one line: podman parses the whole file as one JSON
 * object, containerd takes the last object of level "error".
 */

#include "base/error.h"
#include "base/str.h"

enum log_level { LOG_ERROR, LOG_WARNING, LOG_INFO, LOG_DEBUG };
enum log_format { LOG_TEXT, LOG_JSON };

struct log_options {
	const char *path; /* NULL: standard error */
	enum log_format format;
	enum log_level level; /* LOG_ERROR by default; --debug is LOG_DEBUG */
};

extern const struct name log_level_names[];  /* "error" .. "debug", and "warn", "trace" */
extern const struct name log_format_names[]; /* "text", "json" */

/* Opens @o->path (O_APPEND|O_CLOEXEC, 0644). The options are copied. */
int log_open(const struct log_options *o, struct error *e);
int log_fd(void); /* -1 when the log is standard error */
enum log_format log_format(void);
bool log_wants(enum log_level level);

/*
 * Writes one line: JSON, or key=value to a file, or "yacr: text" to a person.
 * Leaves errno alone, and cannot fail.
 */
void log_write(enum log_level level, const char *fmt, ...) PRINTF_LIKE(2, 3);

#define log_debug(...) (log_wants(LOG_DEBUG) ? log_write(LOG_DEBUG, __VA_ARGS__) : (void)0)
#define log_warning(...) log_write(LOG_WARNING, __VA_ARGS__)

/* "yacr: TEXT" to standard error, for a person, wherever the log is. */
void log_stderr(const char *fmt, ...) PRINTF_LIKE(1, 2);

#endif
