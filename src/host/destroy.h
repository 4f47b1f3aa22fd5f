/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_DESTROY_H
#define YACR_HOST_DESTROY_H

#include "host/hooks.h"
#include "host/store.h"

/*
 * Ends a container, whatever its state, from its record alone: its process,
 * everything in its cgroup, the cgroup, the record, in this order; then its
 * poststop hooks run.  @c is locked.
 */
int destroy(const struct store *s, struct container *c, struct error *e);

#endif
