/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_CRED_H
#define YACR_SYS_CRED_H

/* Ids and capabilities of this process, by raw system calls (no libcap, no thread signalling). */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct caps {
	uint64_t effective, permitted, inheritable;
};

int caps_get(struct caps *out);
int caps_set(const struct caps *c, struct error *e);
int caps_ambient_set(uint64_t wanted, struct error *e); /* exactly these; clears the rest */
int caps_bounding_keep(uint64_t keep, struct error *e); /* drops all others up to the last known */
unsigned int caps_last(void);				/* the kernel's highest capability */

/* Groups, then gid, then uid, all of real, effective, saved. @groups NULL: leave them. */
int ids_set(uid_t uid, gid_t gid, const uint32_t *groups, size_t group_count, struct error *e);
int keep_caps(bool on, struct error *e); /* PR_SET_KEEPCAPS */

#endif
