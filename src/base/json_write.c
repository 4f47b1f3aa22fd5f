/* SPDX-License-Identifier: Apache-2.0 */
#include "base/json_write.h"

#include <inttypes.h>
#include <string.h>

#include "base/utf8.h"

struct json_writer json_writer(struct buf *out, unsigned int indent)
{
	return (struct json_writer){.out = out, .indent = indent, .first = true};
}

static void new_line(struct json_writer *w)
{
	static const char blanks[8] = "        ";
	unsigned int step;

	if (w->indent == 0)
		return;
	buf_putc(w->out, '\n');
	for (unsigned int n = w->depth * w->indent; n > 0; n -= step) {
		step = n < sizeof(blanks) ? n : sizeof(blanks);
		buf_add(w->out, blanks, step);
	}
}

static void put_escape(struct buf *out, unsigned char c)
{
	static const char letters[] = "\"\"\\\\\bb\ff\nn\rr\tt";

	for (size_t i = 0; i + 1 < sizeof(letters); i += 2) {
		if ((unsigned char)letters[i] == c) {
			buf_putc(out, '\\');
			buf_putc(out, letters[i + 1]);
			return;
		}
	}
	buf_printf(out, "\\u%04x", c);
}

static void put_string(struct buf *out, const char *s)
{
	const char *end = s + strlen(s), *plain = s;

	buf_putc(out, '"');
	while (s < end) {
		unsigned char c = (unsigned char)*s;
		size_t len = 1;

		if (c >= 0x20 && c < 0x80 && c != '"' && c != '\\') {
			s++;
			continue;
		}
		if (c >= 0x80 && (len = utf8_length(s, end)) > 0) {
			s += len;
			continue;
		}
		buf_add(out, plain, (size_t)(s - plain));
		if (c >= 0x80)
			buf_puts(out, "\xef\xbf\xbd"); /* U+FFFD for what is not UTF-8 */
		else
			put_escape(out, c);
		plain = ++s;
	}
	buf_add(out, plain, (size_t)(s - plain));
	buf_putc(out, '"');
}

/* What stands before each value: a comma, a line of its own, its key. */
static void begin(struct json_writer *w, const char *key)
{
	if (w->depth > 0) {
		if (!w->first)
			buf_putc(w->out, ',');
		new_line(w);
	}
	w->first = false;
	if (key) {
		put_string(w->out, key);
		buf_puts(w->out, w->indent ? ": " : ":");
	}
}

static void enter(struct json_writer *w, const char *key, char bracket)
{
	begin(w, key);
	buf_putc(w->out, bracket);
	w->depth++;
	w->first = true;
}

static void leave(struct json_writer *w, char bracket)
{
	w->depth--;
	if (!w->first)
		new_line(w);
	w->first = false;
	buf_putc(w->out, bracket);
}

void json_write_object(struct json_writer *w, const char *key)
{
	enter(w, key, '{');
}

void json_write_object_end(struct json_writer *w)
{
	leave(w, '}');
}

void json_write_array(struct json_writer *w, const char *key)
{
	enter(w, key, '[');
}

void json_write_array_end(struct json_writer *w)
{
	leave(w, ']');
}

void json_write_string(struct json_writer *w, const char *key, const char *value)
{
	begin(w, key);
	put_string(w->out, value);
}

void json_write_bool(struct json_writer *w, const char *key, bool value)
{
	begin(w, key);
	buf_puts(w->out, value ? "true" : "false");
}

void json_write_i64(struct json_writer *w, const char *key, int64_t value)
{
	begin(w, key);
	buf_printf(w->out, "%" PRId64, value);
}

void json_write_u64(struct json_writer *w, const char *key, uint64_t value)
{
	begin(w, key);
	buf_printf(w->out, "%" PRIu64, value);
}

void json_write_number(struct json_writer *w, const char *key, const char *text)
{
	begin(w, key);
	buf_puts(w->out, text);
}

void json_write_null(struct json_writer *w, const char *key)
{
	begin(w, key);
	buf_puts(w->out, "null");
}
