/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/create.h"
#include "cmd/criu.h"

static int run(struct invocation *inv, struct error *e)
{
	struct restore_options o = *(const struct restore_options *)inv->options;

	o.run.create.id = inv->args.v[0];
	create_begin(inv, &o.run.create);
	if (criu_mode(&o.criu, e) < 0)
		return -1;
	return container_restore(&inv->rt, &o, &inv->exit_code, e);
}

static const struct option options[] = {
	GROUP(struct restore_options, run, run_options),
	GROUP(struct restore_options, criu, criu_options),
	OPTION(struct restore_options, criu.tcp_close, "tcp-close",
	       .help = "with TCP connections closed"),
	OPTION(struct restore_options, lsm_profile, "lsm-profile", .argument = "TYPE:NAME",
	       .help = "another profile, \"selinux:LABEL\" or \"apparmor:NAME\""),
	OPTION(struct restore_options, lsm_mount_context, "lsm-mount-context",
	       .argument = "CONTEXT", .help = "another SELinux context of mounts"),
};

const struct command cmd_restore = {
	.name = "restore",
	.arguments = "ID",
	.summary = "make a container from what checkpoint has written",
	.about =
		"Makes a container from a bundle whose processes go on where the images of a\n"
		"checkpoint have them.  Mounts from the host are those of the bundle's config.  "
		"Without\n"
		"--detach it waits for the end, deletes the container and ends with its exit code.",
	.options = OPTIONS(struct restore_options, options),
	.min_args = 1,
	.max_args = 1,
	.takes_id = true,
	.run = run,
};
