/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/create.h"

void create_begin(struct invocation *inv, const struct create_options *o)
{
	if (o->config)
		inv->config_path = o->config;
	else if (o->bundle)
		inv->config_path = arena_printf(inv->arena, "%s/config.json", o->bundle);
	else
		inv->config_path = "config.json";
}

static int run(struct invocation *inv, struct error *e)
{
	struct create_options o = *(const struct create_options *)inv->options;

	o.id = inv->args.v[0];
	create_begin(inv, &o);
	return container_create(&inv->rt, &o, e);
}

static const struct option options[] = {
	CREATE_OPTIONS(struct create_options, ),
};

const struct command cmd_create = {
	.name = "create",
	.arguments = "ID",
	.summary = "make a container; its program waits for start",
	.about = "Makes a container from a bundle: a directory with a config.json and a root file\n"
		 "system.  Everything is set up, but its program is not executed: see \"start\".",
	.options = OPTIONS(struct create_options, options),
	.min_args = 1,
	.max_args = 1,
	.takes_id = true,
	.run = run,
};
