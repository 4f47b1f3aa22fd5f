/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_STATS_H
#define YACR_CGROUP_STATS_H

/*
 * What `events` prints, under the names that engines decode (cpu.usage.total, memory.usage.limit,
 * ...), from v1 and cgroup2 files alike.  Units are v1's: times in nanoseconds, swap including
 * memory.  What a kernel does not count is left out or 0.
 */

#include "base/json_write.h"
#include "cgroup/cgroup.h"

/* Writes one object, the "data" of a stats event. ENODEV in e->code: the cgroup is gone. */
int cgroup_stats_write(const struct cgroup *g, struct json_writer *w, const char *key,
		       struct error *e);

/*
 * oom.c: waits for the kernel's OOM killer.  Poll @fd for @events, then ask oom_watch_read().
 */
struct oom_watch {
	int fd;
	short events; /* POLLIN or POLLPRI */
	int dir;      /* the container's memory cgroup; borrowed from the struct cgroup */
	bool v2;
	uint64_t seen;
};

int oom_watch_open(struct oom_watch *out, const struct cgroup *g, struct error *e);

/* 1: something was killed since the last call; 0: nothing; -1: the cgroup is gone. */
int oom_watch_read(struct oom_watch *w);
void oom_watch_close(struct oom_watch *w);

#endif
