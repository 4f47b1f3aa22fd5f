/* SPDX-License-Identifier: Apache-2.0 */
/*
 * From lines for cgroup files to properties: systemd.resource-control(5), and the names that the
 * same settings have on D-Bus.  A value goes through a unit file of systemd's, so it comes back
 * rounded where the file's format is coarser; yacr writes its own after systemd has.
 */
#include <string.h>

#include "base/str.h"
#include "cgroup/knob.h"
#include "cgroup/systemd.h"
#include "spec/cpulist.h"

#define PERIOD_US 100000 /* the kernel's default, and systemd's */
#define STEP_US 10000	 /* systemd keeps the quota in whole percents of a second */

struct row;
typedef void add_property(struct property_list *l, const struct row *row, const struct limit *from);

static add_property number, tasks, cpulist, idle, io_weight, io_max, throttle;

/* A file that systemd writes, too. */
static const struct row {
	const char *file;
	add_property *add;
	const char *property;
	unsigned int since;
} rows[] = {
	{"cpu.weight", number, "CPUWeight", 232},
	{"cpu.idle", idle, "CPUWeight", 252},
	{"memory.max", number, "MemoryMax", 231},
	{"memory.swap.max", number, "MemorySwapMax", 232},
	{"memory.zswap.max", number, "MemoryZSwapMax", 253},
	{"memory.low", number, "MemoryLow", 231},
	{"memory.min", number, "MemoryMin", 240},
	{"memory.high", number, "MemoryHigh", 231},
	{"pids.max", tasks, "TasksMax", 227},
	{"cpuset.cpus", cpulist, "AllowedCPUs", 244},
	{"cpuset.mems", cpulist, "AllowedMemoryNodes", 244},
	{"io.bfq.weight", io_weight, "IOWeight", 230},
	{"io.weight", io_weight, "IOWeight", 230},
	{"io.max", io_max, "", 230},
	/* cgroup v1 */
	{"cpu.shares", number, "CPUShares", 208},
	{"memory.limit_in_bytes", number, "MemoryLimit", 208},
	{"blkio.weight", io_weight, "BlockIOWeight", 208},
	{"blkio.weight_device", io_weight, "BlockIOWeight", 208},
	{"blkio.throttle.read_bps_device", throttle, "BlockIOReadBandwidth", 208},
	{"blkio.throttle.write_bps_device", throttle, "BlockIOWriteBandwidth", 208},
};

struct unit_property *property_add(struct property_list *l, const char *name, const char *type,
				   const char *value, const char *at)
{
	l->v = arena_more(l->arena, l->v, l->n, sizeof(*l->v));
	l->v[l->n] = (struct unit_property){.name = name, .type = type, .value = value, .at = at};
	return &l->v[l->n++];
}

/* Decimal digits, with one of the kernel's suffixes or none; "max" and "-1" are all there is. */
static bool parse_number(const char *text, uint64_t *out)
{
	static const char suffixes[] = "kmgt";
	const char *at = text, *suffix;

	if (str_eq(text, "max") || str_eq(text, "-1")) {
		*out = UINT64_MAX;
		return true;
	}
	if (str_scan_u64(&at, UINT64_MAX >> 40, out) < 0)
		return str_to_u64(text, UINT64_MAX, out) == 0;
	if (*at == '\0')
		return true;
	suffix = strchr(suffixes, *at | 0x20);
	if (!suffix || at[1] != '\0')
		return false;
	*out <<= 10 * (suffix - suffixes + 1);
	return true;
}

static void add_number(struct property_list *l, const char *name, uint64_t value, const char *at,
		       unsigned int since)
{
	property_add(l, name, "t", arena_printf(l->arena, "%llu", (unsigned long long)value), at)
		->since = since;
}

static void number(struct property_list *l, const struct row *row, const struct limit *from)
{
	uint64_t value;

	if (parse_number(from->value, &value))
		add_number(l, row->property, value, from->at, row->since);
}

/* No task at all is nothing that systemd could be told. */
static void tasks(struct property_list *l, const struct row *row, const struct limit *from)
{
	uint64_t value;

	if (parse_number(from->value, &value))
		add_number(l, row->property, value ? value : 1, from->at, row->since);
}

static void cpulist(struct property_list *l, const struct row *row, const struct limit *from)
{
	struct cpulist list;
	struct error ignored;

	if (cpulist_parse(&list, from->value, &ignored) == 0 && list.words > 0)
		property_add(l, row->property, "ay", from->value, from->at)->since = row->since;
}

/* To systemd being idle is a weight, the lowest. */
static void idle(struct property_list *l, const struct row *row, const struct limit *from)
{
	if (str_eq(from->value, "1"))
		add_number(l, row->property, 0, from->at, row->since);
}

/* A symbolic link that udev makes; systemd passes over what is not there. */
static void add_device(struct property_list *l, const char *name, const char *numbers, size_t len,
		       uint64_t value, const struct limit *from, unsigned int since)
{
	property_add(l, name, "a(st)",
		     arena_printf(l->arena, "/dev/block/%.*s %llu", (int)len, numbers,
				  (unsigned long long)value),
		     from->at)
		->since = since;
}

/* "WEIGHT" or "MAJOR:MINOR WEIGHT". For BFQ's file, what the other one would get: systemd converts. */
static void io_weight(struct property_list *l, const struct row *row, const struct limit *from)
{
	const char *text = from->or_value ? from->or_value : from->value;
	const char *blank = strchr(text, ' ');
	uint64_t weight;

	if (!parse_number(blank ? blank + 1 : text, &weight))
		return;
	if (!blank)
		add_number(l, row->property, weight, from->at, row->since);
	else
		add_device(l,
			   str_eq(row->property, "IOWeight") ? "IODeviceWeight"
							     : "BlockIODeviceWeight",
			   text, (size_t)(blank - text), weight, from, row->since);
}

/* "MAJOR:MINOR rbps=N" */
static void io_max(struct property_list *l, const struct row *row, const struct limit *from)
{
	static const struct {
		const char *key, *property;
	} keys[] = {
		{" rbps=", "IOReadBandwidthMax"},
		{" wbps=", "IOWriteBandwidthMax"},
		{" riops=", "IOReadIOPSMax"},
		{" wiops=", "IOWriteIOPSMax"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		const char *found = str_find(from->value, keys[i].key), *rate;
		uint64_t value;

		if (!found)
			continue;
		rate = found + strlen(keys[i].key);
		rate = arena_strndup(l->arena, rate, strcspn(rate, " "));
		if (parse_number(rate, &value))
			add_device(l, keys[i].property, from->value, strcspn(from->value, " "),
				   value, from, row->since);
	}
}

/* "MAJOR:MINOR RATE"; 0 is no limit. */
static void throttle(struct property_list *l, const struct row *row, const struct limit *from)
{
	size_t len = strcspn(from->value, " ");
	uint64_t rate;

	if (from->value[len] && parse_number(from->value + len + 1, &rate))
		add_device(l, row->property, from->value, len, rate ? rate : UINT64_MAX, from,
			   row->since);
}

struct bandwidth {
	const struct limit *quota, *period; /* NULL: not given */
	uint64_t quota_us, period_us;
};

/* v2 has both in one line, "QUOTA PERIOD", v1 a file each. True when @l is one of them. */
static bool take_bandwidth(struct bandwidth *b, struct arena *a, const struct limit *l)
{
	size_t len = strcspn(l->value, " ");

	if (str_eq(l->file, "cpu.cfs_period_us")) {
		if (parse_number(l->value, &b->period_us))
			b->period = l;
		return true;
	}
	if (!str_eq(l->file, "cpu.max") && !str_eq(l->file, "cpu.cfs_quota_us"))
		return false;
	if (parse_number(arena_strndup(a, l->value, len), &b->quota_us))
		b->quota = l;
	if (l->value[len] && parse_number(l->value + len + 1, &b->period_us))
		b->period = l;
	return true;
}

static void add_bandwidth(struct property_list *l, const struct bandwidth *b)
{
	uint64_t period = b->period && b->period_us ? b->period_us : PERIOD_US;
	uint64_t quota = b->quota_us;

	if (b->period && period != PERIOD_US)
		add_number(l, "CPUQuotaPeriodUSec", period, b->period->at, 242);
	if (!b->quota)
		return;
	if (quota <= UINT64_MAX / 1000000) {
		quota = quota * 1000000 / period;
		quota = (quota + STEP_US - 1) / STEP_US * STEP_US;
	} else {
		quota = UINT64_MAX;
	}
	add_number(l, "CPUQuotaPerSecUSec", quota, b->quota->at, 213);
}

void properties_of_limits(struct property_list *l, const limit_list *limits)
{
	struct bandwidth bandwidth = {0};

	FOR_EACH(from, *limits) {
		if (take_bandwidth(&bandwidth, l->arena, from))
			continue;
		for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
			if (str_eq(rows[i].file, from->file))
				rows[i].add(l, &rows[i], from);
	}
	add_bandwidth(l, &bandwidth);
}
