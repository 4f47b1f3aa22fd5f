/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SPEC_CHECK_H
#define YACR_SPEC_CHECK_H

/*
 * What the tables cannot say: how properties of a config depend on each other,
 * and the form of strings.  Nothing on the host is looked at, so a config that
 * passes here may still not go together with a kernel.
 *
 * Every failure has e->at: in config_check() the path from the top of the
 * document, in the parts the path below the object that was handed over.
 */

#include "spec/config.h"

int config_check(const struct config *c, struct error *e);

/* The parts; each is a file. */
int check_process(const struct config *c, struct error *e); /* below "process", which is there */
int check_linux(const struct config *c, struct error *e);   /* below "linux" */
int check_devices(const struct config *c, struct error *e); /* below "linux" */
int check_resources(const struct resources *r, struct error *e);   /* `update` calls it too */
int check_intel_rdt(const struct intel_rdt *rdt, struct error *e); /* and this one */
int check_seccomp(const struct seccomp *s, struct error *e);

/* Ranges that the kernel will take: not empty, no overflow, no overlap, not too many. */
int check_id_mappings(const id_mappings *m, struct error *e);

/* Used by the parts. @at, @list and @map are names of properties; all return 0 or -1. */
int check_absolute(const char *path, const char *at, struct error *e);
int at_element(struct error *e, const char *list, size_t index);  /* "rlimits[2]" before e->at */
int at_member(struct error *e, const char *map, const char *key); /* "sysctl.net.core" before it */

#endif
