/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_FILE_H
#define YACR_SYS_FILE_H

/* Files of the host: yacr's own state, the bundle, cgroup files. Not the container's: see path.h.
 */

#include <stdbool.h>
#include <sys/types.h>

#include "base/error.h"
#include "base/fd.h"

/* Reads @name below @dir to a buffer; e->code EFBIG when it does not fit. NUL-terminated. */
ssize_t file_read_at(int dir, const char *name, char *out, size_t size, struct error *e);

/* Makes @name below @dir, which must not be there: for where nobody looks yet. */
int file_make_at(int dir, const char *name, mode_t mode, const void *data, size_t len,
		 struct error *e);

/*
 * Opens @name in directory @sub of @dir for reading; neither may be a link, and @sub is no path.  One
 * call, where there is openat2(2).  Does not wait for who writes to a fifo.  -1 with errno.
 */
int file_open_in(int dir, const char *sub, const char *name);

/*
 * Replaces @name below @dir as one step: a new file under a name of its own,
 * then renameat(2).  Nobody ever sees half of it; no fsync.
 */
int file_replace_at(int dir, const char *name, mode_t mode, const void *data, size_t len,
		    struct error *e);

bool file_same(int a, int b); /* two descriptors of one file */

/* Removes @name and everything below it, without leaving the file system or following links. */
int file_remove_tree_at(int dir, const char *name, struct error *e);

#endif
