/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_STORE_H
#define YACR_HOST_STORE_H

/*
 * The state root, ROOT/ID/{state.json,start.sock}: 0700, ours, on a tmpfs, so
 * nothing is synced.  A container comes into being when a directory that holds
 * its intent record is renamed to its id (RENAME_NOREPLACE), and ends when that
 * directory is renamed away: there is never an id without a record, and never
 * two creators of one id.  Names beginning with '.' are yacr's, not ids: ".PID"
 * is a directory that process PID is preparing or taking apart.
 */

#include "spec/state.h"

struct cgroup_roots;
struct store {
	int root; /* directory descriptor; -1: there is no such directory, and so no container */
	const char *path;	      /* as it was given */
	struct cgroup_roots *cgroups; /* for who looks at many; NULL: not here */
};

/* --root, else $XDG_RUNTIME_DIR/yacr for who is not root, else /run/yacr. */
struct runtime;
const char *store_root(const struct runtime *rt);

/* @make: create it (0700) when missing. Refuses "/" and what is not ours or is writable by others. */
int store_open(struct store *out, const char *root, bool make, struct error *e);

/* For the record: the boot it is of; NULL where it cannot outlive one, since a tmpfs does not. */
const char *store_boot_id(const struct store *s);

/* [A-Za-z0-9_+-][A-Za-z0-9_+.-]*, at most 255. "invalid container ID format" */
int store_check_id(const char *id, struct error *e);

struct container {
	struct arena *arena;
	int dir; /* ROOT/ID, or -1; locked exclusively (flock) when opened for a change */
	struct state state;
	const struct state *draft; /* see store_draft(); NULL: there is none */
	int status;		   /* computed now: enum status */
	bool started; /* it is not `created` and will not be again: nobody need ask its socket */
	int pidfd;    /* of the container's init while it lives, else -1 */
};

/* Claims @id: the record of @intent is in place when this returns. "container with given ID already exists" */
int store_claim(struct container *out, const struct store *s, struct arena *a,
		const struct state *intent, struct error *e);

/* "container "X" does not exist". @lock: for start, delete, update: waits for others to finish. */
int store_load(struct container *out, const struct store *s, struct arena *a, const char *id,
	       bool lock, struct error *e);
/* Replaces state.json. A draft is void then. */
int store_save(struct container *c, struct error *e);
void store_started(const struct container *c); /* notes it, once the program runs */

/*
 * The same in two steps, the first of which is taken while there is time: store_draft() writes
 * the record as it will be, beside the present one.  Nobody reads it before store_commit() makes it
 * the record, and @next the state.  store_committed() clears away, when nobody waits.  @next: lives
 * as long as @c.
 */
int store_draft(struct container *c, const struct state *next, struct error *e);
int store_commit(struct container *c, struct error *e);
void store_committed(const struct container *c);

/* @dir: c->dir, when it is open, for fewer calls; else -1. */
int store_remove(const struct store *s, const char *id, int dir, struct error *e);
void store_close(struct container *c);

/* While its maker waits for its end, others may act on it. Locked again: 1, 0 when it is gone, -1. */
void store_unlock(const struct container *c);
int store_lock(const struct container *c, const struct store *s, struct error *e);

/* All ids, sorted. */
int store_ids(struct strs *out, const struct store *s, struct arena *a, struct error *e);

/*
 * The parts of store_load(), for verbs that need less, or must tell "none" from
 * "broken".  store_find(): 1 with dir and state filled, 0 when there is no such
 * container, -1; with @lock c->dir is open also when the record is broken.
 */
int store_find(struct container *c, const struct store *s, struct arena *a, const char *id,
	       bool lock, struct error *e);

/* The record alone, without a lock, by the fewest calls: c->dir stays -1. 1, 0, -1 as above. */
int store_peek(struct container *c, const struct store *s, struct arena *a, const char *id,
	       struct error *e);

/* "container "X" does not exist", by which engines know it. -1. */
int store_fail_missing(const char *id, struct error *e);

/* Whether @name, which is no id, was left by a yacr that was killed: nobody of its number lives, or has it locked. */
bool store_is_abandoned(const struct store *s, const char *name);

/* Removes what yacrs that were killed have left under names that are no ids. */
void store_sweep(const struct store *s);

/* status.c: opens c->pidfd and says whether the recorded process, not another of its number, lives. */
bool store_alive(struct container *c);

/* status.c: a record of an earlier boot is of what is gone. One that names none is of this. */
bool state_is_of_this_boot(const struct state *s);

/*
 * status.c: sets c->status, and c->pidfd.  store_status_before_gate(): for who connects to the start
 * socket anyway, and learns by it which of created and running is true.  store_glance(): for who does
 * nothing to it, after store_peek(): a pidfd only where it tells the status.
 */
void store_status(struct container *c);
void store_status_before_gate(struct container *c);
void store_glance(struct container *c, const struct store *s);

/* The socket below ROOT/ID on which a created container waits for `start`. */
#define START_SOCKET "start.sock"

/* What else is mostly there: host/exec_record.c has what is in them. */
#define EXEC_DEFAULTS "exec.json"
#define EXEC_PROGRAM "exec.bpf"

#endif
