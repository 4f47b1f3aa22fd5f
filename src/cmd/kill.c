/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>

#include "cmd/command.h"
#include "spec/names.h"

struct kill_options {
	bool all;
};

static int run(struct invocation *inv, struct error *e)
{
	const struct kill_options *o = inv->options;
	int sig = SIGTERM;

	if (inv->args.n > 1) {
		sig = signal_number(inv->args.v[1]);
		if (sig < 0)
			return fail(e, 0, "unknown signal \"%s\"", inv->args.v[1]);
	}
	return container_kill(&inv->rt, inv->args.v[0], sig, o->all, e);
}

static const struct option options[] = {
	OPTION(struct kill_options, all, "all", .letter = 'a',
	       .help = "send it to every process of the container"),
};

const struct command cmd_kill = {
	.name = "kill",
	.arguments = "ID [SIGNAL]",
	.summary = "send a signal to the container's first process",
	.about = "Sends a signal to the first process of a container: a number, or a name with or\n"
		 "without SIG.  The default is TERM.",
	.options = OPTIONS(struct kill_options, options),
	.min_args = 1,
	.max_args = 2,
	.takes_id = true,
	.run = run,
};
