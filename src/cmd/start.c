/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"

static int run(struct invocation *inv, struct error *e)
{
	return container_start(&inv->rt, inv->args.v[0], e);
}

const struct command cmd_start = {
	.name = "start",
	.arguments = "ID",
	.summary = "execute the program of a created container",
	.min_args = 1,
	.max_args = 1,
	.takes_id = true,
	.run = run,
};
