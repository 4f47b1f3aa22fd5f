/* SPDX-License-Identifier: Apache-2.0 */
/* createContainer and startContainer hooks: the container's own view, so init runs them. */
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "init/walk.h"
#include "sys/attend.h"

extern char **environ;

/* The state, with our pid as the container has it. */
static int state_input(struct init *in, const struct op_hook *o)
{
	char pid[16];
	const char *const text[] = {init_text(in, o->state_head), pid, init_text(in, o->state_tail),
				    NULL};

	if (str_format(pid, sizeof(pid), "%d", getpid()) < 0)
		return fail_errno(in->e, "cannot write the state for it");
	return input_of(text, in->e);
}

static int run(struct init *in, const struct op_hook *o, int state)
{
	struct command c = {
		.path = init_text(in, o->path),
		.argv = (const char *const *)init_strings(in, o->argv),
		.env = o->inherit_env ? (const char *const *)environ
				      : (const char *const *)init_strings(in, o->env),
		.stdin_fd = state,
		.stdout_fd = init_log(in, o->out),
		.cwd = in->root,
	};
	const struct attention a = {
		.timeout = o->timeout,
		.interrupt = -1,
		.log = init_log(in, o->err),
	};
	int r = command_attend(&c, &a, in->e);

	/* Whoever lost a parent is ours, if we are the first process of the pid namespace. */
	while (getpid() == 1 && waitpid(-1, NULL, WNOHANG | __WALL) > 0)
		;
	return r;
}

int do_hook(struct init *in, const struct op_hook *o)
{
	AUTO_CLOSE int state = state_input(in, o);

	init_forget(in);
	if (state < 0 || run(in, o, state) < 0)
		return error_context(in->e, "error running %s", init_text(in, o->what));
	return 0;
}
