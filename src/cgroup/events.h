/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_EVENTS_H
#define YACR_CGROUP_EVENTS_H

/* cgroup.events of cgroup2: state that can be waited for without polling. */

#include <stdint.h>

/* The number after @key ("populated", "frozen"), or -1 with errno. */
int events_value(int dir, const char *key);

/* The same of the open file, which is closed. */
int events_value_of(int file, const char *key);

/* Waits until @key is @value. 0; -1 with ETIMEDOUT, ENODEV when the cgroup is gone, or other. */
int events_wait(int dir, const char *key, int value, int64_t ms);

#endif
