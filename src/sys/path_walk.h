/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_PATH_WALK_H
#define YACR_SYS_PATH_WALK_H

/*
 * The resolver's second rung, and the only one that makes things: a walk from
 * @root, one component at a time with O_PATH | O_NOFOLLOW.  Symlinks are read
 * and expanded as text, ".." is answered by walking from @root again along the
 * plain names taken so far.  The kernel is never asked for "..", nor to follow
 * a link, so nothing leads out of @root, whoever renames what meanwhile.
 */

#include <stdint.h>
#include <sys/types.h>

#define PATH_MAX_LINKS 40 /* as the kernel has it */

enum walk_make {
	WALK_MAKES_NOTHING,
	WALK_MAKES_DIRECTORIES, /* what is missing, with @mode */
	WALK_MAKES_FILE,	/* directories with 0755, and last an empty file with @mode */
};

/*
 * Opens @path with @flags of open(2).  -1 with errno as openat2(2) sets it with
 * RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS; EAGAIN when something was moved
 * underneath: the caller tries again.
 */
int path_walk(int root, const char *path, int flags, enum walk_make make, mode_t mode);

#endif
