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

static const struct option bundle_rows[] = {
	OPTION(struct create_options, bundle, "bundle", .letter = 'b', .argument = "DIR",
	       .help = "directory of the bundle; the present one by default"),
	OPTION(struct create_options, config, "config", .letter = 'f', .argument = "FILE",
	       .help = "configuration instead of the bundle's config.json"),
	OPTION(struct create_options, no_pivot, "no-pivot",
	       .help = "change the root by moving mounts, where pivot_root(2) cannot work"),
	OPTION(struct create_options, no_new_keyring, "no-new-keyring",
	       .help = "keep the caller's session keyring"),
	OPTION(struct create_options, preserve_fds, "preserve-fds", .argument = "N",
	       .help = "leave N descriptors from 3 on open in the container"),
};
const struct options bundle_options = OPTIONS(struct create_options, bundle_rows);

static const struct option rows[] = {
	{.kind = OPTION_GROUP, .group = &bundle_options},
	OPTION(struct create_options, console_socket, "console-socket", .argument = "SOCKET",
	       .help = "send the terminal's master to this socket"),
	OPTION(struct create_options, pid_file, "pid-file", .argument = "FILE",
	       .help = "write the pid of the container to FILE"),
	OPTION(struct create_options, pidfd_socket, "pidfd-socket", .argument = "SOCKET",
	       .help = "send a descriptor of the container's process to this socket"),
};
const struct options create_options = OPTIONS(struct create_options, rows);

const struct command cmd_create = {
	.name = "create",
	.arguments = "ID",
	.summary = "make a container; its program waits for start",
	.about = "Makes a container from a bundle: a directory with a config.json and a root file\n"
		 "system.  Everything is set up, but its program is not executed: see \"start\".",
	.options = OPTIONS(struct create_options, rows),
	.min_args = 1,
	.max_args = 1,
	.takes_id = true,
	.run = run,
};
