/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_LAUNCH_H
#define YACR_HOST_LAUNCH_H

#include "host/netdev.h"
#include "host/prepare.h"
#include "host/protocol.h"

/* The container's init, as its parent has it. */
struct child {
	pid_t pid;
	int pidfd;
	int sock; /* to it; closing it ends an init that has not started the program */
};

/* What a walk of the plan needs and leaves behind. */
struct launch {
	struct arena *arena;
	struct prepared *prepared;
	struct container *container; /* its record, while it is being made */
	const struct cgroup *cgroup;
	int *slots;
	int start_sock; /* listening; -1: there is no gate */
	int interrupt;
	struct child child;
	struct protocol protocol;
	int master; /* of the container's terminal once it is there, else -1 */
	struct net_devices net_devices;
	bool hooks_began; /* then poststop hooks have something to clean up after */
};

/*
 * Forks the container's init into its namespaces and its cgroup.  It waits for
 * us at the first barrier and dies when we do.
 */
int launch(struct launch *l, struct error *e);

/*
 * A child in the container's cgroup, in new namespaces of @flags: 0 in the child, which has yet
 * to write to l->cgroup->tasks, its pid, or -1.
 */
pid_t launch_spawn(struct launch *l, uint64_t flags, int *pidfd, struct error *e);

/* The host's side of the plan up to @barrier, which stays closed. */
int launch_walk(struct launch *l, uint32_t barrier, struct error *e);

/* Kills and reaps what is there of the child. Harmless when there is none. */
void launch_kill(struct launch *l);

/* Fills @e from the child's end: it is gone and did not say why. Returns -1. */
int launch_explain_end(struct launch *l, struct error *e);

/* host_ops.c: one operation of side HOST. */
int host_operation(struct launch *l, const struct op *op, struct error *e);

#endif
