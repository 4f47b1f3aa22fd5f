/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Completions for shells, made from the tables.  Ids come from `yacr list -q`
 * when they are asked for, with the --root that has been typed.
 */
#include "cmd/command.h"
#include "cmd/output.h"

/* How a value is completed: by a word list, or as a file. */
static bool is_file(const struct option *o)
{
	static const char *const kinds[] = {"DIR", "FILE", "SOCKET"};

	for (size_t i = 0; o->argument && i < ARRAY_SIZE(kinds); i++)
		if (str_eq(o->argument, kinds[i]))
			return true;
	return false;
}

static void put_words(struct buf *out, const struct name *names, const char *separator)
{
	for (const struct name *n = names; n->name; n++)
		buf_printf(out, "%s%s", n == names ? "" : separator, n->name);
}

static void put_command_names(struct buf *out)
{
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->hidden)
			buf_printf(out, "%s%s", c == commands ? "" : " ", (*c)->name);
}

/* ---- bash ---- */

static void bash_options(struct buf *out, const struct options *options)
{
	const struct option *o;

	for (size_t i = 0; (o = option_at(options, i)); i++)
		if (!o->hidden)
			buf_printf(out, " --%s", o->name);
}

/* One arm per kind of value, for the word before the cursor. */
static void bash_values(struct buf *out, const struct options *options)
{
	const struct option *o;

	for (size_t i = 0; (o = option_at(options, i)); i++) {
		if (!o->argument || o->hidden)
			continue;
		buf_printf(out, "	--%s) ", o->name);
		if (o->names) {
			buf_puts(out, "COMPREPLY=($(compgen -W '");
			put_words(out, o->names, " ");
			buf_puts(out, "' -- \"$cur\")); return ;;\n");
		} else if (is_file(o)) {
			buf_puts(out, "COMPREPLY=($(compgen -f -- \"$cur\")); return ;;\n");
		} else {
			buf_puts(out, "return ;;\n");
		}
	}
}

/* A pattern for the options that a value follows. */
static void bash_takers(struct buf *out, const struct options *options)
{
	const struct option *o;
	const char *bar = "";

	for (size_t i = 0; (o = option_at(options, i)); i++) {
		if (!o->argument)
			continue;
		buf_printf(out, "%s--%s", bar, o->name);
		bar = "|";
	}
}

static void bash_command(struct buf *out, const struct command *c)
{
	buf_printf(out, "	%s", c->name);
	for (size_t i = 0; i < ARRAY_SIZE(c->aliases); i++)
		if (c->aliases[i])
			buf_printf(out, "|%s", c->aliases[i]);
	buf_puts(out, ")\n		options='");
	bash_options(out, &c->options);
	buf_printf(out, "'; ids=%s ;;\n", c->takes_id ? "yes" : "");
}

static void write_bash(struct buf *out)
{
	buf_puts(out, "# bash completion for yacr\n"
		      "_yacr()\n{\n"
		      "	local cur=${COMP_WORDS[COMP_CWORD]} prev=${COMP_WORDS[COMP_CWORD-1]}\n"
		      "	local command= root= options= ids= i\n\n"
		      "	case $prev in\n");
	bash_values(out, &global_options);
	for (const struct command *const *c = commands; *c; c++)
		bash_values(out, &(*c)->options);
	buf_puts(out, "	esac\n"
		      "	for ((i = 1; i < COMP_CWORD; i++)); do\n"
		      "		case ${COMP_WORDS[i]} in\n"
		      "		--root) root=${COMP_WORDS[++i]} ;;\n"
		      "		");
	bash_takers(out, &global_options);
	buf_puts(out, ") ((i++)) ;;\n"
		      "		-*) ;;\n"
		      "		*) [[ $command ]] || command=${COMP_WORDS[i]} ;;\n"
		      "		esac\n"
		      "	done\n"
		      "	case $command in\n"
		      "	'') COMPREPLY=($(compgen -W '");
	put_command_names(out);
	bash_options(out, &global_options);
	buf_puts(out, "' -- \"$cur\")); return ;;\n");
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->hidden)
			bash_command(out, *c);
	buf_puts(out, "	esac\n"
		      "	case $cur in\n"
		      "	-*) COMPREPLY=($(compgen -W \"$options");
	bash_options(out, &global_options);
	buf_puts(out, "\" -- \"$cur\")) ;;\n"
		      "	*) [[ ! $ids ]] || COMPREPLY=($(compgen -W \"$(yacr ${root:+--root "
		      "\"$root\"} list -q 2>/dev/null)\" -- \"$cur\")) ;;\n"
		      "	esac\n"
		      "}\n"
		      "complete -o default -F _yacr yacr\n");
}

/* ---- zsh ---- */

/* Brackets and colons end a description, quotes the word. */
static void zsh_text(struct buf *out, const char *s)
{
	for (; *s; s++) {
		if (*s == '\'')
			buf_puts(out, "'\\''");
		else if (*s == '[' || *s == ']' || *s == ':')
			buf_printf(out, "\\%c", *s);
		else
			buf_putc(out, *s);
	}
}

static void zsh_option(struct buf *out, const struct option *o)
{
	if (o->letter)
		buf_printf(out, " \\\n		'(-%c --%s)'{-%c,--%s}'", o->letter, o->name,
			   o->letter, o->name);
	else
		buf_printf(out, " \\\n		'--%s", o->name);
	buf_printf(out, "%s[", o->argument ? "=" : "");
	zsh_text(out, o->help);
	buf_putc(out, ']');
	if (o->names) {
		buf_printf(out, ":%s:(", o->argument);
		put_words(out, o->names, " ");
		buf_putc(out, ')');
	} else if (o->argument) {
		buf_printf(out, ":%s:%s", o->argument, is_file(o) ? "_files" : "");
	}
	buf_putc(out, '\'');
}

static void zsh_options(struct buf *out, const struct options *options)
{
	const struct option *o;

	for (size_t i = 0; (o = option_at(options, i)); i++)
		if (!o->hidden)
			zsh_option(out, o);
}

static void zsh_command(struct buf *out, const struct command *c)
{
	buf_printf(out, "	%s", c->name);
	for (size_t i = 0; i < ARRAY_SIZE(c->aliases); i++)
		if (c->aliases[i])
			buf_printf(out, "|%s", c->aliases[i]);
	buf_puts(out, ") _arguments");
	zsh_options(out, &c->options);
	zsh_options(out, &global_options);
	buf_printf(out, " \\\n		'*:%s' ;;\n",
		   c->takes_id ? "container:_yacr_ids" : "argument:_files");
}

static void write_zsh(struct buf *out)
{
	buf_puts(out, "#compdef yacr\n"
		      "_yacr_ids()\n{\n	compadd -- $(yacr list -q 2>/dev/null)\n}\n\n"
		      "_yacr()\n{\n	local state line\n	local -a commands=(");
	for (const struct command *const *c = commands; *c; c++) {
		if ((*c)->hidden)
			continue;
		buf_printf(out, "\n		'%s:", (*c)->name);
		zsh_text(out, (*c)->summary);
		buf_putc(out, '\'');
	}
	buf_puts(out, "\n	)\n	_arguments -C");
	zsh_options(out, &global_options);
	buf_puts(out, " \\\n		'1:command:->command' '*::argument:->argument'\n"
		      "	if [[ $state == command ]]; then\n"
		      "		_describe command commands\n		return\n	fi\n"
		      "	case $line[1] in\n");
	for (const struct command *const *c = commands; *c; c++)
		if (!(*c)->hidden)
			zsh_command(out, *c);
	buf_puts(out, "	esac\n}\n_yacr \"$@\"\n");
}

/* ---- fish ---- */

static void fish_text(struct buf *out, const char *s)
{
	buf_putc(out, '\'');
	for (; *s; s++) {
		if (*s == '\'' || *s == '\\')
			buf_putc(out, '\\');
		buf_putc(out, *s);
	}
	buf_putc(out, '\'');
}

static void fish_options(struct buf *out, const struct options *options, const char *condition)
{
	const struct option *o;

	for (size_t i = 0; (o = option_at(options, i)); i++) {
		if (o->hidden)
			continue;
		buf_printf(out, "complete -c yacr%s -l %s", condition, o->name);
		if (o->letter)
			buf_printf(out, " -s %c", o->letter);
		if (o->names) {
			buf_puts(out, " -x -a '");
			put_words(out, o->names, " ");
			buf_putc(out, '\'');
		} else if (o->argument) {
			buf_puts(out, is_file(o) ? " -r -F" : " -x");
		}
		buf_puts(out, " -d ");
		fish_text(out, o->help);
		buf_putc(out, '\n');
	}
}

static void write_fish(struct buf *out)
{
	buf_puts(out, "# fish completion for yacr\ncomplete -c yacr -f\n");
	fish_options(out, &global_options, "");
	for (const struct command *const *c = commands; *c; c++) {
		const char *seen;

		if ((*c)->hidden)
			continue;
		buf_printf(out, "complete -c yacr -n __fish_use_subcommand -a %s -d ", (*c)->name);
		fish_text(out, (*c)->summary);
		buf_putc(out, '\n');
		seen = arena_printf(
			out->arena, " -n '__fish_seen_subcommand_from %s%s%s%s%s'", (*c)->name,
			(*c)->aliases[0] ? " " : "", (*c)->aliases[0] ? (*c)->aliases[0] : "",
			(*c)->aliases[1] ? " " : "", (*c)->aliases[1] ? (*c)->aliases[1] : "");
		fish_options(out, &(*c)->options, seen);
		if ((*c)->takes_id)
			buf_printf(out, "complete -c yacr%s -a '(yacr list -q 2>/dev/null)'\n",
				   seen);
	}
}

/* ---- the command ---- */

static const struct shell {
	const char *name;
	void (*write)(struct buf *out);
} shells[] = {
	{"bash", write_bash},
	{"zsh", write_zsh},
	{"fish", write_fish},
};

static int run(struct invocation *inv, struct error *e)
{
	struct buf out = buf_new(inv->arena);

	for (size_t i = 0; i < ARRAY_SIZE(shells); i++) {
		if (str_eq(shells[i].name, inv->args.v[0])) {
			shells[i].write(&out);
			return output(&out, e);
		}
	}
	return fail(e, 0, "no completions for \"%s\": bash, zsh and fish are known",
		    inv->args.v[0]);
}

const struct command cmd_completion = {
	.name = "completion",
	.arguments = "bash|zsh|fish",
	.summary = "print completions for a shell",
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
