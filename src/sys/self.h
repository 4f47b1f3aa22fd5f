/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_SELF_H
#define YACR_SYS_SELF_H

/*
 * Protection of yacr's own executable (CVE-2019-5736): a process inside the
 * container that gets hold of /proc/PID/exe of a runtime process must not be
 * able to write to the file behind it.
 */

#include <stddef.h>

#include "base/error.h"

/*
 * Executes yacr anew from a read-only detached mount of its own file
 * (open_tree(2), mount_setattr(2), execveat(2)), or from a sealed memfd where
 * mounting is not allowed.  Returns 0 when this process already runs from such
 * a place: that is asked of the kernel (statfs of the mount, seals), never of
 * the environment; or when the file is root's alone to write and we have none of
 * root's rights.  Does not return when it re-executes.
 */
int self_protect(char **argv, char **env, struct error *e);

/*
 * What the kernel calls the executable: its path, or, of one that is out of reach, "/" or
 * "/memfd:...".  "" without a /proc.  Asked for once.
 */
const char *self_name(void);

/*
 * First lines of every command: refuses AT_SECURE, opens /dev/null on 0, 1, 2
 * where they are closed, ignores SIGPIPE but not SIGCHLD, umask 077.
 */
int self_start(struct error *e);

/* Sets FD_CLOEXEC on every descriptor from @from on (close_range(2), else /proc/self/fd). */
int self_cloexec_from(unsigned int from, struct error *e);

/* Closes every descriptor from @from on, but @keep (-1: none). */
int self_close_from(unsigned int from, int keep, struct error *e);

/* Closes every descriptor from @from on but the @n of @keep, in any order, which is sorted in
 * place. */
int self_close_all_but(unsigned int from, int *keep, unsigned int n, struct error *e);

/*
 * Gives pages back that this process does not need while it waits, maybe for ever.  Those of its
 * file come again when they are touched; those between @from and @to are zero from then on.
 */
void self_drop_image(void);
void self_drop_memory(const void *from, const void *to);

/* Closes the @n descriptors that are not negative, neighbours by one call, and sets them to -1. */
void self_close_each(int *fds, size_t n);

#endif
