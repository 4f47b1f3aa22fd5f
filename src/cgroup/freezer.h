/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_FREEZER_H
#define YACR_CGROUP_FREEZER_H

/*
 * The freezer of one directory: cgroup.freeze (5.2) or freezer.state of v1.  What has neither
 * answers -1 with ENOENT.
 */

#include <stdbool.h>
#include <stdint.h>

int freezer_is_frozen(int dir, bool v2); /* 1, 0, -1 with errno */
int freezer_is_told(int dir, bool v2); /* whether this very directory was frozen, followed or not */
bool freezer_is_held(int dir,
		     bool v2); /* frozen by a directory above: thawing this one changes nothing */
int freezer_write(int dir, bool v2, bool frozen);
int freezer_wait(int dir, bool v2, bool frozen, int64_t ms); /* -1 with ETIMEDOUT */

#endif
