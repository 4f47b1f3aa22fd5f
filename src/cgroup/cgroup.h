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
 */

#include "plan/facts.h"
#include "spec/config.h"
#include "spec/state.h"

/* detect.c: fills the cgroup part of @f: layout, hierarchies, own place. Once per command. */
int cgroup_detect(struct facts *f, struct arena *a, struct error *e);

/*
 * place.c: where the container's cgroup is.  Pure.  linux.cgroupsPath absolute
 * or relative: below each mount point; absent: /yacr/ID below yacr's own
 * cgroup's root.  The same value leads to the same place always.
 */
int cgroup_place(struct cgroup_place *out, struct arena *a, const struct config *c,
		 const struct facts *f, const char *id, int driver, struct error *e);

/* A place that exists: one open directory per hierarchy. */
struct cgroup {
	const struct cgroup_place *place;
	int *dirs;	/* place->dirs.n descriptors, -1 when it does not exist */
	int *tasks;	/* v1: "tasks", open for writing, for init to write 0 to; n of them */
	unsigned int task_count;
	int v2;		/* directory for CLONE_INTO_CGROUP, or -1 */
};

/*
 * create.c: makes the directories (parents too, remembering in place->dirs[].made what
 * yacr made) and opens what joining needs.  Refuses a cgroup that is populated or frozen.
 * On v2 enables the controllers that @c asks for in every ancestor.
 */
int cgroup_create(struct cgroup *out, struct arena *a, struct cgroup_place *p,
		  const struct config *c, const struct facts *f, struct error *e);

/* Opens an existing place; directories that are gone are -1 and no error. */
int cgroup_open(struct cgroup *out, struct arena *a, const struct cgroup_place *p, struct error *e);
void cgroup_close(struct cgroup *g);

/*
 * join.c: the slow way for kernels without CLONE_INTO_CGROUP: writes @pid to cgroup.procs.
 * Init joins v1 by itself, by writing 0 to g->tasks.
 */
int cgroup_join_pid(const struct cgroup *g, int pid, struct error *e);

/* limits.h computes and apply.c writes the limits; devices too. */
struct limit {
	const char *controller; /* "memory"; the hierarchy to write to */
	const char *file;	/* "memory.limit_in_bytes" */
	const char *value;	/* written with one write(2) */
	const char *at;		/* path in config.json */
	bool optional;		/* a missing file is no error (swap accounting and such) */
};
typedef LIST(struct limit) limit_list;

/* limits_v1.c, limits_v2.c: pure. Device rules of v2 are not in the list: see devices.h. */
int cgroup_limits(limit_list *out, struct arena *a, const struct resources *r, const struct facts *f,
		  struct error *e);
int cgroup_apply(const struct cgroup *g, const limit_list *limits, struct error *e);

/* procs.c: the processes in it and below, each once, as the host sees them. */
struct pid_list {
	int *v;
	size_t n;
};
int cgroup_pids(struct pid_list *out, struct arena *a, const struct cgroup *g, struct error *e);

/*
 * kill.c: sends @sig to every process in the cgroup and below.  For SIGKILL uses cgroup.kill
 * (5.14), else sends until none is left.  Returns the number of processes seen.
 */
int cgroup_signal(const struct cgroup *g, int sig, struct error *e);

/*
 * remove.c: kills what is left, waits until it is empty (bounded) and removes the
 * directories, nested ones and the parents that yacr made and that are empty.  A place that
 * is gone already is no error.
 */
int cgroup_remove(const struct cgroup_place *p, struct arena *a, struct error *e);

/* freeze.c: 1 when frozen, 0, -1. */
int cgroup_is_frozen(const struct cgroup *g);

#endif
