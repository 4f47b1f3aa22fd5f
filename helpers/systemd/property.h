/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HELPERS_SYSTEMD_PROPERTY_H
#define YACR_HELPERS_SYSTEMD_PROPERTY_H

/* Properties of a unit, as yacr says them (cgroup/systemd.h) and as D-Bus takes them. */

#include <systemd/sd-bus.h>

#include "base/error.h"

struct property {
	char *name, *type, *value, *at;
	unsigned int since;
};

struct properties {
	struct property *v;
	size_t n;
};

/* @words: name, type, value, config path, version of systemd. */
int properties_add(struct properties *l, const char *const *words, struct error *e);
void properties_clear(struct properties *l);

/* Appends them as elements of an array "(sv)", but those that are newer than @version (0: all). */
int properties_append(sd_bus_message *m, const struct properties *l, unsigned int version,
		      struct error *e);

/* Whether there are some that are newer. */
int properties_newer(const struct properties *l, unsigned int version);

/* The config path of the property that a message of systemd's names; "" when it names none. */
const char *properties_blame(const struct properties *l, const char *message);

#endif
