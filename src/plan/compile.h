/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_PLAN_COMPILE_H
#define YACR_PLAN_COMPILE_H

/*
 * config + options + facts -> plan.  Pure: opens nothing, asks nothing of the
 * kernel, and gives the same plan for the same input.
 */

#include "base/arena.h"
#include "plan/facts.h"
#include "plan/plan.h"
#include "spec/config.h"

struct cgroup_place;

struct plan_options {
	const char *id;
	const char *bundle; /* absolute */
	bool no_pivot;
	bool no_new_keyring;
	bool at_once; /* the program starts without a `start`: see BARRIER_BUILT */
	bool relayed; /* a terminal: between it and the caller's is yacr, in the foreground */
	uint32_t preserve_fds;	/* descriptors from 3 on that stay open */
	struct strs env;	/* for the program, where its own environment has no such name */
	bool listen_pid;	/* LISTEN_PID is among them, and has to be the program's pid */
	const char *notify_dir; /* to be bound over notify_target, read-only; or NULL */
	const char *notify_target;
	const void *seccomp_program; /* struct sock_filter[], compiled on the host; NULL: none */
	uint32_t seccomp_count, seccomp_flags;
	bool seccomp_notify;
	/* Where the container's cgroup will be, for what is mounted as "cgroup". NULL: yacr's own. */
	const struct cgroup_place *cgroup;
	/* exec: the process beside which it is to be, and which of its namespaces to join (CLONE_NEW*) */
	uint32_t pid, join;
	const char *root; /* its root directory, for when there is no mount namespace to join */
	/* Gets what is odd but no error (an unknown capability), with its path in config.json. May be NULL. */
	void (*warn)(const char *at, const char *text);
};

/*
 * Fails with e->at set when config and facts do not go together.  The plan and
 * everything in it lives in @a, and has been verified.
 */
int plan_compile(struct plan *out, struct arena *a, const struct config *c,
		 const struct plan_options *o, const struct facts *f, struct error *e);

/* Whether @c maps what everybody may map without help: one's own ids, alone (user_namespaces(7)). */
bool plan_maps_own_ids(const struct config *c, const struct facts *f);

/*
 * The plan of one more process, in a container that is there.  Nothing is made, so of @c
 * nothing counts but its process and what the kernel keeps per process.
 */
int plan_compile_exec(struct plan *out, struct arena *a, const struct config *c,
		      const struct plan_options *o, const struct facts *f, struct error *e);

/*
 * Checks what every plan must satisfy, whatever it was compiled from: barriers
 * in order, one ROOTFS before the first MOUNT or one ENTER, masks after mounts and before
 * ids, privilege order, EXEC last, offsets inside the heap.  A failure is a
 * bug in the compiler; it is checked in every build.
 */
int plan_verify(const struct plan *p, struct error *e);

#endif
