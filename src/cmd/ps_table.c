/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/ps_table.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/wait.h>

#include "base/fd.h"

static int wait_for(pid_t pid)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return -1;
	return status;
}

/* 0, or an errno. The child shares our memory until its execvp(3), so it can say why that failed. */
static int start_ps(const char *const *argv, int out, pid_t *pid)
{
	volatile int failed = 0;
	pid_t child = vfork();

	if (child == 0) {
		if (dup2(out, STDOUT_FILENO) >= 0)
			execvp(argv[0], (char *const *)argv);
		failed = errno;
		_exit(127);
	}
	if (child < 0)
		return errno;
	*pid = child;
	if (failed)
		(void)wait_for(child);
	return failed;
}

static int read_all(int fd, struct buf *out)
{
	char piece[4096];
	ssize_t n;

	while ((n = file_read_all(fd, piece, sizeof(piece))) > 0)
		buf_add(out, piece, (size_t)n);
	return n < 0 ? -1 : 0;
}

int ps_run(const char *const *argv, struct buf *out, struct error *e)
{
	int ends[2], r;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_errno(e, "cannot make a pipe for ps(1)");
	AUTO_CLOSE int from = ends[0];
	AUTO_CLOSE int to = ends[1];

	r = start_ps(argv, to, &pid);
	if (r != 0)
		return fail(e, r, "cannot run ps(1)");
	close_fd(&to);
	to = -1; /* or the pipe would never end */
	if (read_all(from, out) < 0) {
		fail_errno(e, "cannot read what ps(1) prints");
		wait_for(pid);
		return -1;
	}
	if (wait_for(pid) != 0)
		return fail(e, 0, "ps(1) failed: are its options right?");
	return 0;
}

static const char *skip_blanks(const char *s)
{
	return s + strspn(s, " \t");
}

/* The @index'th word of a line, and its length; "" when it has fewer. */
static const char *word_at(const char *line, int index, size_t *len)
{
	line = skip_blanks(line);
	while (index-- > 0)
		line = skip_blanks(line + strcspn(line, " \t\n"));
	*len = strcspn(line, " \t\n");
	return line;
}

/* Which word of the title line is "PID"; -1. */
static int pid_column(const char *titles)
{
	const char *word;
	size_t len;

	for (int i = 0; word = word_at(titles, i, &len), len > 0; i++)
		if (len == 3 && memcmp(word, "PID", 3) == 0)
			return i;
	return -1;
}

static bool is_listed(const char *line, int column, const struct pid_list *pids)
{
	size_t len;
	const char *word = word_at(line, column, &len);
	char number[24];
	int64_t pid;

	if (len == 0 || len >= sizeof(number))
		return false;
	memcpy(number, word, len);
	number[len] = '\0';
	if (str_to_i64(number, 1, INT32_MAX, &pid) < 0)
		return false;
	for (size_t i = 0; i < pids->n; i++)
		if (pids->v[i] == pid)
			return true;
	return false;
}

int ps_filter(const char *table, const struct pid_list *pids, struct buf *out, struct error *e)
{
	int column = pid_column(table);

	if (column < 0)
		return fail(e, 0, "ps(1) printed no column PID: its options hide it");
	for (const char *line = table, *end; *line; line = end) {
		end = line + strcspn(line, "\n");
		end += *end == '\n';
		if (line == table || is_listed(line, column, pids))
			buf_add(out, line, (size_t)(end - line));
	}
	return 0;
}
