/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_OPEN_H
#define YACR_HOST_OPEN_H

#include "base/buf.h"
#include "host/container.h"

/*
 * The container @id as it is now, for a verb that acts on it; store_close() it.  With @lock
 * nobody else changes it meanwhile.  "container "X" does not exist"
 */
int container_open(struct container *out, const struct runtime *rt, const char *id, bool lock,
		   struct error *e);

/* All of what somebody names on the command line, a pipe as well as a file: at most JSON_SIZE_MAX. */
int text_read(struct buf *out, int fd, const char *name, struct error *e);

#endif
