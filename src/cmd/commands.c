/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "cmd/command.h"
#include "plan/facts.h"
#include "spec/state.h"

const struct command *const commands[] = {
	&cmd_create,  &cmd_start,      &cmd_state,	&cmd_list,    &cmd_kill,     &cmd_delete,
	&cmd_run,     &cmd_exec,       &cmd_checkpoint, &cmd_restore, &cmd_pause,    &cmd_resume,
	&cmd_ps,      &cmd_events,     &cmd_update,	&cmd_spec,    &cmd_features, &cmd_explain,
	&cmd_recvtty, &cmd_completion, &cmd_help,	&cmd_man,     NULL,
};

static const struct name rootless_words[] = {
	{"true", ROOTLESS_TRUE},
	{"false", ROOTLESS_FALSE},
	{"auto", ROOTLESS_AUTO},
	{NULL},
};

static const struct option options[] = {
	OPTION(struct globals, root, "root", .argument = "DIR",
	       .help = "where the state of containers is kept: $XDG_RUNTIME_DIR/yacr or /run/yacr"),
	OPTION(struct globals, log, "log", .argument = "FILE",
	       .help = "where a failure is written to, too"),
	OPTION(struct globals, log_format, "log-format", .argument = "FORMAT",
	       .names = log_format_names, .help = "text or json"),
	OPTION(struct globals, log_level, "log-level", .argument = "LEVEL",
	       .names = log_level_names, .help = "error, warning, info or debug"),
	OPTION(struct globals, debug, "debug", .help = "the same as --log-level debug"),
	OPTION(struct globals, systemd_cgroup, "systemd-cgroup",
	       .help = "let systemd make the cgroup: the same as --cgroup-manager systemd"),
	OPTION(struct globals, cgroup_manager, "cgroup-manager", .argument = "MANAGER",
	       .names = cgroup_driver_names, .help = "cgroupfs, systemd or disabled"),
	OPTION(struct globals, rootless, "rootless", .argument = "WORD", .names = rootless_words,
	       .help = "true, false or auto: whether to do without cgroups that are not ours"),
	OPTION(struct globals, criu, "criu", .argument = "PROGRAM",
	       .help = "CRIU, for checkpoint and restore; found on PATH by default"),
	OPTION(struct globals, version, "version", .letter = 'v', .help = "print the version"),
	OPTION(struct globals, help, "help", .letter = 'h',
	       .help = "print help, of a command when one is given"),
};

const struct options global_options = OPTIONS(struct globals, options);

const struct command *command_find(const char *name)
{
	for (const struct command *const *c = commands; *c; c++) {
		if (str_eq((*c)->name, name))
			return *c;
		for (size_t i = 0; i < ARRAY_SIZE((*c)->aliases); i++)
			if ((*c)->aliases[i] && str_eq((*c)->aliases[i], name))
				return *c;
	}
	return NULL;
}
