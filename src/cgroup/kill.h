/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_KILL_H
#define YACR_CGROUP_KILL_H

#include <stdbool.h>
#include <stdint.h>

/*
 * Kills everything in the directory and below, and waits until nothing lives there, at most
 * until @deadline (of now_ms()).  0, or -1 with errno: ETIMEDOUT when something would not die.
 * A directory that is gone is as good as an empty one.
 */
int kill_all(int dir, bool v2, int64_t deadline);

#endif
