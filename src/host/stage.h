/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_STAGE_H
#define YACR_HOST_STAGE_H

/*
 * Where CRIU takes from what it mounts at restore.  It works with paths, so each mount of the
 * host is put to a path that nobody else has a say in, in a mount namespace of CRIU's own:
 *
 *	STAGE/root	the root file system
 *	STAGE/7		the source of the plan's operation 7, with all attributes it has there
 *
 * Read-only is read-only from the start, whatever the images say, and when CRIU has ended
 * nothing is left of it.  (CVE-2026-119101: paths in the root file system, which may be links,
 * must not decide what is bound.)
 */

#include "host/launch.h"

/* What CRIU finds there: "STAGE/7", in the arena. */
const char *stage_path(struct arena *a, const char *stage, uint32_t operation);

/*
 * In a child in a mount namespace of its own: fills directory @stage, and makes the mount points
 * that are missing in the root file system.
 */
int stage_build(const struct launch *l, const char *stage, struct error *e);

#endif
