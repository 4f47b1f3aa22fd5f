/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_STATS_SOURCE_H
#define YACR_CGROUP_STATS_SOURCE_H

/* What the parts of the statistics share: stats.c, stats_cpu.c, stats_memory.c, stats_io.c. */

#include "cgroup/stats.h"

#define TEXT_MAX 16384 /* memory.stat and io.stat of large machines */

/* One controller's directory. */
struct source {
	int dir; /* -1: there is none */
	bool v2;
	struct json_writer *w;
};

struct source source_of(const struct cgroup *g, struct json_writer *w, const char *controller);

/* The number in a file; after @key in a file of lines. 0 when there is none. */
uint64_t number_of(const struct source *s, const char *file);
uint64_t field_of(const struct source *s, const char *file, const char *key);

/* Calls @each with the blank-separated words of each line of @text, which is cut up. */
void each_line(char *text, void (*each)(char **words, size_t n, void *context), void *context);

/* "psi": pressure stall information, where the container has a cgroup2 directory. */
void write_pressure(const struct cgroup *g, struct json_writer *w, const char *file);

void stats_write_cpu(const struct cgroup *g, struct json_writer *w);
void stats_write_cpuset(const struct cgroup *g, struct json_writer *w);
void stats_write_memory(const struct cgroup *g, struct json_writer *w);
void stats_write_blkio(const struct cgroup *g, struct json_writer *w);

#endif
