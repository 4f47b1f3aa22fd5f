/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/help.h"

#include "cmd/output.h"

/* Engines take the text after each "version" in it, the last one wins: the word occurs once. */
void help_version(struct buf *out)
{
	buf_printf(out, "yacr version %s\ncommit: %s\nspec: %s\n", YACR_VERSION, yacr_commit,
		   OCI_VERSION);
}

static void put_row(struct buf *out, int width, const char *left, const char *right)
{
	buf_printf(out, "  %-*s  %s\n", width, left, right);
}

static void put_options(struct buf *out, const struct options *options)
{
	const struct option *o;

	for (size_t i = 0; (o = option_at(options, i)); i++) {
		char left[64];
		int r = str_format(left, sizeof(left), "%c%c%s--%s%s%s", o->letter ? '-' : ' ',
				   o->letter ? o->letter : ' ', o->letter ? ", " : "  ", o->name,
				   o->argument ? " " : "", o->argument ? o->argument : "");

		if (o->hidden)
			continue;
		put_row(out, 28, r == 0 ? left : o->name, o->help);
	}
}

void help_overview(struct buf *out)
{
	buf_puts(out, "yacr runs OCI containers.\n\n"
		      "Usage: yacr [OPTION]... COMMAND [ARGUMENT]...\n\nCommands:\n");
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->hidden)
			put_row(out, 10, (*c)->name, (*c)->summary);
	buf_puts(out, "\nOptions, before or after the command:\n");
	put_options(out, &global_options);
	buf_puts(out, "\n\"yacr help COMMAND\" tells more of one, yacr(8) of all.\n");
}

void help_command(struct buf *out, const struct command *c)
{
	buf_printf(out, "Usage: yacr [OPTION]... %s%s%s%s\n\n%s\n", c->name,
		   c->options.n ? " [OPTION]..." : "", c->arguments[0] ? " " : "", c->arguments,
		   c->about ? c->about : c->summary);
	if (c->aliases[0])
		buf_printf(out, "\nAlso called: %s%s%s\n", c->aliases[0], c->aliases[1] ? ", " : "",
			   c->aliases[1] ? c->aliases[1] : "");
	if (c->options.n) {
		buf_puts(out, "\nOptions:\n");
		put_options(out, &c->options);
	}
	buf_puts(out, "\nOptions of all commands: see \"yacr help\".\n");
}

/* ---- the command ---- */

static int run(struct invocation *inv, struct error *e)
{
	struct buf out = buf_new(inv->arena);
	const struct command *c = NULL;

	if (inv->args.n) {
		c = command_find(inv->args.v[0]);
		if (!c)
			return fail(e, 0, "there is no command \"%s\"", inv->args.v[0]);
	}
	if (c)
		help_command(&out, c);
	else
		help_overview(&out);
	return output(&out, e);
}

const struct command cmd_help = {
	.name = "help",
	.arguments = "[COMMAND]",
	.summary = "tell how yacr, or one command, is used",
	.max_args = 1,
	.run = run,
};
