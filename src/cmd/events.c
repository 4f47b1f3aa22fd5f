/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"
#include "cmd/output.h"
#include "cmd/quantity.h"

#define INTERVAL_MS 5000

struct events_flags {
	const char *interval;
	bool stats;
};

static int run(struct invocation *inv, struct error *e)
{
	const struct events_flags *flags = inv->options;
	struct events_options o = {.interval_ms = INTERVAL_MS, .stats = flags->stats};

	if (flags->interval && quantity_duration(flags->interval, &o.interval_ms) < 0)
		return fail(e, 0,
			    "--interval takes a duration above 0 such as 5s or 100ms, not \"%s\"",
			    flags->interval);
	return container_events(&inv->rt, inv->args.v[0], &o, output, e);
}

static const struct option options[] = {
	OPTION(struct events_flags, interval, "interval", .argument = "DURATION",
	       .help = "time between statistics: 5s by default; 100ms, 1m30s"),
	OPTION(struct events_flags, stats, "stats", .help = "print statistics once, and end"),
};

const struct command cmd_events = {
	.name = "events",
	.arguments = "ID",
	.summary = "print statistics of a container, and when it runs out of memory",
	.about = "Prints a line of JSON with statistics of the container's cgroup in every "
		 "interval,\n"
		 "and one of type \"oom\" whenever the kernel killed a process in it for memory.  "
		 "Ends\n"
		 "when the container does.",
	.options = OPTIONS(struct events_flags, options),
	.min_args = 1,
	.max_args = 1,
	.takes_id = true,
	.run = run,
};
