/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/stats_source.h"

#include <string.h>

#include "base/str.h"
#include "cgroup/knob.h"

#define TICK_NS 10000000 /* USER_HZ is 100 for everybody */

static void write_percpu(const struct source *s)
{
	char text[TEXT_MAX], *rest = text;

	if (knob_read(s->dir, "cpuacct.usage_percpu", text, sizeof(text)) < 0)
		return;
	json_write_array(s->w, "percpu");
	for (char *word = strsep(&rest, " "); word; word = strsep(&rest, " ")) {
		uint64_t n;

		if (str_to_u64(word, UINT64_MAX, &n) == 0)
			json_write_u64(s->w, NULL, n);
	}
	json_write_array_end(s->w);
}

static void write_cpu_usage(const struct cgroup *g, struct json_writer *w)
{
	struct source s = source_of(g, w, "cpuacct");

	json_write_object(w, "usage");
	if (s.dir >= 0 && s.v2) {
		json_write_u64(w, "total", field_of(&s, "cpu.stat", "usage_usec") * 1000);
		json_write_u64(w, "kernel", field_of(&s, "cpu.stat", "system_usec") * 1000);
		json_write_u64(w, "user", field_of(&s, "cpu.stat", "user_usec") * 1000);
	} else if (s.dir >= 0) {
		json_write_u64(w, "total", number_of(&s, "cpuacct.usage"));
		write_percpu(&s);
		json_write_u64(w, "kernel", field_of(&s, "cpuacct.stat", "system") * TICK_NS);
		json_write_u64(w, "user", field_of(&s, "cpuacct.stat", "user") * TICK_NS);
	}
	json_write_object_end(w);
}

void stats_write_cpu(const struct cgroup *g, struct json_writer *w)
{
	struct source s = source_of(g, w, "cpu");

	json_write_object(w, "cpu");
	write_cpu_usage(g, w);
	json_write_object(w, "throttling");
	if (s.dir >= 0) {
		json_write_u64(w, "periods", field_of(&s, "cpu.stat", "nr_periods"));
		json_write_u64(w, "throttledPeriods", field_of(&s, "cpu.stat", "nr_throttled"));
		json_write_u64(w, "throttledTime",
			       s.v2 ? field_of(&s, "cpu.stat", "throttled_usec") * 1000
				    : field_of(&s, "cpu.stat", "throttled_time"));
	}
	json_write_object_end(w);
	write_pressure(g, w, "cpu.pressure");
	json_write_object_end(w);
}

/* "0-3,7" as numbers. */
static void write_list(const struct source *s, const char *key, const char *file)
{
	char text[TEXT_MAX], *rest = text;

	if (knob_read(s->dir, file, text, sizeof(text)) <= 0)
		return;
	json_write_array(s->w, key);
	for (char *range = strsep(&rest, ","); range; range = strsep(&rest, ",")) {
		char *dash = strchr(range, '-');
		uint64_t first, last;

		if (dash)
			*dash++ = '\0';
		if (str_to_u64(range, UINT16_MAX, &first) < 0 ||
		    str_to_u64(dash ? dash : range, UINT16_MAX, &last) < 0)
			continue;
		for (; first <= last; first++)
			json_write_u64(s->w, NULL, first);
	}
	json_write_array_end(s->w);
}

void stats_write_cpuset(const struct cgroup *g, struct json_writer *w)
{
	static const char *const flags[] = {
		"cpu_exclusive",   "mem_hardwall",	 "mem_exclusive",
		"memory_migrate",  "memory_spread_page", "memory_spread_slab",
		"memory_pressure", "sched_load_balance", "sched_relax_domain_level"};
	struct source s = source_of(g, w, "cpuset");

	json_write_object(w, "cpuset");
	if (s.dir >= 0) {
		write_list(&s, "cpus", s.v2 ? "cpuset.cpus.effective" : "cpuset.cpus");
		write_list(&s, "mems", s.v2 ? "cpuset.mems.effective" : "cpuset.mems");
	}
	for (size_t i = 0; s.dir >= 0 && !s.v2 && i < ARRAY_SIZE(flags); i++) {
		char file[64], text[32] = "";
		int64_t n;

		if (str_format(file, sizeof(file), "cpuset.%s", flags[i]) < 0 ||
		    knob_read(s.dir, file, text, sizeof(text)) < 0 ||
		    str_to_i64(text, INT64_MIN, INT64_MAX, &n) < 0)
			continue;
		json_write_i64(w, flags[i], n);
	}
	json_write_object_end(w);
}
