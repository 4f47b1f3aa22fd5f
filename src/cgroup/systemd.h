/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_SYSTEMD_H
#define YACR_CGROUP_SYSTEMD_H

/*
 * The systemd cgroup driver, its pure part: what the container's unit is called, where systemd
 * puts it, and what systemd is told about it.  (host/unit.c asks systemd.)
 *
 * systemd makes the cgroup; everything in it yacr does by its files, as in any other cgroup.
 * systemd has to know the limits nevertheless: it writes those files again when it likes to
 * (daemon-reload, a new neighbour), and must then write what they hold.
 */

#include "cgroup/cgroup.h"
#include "cgroup/devices.h"

/*
 * linux.cgroupsPath for systemd is "SLICE:PREFIX:NAME", which is the scope PREFIX-NAME.scope in
 * SLICE, or the slice NAME where NAME ends with ".slice"; or one name, of a scope in the default
 * slice.  An empty SLICE is the default one: system.slice, for a user's own systemd user.slice.
 * Absent: yacr-ID.scope.  The annotation run.oci.systemd.subgroup names a cgroup below.
 * Fills p->manager, p->unit and p->slice; returns the path below the manager's own cgroup, or NULL.
 */
const char *unit_place(struct cgroup_place *p, struct arena *a, const struct config *c,
		       const struct facts *f, const char *id, struct error *e);

/* The cgroup of the systemd that is asked: "" is the root, the system's own. @own: yacr's. */
const char *unit_manager(struct arena *a, const struct cgroup_place *p, const char *own);

/* The cgroup below the unit that the container is in: "/NAME", or "". */
const char *unit_subgroup(const struct cgroup_place *p);

/* The unit is a scope, which lives as long as processes do in it; otherwise it is a slice. */
bool unit_is_scope(const struct cgroup_place *p);

/* A property of the unit, as org.freedesktop.systemd1 names it. */
struct unit_property {
	const char *name; /* "MemoryMax" */
	/*
	 * How @value is to be read.  D-Bus' signature: "t" a number, "b" true or false, "s" text,
	 * "ay" a list like 0-3,7 that becomes a mask, "a(ss)" and "a(st)" one pair with a blank
	 * between, or none when it is empty.  "": a variant in GLib's text format, with its type.
	 */
	const char *type;
	const char *value;
	const char *at;	    /* path in config.json; "" */
	unsigned int since; /* the version of systemd that knows it: older ones do without */
};
struct unit_properties {
	struct unit_property *v;
	size_t n;
};

/* All of a new container's: its place, limits (NULL resources too), devices, annotations. */
int unit_properties_new(struct unit_properties *out, struct arena *a, const struct cgroup_place *p,
			const struct config *c, const struct facts *f, const char *id,
			struct error *e);

/* What an update changes. */
int unit_properties_update(struct unit_properties *out, struct arena *a, const struct resources *r,
			   const struct facts *f, struct error *e);

/* ---- the parts ---- */

struct property_list {
	struct arena *arena;
	struct unit_property *v;
	size_t n;
};

/* @value is kept as it is. The pointer is good until the next one is added. */
struct unit_property *property_add(struct property_list *l, const char *name, const char *type,
				   const char *value, const char *at);

/*
 * limits_systemd.c: of each file that is written the property for which systemd writes it.  Files
 * that systemd knows nothing of, and values that are not for it, are left out: they are safe.
 */
void properties_of_limits(struct property_list *l, const limit_list *limits);

/*
 * Never stricter than the rules: systemd's program and yacr's hold both.  Where systemd has no
 * words for the rules it is told that everything is allowed.  @v1: devices are a v1 hierarchy.
 */
void properties_of_devices(struct property_list *l, const device_rules *rules, bool v1);

/* org.systemd.property.NAME: the property NAME. */
int properties_of_annotations(struct property_list *l, const struct pairs *annotations,
			      struct error *e);

/* One line per property; and as JSON: "unit" with "name", "slice", "properties". */
void unit_print(struct buf *out, const struct cgroup_place *p, const struct unit_properties *l);
void unit_print_json(struct json_writer *w, const struct cgroup_place *p,
		     const struct unit_properties *l);

#endif
