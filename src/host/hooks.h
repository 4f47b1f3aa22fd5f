/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_HOOKS_H
#define YACR_HOST_HOOKS_H

/*
 * The hooks that run in the runtime's namespaces: prestart, createRuntime,
 * poststart, poststop.  (The others are operations of the plan, walked by init.)
 * A hook gets the state as JSON on its standard input, what it prints is kept
 * for the message of its failure, and it runs in a process group of its own,
 * which is killed as a whole when its time is up.  With the annotations
 * run.oci.hooks.stdout and .stderr what it prints is appended to files as well.
 */

#include "base/arena.h"
#include "spec/state.h"

struct hook_context {
	struct arena *arena;
	const struct state *state;
	int interrupt; /* see interrupt.h; -1: none */
};

/* @status and @pid are those that the hook shall see. "error running createRuntime hook #0: ..." */
int hook_run(const struct hook_context *c, const struct hook *h, enum hook_kind kind, size_t index,
	     int status, int64_t pid, struct error *e);

/* Opens a file for the output of hooks: one that is regular, or is made. */
int hook_log_open(const char *path, struct error *e);

/* All of one kind, in order; the first failure ends it. */
int hooks_run(const struct hook_context *c, enum hook_kind kind, int status, int64_t pid,
	      struct error *e);

/* All of them, whatever happens; failures go to the log as warnings. */
void hooks_run_poststop(const struct hook_context *c);

#endif
