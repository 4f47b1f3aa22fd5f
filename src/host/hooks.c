/* SPDX-License-Identifier: Apache-2.0 */
#include "host/hooks.h"

#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/json_write.h"
#include "base/log.h"
#include "host/interrupt.h"
#include "sys/attend.h"

extern char **environ;

/*
 * Users may have chosen the name.  Nothing is truncated, no link followed, no device opened
 * as a terminal, no FIFO waited for.
 */
int hook_log_open(const char *path, struct error *e)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, path,
				   O_WRONLY | O_APPEND | O_CREAT | O_NOFOLLOW | O_NOCTTY |
					   O_NONBLOCK | O_CLOEXEC,
				   0600);
	struct stat st;

	if (fd < 0)
		return fail_errno(e, "cannot open \"%s\" for the output of hooks", path);
	if (fstat(fd, &st) < 0 || !S_ISREG(st.st_mode))
		return fail(e, 0, "\"%s\" is no regular file", path);
	return TAKE_FD(fd);
}

/* By now a hook is more important than its log, above all one that cleans up. */
static int open_log(const struct hook_context *c, const char *annotation)
{
	struct error e;
	int fd;

	FOR_EACH(a, c->state->annotations) {
		if (!str_eq(a->key, annotation))
			continue;
		fd = hook_log_open(a->value[0] == '/' ? a->value
						      : arena_printf(c->arena, "%s/%s",
								     c->state->bundle, a->value),
				   &e);
		if (fd < 0)
			log_warning("annotations.%s: %s", annotation, e.text);
		return fd;
	}
	return -1;
}

static int run(const struct hook_context *c, const struct hook *h, const char *state,
	       struct error *e)
{
	static const char *const nothing[] = {NULL};
	const char *const by_default[] = {h->path, NULL};
	const char *const input[] = {state, NULL};
	AUTO_CLOSE int in = input_of(input, e);
	AUTO_CLOSE int bundle =
		openat(AT_FDCWD, c->state->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int out = open_log(c, ANNOTATION_HOOKS_STDOUT);
	AUTO_CLOSE int err = open_log(c, ANNOTATION_HOOKS_STDERR);
	struct command cmd = {
		.path = h->path,
		.argv = h->args.n ? h->args.v : by_default,
		.env = !h->has_env ? (const char *const *)environ
		       : h->env.n  ? h->env.v
				   : nothing,
		.stdin_fd = in,
		.stdout_fd = out,
		.cwd = bundle,
	};
	const struct attention a = {.timeout = h->timeout.v, .interrupt = c->interrupt, .log = err};

	if (in < 0)
		return -1;
	if (command_attend(&cmd, &a, e) == 0)
		return 0;
	if (e->code == EINTR)
		(void)interrupt_check(c->interrupt, e); /* knows which signal it was */
	return -1;
}

int hook_run(const struct hook_context *c, const struct hook *h, enum hook_kind kind, size_t index,
	     int status, int64_t pid, struct error *e)
{
	struct buf text = buf_new(c->arena);
	struct json_writer w = json_writer(&text, 0);
	char at[64];

	state_write_oci(c->state, status, pid, false, &w);
	log_debug("running %s hook #%zu: %s", hook_names[kind], index, h->path);
	if (run(c, h, text.s, e) == 0)
		return 0;

	/* Counted as in the config, and as in runc's messages, which people search for. */
	error_context(e, "error running %s hook #%zu", hook_names[kind], index);
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
