/* SPDX-License-Identifier: Apache-2.0 */
#include "host/criu.h"

#include <signal.h>
#include <stdarg.h>
#include <unistd.h>

#include "base/fd.h"
#include "host/interrupt.h"
#include "sys/spawn.h"

#define PATIENCE_MS 2000 /* with a restoring CRIU that was told that nobody waits for it */

void criu_ask(struct criu_request *r, int fd, ...)
{
	struct criu_field field = {.fd = fd};
	const char *word;
	va_list ap;
	int n = 0;

	va_start(ap, fd);
	while ((word = va_arg(ap, const char *)) && n < WORDS_MAX)
		field.words[n++] = word;
	va_end(ap);
	r->fields = arena_more(r->arena, r->fields, r->n, sizeof(*r->fields));
	r->fields[r->n++] = field;
}

/* A helper that has failed has said why, and listens no more: its words are read next. */
static void send_all(const struct criu *c, const struct criu_request *r, const char *what,
		     const char *program)
{
	const char *const run[] = {"run", what, program, NULL};

	for (size_t i = 0; i < r->n; i++)
		if (words_send(c->helper.sock, r->fields[i].fd, r->fields[i].words) < 0)
			return;
	(void)words_send(c->helper.sock, -1, run);
}

static int receive(struct criu *c, struct words *w, struct error *e)
{
	int r;

	if (interrupt_wait(c->interrupt, &c->helper.sock, 1, -1, e) < 0)
		return -1;
	r = words_receive(c->helper.sock, w);
	if (r < 0)
		return fail_errno(e, "cannot understand yacr-criu");
	return r == 0 ? fail(e, 0, "yacr-criu has ended without a word") : 0;
}

static int64_t number(const struct words *w, unsigned int i)
{
	int64_t n = 0;

	if (i >= w->n || str_to_i64(w->v[i], 0, INT32_MAX, &n) < 0)
		return 0;
	return n;
}

/* At the callee's error the talk is over: it counts more than what CRIU makes of a "no". */
static int on_notify(struct criu *c, struct words *w, struct error *e)
{
	const char *const ok[] = {"ok", NULL}, *const no[] = {"no", NULL};
	int r = c->notify
			? c->notify(c->ctx, w->n > 1 ? w->v[1] : "", (pid_t)number(w, 2), &w->fd, e)
			: 0;

	close_fd(&w->fd);
	(void)words_send(c->helper.sock, -1, r < 0 ? no : ok);
	return r;
}

/* 1: there will be more. */
static int on_words(struct criu *c, struct words *w, pid_t *pid, struct error *e)
{
	if (str_eq(w->v[0], "notify"))
		return on_notify(c, w, e) < 0 ? -1 : 1;
	close_fd(&w->fd);
	if (str_eq(w->v[0], "started")) {
		c->pid = (pid_t)number(w, 1);
		return 1;
	}
	if (str_eq(w->v[0], "done")) {
		*pid = (pid_t)number(w, 1);
		return 0;
	}
	fail_at(e, w->n > 3 ? w->v[3] : "", (int)number(w, 1), "%s",
		w->n > 2 ? w->v[2] : "CRIU did not succeed");
	return criu_explain(c->places, c->log, e);
}

static int talk(struct criu *c, pid_t *pid, struct error *e)
{
	static struct words w;
	int r;

	do {
		if (receive(c, &w, e) < 0)
			return -1;
		r = on_words(c, &w, pid, e);
	} while (r > 0);
	return r;
}

/*
 * It ends by itself, undoing what it did, once its socket is closed.  While it dumps, nothing else
 * may end it: it has its hands inside of the container's processes.
 */
static void reap(struct criu *c, int64_t patience)
{
	AUTO_CLOSE int pidfd = c->pid > 0 ? pidfd_of(c->pid) : -1;
	struct error ignored;
	int status;

	if (c->pid <= 0 || spawn_wait(c->pid, pidfd, patience, &status, &ignored) != 0)
		return;
	(void)signal_process(c->pid, pidfd, SIGKILL);
	(void)spawn_wait(c->pid, pidfd, -1, &status, &ignored);
}

int criu_run(struct criu *c, const struct criu_request *r, const char *what, const char *program,
	     pid_t *pid, struct error *e)
{
	int result;

	(void)unlinkat(c->places->work, c->log, 0); /* that of an earlier attempt */
	send_all(c, r, what, program);
	result = talk(c, pid, e);
	helper_end(&c->helper);
	reap(c, str_eq(what, "RESTORE") ? PATIENCE_MS : -1);
	return result;
}
