/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_DETECT_H
#define YACR_CGROUP_DETECT_H

/* The pure steps of cgroup_detect(), in their order; for it and for tests. */

#include "plan/facts.h"

/* @text as in /proc/self/cgroup: f->hierarchies without mount points. */
int hierarchies_parse(struct facts *f, struct arena *a, const char *text, struct error *e);

/*
 * @text as in /proc/self/mountinfo: mount points that are not known yet, and every own place
 * made relative to the part of the tree that the mount shows.
 */
void mountpoints_parse(struct facts *f, struct arena *a, const char *text);

/* f->cgroup from what is mounted. */
void layout_decide(struct facts *f);

#endif
