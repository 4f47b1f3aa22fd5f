/* SPDX-License-Identifier: Apache-2.0 */
#include "host/hooks.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>

#include "base/fd.h"
#include "base/json_write.h"
#include "base/log.h"
#include "host/interrupt.h"
#include "spec/names.h"
#include "sys/file.h"
#include "sys/spawn.h"

#define TAIL_MAX 240 /* of what a hook printed, in the message */
#define TICK_MS 10   /* between looks at a process where pidfd_open(2) is missing */

extern char **environ;

struct hook_process {
	pid_t pid;
	int pidfd;
	int input, output; /* our ends of its pipes */
	const char *left;  /* of the state, not yet written */
	size_t left_len;
	char tail[TAIL_MAX + 1];
	size_t tail_len;
};

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* A hook need not read its input: EPIPE is its choice. */
static void feed(struct hook_process *p)
{
	while (p->left_len) {
		ssize_t n = write(p->input, p->left, p->left_len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		if (n < 0)
			break;
		p->left += n;
		p->left_len -= (size_t)n;
	}
	p->left_len = 0;
	close_fd(&p->input);
	p->input = -1;
}

static void keep_tail(struct hook_process *p, const char *data, size_t len)
{
	if (len >= TAIL_MAX) {
		memcpy(p->tail, data + len - TAIL_MAX, TAIL_MAX);
		p->tail_len = TAIL_MAX;
		return;
	}
	if (p->tail_len + len > TAIL_MAX) {
		size_t drop = p->tail_len + len - TAIL_MAX;

		memmove(p->tail, p->tail + drop, p->tail_len - drop);
		p->tail_len -= drop;
	}
	memcpy(p->tail + p->tail_len, data, len);
	p->tail_len += len;
}

/* Takes what is there; processes that the hook left behind may hold the other end for ever. */
static void drain(struct hook_process *p)
{
	char chunk[4096];
	ssize_t n;

	while (p->output >= 0) {
		n = read(p->output, chunk, sizeof(chunk));
		if (n > 0) {
			keep_tail(p, chunk, (size_t)n);
			continue;
		}
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0 && errno == EAGAIN)
			return;
		close_fd(&p->output);
		p->output = -1;
	}
}

/* One line without control characters: engines take a message for one line. */
static const char *tail_line(struct hook_process *p)
{
	size_t to = 0;

	for (size_t i = 0; i < p->tail_len; i++) {
		char c = p->tail[i];

		if ((unsigned char)c < ' ' || c == 0x7f)
			c = ' ';
		if (c == ' ' && (to == 0 || p->tail[to - 1] == ' '))
			continue;
		p->tail[to++] = c;
	}
	while (to && p->tail[to - 1] == ' ')
		to--;
	p->tail[to] = '\0';
	return p->tail;
}

static void kill_group(struct hook_process *p)
{
	struct error ignored;
	int status;

	(void)kill(-p->pid, SIGKILL);
	(void)spawn_wait(p->pid, p->pidfd, -1, &status, &ignored);
}

/* 1: the hook has ended, *@status is set. 0: time is up. -1. */
static int attend(struct hook_process *p, int64_t timeout_ms, int interrupt, int *status,
		  struct error *e)
{
	int64_t end = now_ms() + timeout_ms;

	for (;;) {
		struct pollfd fds[] = {
			{.fd = p->pidfd, .events = POLLIN},
			{.fd = p->output, .events = POLLIN},
			{.fd = p->input, .events = POLLOUT},
			{.fd = interrupt, .events = POLLIN},
		};
		int64_t left = timeout_ms < 0 ? 60000 : end - now_ms();
		int r;

		if (left < 0)
			return 0;
		if (p->pidfd < 0 && left > TICK_MS)
			left = TICK_MS;
		if (poll(fds, ARRAY_SIZE(fds), left > 60000 ? 60000 : (int)left) < 0 &&
		    errno != EINTR)
			return fail(e, errno, "cannot wait for it");
		if (p->input >= 0)
			feed(p);
		drain(p);
		if (interrupt_check(interrupt, e) < 0)
			return -1;
		r = spawn_wait(p->pid, p->pidfd, 0, status, e);
		if (r != 0)
			return r;
	}
}

static int judge(const struct hook *h, struct hook_process *p, int status, struct error *e)
{
	const char *said = tail_line(p);
	const char *colon = said[0] ? ": " : "";

	if (WIFSIGNALED(status)) {
		const char *name = name_of(signal_names, WTERMSIG(status));

		return fail(e, 0, "\"%s\" was killed by signal %d%s%s%s%s", h->path,
			    WTERMSIG(status), name ? ", SIG" : "", name ? name : "", colon, said);
	}
	if (WEXITSTATUS(status))
		return fail(e, 0, "\"%s\" ended with exit status %d%s%s", h->path,
			    WEXITSTATUS(status), colon, said);
	return 0;
}

static int set_nonblocking(int fd)
{
	return fcntl(fd, F_SETFL, O_NONBLOCK);
}

static int start(struct hook_process *p, const struct hook_context *c, const struct hook *h,
		 struct error *e)
{
	static const char *const nothing[] = {NULL};
	const char *const by_default[] = {h->path, NULL};
	int in[2] = {-1, -1}, out[2] = {-1, -1};
	AUTO_CLOSE int bundle = open(c->state->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct command cmd = {
		.path = h->path,
		.argv = h->args.n ? h->args.v : by_default,
		.env = !h->has_env ? (const char *const *)environ
		       : h->env.n  ? h->env.v
				   : nothing,
		.cwd = bundle,
	};
	int r = -1;

	if (pipe2(in, O_CLOEXEC) < 0 || pipe2(out, O_CLOEXEC) < 0 || set_nonblocking(in[1]) < 0 ||
	    set_nonblocking(out[0]) < 0) {
		fail(e, errno, "cannot make pipes for it");
	} else {
		cmd.stdin_fd = in[0];
		cmd.stdout_fd = cmd.stderr_fd = out[1];
		p->pid = spawn_command(&cmd, &p->pidfd, e);
		r = p->pid < 0 ? -1 : 0;
	}
	if (r == 0) {
		p->input = TAKE_FD(in[1]);
		p->output = TAKE_FD(out[0]);
	}
	for (int i = 0; i < 2; i++) {
		close_fd(&in[i]);
		close_fd(&out[i]);
	}
	return r;
}

static int run(const struct hook_context *c, const struct hook *h, const struct buf *state,
	       struct error *e)
{
	struct hook_process p = {
		.pidfd = -1, .input = -1, .output = -1, .left = state->s, .left_len = state->len};
	int64_t timeout_ms = h->timeout.set ? h->timeout.v * 1000 : -1;
	int status = 0, r;

	if (start(&p, c, h, e) < 0)
		return -1;
	r = attend(&p, timeout_ms, c->interrupt, &status, e);
	if (r <= 0)
		kill_group(&p);
	drain(&p);
	if (r == 0)
		r = fail(e, 0, "\"%s\" took longer than its timeout of %lld s", h->path,
			 (long long)h->timeout.v);
	else if (r > 0)
		r = judge(h, &p, status, e);

	close_fd(&p.input);
	close_fd(&p.output);
	close_fd(&p.pidfd);
	return r;
}

int hook_run(const struct hook_context *c, const struct hook *h, enum hook_kind kind, size_t index,
	     int status, int64_t pid, struct error *e)
{
	struct buf text = buf_new(c->arena);
	struct json_writer w = json_writer(&text, 0);
	char at[64];

	state_write_oci(c->state, status, pid, false, &w);
	log_debug("running %s hook #%zu: %s", hook_names[kind], index + 1, h->path);
	if (run(c, h, &text, e) == 0)
		return 0;

	/* Counting from 1 is what people, and runc's messages, do. */
	error_context(e, "error running %s hook #%zu", hook_names[kind], index + 1);
	if (str_format(at, sizeof(at), "hooks.%s[%zu]", hook_names[kind], index) == 0)
		memcpy(e->at, at, sizeof(at));
	return -1;
}

int hooks_run(const struct hook_context *c, enum hook_kind kind, int status, int64_t pid,
	      struct error *e)
{
	const hook_list *list = hooks_of(c->state->hooks, kind);

	for (size_t i = 0; i < list->n; i++)
		if (hook_run(c, &list->v[i], kind, i, status, pid, e) < 0)
			return -1;
	return 0;
}

void hooks_run_poststop(const struct hook_context *c)
{
	const hook_list *list = hooks_of(c->state->hooks, HOOK_POSTSTOP);
	struct error e;

	for (size_t i = 0; i < list->n; i++)
		if (hook_run(c, &list->v[i], HOOK_POSTSTOP, i, STATUS_STOPPED, 0, &e) < 0)
			log_warning("%s", e.text);
}
