/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/stats_source.h"

#include <string.h>

#include "base/list.h"
#include "base/str.h"
#include "cgroup/knob.h"

/* One list of {major, minor, op, value}; opened with its first entry. */
struct entries {
	struct json_writer *w;
	const char *key;
	const char *const *from; /* cgroup2: which words of io.stat become which op */
	bool any;
};

/* "8:16" */
static bool parse_device(char *word, uint64_t *major, uint64_t *minor)
{
	char *colon = strchr(word, ':');
	bool good;

	if (!colon)
		return false;
	*colon = '\0';
	good = str_to_u64(word, UINT32_MAX, major) == 0 &&
	       str_to_u64(colon + 1, UINT32_MAX, minor) == 0;
	*colon = ':'; /* the next list reads it again */
	return good;
}

static void add_entry(struct entries *l, char *device, const char *op, const char *value)
{
	uint64_t major, minor, n;

	if (!parse_device(device, &major, &minor) || str_to_u64(value, UINT64_MAX, &n) < 0)
		return;
	if (!l->any)
		json_write_array(l->w, l->key);
	l->any = true;
	json_write_object(l->w, NULL);
	json_write_u64(l->w, "major", major);
	json_write_u64(l->w, "minor", minor);
	json_write_string(l->w, "op", op);
	json_write_u64(l->w, "value", n);
	json_write_object_end(l->w);
}

/* "8:0 Read 4096"; the last line, "Total 4096", is for no device. */
static void add_v1(char **words, size_t n, void *context)
{
	if (n == 3)
		add_entry(context, words[0], words[1], words[2]);
}

/* "8:0 rbytes=4096 wbytes=0 rios=1 wios=0 dbytes=0 dios=0" */
static void add_v2(char **words, size_t n, void *context)
{
	struct entries *l = context;

	for (size_t i = 1; i < n; i++)
		for (const char *const *f = l->from; *f; f += 2)
			if (str_starts(words[i], f[0]))
				add_entry(l, words[0], f[1], words[i] + strlen(f[0]));
}

/* The first of @files with something in it: who counts depends on the scheduler of the disk. */
static void write_v1(const struct source *s, const char *key, const char *const *files)
{
	struct entries l = {.w = s->w, .key = key};
	char text[TEXT_MAX];

	for (; *files && !l.any; files++)
		if (knob_read(s->dir, *files, text, sizeof(text)) > 0)
			each_line(text, add_v1, &l);
	if (l.any)
		json_write_array_end(s->w);
}

static void write_v2(const struct source *s, const char *key, const char *const *from)
{
	struct entries l = {.w = s->w, .key = key, .from = from};
	char text[TEXT_MAX];

	if (knob_read(s->dir, "io.stat", text, sizeof(text)) > 0)
		each_line(text, add_v2, &l);
	if (l.any)
		json_write_array_end(s->w);
}

void stats_write_blkio(const struct cgroup *g, struct json_writer *w)
{
	static const char *const bytes[] = {"blkio.bfq.io_service_bytes_recursive",
					    "blkio.throttle.io_service_bytes_recursive",
					    "blkio.throttle.io_service_bytes", NULL};
	static const char *const counts[] = {"blkio.bfq.io_serviced_recursive",
					     "blkio.throttle.io_serviced_recursive",
					     "blkio.throttle.io_serviced", NULL};
	static const char *const bytes_v2[] = {"rbytes=", "Read", "wbytes=", "Write", NULL};
	static const char *const counts_v2[] = {"rios=", "Read", "wios=", "Write", NULL};
	struct source s = source_of(g, w, "blkio");

	json_write_object(w, "blkio");
	if (s.dir >= 0 && s.v2) {
		write_v2(&s, "ioServiceBytesRecursive", bytes_v2);
		write_v2(&s, "ioServicedRecursive", counts_v2);
	} else if (s.dir >= 0) {
		write_v1(&s, "ioServiceBytesRecursive", bytes);
		write_v1(&s, "ioServicedRecursive", counts);
	}
	write_pressure(g, w, "io.pressure");
	json_write_object_end(w);
}
