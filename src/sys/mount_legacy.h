/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_MOUNT_LEGACY_H
#define YACR_SYS_MOUNT_LEGACY_H

/*
 * The second rung of sys/mount.c: mount(2), which knows only paths.  A directory
 * is named "." while it is the working directory, anything else by
 * /proc/self/fd/N; so here, too, no name is resolved twice.
 */

#include "sys/mount.h"

/* mount_place() by mount(2). ENOSYS: idmaps. */
int legacy_place(const struct mount_intent *m, int target, struct error *e);

/* mount_over(), where mount(2) can serve: attributes @set. */
bool legacy_over(const struct mount_intent *m, int target, uint64_t set);

/*
 * Sets the attributes of an attached mount (MS_REMOUNT|MS_BIND), and those for
 * the whole tree one mount after the other: all of them, or it is an error.
 */
int legacy_set(int mount, const struct mount_attr_intent *a, struct error *e);

/* Reconfigures the file system (MS_REMOUNT). */
int legacy_reconfigure(const struct mount_intent *m, int target, struct error *e);

int legacy_propagation(int fd, unsigned long flags, struct error *e);

#endif
