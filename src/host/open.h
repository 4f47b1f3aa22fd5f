/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_OPEN_H
#define YACR_HOST_OPEN_H

#include "host/container.h"

/*
 * The container @id as it is now, for a verb that acts on it; store_close() it.  With @lock
 * nobody else changes it meanwhile.  "container "X" does not exist"
 */
int container_open(struct container *out, const struct runtime *rt, const char *id, bool lock,
		   struct error *e);

#endif
