/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_CREATE_H
#define YACR_HOST_CREATE_H

/* What create, run and restore share: the making of a container, up to the moment before its program. */

#include "cgroup/devices.h"
#include "host/launch.h"
#include "host/notify.h"
#include "host/undo.h"
#include "host/unit.h"

/* Undoing needs descriptors, and they may be what has run out. */
#define SPARE_FDS 8

struct making {
	struct arena *arena;
	struct store store;
	struct container container; /* claimed and locked */
	struct prepared prepared;
	struct cgroup cgroup;
	struct device_limit devices;
	struct helper helper; /* systemd: starts the unit, and keeps it until init is in it */
	struct launch launch;
	struct undo undo;
	int interrupt;
	struct notify notify;
	int agent;   /* connection to the seccomp agent, or -1 */
	int console; /* connection to --console-socket, or -1 */
	int spare[SPARE_FDS];
	bool pid_file_written;
};

enum create_mode {
	CREATE_GATE,	   /* `create`: waits for `start` */
	CREATE_DETACHED,   /* `run --detach`: goes on at once */
	CREATE_FOREGROUND, /* `run`: likewise, and the terminal is ours to serve */
};

/*
 * Makes the container, commits its state and lets init go on.  On failure
 * nothing is left, and poststop hooks have run if any hook had begun.
 * making_close() is called in both cases.
 */
int make_container(struct making *m, const struct runtime *rt, const struct create_options *o,
		   enum create_mode mode, struct error *e);

/*
 * Its parts, for restore.  making_ready(): everything that can be found wrong before anything
 * exists.  making_claim(): the id, the intent record.  making_commit(): state and pid file of
 * m->launch.child.
 */
int making_ready(struct making *m, const struct runtime *rt, const struct create_options *o,
		 enum create_mode mode, struct error *e);
int making_claim(struct making *m, struct error *e);
int making_cgroup(struct making *m, struct error *e);
int making_commit(struct making *m, struct error *e);

/* Takes back what has been made. */
void making_undo(struct making *m);
void making_close(struct making *m);

/* run.c: before anything else: signals wait, orphans come to us, unless it is to be detached. */
struct run_options;
int making_begin(const struct run_options *o, struct error *e);

/*
 * run.c: has m->launch.child, which @start lets go (NULL: it runs), our signals and our terminal
 * until it ends.  Then it is deleted, unless it is to be kept.
 */
int making_serve(struct making *m, const struct run_options *o,
		 int (*start)(struct making *m, struct error *e), int *exit_code, struct error *e);

#endif
