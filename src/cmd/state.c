/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/command.h"
#include "cmd/output.h"

static int run(struct invocation *inv, struct error *e)
{
	struct buf out = buf_new(inv->arena);
	struct json_writer w = json_writer(&out, 2);
	struct container c;

	if (container_state(&inv->rt, inv->args.v[0], &c, e) < 0)
		return -1;
	state_write_oci(&c.state, c.status, c.state.pid, true, &w);
	buf_putc(&out, '\n');
	return output(&out, e);
}

const struct command cmd_state = {
	.name = "state",
	.arguments = "ID",
	.summary = "print the state of a container as JSON",
	.about =
		"Prints the state of a container as JSON, as the OCI runtime specification has it,\n"
		"with its root file system, time of creation and owner.  The status is creating,\n"
		"created, running, paused or stopped; the pid is 0 when there is no process.",
	.min_args = 1,
	.max_args = 1,
	.takes_id = true,
	.run = run,
};
