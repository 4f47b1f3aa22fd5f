/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_INIT_WALK_H
#define YACR_INIT_WALK_H

/*
 * What the executors of init share: the state of the walk, and one prototype
 * per operation.  An executor returns 0, or -1 with in->e set; where it leaves
 * e->at empty, init.c fills in the operation's path in config.json.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/error.h"
#include "plan/plan.h"
#include "sys/mount.h"
#include "sys/path.h"

struct init {
	struct plan *plan;
	const struct op *op; /* the one being done */
	uint32_t next;	     /* index of the one after it */
	struct error *e;

	int *fds; /* fds[slot] */
	int host; /* socket to the host; from START on the connection of `start`. -1: nobody listens */
	int start_sock; /* listening, or -1 */
	int *cgroup_fds;
	unsigned int cgroup_fd_count;

	/*
	 * O_PATH of the container's root directory.  It is known from ROOTFS on,
	 * and everything in the container is named relative to it, before and
	 * after the pivot alike.
	 */
	int root;
	struct stat root_stat; /* of .root, once .root_known */
	bool root_known;
	bool apart; /* the mounts of before pass nothing on to the host's: see mount_pivot() */
	int proc;   /* a procfs of our own (sys/procfs.h), or -1: see init_proc() */
	struct path_last last; /* until init_forget(), like .found */
	const char *found;     /* a path that SYMLINK needed, and that was there */
	int null; /* the host's /dev/null, checked to be it; bound over masked files. -1: there is none */
	bool null_is_tree; /* .null is a detached mount: see keep_null() */
	int mask; /* root of the empty file system that covers masked directories, once there is one */
	int proc_dir;	     /* the procfs on "/proc", once something in it is shut, or -1 */
	int time_offsets;    /* /proc/self/timens_offsets, or -1 */
	bool proc_mounted;   /* on "/proc" of the root file system */
	dev_t other_devs[4]; /* st_dev of what is not procfs: the last four */
	unsigned int other_dev_count;

	bool guarded; /* by init_guard(), and no credentials have changed since */
	bool ready;   /* READY is passed, or BUILT open: init lives on without the host */
	bool cwd_done;
	uint64_t bounding;	/* what BOUNDING kept */
	const char *executable; /* found by FIND_EXECUTABLE */
};

/* init.c */

/*
 * Makes this process untraceable and dying with its host (until it is ready).
 * To be called again whenever credentials changed: the kernel forgets both
 * then.
 */
int init_guard(struct init *in);

/*
 * i_gate.c: whoever may kill a container that waits for `start` can do so from the moment that it
 * is there.  The first process of a pid namespace gets only the signals that it handles.
 */
void init_be_mortal(void);

/* At START_GATE: until BARRIER_BUILT is open, where that and not READY was in the plan. */
int init_await_commit(struct init *in);

/* Sends @kind; @fd may be -1. When nobody listens that is no failure. */
int init_say(struct init *in, uint32_t kind, uint32_t value, int fd);

/* MSG_WARNING about the current operation. */
void init_warn(struct init *in, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* The first operation of @kind after the current one, or NULL. */
const struct op *init_next(const struct init *in, uint32_t kind);

/* The descriptor of @slot, or -1 with in->e when nobody has opened it. */
int init_slot(struct init *in, plan_slot slot);
/* The same for a SLOT_LOG, which may be none: -1. */
static inline int init_log(const struct init *in, plan_slot slot)
{
	return slot < in->plan->slot_count ? in->fds[slot] : -1;
}
void init_close_slot(struct init *in, plan_slot slot);

/*
 * For a descriptor that may be closed a little later: sixteen at a time, and the rest at the next
 * barrier.  Not for what somebody waits for to be closed.
 */
#define AUTO_LATER __attribute__((cleanup(init_close_later)))
void init_close_later(int *fd);
void init_close_now(void);

/*
 * Opens in->proc unless it is open.  To be called while the mounts of the
 * container cannot yet interfere, and in its pid namespace.
 */
int init_proc(struct init *in);

/* Forgets where paths lead: something is mounted, or a hook may do so. */
void init_forget(struct init *in);

/* mount_place() */
int init_mount(struct init *in, const struct mount_intent *m, int target);

/* The strings of @v for execve(2), ended by two NULL cells, the first of which may be filled. */
char **init_strings(const struct init *in, struct plan_vec v);

static inline bool is_null_device(const struct stat *st)
{
	return S_ISCHR(st->st_mode) && st->st_rdev == makedev(1, 3);
}

static inline const char *init_text(const struct init *in, plan_str s)
{
	return plan_text(in->plan, s);
}

/*
 * i_mount.c: whether what @o mounts can serve for SYSCTL: a whole procfs on "/proc" that can be
 * written to.
 */
bool mount_is_proc(const struct init *in, const struct op_mount *o);

/*
 * i_mount.c: puts @m where @o says, and nowhere else: over a directory, or a file if it is one, that
 * is made when missing; then what @o says of propagation and .keep.
 */
int place_mount(struct init *in, const struct op_mount *o, struct mount_intent *m);

/* i_devices.c: O_PATH of the entry at @path, made as an empty file when missing; never a symlink's target. */
int place_entry(struct init *in, const char *path);

/* Makes a symlink, unless it is there already. 1 when something else is there, which stays. */
int place_link(struct init *in, const char *path, const char *text);

#define DO_INIT(name) int do_##name(struct init *in, const struct op_##name *o);
#define DO_BOTH(name) DO_INIT(name)
#define DO_HOST(name)
#define X(NAME, name, side) DO_##side(name)
PLAN_OPS(X)
#undef X
#undef DO_INIT
#undef DO_BOTH
#undef DO_HOST

#endif
