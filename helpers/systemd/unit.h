/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HELPERS_SYSTEMD_UNIT_H
#define YACR_HELPERS_SYSTEMD_UNIT_H

/* What is done with a unit; each returns when systemd has done it. */

#include "helpers/systemd/manager.h"
#include "helpers/systemd/property.h"

/*
 * Makes and starts the unit.  @scope: with this process as its first one.  When a unit of that
 * name has failed and was left, it is cleared away.  A failing call leaves nothing.
 */
int unit_start(struct manager *m, const char *unit, bool scope, const struct properties *l,
	       struct error *e);

/* Changes properties until the unit ends; what follows from them is done when it returns. */
int unit_set(struct manager *m, const char *unit, const struct properties *l, struct error *e);

/* Moves a process to the unit's cgroup, or the one that is @subgroup ("/name", "") of it. */
int unit_attach(struct manager *m, const char *unit, const char *subgroup, unsigned int pid,
		struct error *e);

/* Ends the unit; that there is none is no error. */
int unit_stop(struct manager *m, const char *unit, struct error *e);

#endif
