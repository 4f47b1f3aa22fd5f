/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_PROBE_H
#define YACR_HOST_PROBE_H

#include "base/arena.h"
#include "plan/facts.h"
#include "spec/config.h"

/*
 * Finds out what this host is.  Every answer comes from asking the kernel to do
 * the thing with arguments that cannot work, never from its version.  @c:
 * only what the plan of this config depends on is looked at; NULL: everything.
 */
int probe_facts(struct facts *out, struct arena *a, const struct config *c, struct error *e);

/* Of these what the plan of a process depends on that is added to a container: no mounts, no cgroups. */
int probe_process_facts(struct facts *out, const struct config *c, struct error *e);

/*
 * subids.c: the ranges that /etc/subuid or /etc/subgid (@file) give to @uid: "100000" -> "65536".
 * A file that is missing or broken gives none.
 */
void subids_read(struct pairs *out, struct arena *a, const char *file, uint32_t uid);

#endif
