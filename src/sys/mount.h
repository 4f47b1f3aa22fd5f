/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_MOUNT_H
#define YACR_SYS_MOUNT_H

/*
 * Mounting, one intent per function; the ladder of kernel interfaces is inside.
 * First rung: the new mount API (fsopen(2), open_tree(2), mount_setattr(2),
 * move_mount(2)): a mount is configured while nobody can reach it and then
 * attached by descriptor, so that nothing is read-write for a moment or
 * resolved twice.  Second rung (sys/mount_legacy.c): mount(2) on
 * /proc/self/fd/N.  A rung answers "not here" (ENOSYS) or serves the whole
 * intent; what was set by the second is looked at afterwards: mount(2) passes
 * over flags that it does not know, and the new calls refuse them.
 * docs/adr/0008 says why the simple case has a way of its own, mount_over().
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/error.h"

struct mount_attr_intent {
	uint64_t set, clear; /* MOUNT_ATTR_*; the atime values as mount_setattr(2) wants them */
	uint64_t rec_set, rec_clear; /* for the whole tree */
	uint64_t propagation;	     /* MS_PRIVATE etc., 0: leave */
	int userns;		     /* idmap, or -1 */
	bool userns_recursive;
};

/*
 * A new instance of file system @type, not yet attached.  @data: options joined
 * by commas (a value may not hold one but in double quotes; "\\," is a comma).
 * @sb_flags: MS_SYNCHRONOUS, MS_RDONLY...  Returns a mount descriptor, or -1 with
 * e->code ENOSYS when the kernel has no such interface, or none that takes these
 * options (a value beyond 255 bytes): mount_place() then has another way.
 */
int mount_new(const char *type, const char *source, const char *data, uint32_t sb_flags,
	      struct error *e);

/*
 * A detached copy of the mount that @fd is in, from @fd down.  -1 with e->code
 * ENOSYS when it could not be attached later; EPERM without privilege.
 */
int mount_clone(int fd, bool recursive, struct error *e);

/* The same of a path, for who knows that mounts can be attached; -1 with errno. */
int mount_clone_path(const char *path, bool follow, bool recursive);

/*
 * Sets attributes of a detached or attached mount.
 *
 * What the mount's owner locked (read-only, nosuid, nodev, noexec of a mount
 * that came from another user namespace) stays, as does a locked access time
 * mode: asking to clear it is no error.  Asking to set is always served or an error.
 */
int mount_set(int mount, const struct mount_attr_intent *a, struct error *e);

/* Attaches a detached mount over what @target (O_PATH) is. */
int mount_attach(int mount, int target, struct error *e);

/*
 * The same over entry @name of directory @dir.  e->code EINVAL when @dir is in a mount that is not
 * attached itself and the kernel cannot do that (6.15).
 */
int mount_attach_at(int mount, int dir, const char *name, struct error *e);

/*
 * The whole of one mount, by whatever rung serves it: makes or takes the mount
 * (@tree >= 0: a bind of this descriptor, detached or not), applies @a,
 * attaches it to @target.  Returns an O_PATH descriptor of the new mount's root.
 */
struct mount_intent {
	const char *type, *source, *data;
	uint32_t sb_set, sb_clear;
	int tree;	    /* -1: a new file system */
	bool tree_detached; /* @tree is a detached mount, not a place to bind from: it is given away */
	bool recursive;
	struct mount_attr_intent attr;
};

int mount_place(const struct mount_intent *m, int target, struct error *e);

/*
 * A new file system over directory @target by one mount(2), which is less than half the work, for
 * who needs no descriptor of it.  False, and nothing has happened, when that cannot serve all of @m or
 * was refused: mount_place() then does it, or has the words for why not.  The working directory is
 * @target afterwards.
 */
bool mount_over(const struct mount_intent *m, int target);

/*
 * Changes an existing mount (option "remount"); @target is its root.  The file
 * system itself is reconfigured only when @m has data, sb_set or sb_clear.
 */
int mount_change(const struct mount_intent *m, int target, struct error *e);

/* Propagation of the mount @fd is the root of; @flags MS_SLAVE|MS_REC and so on. */
int mount_propagation(int fd, unsigned long flags, struct error *e);

/* The same of what "/" of this process is in: the one name that leads nowhere else. */
int mount_top_propagation(unsigned long flags, struct error *e);

/* MOUNT_ATTR_* that hold for the mount of @fd now, by itself or by its file system. */
int mount_attributes(int fd, uint64_t *attrs, struct error *e);

/* The mount that @fd is in, a number as in proc_pid_mountinfo(5); -1 with errno. */
int mount_id(int fd, uint64_t *id);

/*
 * Makes the mount that directory @dir lies in private.  To do before a root
 * file system is bound to @dir: pivot_root(2) refuses a root whose parent
 * mount is shared, and what is mounted there would show up elsewhere.
 */
int mount_private_parent(int dir, struct error *e);

/*
 * Makes @new_root (a mount's root) the root of this process and detaches the old
 * one, without a trace in the mount namespaces it propagates to.  The working
 * directory is the new "/" afterwards.  @apart: all old mounts are slaves or private already.
 */
int mount_pivot(int new_root, bool apart, struct error *e); /* pivot_root(2) */

/*
 * The same where pivot_root(2) cannot work (the root is an initramfs): MS_MOVE
 * onto "/", then chroot(2).  The old mounts stay below and cannot be reached by
 * name; those of procfs and sysfs are taken away first, because whoever gets to
 * them nevertheless could undo read-only and masked paths.
 */
int mount_move_to_root(int new_root, struct error *e);

/*
 * "/" of this process lies inside a mount: it is in a chroot, where the kernel makes no user
 * namespaces (user_namespaces(7)).  One that is a mount's root cannot be told from any other.
 */
bool mount_in_chroot(void);

int mount_chroot(int new_root, struct error *e); /* chroot(2), for who has no mount namespace */

#endif
