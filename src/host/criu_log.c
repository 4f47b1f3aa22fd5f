/* SPDX-License-Identifier: Apache-2.0 */
/* CRIU's log file: hundreds of lines, of which the few that say "Error" are for a person. */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "host/criu.h"
#include "sys/file.h"

#define TAIL_SIZE (64 << 10) /* of the log that is looked at */
#define SHOWN_LINES 3	     /* of it in the message */
#define SHOWN_MAX 360	     /* bytes of them */

/*
 * Engines take the kernel's phrases for what happened to the container's program (see
 * base/error.h); in a log of CRIU's they are about something else.
 */
static void reword(char *line, size_t size)
{
	static const int codes[] = {ENOENT, EACCES, EPERM, EISDIR, ENOTDIR};

	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		const char *phrase = execve_words(codes[i]), *words = errno_words(codes[i]);
		char *at = strcasestr(line, phrase);
		char rest[SHOWN_MAX];

		if (at && str_format(rest, sizeof(rest), "%s", at + strlen(phrase)) == 0)
			(void)!str_format(at, size - (size_t)(at - line), "%s%s", words, rest);
	}
}

/* "(00.012345) Error (criu/mount.c:88): mnt: text" -> "mnt: text"; NULL: it says nothing of an error. */
static const char *error_of(const char *line)
{
	const char *at = str_find(line, "Error (");

	if (!at)
		return NULL;
	at = str_find(at, "): ");
	return at && !str_ends(at, " FAILED.") ? at + strlen("): ") : NULL;
}

/* The last errors in @log, in their order, as many as there is room for. */
static void collect(char *out, size_t size, char *log)
{
	const char *last[SHOWN_LINES] = {NULL};
	size_t n = 0, len = 0;

	for (char *line = log, *next; line; line = next) {
		next = strchr(line, '\n');
		if (next)
			*next++ = '\0';
		if (error_of(line))
			last[n++ % SHOWN_LINES] = error_of(line);
	}
	for (size_t i = n < SHOWN_LINES ? 0 : n - SHOWN_LINES; i < n; i++) {
		char one[SHOWN_MAX];

		if (str_format(one, sizeof(one), "%s%s", len ? "; " : "", last[i % SHOWN_LINES]) <
		    0)
			continue;
		reword(one, sizeof(one));
		if (str_format(out + len, size - len, "%s", one) == 0)
			len += strlen(one);
	}
	out[len] = '\0';
}

static int read_tail(const struct criu_places *p, const char *log, char *out)
{
	AUTO_CLOSE int fd = openat(p->work, log, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t n;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return -1;
	if (st.st_size >= TAIL_SIZE && lseek(fd, -(TAIL_SIZE - 1), SEEK_END) < 0)
		return -1;
	n = file_read_all(fd, out, TAIL_SIZE - 1);
	if (n < 0)
		return -1;
	out[n] = '\0';
	return 0;
}

int criu_explain(const struct criu_places *p, const char *log, struct error *e)
{
	static char text[TAIL_SIZE];
	char shown[SHOWN_MAX] = "";

	if (read_tail(p, log, text) == 0)
		collect(shown, sizeof(shown), text);
	else
		return -1; /* CRIU has not come so far as to write one */
	if (shown[0])
		return fail(e, 0, "CRIU has failed: %s; see \"%s/%s\"", shown, p->work_path, log);
	return fail(e, e->code, "CRIU has failed, see \"%s/%s\"", p->work_path, log);
}
