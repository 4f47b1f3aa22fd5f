/* SPDX-License-Identifier: Apache-2.0 */
#include "host/recvtty.h"
#include "cmd/command.h"

enum { MODE_SINGLE, MODE_NULL };

struct recvtty_options {
	int mode;
};

static const struct name mode_names[] = {
	{"single", MODE_SINGLE},
	{"null", MODE_NULL},
	{NULL},
};

static int run(struct invocation *inv, struct error *e)
{
	const struct recvtty_options *o = inv->options;
	const char *path = inv->args.v[0];

	return o->mode == MODE_NULL ? recvtty_null(path, e) : recvtty_single(path, e);
}

static const struct option options[] = {
	OPTION(struct recvtty_options, mode, "mode", .letter = 'm', .argument = "MODE",
	       .names = mode_names, .help = "single: this terminal; null: throw away the output"),
};

const struct command cmd_recvtty = {
	.name = "recvtty",
	.arguments = "SOCKET",
	.summary = "be the terminal of a container made with --console-socket",
	.about =
		"Listens on SOCKET, takes the terminal that \"create --console-socket SOCKET\" sends,\n"
		"and is its other side until it ends.",
	.options = OPTIONS(struct recvtty_options, options),
	.min_args = 1,
	.max_args = 1,
	.run = run,
};
