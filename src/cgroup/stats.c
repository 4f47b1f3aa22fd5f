/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "cgroup/hierarchy.h"
#include "cgroup/knob.h"
#include "cgroup/stats_source.h"

struct source source_of(const struct cgroup *g, struct json_writer *w, const char *controller)
{
	int i = place_index(g->place, controller);
	struct source s = {.dir = -1, .w = w};

	if (i >= 0) {
		s.dir = cgroup_dir(g, (size_t)i);
		s.v2 = dir_is_v2(&g->place->dirs.v[i]);
	}
	return s;
}

uint64_t number_of(const struct source *s, const char *file)
{
	uint64_t n = 0;

	return knob_number(s->dir, file, &n) < 0 ? 0 : n;
}

uint64_t field_of(const struct source *s, const char *file, const char *key)
{
	char text[TEXT_MAX];
	uint64_t n = 0;

	if (knob_read(s->dir, file, text, sizeof(text)) < 0 || !knob_field(text, key, &n))
		return 0;
	return n;
}

void each_line(char *text, void (*each)(char **words, size_t n, void *context), void *context)
{
	for (char *line = strsep(&text, "\n"); line; line = strsep(&text, "\n")) {
		char *words[16];
		size_t n = 0;

		for (char *word = strsep(&line, " "); word && n < ARRAY_SIZE(words);
		     word = strsep(&line, " "))
			if (*word)
				words[n++] = word;
		if (n > 0)
			each(words, n, context);
	}
}

/* ---- pressure (PSI): "some avg10=0.00 avg60=0.00 avg300=0.00 total=0" ---- */

static void write_pressure_line(char **words, size_t n, void *context)
{
	struct json_writer *w = context;

	json_write_object(w, words[0]);
	for (size_t i = 1; i < n; i++) {
		char *value = strchr(words[i], '=');

		if (!value || value[1] == '\0' ||
		    value[1 + strspn(value + 1, "0123456789.")] != '\0')
			continue;
		*value++ = '\0';
		json_write_number(w, words[i], value);
	}
	json_write_object_end(w);
}

void write_pressure(const struct cgroup *g, struct json_writer *w, const char *file)
{
	char text[512];

	if (g->v2 < 0 || knob_read(g->v2, file, text, sizeof(text)) <= 0)
		return;
	json_write_object(w, "psi");
	each_line(text, write_pressure_line, w);
	json_write_object_end(w);
}

/* ---- pids, hugetlb ---- */

static void write_pids(const struct cgroup *g, struct json_writer *w)
{
	struct source s = source_of(g, w, "pids");
	uint64_t limit = s.dir < 0 ? 0 : number_of(&s, "pids.max");

	json_write_object(w, "pids");
	if (s.dir >= 0) {
		json_write_u64(w, "current", number_of(&s, "pids.current"));
		if (limit != UINT64_MAX)
			json_write_u64(w, "limit", limit);
	}
	json_write_object_end(w);
}

static void write_hugetlb_size(const struct source *s, const char *size)
{
	char usage[64], max[64], failcnt[64];
	uint64_t n;

	str_print(usage, sizeof(usage), s->v2 ? "hugetlb.%s.current" : "hugetlb.%s.usage_in_bytes",
		  size);
	str_print(max, sizeof(max), "hugetlb.%s.max_usage_in_bytes", size);
	str_print(failcnt, sizeof(failcnt), s->v2 ? "hugetlb.%s.events" : "hugetlb.%s.failcnt",
		  size);
	if (knob_number(s->dir, usage, &n) < 0)
		return;
	json_write_object(s->w, size);
	json_write_u64(s->w, "usage", n);
	if (!s->v2)
		json_write_u64(s->w, "max", number_of(s, max));
	json_write_u64(s->w, "failcnt",
		       s->v2 ? field_of(s, failcnt, "max") : number_of(s, failcnt));
	json_write_object_end(s->w);
}

static void write_hugetlb(const struct cgroup *g, struct json_writer *w)
{
	/* of all architectures; what this one lacks has no file */
	static const char *const sizes[] = {"64KB",  "1MB", "2MB", "16MB", "32MB",
					    "512MB", "1GB", "2GB", "16GB"};
	struct source s = source_of(g, w, "hugetlb");

	json_write_object(w, "hugetlb");
	for (size_t i = 0; s.dir >= 0 && i < ARRAY_SIZE(sizes); i++)
		write_hugetlb_size(&s, sizes[i]);
	json_write_object_end(w);
}

int cgroup_stats_write(const struct cgroup *g, struct json_writer *w, const char *key,
		       struct error *e)
{
	bool any = false;

	for (size_t i = 0; i < g->place->dirs.n && !any; i++)
		any = cgroup_dir(g, i) >= 0 && faccessat(g->dirs[i], "cgroup.procs", F_OK, 0) == 0;
	if (!any)
		return fail(e, ENODEV, "the container has no cgroup");
	json_write_object(w, key);
	stats_write_cpu(g, w);
	stats_write_cpuset(g, w);
	stats_write_memory(g, w);
	write_pids(g, w);
	stats_write_blkio(g, w);
	write_hugetlb(g, w);
	json_write_object(w, "intel_rdt");
	json_write_object_end(w);
	json_write_null(w, "network_interfaces");
	json_write_object_end(w);
	return 0;
}
