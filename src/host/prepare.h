/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_PREPARE_H
#define YACR_HOST_PREPARE_H

/*
 * Everything about a container that can be known, checked and opened before
 * anything of it exists.  When prepare() and slots_open() have succeeded,
 * nothing needs to be taken back yet.
 */

#include "cgroup/cgroup.h"
#include "cgroup/systemd.h"
#include "host/caller.h"
#include "host/container.h"
#include "plan/plan.h"

struct prepared {
	const struct create_options *options;
	const char *bundle;	 /* absolute, without symbolic links */
	const char *config_path; /* for messages */
	struct caller caller;
	struct strs env;	/* what caller_serve() gives the program */
	bool listen_pid;	/* LISTEN_PID is in there, of a process that may not be the first */
	const char *notify_dir; /* where the container's notify socket will be; NULL: it has none */
	struct config config;
	struct facts facts;
	struct plan plan;
	struct cgroup_place cgroup;
	struct unit_properties unit; /* what systemd is told, when the driver is systemd */
	struct state state;	     /* the intent record */
};

/* @facts NULL: those of this host. */
int prepare(struct prepared *out, const struct runtime *rt, const struct create_options *o,
	    const struct facts *facts, struct error *e);

/*
 * The plan for the cgroup that the container got: @place has fewer directories than was foreseen,
 * and where it has none, mounts of type cgroup show the one that we are in.
 */
int prepare_again(struct prepared *p, struct arena *a, const struct cgroup_place *place,
		  struct error *e);

/* What a plan does not do although the config asks for it: plan_options.warn, here and for exec. */
void prepare_warn(const char *at, const char *text);

/* That the descriptors which --preserve-fds counts are open. */
int check_preserved_fds(uint32_t n, struct error *e);

/* slots.c: opens what the plan wants open before the fork: fds[slot], -1 for what init opens. */
int slots_open(int **fds, struct arena *a, const struct plan *p, struct error *e);
void slots_close(int *fds, const struct plan *p);

#endif
