/* SPDX-License-Identifier: Apache-2.0 */
#include <limits.h>

#include "cmd/command.h"

static int run(struct invocation *inv, struct error *e)
{
	struct exec_options o = *(const struct exec_options *)inv->options;

	o.id = inv->args.v[0];
	o.args = (struct strs){.v = inv->args.v + 1, .n = inv->args.n - 1};
	inv->config_path = o.process;
	return container_exec(&inv->rt, &o, &inv->exit_code, e);
}

static const struct option options[] = {
	OPTION(struct exec_options, tty, "tty", .letter = 't', .help = "give it a terminal"),
	OPTION(struct exec_options, console_socket, "console-socket", .argument = "SOCKET",
	       .help = "send the terminal's master to this socket"),
	OPTION(struct exec_options, detach, "detach", .letter = 'd',
	       .help = "do not wait for its end"),
	OPTION(struct exec_options, pid_file, "pid-file", .argument = "FILE",
	       .help = "write the pid of the process to FILE"),
	OPTION(struct exec_options, pidfd_socket, "pidfd-socket", .argument = "SOCKET",
	       .help = "send a descriptor of the process to this socket"),
	OPTION(struct exec_options, process, "process", .letter = 'p', .argument = "FILE",
	       .help = "take the process from FILE, an object like \"process\" of config.json"),
	OPTION(struct exec_options, env, "env", .letter = 'e', .argument = "NAME=VALUE",
	       .help = "add to its environment; may be repeated"),
	OPTION(struct exec_options, cwd, "cwd", .argument = "PATH",
	       .help = "where in the container it begins"),
	OPTION(struct exec_options, user, "user", .letter = 'u', .argument = "UID[:GID]",
	       .help = "whom it runs as, in numbers"),
	OPTION(struct exec_options, additional_gids, "additional-gids", .letter = 'g',
	       .argument = "GID", .help = "one more group; may be repeated"),
	OPTION(struct exec_options, caps, "cap", .letter = 'c', .argument = "CAPABILITY",
	       .help = "one more capability, such as CAP_NET_ADMIN; may be repeated"),
	OPTION(struct exec_options, process_label, "process-label", .argument = "LABEL",
	       .help = "SELinux label"),
	OPTION(struct exec_options, apparmor, "apparmor", .argument = "PROFILE",
	       .help = "AppArmor profile"),
	OPTION(struct exec_options, no_new_privs, "no-new-privs",
	       .help = "what it executes cannot gain privileges"),
	OPTION(struct exec_options, preserve_fds, "preserve-fds", .argument = "N",
	       .help = "leave N descriptors from 3 on open"),
	OPTION(struct exec_options, ignore_paused, "ignore-paused",
	       .help = "in a paused container too, where it waits for resume"),
	OPTION(struct exec_options, cgroups, "cgroup", .argument = "[CONTROLLER,...:]PATH",
	       .help = "a cgroup below the container's; may be repeated"),
};

const struct command cmd_exec = {
	.name = "exec",
	.arguments = "ID [COMMAND [ARGUMENT]...]",
	.summary = "run one more program in a container",
	.about =
		"Runs a program in a container that is there: in its namespaces and its cgroup, as\n"
		"its process is unless options say otherwise.  Waits for the end and ends with its\n"
		"exit code, or with 128 and the number of the signal that ended it; with 255 when\n"
		"the program could not be run.  Options stand before the ID.",
	.options = OPTIONS(struct exec_options, options),
	.min_args = 1,
	.max_args = UINT_MAX,
	.takes_id = true,
	.trailing = true,
	.failure_code = 255,
	.run = run,
};
