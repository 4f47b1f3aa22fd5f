/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_PATH_H
#define YACR_SYS_PATH_H

/*
 * The one resolver.  No other file turns a path inside a container's tree into
 * something to act on (tests/tools checks this).  Everything is relative to
 * @root, an O_PATH descriptor of the container's root directory: "..",
 * absolute symlinks and magic links cannot lead out of it, whatever a process
 * inside does meanwhile (openat2(2) RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS;
 * where the kernel lacks or refuses it, a walk with O_PATH | O_NOFOLLOW).
 *
 * Paths are the container's: "/etc/passwd" and "etc/passwd" are the same.
 * Descriptors are O_CLOEXEC and the caller's.  Modes are what they are with a umask of 0, which
 * init has.
 */

#include <stdbool.h>
#include <stddef.h>
#include <sys/stat.h>

#include "base/error.h"

enum {
	PATH_NOFOLLOW = 1 << 0,	 /* a symlink as last component is opened itself */
	PATH_DIRECTORY = 1 << 1, /* anything else than a directory is ENOTDIR */
};

/* O_PATH descriptor of @path, or -1 with @e set (e->code tells ENOENT from the rest). */
int path_open_inside(int root, const char *path, int flags, struct error *e);

/*
 * Reads a regular file to @buf: checks the type first, so that a fifo cannot block.
 * Ends it with NUL and returns its length; e->code EFBIG when it does not fit.
 */
int path_read_inside(int root, const char *path, char *buf, size_t size, struct error *e);

/*
 * The directory that an entry was made in last, which the next one mostly shares.  Zero but for
 * .dir, which is -1, at first; to be forgotten when something was mounted, or when somebody else
 * had the time to change what paths lead to.
 */
struct path_last {
	int dir, root;
	bool fresh; /* path_mkdir_inside() has just made one there: to mount on that changes no way here */
	char path[64];
};

void path_forget(struct path_last *last);

/* Opens directory @path, making what is missing with @mode. @last may be NULL. */
int path_mkdir_inside(int root, struct path_last *last, const char *path, mode_t mode,
		      struct error *e);

/* Opens @path, making it and its directories when missing: an empty regular file of mode 0644. */
int path_create_inside(int root, const char *path, struct error *e);

/*
 * Makes one entry; its directory is made when missing.  The last component is
 * never followed.  -1 with e->code EEXIST when something is there already.
 */
int path_symlink_inside(int root, struct path_last *last, const char *path, const char *target,
			struct error *e);
int path_mknod_inside(int root, struct path_last *last, const char *path, mode_t mode, dev_t dev,
		      uid_t uid, gid_t gid, struct error *e);

/* lstat of @path; -1 with errno ENOENT silently. */
int path_stat_inside(int root, const char *path, struct stat *st);

/* Removes a file or symlink that is last on @path (never followed). */
int path_unlink_inside(int root, const char *path, struct error *e);

#endif
