/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_CONTAINER_H
#define YACR_HOST_CONTAINER_H

/*
 * The verbs, as cmd/ calls them.  One file per verb in this directory.  They
 * print nothing; what a verb made and could not finish, it has undone.
 */

#include "base/arena.h"
#include "base/buf.h"
#include "cgroup/cgroup.h"
#include "host/store.h"

struct runtime {
	struct arena *arena;
	const char *root;  /* --root; NULL: the default */
	int cgroup_driver; /* enum cgroup_driver */
	int rootless;	   /* enum rootless */
	const char *criu;  /* --criu; NULL: "criu" on PATH */
};

struct create_options {
	const char *id;
	const char *bundle; /* directory; NULL: "." */
	const char *config; /* --config; NULL: config.json in the bundle */
	const char *console_socket, *pid_file, *pidfd_socket;
	bool no_pivot, no_new_keyring;
	bool restored; /* by restore: its program has its environment already */
	bool at_once;  /* by run: its program starts as soon as it is created */
	uint32_t preserve_fds;
};

/* create.c */
int container_create(const struct runtime *rt, const struct create_options *o, struct error *e);

/* start.c: error when it is not in state created. Runs poststart hooks. */
int container_start(const struct runtime *rt, const char *id, struct error *e);

/* run.c: create, start, and unless @detach wait; *@exit_code is the program's, 128 + signal. */
struct run_options {
	struct create_options create;
	bool detach, keep;
	bool no_subreaper; /* processes whose parent died go to init, not to the waiting yacr */
};
int container_run(const struct runtime *rt, const struct run_options *o, int *exit_code,
		  struct error *e);

/* kill.c: @all sends to every process of the cgroup. "container not running" */
int container_kill(const struct runtime *rt, const char *id, int sig, bool all, struct error *e);

/* delete.c: @force kills first, takes half-made containers, and is content when there is none. */
int container_delete(const struct runtime *rt, const char *id, bool force, struct error *e);

/* state.c: status, pid of now (0 when stopped). */
int container_state(const struct runtime *rt, const char *id, struct container *out,
		    struct error *e);

/*
 * state.c: broken ones are passed over, with their error in @on_broken (may be NULL).  Not
 * @with_status: what the records say, and nothing of now.
 */
struct container_list {
	struct container *v;
	size_t n;
};
int container_list(const struct runtime *rt, bool with_status, struct container_list *out,
		   void (*on_broken)(const char *id, const struct error *e), struct error *e);

/* ps.c: pids of all processes in it, host's view. */
struct pid_list;
int container_ps(const struct runtime *rt, const char *id, struct pid_list *out, struct error *e);

/*
 * exec.c: one more process in a container.  Detached, or until it ends: *@exit_code is the
 * program's, 128 + signal.  "container not running", "cannot exec in a paused container"
 */
struct exec_options {
	const char *id;
	const char *process; /* file with a "process" object; NULL: the container's own */
	/* What is given besides counts for more. */
	struct strs args, env, caps, additional_gids;
	struct strs cgroups;	/* below the container's: "[CONTROLLER,...:]PATH" */
	const char *cwd, *user; /* "UID[:GID]" */
	const char *process_label, *apparmor;
	const char *console_socket, *pid_file, *pidfd_socket;
	bool tty, detach, no_new_privs, ignore_paused;
	uint32_t preserve_fds;
};
int container_exec(const struct runtime *rt, const struct exec_options *o, int *exit_code,
		   struct error *e);

/* pause.c: "container not running", "container not paused". Returns when all processes stand still, or run. */
int container_pause(const struct runtime *rt, const char *id, struct error *e);
int container_resume(const struct runtime *rt, const char *id, struct error *e);

/*
 * update.c: writes the limits that @r holds and no others, and the two schemas of @rdt that may be
 * there.  On failure those written before are back at their old values; the text names the files
 * where that cannot be.
 */
struct resources;
struct intel_rdt;
int container_update(const struct runtime *rt, const char *id, const struct resources *r,
		     const struct intel_rdt *rdt, struct error *e);

/* update.c: reads resources from a file of JSON, or from standard input when @path is "-". */
int update_read(struct resources *out, struct arena *a, const char *path, struct error *e);

/*
 * events.c: hands out lines of JSON: statistics every @interval_ms, and whenever the OOM killer
 * has struck, until the container ends (0).  @stats: one line of statistics, at once.
 * "container with id X is not running"
 */
struct events_options {
	int64_t interval_ms; /* above 0 */
	bool stats;
};
typedef int (*emit_line)(const struct buf *line, struct error *e);
int container_events(const struct runtime *rt, const char *id, const struct events_options *o,
		     emit_line emit, struct error *e);

/* What CRIU is asked for at both ends. */
struct criu_options {
	const char *image_path, *work_path;
	const char *manage_cgroups; /* criu_cg_mode of CRIU's rpc.proto; NULL: "SOFT" */
	struct strs empty_ns;
	bool tcp_established, tcp_close, tcp_skip_in_flight, ext_unix_sk, shell_job, file_locks;
	bool link_remap, auto_dedup, lazy_pages;
};

/*
 * checkpoint.c: writes a running or paused container to images, and unless it is left running
 * deletes it.  "container cannot be checkpointed in created state"
 */
struct checkpoint_options {
	const char *id;
	struct criu_options criu;
	const char *parent_path, *page_server;
	struct opt_u16 status_fd;
	bool leave_running, pre_dump;
};
int container_checkpoint(const struct runtime *rt, const struct checkpoint_options *o,
			 struct error *e);

/* restore.c: as container_run(), but the program goes on where the images have it. */
struct restore_options {
	struct run_options run;
	struct criu_options criu;
	const char *lsm_profile, *lsm_mount_context;
};
int container_restore(const struct runtime *rt, const struct restore_options *o, int *exit_code,
		      struct error *e);

/* explain.c: compiles without doing anything; @facts NULL: those of this host. */
struct facts;
struct explanation {
	const struct plan *plan;
	const struct cgroup_place *cgroup;
	limit_list limits;		    /* what is written to the cgroup */
	const struct unit_properties *unit; /* NULL: systemd is not asked for anything */
};
int container_explain(const struct runtime *rt, const struct create_options *o,
		      const struct facts *facts, struct explanation *out, struct error *e);

#endif
