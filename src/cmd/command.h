/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CMD_COMMAND_H
#define YACR_CMD_COMMAND_H

/*
 * A command is one row of data: its names, its options, what it takes and what
 * it does.  The parser, the help, the manual page and the completions all read
 * that row.
 */

#include "base/arena.h"
#include "base/list.h"
#include "cmd/option.h"
#include "host/container.h"

struct globals {
	const char *root, *log, *criu;
	int log_format, log_level; /* enum log_format, enum log_level */
	int cgroup_manager;	   /* enum cgroup_driver, 0: not given */
	int rootless;		   /* enum rootless */
	bool debug, systemd_cgroup, version, help;
};

/* One run of one command. */
struct invocation {
	struct arena *arena;
	struct globals globals;
	struct runtime rt;
	const struct command *command;
	const void *options;	 /* the command's struct */
	struct strs args;	 /* v[n] is NULL */
	const char *config_path; /* set by commands that read a config, for the report */
	int exit_code;		 /* set by commands that end with another code than 0 */
};

struct command {
	const char *name;
	const char *aliases[2];
	const char *arguments; /* "ID [SIGNAL]", as the usage line shows it */
	const char *summary;   /* one line, for the overview */
	const char *about;     /* sentences, for help and the manual page; NULL: the summary */
	struct options options;
	unsigned int min_args, max_args;
	bool takes_id; /* the first argument names the container, in messages too */
	bool trailing; /* what follows the first argument is not ours: no options in it */
	bool hidden;
	int failure_code; /* exit code when it fails itself; 0 means 1 */
	int (*run)(struct invocation *inv, struct error *e);
};

/* commands.c: all of them, in the order of the overview; ends with NULL. */
extern const struct command *const commands[];
extern const struct options global_options;

const struct command *command_find(const char *name); /* by name or alias; NULL */

extern const struct command cmd_checkpoint, cmd_completion, cmd_create, cmd_delete, cmd_events,
	cmd_exec, cmd_explain, cmd_features, cmd_help, cmd_kill, cmd_list, cmd_man, cmd_pause,
	cmd_ps, cmd_recvtty, cmd_restore, cmd_resume, cmd_run, cmd_spec, cmd_start, cmd_state,
	cmd_update;

#endif
