/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HELPERS_SYSTEMD_MANAGER_H
#define YACR_HELPERS_SYSTEMD_MANAGER_H

/*
 * The connection to a service manager: the system's, or a user's own.  It is looked for where
 * systemd puts it, not where the environment says; that may be anybody's.
 */

#include <stdbool.h>
#include <stdint.h>
#include <systemd/sd-bus.h>

#include "base/error.h"

struct manager {
	sd_bus *bus;
	unsigned int uid;
	char path[64]; /* of its socket */
	int64_t wait_ms;
	unsigned int version; /* 0: not asked for yet */
	/* The last job on .unit that has ended. */
	const char *unit;
	char job[128], result[32];
};

/* Connects; what is sent is queued until the other side is there. @wait_ms bounds each of the calls below. */
int manager_open(struct manager *m, unsigned int uid, int64_t wait_ms, struct error *e);

/* A call of a method of org.freedesktop.systemd1.Manager. */
int manager_method(const struct manager *m, const char *name, sd_bus_message **out,
		   struct error *e);

/*
 * Sends @call, which it takes over, and waits: 0 with the answer in *@reply, 1 when it is
 * an error of systemd's, -1 when there is no answer.
 */
int manager_call(struct manager *m, sd_bus_message *call, sd_bus_message **reply, struct error *e);

/* Waits until @job has ended: m->result says how. */
int manager_wait_job(struct manager *m, const char *job, struct error *e);

/* Sends @call, which it takes over, and waits for nothing but that it is sent. */
void manager_tell(struct manager *m, sd_bus_message *call);

/* "252.38-1" is 252. */
int manager_version(struct manager *m, struct error *e);

#endif
