/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_REPORT_H
#define YACR_HOST_REPORT_H

#include "base/buf.h"

/*
 * The message a person or an engine gets:
 *
 *	create web1: cannot mount "sysfs" on "/sys": not permitted (EPERM)
 *	  config: config.json:88:5, mounts[3]
 *	  hint:   sysfs needs a network namespace owned by this user namespace; ...
 *
 * The first line carries the essence; what follows is for people.  @config_path
 * NULL: no config is involved.  On this path only the file is read again, to
 * find line and column of e->at.
 */
void report_error(struct buf *out, const struct error *e, const char *config_path);

/* hint.c: NULL when there is none. One table: {operation or text, errno, hint}. */
const char *hint_for(const struct error *e);

#endif
