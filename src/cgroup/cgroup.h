/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_CGROUP_H
#define YACR_CGROUP_CGROUP_H

/*
 * The container's control group: where it is, making it, joining it, limits,
 * ending it.  Three layouts: v1 (a tree per controller), hybrid (v1 trees and
 * a cgroup2 one beside them), v2.  What is to be done is computed first, as
 * data, by pure functions; then it is done by directory descriptors.
 * No file is ever created in a cgroup directory (no O_CREAT): where a
 * hierarchy is not mounted, that would leave a regular file on a tmpfs.
 *
 * How a container is created:
 *
 *	cgroup_detect(&facts)		once per command
 *	cgroup_place(&place, ...)	pure
 *	cgroup_foresee(&place, ...)	the place goes into the intent record
 *	cgroup_create(&g, &place, ...)	directories; place.dirs[].made is known now
 *	spawn(flags, g.v2, ...)		v2 and hybrid: born in the cgroup2 directory
 *	cgroup_limit(&g, ...)		while the child waits for its first barrier
 *	init writes "0" to each of g.tasks, before it unshares the cgroup namespace
 *	devices_prepare(&d, &g, ...)	while init makes the mounts
 *	devices_enforce(&d, &g, ...)	when it has done so, and before any hook runs
 *	cgroup_close(&g)
 */

#include "plan/facts.h"
#include "spec/config.h"
#include "spec/state.h"

/* detect.c: fills the cgroup part of @f: layout, hierarchies, own place. Once per command. */
int cgroup_detect(struct facts *f, struct arena *a, struct error *e);

/*
 * place.c: where the container's cgroup is.  Pure.
 * linux.cgroupsPath absolute or relative: below each mount point.  Absent: /yacr-ID below
 * each mount point; for a user without privilege beside yacr's own cgroup, because only
 * there can it be theirs to use.  The same value leads to the same place always.
 * In the hybrid layout the place has a directory in the cgroup2 tree too: it brings
 * controllers that live there, cgroup.kill, and a pollable cgroup.events.
 * With CGROUP_DRIVER_SYSTEMD it is where systemd puts the unit that linux.cgroupsPath names:
 * see systemd.h.
 * Without any cgroup mounted, or with CGROUP_DRIVER_DISABLED, the place is empty, its driver
 * CGROUP_DRIVER_DISABLED, and everything below does nothing with it.
 */
int cgroup_place(struct cgroup_place *out, struct arena *a, const struct config *c,
		 const struct facts *f, const char *id, int driver, struct error *e);

/*
 * exec --cgroup: *@out, a copy of @p, with a cgroup below each of its own instead: @wanted is
 * "[CONTROLLER[,CONTROLLER]...:]PATH", for all hierarchies or those with one of the controllers.
 * "/" is the container's own.  Pure; nothing leads out of the container's cgroup.
 */
int cgroup_below(struct cgroup_place *out, struct arena *a, const struct cgroup_place *p,
		 const char *wanted, struct error *e);

/*
 * create.c: notes in place.dirs[].made which parents cgroup_create() will have to make, before it
 * does: for the record of who may be killed meanwhile.  Nothing is noted when they are there.
 */
void cgroup_foresee(struct cgroup_place *p, struct arena *a);

/* A place that exists: a directory per hierarchy. */
struct cgroup {
	const struct cgroup_place *place;
	int *dirs;  /* place->dirs.n O_PATH descriptors, those that were asked for: cgroup_dir() */
	int *tasks; /* v1: "tasks", open for writing, for init to write 0 to */
	unsigned int task_count;
	int v2;	    /* one of dirs, open from the beginning: for CLONE_INTO_CGROUP; or -1 */
	bool fresh; /* made just now by cgroup_create(): nothing has been set in it */
};

/*
 * create.c: makes the directories (parents too, remembering in place->dirs[].made the
 * topmost one that yacr made) and opens what joining needs.  With systemd the unit has been
 * started: its first process is in it.  Refuses a cgroup that is
 * populated or frozen, and resources that cannot be had, before anything is made.
 * On v2 enables in every ancestor the controllers that linux.resources asks for.
 * A user without privilege who asks for no limits and may not make a directory does
 * without: it is dropped from @p; when none is left, p->driver is CGROUP_DRIVER_DISABLED.
 * What a failing call has made it has removed.
 */
int cgroup_create(struct cgroup *out, struct arena *a, struct cgroup_place *p,
		  const struct config *c, const struct facts *f, struct error *e);

/* open.c: an existing place; directories that are gone are no error. No tasks. */
int cgroup_open(struct cgroup *out, struct arena *a, const struct cgroup_place *p, struct error *e);
void cgroup_close(struct cgroup *g);

/*
 * The directory number @i, which is @g's, opened when it is first asked for: most of what is done
 * to a cgroup needs one or two of ten.  -1 with errno, ENOENT when it is gone.
 */
int cgroup_dir(const struct cgroup *g, size_t i);

/* The number of the one with @controller's files, @open. -1 with errno: 0 when there is none, ENOENT when it is gone. */
int cgroup_dir_with(const struct cgroup *g, const char *controller, bool open);

/* A file of it, which is the caller's; a directory that is not open yet stays so. -1 with errno. */
int cgroup_file(const struct cgroup *g, size_t i, const char *file, int flags);

/*
 * Number of the first directory that is there: cgroup2's, those with one of the controllers
 * @preferred (ended by NULL), then any.  -1 with errno, ENOENT when there is none.
 */
int cgroup_first(const struct cgroup *g, const char *const *preferred);

/* join.c: fills g->tasks (cgroup_create() has done it; for exec). A missing directory is an error. */
int cgroup_open_tasks(struct cgroup *g, struct arena *a, struct error *e);

/*
 * The slow way for kernels without CLONE_INTO_CGROUP: writes @pid to cgroup.procs of the
 * cgroup2 directory.  Init joins v1 by itself, by writing 0 to g->tasks.
 */
int cgroup_join_pid(const struct cgroup *g, int pid, struct error *e);

/*
 * systemd: moves @pid, the unit's first process, to the cgroup below the unit that the container
 * will be in: cgroup2 hands no controllers down where processes are.  Nothing without subgroup.
 */
int cgroup_descend(struct cgroup_place *p, struct arena *a, int pid, struct error *e);

/* What is to be written, as data. */
struct limit {
	const char *controller; /* "memory"; the hierarchy to write to */
	const char *file;	/* "memory.limit_in_bytes" */
	const char *value;	/* written with one write(2) */
	const char *at;		/* path in config.json */
	const char *or_file;	/* when .file is missing: this one, with .or_value */
	const char *or_value;
	const char
		*usage; /* file whose present number must not be above .value (checkBeforeUpdate) */
	bool optional; /* a missing file, EOPNOTSUPP or EPERM is no error (swap accounting and such) */
	bool neutral; /* what a new cgroup holds by itself: written by updates only */
};
typedef LIST(struct limit) limit_list;

/*
 * limits.c: pure.  @r may be NULL.  A value that a cgroup2 controller has no place for is an
 * error unless it is the neutral one.  Device rules are not in the list: see devices.h.
 */
int cgroup_limits(limit_list *out, struct arena *a, const struct resources *r,
		  const struct facts *f, struct error *e);

/* apply.c: one open per file; the error names file, value and config path. */
int cgroup_apply(const struct cgroup *g, const limit_list *limits, struct error *e);

/* Who has to be told of an update, and writes to the files as well. Its refusal undoes all. */
struct cgroup_keeper {
	int (*tell)(void *ctx, const struct resources *r, struct error *e);
	void *ctx;
};

/*
 * linux.resources (@r, which may be NULL).  cgroup_limit() is for a new container: all but the
 * devices (devices.h); cgroup_update() for a living one: only what @r holds, devices included.  When
 * that fails, what it has written before is put back; the text names what could not be.  @keeper
 * may be NULL: it is told when all is written, and all is written again after it.
 */
int cgroup_limit(const struct cgroup *g, struct arena *a, const struct resources *r,
		 const struct facts *f, struct error *e);
int cgroup_update(const struct cgroup *g, struct arena *a, const struct resources *r,
		  const struct facts *f, const struct cgroup_keeper *keeper, struct error *e);

/* procs.c: the processes in it and below, each once, as the host sees them. */
struct pid_list {
	int *v;
	size_t n;
};
int cgroup_pids(struct pid_list *out, struct arena *a, const struct cgroup *g, struct error *e);

/*
 * kill.c: sends @sig to every process in the cgroup and below.  For SIGKILL uses cgroup.kill
 * (5.14), else freezes, sends and thaws until none is left (bounded).  Returns the number of
 * processes seen.
 */
int cgroup_signal(const struct cgroup *g, int sig, struct error *e);

/*
 * remove.c: kills what is left, waits until it is empty (at most 5 s) and removes the
 * directories, nested ones and the parents that yacr made and that are empty.  A place that
 * is gone already is no error.  On failure the text says which cgroup and what lives in it.
 */
int cgroup_remove(const struct cgroup_place *p, struct arena *a, struct error *e);

/*
 * Where the files of many places are below: for who asks each of them one thing, and would walk to
 * the same mount points each time.  Begins as zero.
 */
struct cgroup_roots {
	struct cgroup_root {
		const char *mountpoint; /* NULL: none yet */
		int dir;
	} of[2]; /* of v1's freezer, of cgroup2 */
};
void cgroup_roots_close(struct cgroup_roots *roots);

/*
 * freeze.c: 1 when frozen, 0, -1 when it cannot be told.  Nothing of @p need be open.  @roots may be
 * NULL; it keeps the mount points of @p, whose strings have to stay.
 */
int cgroup_is_frozen(const struct cgroup_place *p, struct cgroup_roots *roots);

/* Frozen by v1's freezer, which keeps even SIGKILL from processes: they have to run to die. */
bool cgroup_holds_the_killed(const struct cgroup_place *p);

/* Whether it was told to freeze, even if some process does not follow. */
bool cgroup_is_freezing(const struct cgroup *g);

/*
 * Returns when every process stands still, or runs again; gives up (thawed) after 5 s.  Thawing
 * fails at once when a cgroup above is frozen, and what has gone away is thawed.
 */
int cgroup_freeze(const struct cgroup *g, bool frozen, struct error *e);

#endif
