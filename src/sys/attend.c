/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/attend.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/list.h"
#include "sys/clock.h"
#include "sys/file.h"

#define TAIL_MAX 240 /* of what a program wrote, in the message */
#define TICK_MS 10   /* between looks at a process where pidfd_open(2) is missing */

struct program {
	const struct attention *attention;
	pid_t pid;
	int pidfd;
	int output; /* our end of its pipe */
	char tail[TAIL_MAX + 1];
	size_t tail_len;
};

int input_of(const char *const *text, struct error *e)
{
	AUTO_CLOSE int fd = memfd_create("input", MFD_CLOEXEC);

	if (fd < 0)
		return fail_errno(e, "cannot make its input");
	for (; *text; text++)
		if (file_write_all(fd, *text, strlen(*text)) < 0)
			return fail_errno(e, "cannot write its input");
	if (lseek(fd, 0, SEEK_SET) < 0)
		return fail_errno(e, "cannot write its input");
	return TAKE_FD(fd);
}

/* Takes what is there; processes that it left behind may hold the other end for ever. */
static void drain(struct program *p)
{
	char chunk[1024];
	ssize_t n;

	while ((n = read(p->output, chunk, sizeof(chunk))) > 0) {
		size_t len = (size_t)n > TAIL_MAX ? TAIL_MAX : (size_t)n;
		size_t stays = p->tail_len + len > TAIL_MAX ? TAIL_MAX - len : p->tail_len;

		memmove(p->tail, p->tail + p->tail_len - stays, stays);
		memcpy(p->tail + stays, chunk + n - len, len);
		p->tail_len = stays + len;
		/* A full disk is the log's trouble, not the program's. */
		if (p->attention->log >= 0)
			(void)file_write_all(p->attention->log, chunk, (size_t)n);
	}
}

/* One line without control characters: engines take a message for one line. */
static const char *tail_line(struct program *p)
{
	size_t to = 0;

	for (size_t i = 0; i < p->tail_len; i++) {
		unsigned char c = (unsigned char)p->tail[i];
		bool blank = c <= ' ' || c == 0x7f;

		if (!blank || (to && p->tail[to - 1] != ' '))
			p->tail[to++] = blank ? ' ' : (char)c;
	}
	while (to && p->tail[to - 1] == ' ')
		to--;
	p->tail[to] = '\0';
	return p->tail;
}

/* It stays a zombie, and its process group its own, until it has been waited for. */
static bool has_ended(const struct program *p, siginfo_t *how)
{
	*how = (siginfo_t){0};
	return waitid(P_PID, (id_t)p->pid, how, WEXITED | WNOHANG | WNOWAIT | __WALL) == 0 &&
	       how->si_pid == p->pid;
}

/* A timeout comes from a config, which may well say "for ever" with the largest number. */
static int64_t deadline(int64_t seconds)
{
	if (seconds == 0 || seconds > INT64_MAX / 1000 / 2)
		return INT64_MAX;
	return now_ms() + seconds * 1000;
}

/* 1: it has ended. 0: time is up. -1. */
static int attend(struct program *p, siginfo_t *how, struct error *e)
{
	const int64_t end = deadline(p->attention->timeout);
	int output = p->output;

	while (!has_ended(p, how)) {
		struct pollfd fds[] = {
			{.fd = p->attention->interrupt, .events = POLLIN},
			{.fd = output, .events = POLLIN},
			{.fd = p->pidfd, .events = POLLIN},
		};
		int64_t left = end - now_ms(), tick = p->pidfd < 0 ? TICK_MS : 60000;

		if (left <= 0)
			return 0;
		if (poll(fds, ARRAY_SIZE(fds), (int)(left < tick ? left : tick)) < 0 &&
		    errno != EINTR)
			return fail_errno(e, "cannot wait for it");
		if (fds[0].revents)
			return fail(e, EINTR, "interrupted");
		drain(p);
		/* Its output has ended, it has not: without this, poll() would not wait any more. */
		if (fds[1].revents & POLLHUP)
			output = -1;
	}
	return 1;
}

static int judge(const char *path, struct program *p, const siginfo_t *how, struct error *e)
{
	const char *said = tail_line(p);
	const char *colon = *said ? ": " : "";

	if (how->si_code != CLD_EXITED)
		return fail(e, 0, "\"%s\" was killed by signal %d%s%s", path, how->si_status, colon,
			    said);
	if (how->si_status)
		return fail(e, 0, "\"%s\" ended with exit status %d%s%s", path, how->si_status,
			    colon, said);
	return 0;
}

static int run(const struct command *c, struct program *p, struct error *e)
{
	struct error ignored;
	siginfo_t how;
	int status, r = attend(p, &how, e);
	bool good = r > 0 && how.si_code == CLD_EXITED && how.si_status == 0;

	/* Its whole group: what it started in the background does not outlive it either. */
	if (!good)
		(void)kill(-p->pid, SIGKILL);
	(void)spawn_wait(p->pid, p->pidfd, -1, &status, &ignored);
	drain(p);
	if (r == 0)
		return fail(e, 0, "\"%s\" took longer than its timeout of %lld s", c->path,
			    (long long)p->attention->timeout);
	return r < 0 ? -1 : judge(c->path, p, &how, e);
}

int command_attend(struct command *c, const struct attention *a, struct error *e)
{
	AUTO_CLOSE int output = -1, theirs = -1;
	struct program p = {.attention = a, .pidfd = -1};
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return fail_errno(e, "cannot make a pipe for it");
	output = ends[0], theirs = ends[1];
	if (fcntl(output, F_SETFL, O_NONBLOCK) < 0)
		return fail_errno(e, "cannot make a pipe for it");
	c->stderr_fd = theirs;
	if (c->stdout_fd < 0)
		c->stdout_fd = theirs;
	p.output = output;
	p.pid = spawn_command(c, &p.pidfd, e);
	if (p.pid < 0)
		return -1;
	close_fd(&theirs);
	theirs = -1;
	r = run(c, &p, e);
	close_fd(&p.pidfd);
	return r;
}
