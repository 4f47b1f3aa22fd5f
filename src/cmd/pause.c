/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"

static int run_pause(struct invocation *inv, struct error *e)
{
	return container_pause(&inv->rt, inv->args.v[0], e);
}

static int run_resume(struct invocation *inv, struct error *e)
{
	return container_resume(&inv->rt, inv->args.v[0], e);
}

const struct command cmd_pause = {
	.name = "pause",
	.arguments = "ID",
	.summary = "make all processes of a container stand still",
	.about = "Freezes the cgroup of a container: all its processes stand still, none of them "
		 "can\n"
		 "notice or refuse, until `resume`.  `kill` with KILL and `delete --force` work "
		 "meanwhile.",
	.min_args = 1,
	.max_args = 1,
	.takes_id = true,
	.run = run_pause,
};

const struct command cmd_resume = {
	.name = "resume",
	.arguments = "ID",
	.summary = "let the processes of a paused container run again",
	.min_args = 1,
	.max_args = 1,
	.takes_id = true,
	.run = run_resume,
};
