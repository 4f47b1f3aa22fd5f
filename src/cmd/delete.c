/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"

struct delete_options {
	bool force;
};

static int run(struct invocation *inv, struct error *e)
{
	const struct delete_options *o = inv->options;

	return container_delete(&inv->rt, inv->args.v[0], o->force, e);
}

static const struct option options[] = {
	OPTION(struct delete_options, force, "force", .letter = 'f',
	       .help = "kill it first when it runs; a missing one is no error"),
};

const struct command cmd_delete = {
	.name = "delete",
	.aliases = {"del", "rm"},
	.arguments = "ID",
	.summary = "remove a stopped container and all that is left of it",
	.options = OPTIONS(struct delete_options, options),
	.min_args = 1,
	.max_args = 1,
	.takes_id = true,
	.run = run,
};
