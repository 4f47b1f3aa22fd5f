/* SPDX-License-Identifier: Apache-2.0 */
/* Prints yacr(8): `yacr man > yacr.8` when it is built. */
#include "cmd/command.h"
#include "cmd/output.h"

/* In roff a backslash, and a dot or quote at the beginning of a line, mean something. */
static void put_text(struct buf *out, const char *s)
{
	bool at_line_start = true;

	for (; *s; s++) {
		if (at_line_start && (*s == '.' || *s == '\''))
			buf_puts(out, "\\&");
		at_line_start = *s == '\n';
		if (*s == '\\')
			buf_puts(out, "\\e");
		else if (*s == '-')
			buf_puts(out, "\\-");
		else
			buf_putc(out, *s);
	}
	buf_putc(out, '\n');
}

static void put_options(struct buf *out, const struct options *options)
{
	const struct option *o;

	for (size_t i = 0; (o = option_at(options, i)); i++) {
		if (o->hidden)
			continue;
		buf_puts(out, ".TP\n.B ");
		put_text(out, o->letter ? arena_printf(out->arena, "-%c, --%s", o->letter, o->name)
					: arena_printf(out->arena, "--%s", o->name));
		if (o->argument) {
			out->s[--out->len] = '\0'; /* the value stays on the option's line */
			buf_printf(out, " \\fI%s\\fR\n", o->argument);
		}
		put_text(out, o->help);
	}
}

static void put_command(struct buf *out, const struct command *c)
{
	buf_printf(out, ".SS %s\n.B yacr %s\n", c->name, c->name);
	if (c->options.n)
		buf_puts(out, "[\\fIOPTION\\fR]...\n");
	put_text(out, c->arguments);
	buf_puts(out, ".PP\n");
	put_text(out, c->about ? c->about
			       : arena_printf(out->arena, "%c%s.", c->summary[0] & ~0x20,
					      c->summary + 1));
	if (c->aliases[0])
		buf_printf(out, "Also called\n.BR %s%s%s .\n", c->aliases[0],
			   c->aliases[1] ? " \" and \" " : "", c->aliases[1] ? c->aliases[1] : "");
	put_options(out, &c->options);
}

static const char intro[] =
	".TH YACR 8 \"\" \"yacr " YACR_VERSION "\" \"System Administration\"\n"
	".SH NAME\nyacr \\- run OCI containers\n"
	".SH SYNOPSIS\n.B yacr\n[\\fIOPTION\\fR]... \\fICOMMAND\\fR [\\fIARGUMENT\\fR]...\n"
	".SH DESCRIPTION\n"
	"yacr makes containers from bundles, as the OCI runtime specification\n"
	"(version " OCI_VERSION ") describes them: a directory with a config.json and a root\n"
	"file system.  Engines such as containerd, Docker and Podman run it; so can a person.\n"
	".PP\nOptions may stand before or after the arguments, those of exec and ps before the ID.\n"
	"One that is given twice counts as the last one, unless it may be repeated.\n"
	".SH OPTIONS\n";

static const char outro[] =
	".SH EXIT STATUS\n"
	"0 on success.  1 for every failure, 255 for one of\n.BR exec ,\n"
	"with one line in the log and its text on standard error.  In the foreground\n"
	".BR run \", \" exec \" and \" restore\nend with the exit code of the program,\n"
	"or with 128 and the number of the signal that ended it.\n"
	".SH FILES\n"
	".TP\n.I /run/yacr\nthe state of the containers of root, one directory for each\n"
	".TP\n.I $XDG_RUNTIME_DIR/yacr\nthe same of other users\n"
	".SH ENVIRONMENT\n"
	".TP\n.B NOTIFY_SOCKET\nthe container gets a socket of its own, and its READY=1 is handed on;\n"
	".B start\nand a detached\n.B run\nwait for it; see\n.BR sd_notify (3)\n"
	".TP\n.BR LISTEN_FDS \", \" LISTEN_PID \", \" LISTEN_FDNAMES\n"
	"descriptors for the program; see\n.BR sd_listen_fds (3)\n"
	".TP\n.B XDG_RUNTIME_DIR\nwhere the state of other users is\n"
	".SH SEE ALSO\n.BR runc (8),\n.BR crun (1),\n.BR namespaces (7),\n.BR cgroups (7)\n";

static int run(struct invocation *inv, struct error *e)
{
	struct buf out = buf_new(inv->arena);

	buf_puts(&out, intro);
	put_options(&out, &global_options);
	buf_puts(&out, ".SH COMMANDS\n");
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->hidden)
			put_command(&out, *c);
	buf_puts(&out, outro);
	return output(&out, e);
}

const struct command cmd_man = {
	.name = "man",
	.arguments = "",
	.summary = "print the manual page in the language of man(7)",
	.hidden = true,
	.run = run,
};
