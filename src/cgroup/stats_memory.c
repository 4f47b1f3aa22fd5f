/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/stats_source.h"

#include "base/str.h"
#include "cgroup/knob.h"

struct memory_files {
	const char *key, *usage, *limit, *max, *failcnt;
};

static void write_entry(const struct source *s, const struct memory_files *f)
{
	uint64_t usage;

	if (knob_number(s->dir, f->usage, &usage) < 0) /* swap, kernel: not counted */
		return;
	json_write_object(s->w, f->key);
	json_write_u64(s->w, "limit", number_of(s, f->limit));
	json_write_u64(s->w, "usage", usage);
	json_write_u64(s->w, "max", number_of(s, f->max));
	json_write_u64(s->w, "failcnt", number_of(s, f->failcnt));
	json_write_object_end(s->w);
}

static void write_memory_v1(const struct source *s)
{
/* clang-format off */
#define FILES(key, kind)                                                                      \
	{ key, "memory." kind "usage_in_bytes", "memory." kind "limit_in_bytes",              \
	  "memory." kind "max_usage_in_bytes", "memory." kind "failcnt" }
	/* clang-format on */
	static const struct memory_files files[] = {FILES("usage", ""), FILES("swap", "memsw."),
						    FILES("kernel", "kmem."),
						    FILES("kernelTCP", "kmem.tcp.")};
#undef FILES

	json_write_u64(s->w, "cache", field_of(s, "memory.stat", "cache"));
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		write_entry(s, &files[i]);
}

/* UINT64_MAX is "no limit". */
static uint64_t plus(uint64_t a, uint64_t b)
{
	return a > UINT64_MAX - b ? UINT64_MAX : a + b;
}

static void write_memory_v2(const struct source *s)
{
	uint64_t usage = number_of(s, "memory.current"), limit = number_of(s, "memory.max"), swap;

	json_write_u64(s->w, "cache", field_of(s, "memory.stat", "file"));
	json_write_object(s->w, "usage");
	json_write_u64(s->w, "limit", limit);
	json_write_u64(s->w, "usage", usage);
	json_write_u64(s->w, "max", number_of(s, "memory.peak"));
	json_write_u64(s->w, "failcnt", field_of(s, "memory.events", "max"));
	json_write_object_end(s->w);
	if (knob_number(s->dir, "memory.swap.current", &swap) < 0)
		return;
	json_write_object(s->w, "swap"); /* v1's meaning: memory and swap together */
	json_write_u64(s->w, "limit", plus(number_of(s, "memory.swap.max"), limit));
	json_write_u64(s->w, "usage", plus(swap, usage));
	json_write_u64(s->w, "max", number_of(s, "memory.swap.peak"));
	json_write_u64(s->w, "failcnt", field_of(s, "memory.swap.events", "max"));
	json_write_object_end(s->w);
}

static void write_raw(char **words, size_t n, void *context)
{
	uint64_t value;

	if (n == 2 && str_to_u64(words[1], UINT64_MAX, &value) == 0)
		json_write_u64(context, words[0], value);
}

void stats_write_memory(const struct cgroup *g, struct json_writer *w)
{
	struct source s = source_of(g, w, "memory");
	char text[TEXT_MAX];

	json_write_object(w, "memory");
	if (s.dir >= 0) {
		(s.v2 ? write_memory_v2 : write_memory_v1)(&s);
		json_write_object(w, "raw");
		if (knob_read(s.dir, "memory.stat", text, sizeof(text)) > 0)
			each_line(text, write_raw, w);
		json_write_object_end(w);
	}
	write_pressure(g, w, "memory.pressure");
	json_write_object_end(w);
}
