/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/create.h"

static int run(struct invocation *inv, struct error *e)
{
	struct run_options o = *(const struct run_options *)inv->options;

	o.create.id = inv->args.v[0];
	create_begin(inv, &o.create);
	return container_run(&inv->rt, &o, &inv->exit_code, e);
}

static const struct option rows[] = {
	GROUP(struct run_options, create, create_options),
	OPTION(struct run_options, detach, "detach", .letter = 'd',
	       .help = "do not wait for its end"),
	OPTION(struct run_options, keep, "keep", .help = "do not delete it after its end"),
	OPTION(struct run_options, no_subreaper, "no-subreaper",
	       .help = "do not become the parent of processes that lost theirs"),
};
const struct options run_options = OPTIONS(struct run_options, rows);

const struct command cmd_run = {
	.name = "run",
	.arguments = "ID",
	.summary = "create, start, wait for and delete a container",
	.about =
		"Makes a container from a bundle, starts it, waits for its end, deletes it and ends\n"
		"with its exit code, or with 128 and the number of the signal that ended it.\n"
		"Signals and the size of the terminal are passed on.",
	.options = OPTIONS(struct run_options, rows),
	.min_args = 1,
	.max_args = 1,
	.takes_id = true,
	.run = run,
};
