/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_UNIT_H
#define YACR_HOST_UNIT_H

/*
 * The container's unit, by way of yacr-systemd (helpers/systemd/main.c draws what is said).  Each
 * of these returns when systemd has done it, and waits for half a minute at most.
 */

#include "cgroup/systemd.h"
#include "host/helper.h"

/* A yacr-systemd that waits to be told something: it loads its libraries meanwhile. */
int unit_helper(struct helper *h, struct error *e);

/*
 * Starts the unit of @p.  The first process of a scope is @h: as long as it lives, the scope does.
 * A failing call leaves nothing.
 */
int unit_start(struct helper *h, const struct cgroup_place *p, const struct unit_properties *l,
	       int interrupt, struct error *e);

/* The container's init is in the unit: @h may go, and what it would have been too much for is set. */
int unit_started(struct helper *h, const struct cgroup_place *p, const struct unit_properties *l,
		 struct error *e);

int unit_update(struct helper *h, const struct cgroup_place *p, const struct unit_properties *l,
		struct error *e);

/* Moves a process of ours to the container's cgroup where the kernel does not let us. */
int unit_attach(const struct cgroup_place *p, pid_t pid, struct error *e);

/*
 * cgroup_remove() for any driver; systemd is asked to end a unit that it still knows then.  That it
 * does not is worth a warning, since a scope without processes ends by itself.
 */
int unit_remove(const struct cgroup_place *p, struct arena *a, struct error *e);

#endif
