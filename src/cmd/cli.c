/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cli.h"

#include <unistd.h>

#include "base/log.h"
#include "cmd/command.h"
#include "cmd/help.h"
#include "cmd/output.h"
#include "host/report.h"

/* ---- reading the command line ---- */

static int fail_command(const char *name, struct error *e)
{
	const char *words[48], *near;
	size_t n = 0;

	for (const struct command *const *c = commands; *c && n + 1 < ARRAY_SIZE(words); c++)
		if (!(*c)->hidden)
			words[n++] = (*c)->name;
	words[n] = NULL;
	near = word_nearest(words, name);
	if (near)
		return fail(e, 0, "unknown command \"%s\": did you mean \"%s\"?", name, near);
	return fail(e, 0, "unknown command \"%s\": see \"yacr help\"", name);
}

static int check_arguments(const struct invocation *inv, struct error *e)
{
	const struct command *c = inv->command;

	if (inv->args.n < c->min_args)
		fail(e, 0, "an argument is missing");
	else if (inv->args.n > c->max_args)
		fail(e, 0, "one argument too many: \"%s\"", inv->args.v[c->max_args]);
	else
		return 0;
	return fail(e, 0, "%s (usage: yacr %s [OPTION]...%s%s)", arena_strdup(inv->arena, e->text),
		    c->name, *c->arguments ? " " : "", c->arguments);
}

/* Everything after the command's name. */
static int read_command(struct invocation *inv, struct option_parser *p, struct error *e)
{
	const struct command *c = inv->command;
	void *values = arena_alloc(inv->arena, c->options.size);
	const char *argument;
	size_t room = 0;

	inv->options = values;
	p->scopes[1] = p->scopes[0];
	p->scopes[0] = (struct option_scope){&c->options, values};
	p->scope_count = 2;
	p->options_ended = false;
	p->stop_at_argument = c->trailing;

	while (p->argv[room])
		room++;
	inv->args.v = ARENA_ARRAY(inv->arena, room + 1, const char *);
	do {
		if (option_parse(p, &argument, e) < 0)
			return error_context(e, "%s", c->name);
		if (argument)
			inv->args.v[inv->args.n++] = argument;
	} while (argument);
	return 0;
}

static int read_line(struct invocation *inv, char **argv, struct error *e)
{
	struct option_parser p = {
		.arena = inv->arena,
		.scopes = {{&global_options, &inv->globals}},
		.scope_count = 1,
		.stop_at_argument = true,
		.argv = argv[0] ? argv + 1 : argv,
	};
	const char *name;

	if (option_parse(&p, &name, e) < 0)
		return -1;
	if (!name)
		return 0;
	inv->command = command_find(name);
	if (!inv->command)
		return fail_command(name, e);
	return read_command(inv, &p, e);
}

/* ---- running ---- */

static int open_log(const struct invocation *inv, struct error *e)
{
	const struct globals *g = &inv->globals;
	struct log_options o = {
		.path = g->log,
		.format = (enum log_format)g->log_format,
		.level = g->debug ? LOG_DEBUG : (enum log_level)g->log_level,
	};

	return log_open(&o, e);
}

static struct runtime runtime_of(const struct invocation *inv)
{
	const struct globals *g = &inv->globals;
	int driver = g->systemd_cgroup ? CGROUP_DRIVER_SYSTEMD : CGROUP_DRIVER_FS;

	return (struct runtime){
		.arena = inv->arena,
		.root = g->root,
		.rootless = g->rootless,
		.criu = g->criu,
		.cgroup_driver = g->cgroup_manager ? g->cgroup_manager : driver,
	};
}

static int show(const struct invocation *inv, struct error *e)
{
	struct buf out = buf_new(inv->arena);

	if (inv->globals.version)
		help_version(&out);
	else if (inv->command)
		help_command(&out, inv->command);
	else
		help_overview(&out);
	return output(&out, e);
}

static int run(struct invocation *inv, struct error *e)
{
	const struct command *c = inv->command;

	if (inv->globals.version || inv->globals.help || !c)
		return show(inv, e);
	if (check_arguments(inv, e) < 0)
		return error_context(e, "%s", c->name);
	inv->rt = runtime_of(inv);
	if (c->run(inv, e) == 0)
		return 0;
	if (c->takes_id && inv->args.n > 0)
		return error_context(e, "%s %s", c->name, inv->args.v[0]);
	return error_context(e, "%s", c->name);
}

/*
 * To the log, where an engine looks; and to standard error, where a person
 * and some engines look: in the one format that was asked for when both are the same.
 */
static void report(struct invocation *inv, const struct error *e)
{
	struct buf text = buf_new(inv->arena);

	report_error(&text, e, inv->config_path);
	log_write(LOG_ERROR, "%s", text.s);
	if (log_fd() >= 0)
		log_stderr("%s", text.s);
}

int cli_main(char **argv)
{
	struct invocation inv = {.arena = arena_main()};
	struct error e, log_error;
	int r = read_line(&inv, argv, &e);

	/* The log is opened for a bad command line too: the engine reads nothing else. */
	if (open_log(&inv, &log_error) < 0 && r == 0) {
		e = log_error;
		r = -1;
	}
	if (r == 0)
		r = run(&inv, &e);
	if (r == 0)
		return inv.exit_code;
	report(&inv, &e);
	return inv.command && inv.command->failure_code ? inv.command->failure_code : 1;
}
