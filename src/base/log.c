/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <string.h>
#include <unistd.h>

#include "base/buf.h"
#include "base/clock.h"
#include "base/fd.h"
#include "base/json_write.h"

static struct {
	int fd; /* 0 is standard input and never the log: "not opened" */
	enum log_format format;
	enum log_level level;
} log_state;

const struct name log_level_names[] = {
	{"error", LOG_ERROR},
	{"warning", LOG_WARNING},
	{"info", LOG_INFO},
	{"debug", LOG_DEBUG},
	{"warn", LOG_WARNING},
	{"trace", LOG_DEBUG},
	{NULL},
};

const struct name log_format_names[] = {
	{"text", LOG_TEXT},
	{"json", LOG_JSON},
	{NULL},
};

int log_open(const struct log_options *o, struct error *e)
{
	int fd = 0;

	if (o->path) {
		fd = openat(AT_FDCWD, o->path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY,
			    0644);
		if (fd < 0)
			return fail_errno(e, "cannot open log file \"%s\"", o->path);
	}
	if (log_state.fd > 0)
		close(log_state.fd);
	log_state.fd = fd;
	log_state.format = o->format;
	log_state.level = o->level;
	return 0;
}

int log_fd(void)
{
	return log_state.fd > 0 ? log_state.fd : -1;
}

enum log_format log_format(void)
{
	return log_state.format;
}

bool log_wants(enum log_level level)
{
	return level <= log_state.level;
}

/* As a person at a terminal reads it. */
static void put_plain(struct buf *line, enum log_level level, const char *text)
{
	buf_puts(line, "yacr: ");
	if (level != LOG_ERROR)
		buf_printf(line, "%s: ", name_of(log_level_names, level));
	buf_puts(line, text);
}

/* key=value, quoted as JSON is: a message of several lines stays one line. */
static void put_pairs(struct buf *line, enum log_level level, const char *time, const char *text)
{
	struct json_writer w = json_writer(line, 0);

	buf_printf(line, "time=\"%s\" level=%s msg=", time, name_of(log_level_names, level));
	json_write_string(&w, NULL, text);
}

static void put_json(struct buf *line, enum log_level level, const char *time, const char *text)
{
	struct json_writer w = json_writer(line, 0);

	json_write_object(&w, NULL);
	json_write_string(&w, "level", name_of(log_level_names, level));
	json_write_string(&w, "msg", text);
	json_write_string(&w, "time", time);
	json_write_object_end(&w);
}

/* One write per line, so that lines of several processes never mix; a full disk is nobody's failure. */
static void write_line(int fd, const struct buf *line)
{
	(void)file_write_all(fd, line->s, line->len);
}

void log_write(enum log_level level, const char *fmt, ...)
{
	char room[2048] __attribute__((aligned(16))) = "";
	struct arena scratch = {.next = room, .end = room + sizeof(room)};
	char time[CLOCK_TEXT_MAX];
	struct buf text, line;
	int saved = errno;
	va_list ap;

	if (!log_wants(level))
		return;
	text = buf_new(&scratch);
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	line = buf_new(&scratch);
	clock_now(time, 6);
	if (log_state.format == LOG_JSON)
		put_json(&line, level, time, text.s);
	else if (log_state.fd > 0)
		put_pairs(&line, level, time, text.s);
	else
		put_plain(&line, level, text.s);
	buf_putc(&line, '\n');
	write_line(log_state.fd > 0 ? log_state.fd : STDERR_FILENO, &line);
	arena_free(&scratch);
	errno = saved;
}

void log_stderr(const char *fmt, ...)
{
	char room[2048] __attribute__((aligned(16))) = "";
	struct arena scratch = {.next = room, .end = room + sizeof(room)};
	struct buf line = buf_new(&scratch);
	va_list ap;

	buf_puts(&line, "yacr: ");
	va_start(ap, fmt);
	buf_vprintf(&line, fmt, ap);
	va_end(ap);
	buf_putc(&line, '\n');
	write_line(STDERR_FILENO, &line);
	arena_free(&scratch);
}
