/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_STAGE_H
#define YACR_HOST_STAGE_H

/*
 * What CRIU needs of mounts at restore, in a mount namespace of its own, so that nothing is left
 * when CRIU has ended:
 *
 *	STAGE/root	the root file system as a mount, which CRIU insists on
 *	STAGE/7		the source of the plan's operation 7, when it is to be idmapped
 *
 * Other sources CRIU takes from where they are on the host: to make one mount the slave of
 * another again it looks for the host's mount around the source.
 */

#include "host/launch.h"

/* Where CRIU finds the source of @bind, of @operation: an absolute path without links, in the arena. */
const char *stage_source(struct arena *a, const char *stage, const struct plan *p,
			 uint32_t operation, const struct op_mount *bind);

/*
 * In a child in a mount namespace of its own: fills directory @stage, and makes the mount points
 * that are missing in the root file system.
 */
int stage_build(const struct launch *l, const char *stage, struct error *e);

#endif
