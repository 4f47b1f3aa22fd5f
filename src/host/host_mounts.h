/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_HOST_MOUNTS_H
#define YACR_HOST_HOST_MOUNTS_H

#include "host/store.h"

/* Of a container that has mounts, but no mount namespace: fills s->host_mounts. */
int host_mounts_note(struct state *s, struct arena *a, struct error *e);

/* Detaches what the container has mounted; nothing with s->host_mounts NULL. Its processes are dead. */
int host_mounts_remove(const struct state *s, struct error *e);

#endif
