/* SPDX-License-Identifier: Apache-2.0 */
/* createContainer and startContainer hooks: the container's own view, so init runs them. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>

#include "base/fd.h"
#include "base/list.h"
#include "base/str.h"
#include "init/walk.h"
#include "sys/abi.h"
#include "sys/file.h"
#include "sys/spawn.h"

#define TAIL_MAX 240 /* of what a hook said, in the message */
#define TICK_MS 10   /* between looks at a process where pidfd_open(2) is missing */

extern char **environ;

struct tail {
	char text[TAIL_MAX + 1];
	size_t len;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/*
 * The state document, to be read from the beginning.  A file, not a pipe: it
 * does not block whoever writes it, however long it is and whether the hook
 * reads it or not.
 */
static int state_file(struct init *in, const struct op_hook *o)
{
	const char *head = init_text(in, o->state_head), *tail = init_text(in, o->state_tail);
	AUTO_CLOSE int fd = memfd_create("state", MFD_CLOEXEC);
	char pid[16];

	if (fd < 0 || str_format(pid, sizeof(pid), "%d", getpid()) < 0 ||
	    file_write_all(fd, head, strlen(head)) < 0 ||
	    file_write_all(fd, pid, strlen(pid)) < 0 ||
	    file_write_all(fd, tail, strlen(tail)) < 0 || lseek(fd, 0, SEEK_SET) < 0)
		return fail(in->e, errno, "cannot write the state for it");
	return TAKE_FD(fd);
}

/* Takes what is there, and keeps the end of it. */
static void drain(struct tail *t, int fd)
{
	char chunk[1024];
	ssize_t n;

	while ((n = read(fd, chunk, sizeof(chunk))) > 0) {
		size_t len = (size_t)n > TAIL_MAX ? TAIL_MAX : (size_t)n;
		size_t stays = t->len + len > TAIL_MAX ? TAIL_MAX - len : t->len;

		memmove(t->text, t->text + t->len - stays, stays);
		memcpy(t->text + stays, chunk + n - len, len);
		t->len = stays + len;
	}
}

/* One line without control characters: engines take a message for one line. */
static const char *one_line(struct tail *t)
{
	size_t to = 0;

	for (size_t i = 0; i < t->len; i++) {
		char c = (unsigned char)t->text[i] <= ' ' || t->text[i] == 0x7f ? ' ' : t->text[i];

		if (c != ' ' || (to && t->text[to - 1] != ' '))
			t->text[to++] = c;
	}
	while (to && t->text[to - 1] == ' ')
		to--;
	t->text[to] = '\0';
	return t->text;
}

/* 1 when it has ended, 0 when time is up, -1. */
static int attend(pid_t pid, int pidfd, int output, int64_t seconds, struct tail *t, int *status,
		  struct error *e)
{
	int64_t end = seconds > 0 ? now_ms() + seconds * 1000 : INT64_MAX;

	for (;;) {
		struct pollfd fds[] = {
			{.fd = output, .events = POLLIN},
			{.fd = pidfd, .events = POLLIN},
		};
		int64_t left = end - now_ms(), tick = pidfd < 0 ? TICK_MS : 60000;
		int r;

		if (left <= 0)
			return 0;
		if (poll(fds, ARRAY_SIZE(fds), (int)(left < tick ? left : tick)) < 0 &&
		    errno != EINTR)
			return fail(e, errno, "cannot wait for it");
		drain(t, output);
		r = spawn_wait(pid, pidfd, 0, status, e);
		if (r != 0)
			return r;
		/* Its output has ended, it has not: without this, poll() would not wait any more. */
		if (fds[0].revents & POLLHUP)
			output = -1;
	}
}

static int judge(const char *path, int status, struct tail *t, struct error *e)
{
	const char *said = one_line(t);
	const char *label = said[0] ? ", stderr: " : "";

	if (WIFSIGNALED(status))
		return fail(e, 0, "\"%s\" was killed by signal %d%s%s", path, WTERMSIG(status),
			    label, said);
	if (WEXITSTATUS(status))
		return fail(e, 0, "\"%s\" ended with exit status %d%s%s", path, WEXITSTATUS(status),
			    label, said);
	return 0;
}

static int run(struct init *in, const struct op_hook *o, const struct command *c, int output)
{
	struct tail t = {.len = 0};
	struct error ignored;
	AUTO_CLOSE int pidfd = -1;
	int status = 0, r;
	pid_t pid = spawn_command(c, &pidfd, in->e);

	close(c->stderr_fd);
	if (pid < 0)
		return -1;
	r = attend(pid, pidfd, output, o->timeout, &t, &status, in->e);
	/* Its whole group: what it started in the background does not outlive it either. */
	if (r <= 0 || status)
		kill(-pid, SIGKILL);
	if (r <= 0)
		spawn_wait(pid, pidfd, -1, &status, &ignored);
	/* Whoever lost a parent is ours, if we are the first process of the pid namespace. */
	while (getpid() == 1 && waitpid(-1, NULL, WNOHANG | __WALL) > 0)
		;
	if (r == 0)
		return fail(in->e, 0, "\"%s\" did not end within %lld s", c->path,
			    (long long)o->timeout);
	return r < 0 ? -1 : judge(c->path, status, &t, in->e);
}

int do_hook(struct init *in, const struct op_hook *o)
{
	AUTO_CLOSE int state = state_file(in, o);
	AUTO_CLOSE int output = -1;
	int pipes[2] = {-1, -1};
	struct command c = {
		.path = init_text(in, o->path),
		.argv = (const char *const *)init_strings(in, o->argv),
		.env = o->inherit_env ? (const char *const *)environ
				      : (const char *const *)init_strings(in, o->env),
		.stdin_fd = state,
		.stdout_fd = -1,
		.cwd = in->root,
	};

	if (state >= 0 && pipe2(pipes, O_CLOEXEC) < 0)
		fail(in->e, errno, "cannot make a pipe for it");
	output = pipes[0];
	c.stderr_fd = pipes[1];
	if (output < 0 || fcntl(output, F_SETFL, O_NONBLOCK) < 0 || run(in, o, &c, output) < 0)
		return error_context(in->e, "error running %s", init_text(in, o->what));
	return 0;
}
