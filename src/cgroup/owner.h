/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_OWNER_H
#define YACR_CGROUP_OWNER_H

#include "spec/config.h"

/*
 * The host's uid that the container's cgroup shall belong to, or -1: the container has a cgroup
 * namespace of its own and mounts its cgroup writable (config-linux.md "Cgroup ownership").
 */
int64_t owner_wanted(const struct config *c);

/* Hands the cgroup2 directory @dir over, if the config wants it: itself and the files to delegate. */
int owner_set(int dir, const struct config *c, struct error *e);

/*
 * run.oci.delegate-cgroup: makes the cgroup @name below @dir, which belongs to whom the
 * container's does.  Returns its cgroup.procs, open for writing, or -1 with nothing left behind.
 */
int owner_delegate(int dir, const char *name, const struct config *c, struct error *e);

#endif
