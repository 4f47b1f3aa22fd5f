/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_MOUNT_NEW_H
#define YACR_SYS_MOUNT_NEW_H

/* The file system half of sys/mount.c's first rung: fsopen(2), fspick(2). */

#include "sys/mount.h"

/* A detached mount of a new file system, with @attrs (what fsmount(2) knows of MOUNT_ATTR_*). */
int fs_make(const struct mount_intent *m, uint32_t attrs, struct error *e);

/* Applies data, sb_set and sb_clear of @m to the file system @target is on. */
int fs_reconfigure(const struct mount_intent *m, int target, struct error *e);

#endif
