/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SPEC_DEFAULT_H
#define YACR_SPEC_DEFAULT_H

#include "base/buf.h"
#include "spec/config.h"

/*
 * What `spec` writes: a config that works with a root file system in
 * "rootfs".  @rootless: a user namespace with the caller's id mapped to 0, no
 * network namespace, no limits, /sys bound from the host.
 */
struct config *config_default(struct arena *a, bool rootless, uint32_t uid, uint32_t gid);
void config_write(const struct config *c, struct buf *out);

/* The mounts, devices and links that a container gets by the spec itself. */
struct default_device {
	const char *path;
	uint32_t major, minor;
};
extern const struct default_device default_devices[]; /* ends with {NULL} */

struct default_link {
	const char *path, *target, *needs;
};
extern const struct default_link default_links[]; /* ends with {NULL} */

#endif
