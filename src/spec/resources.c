/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/config.h"
#include "spec/tables.h"

static const struct field device_rule_fields[] = {
	FIELD(struct device_rule, allow, "allow", .required = true),
	FIELD(struct device_rule, type, "type", DOC("a, c or b; absent: a")),
	FIELD(struct device_rule, major, "major", RANGE(-1, UINT32_MAX), DOC("-1 is any")),
	FIELD(struct device_rule, minor, "minor", RANGE(-1, UINT32_MAX), DOC("-1 is any")),
	FIELD(struct device_rule, access, "access", DOC("letters of rwm; absent: all")),
};

static const struct table device_rule_table = TABLE(struct device_rule, device_rule_fields);

static const struct field memory_fields[] = {
	FIELD(struct memory, limit, "limit", RANGE(-1, INT64_MAX), DOC("bytes; -1 is no limit")),
	FIELD(struct memory, reservation, "reservation", RANGE(-1, INT64_MAX),
	      DOC("soft limit, bytes")),
	FIELD(struct memory, swap, "swap", RANGE(-1, INT64_MAX), DOC("memory plus swap, bytes")),
	FIELD(struct memory, kernel, "kernel", RANGE(-1, INT64_MAX), DOC("deprecated")),
	FIELD(struct memory, kernel_tcp, "kernelTCP", RANGE(-1, INT64_MAX), DOC("deprecated")),
	FIELD(struct memory, swappiness, "swappiness", RANGE(0, 100), DOC("cgroup v1")),
	FIELD(struct memory, disable_oom_killer, "disableOOMKiller", DOC("cgroup v1")),
	FIELD(struct memory, use_hierarchy, "useHierarchy", DOC("cgroup v1")),
	FIELD(struct memory, check_before_update, "checkBeforeUpdate",
	      DOC("refuse a limit below the present use")),
};

static const struct table memory_table = TABLE(struct memory, memory_fields);

static const struct field cpu_fields[] = {
	FIELD(struct cpu, shares, "shares", DOC("relative weight; 0 is unset")),
	FIELD(struct cpu, quota, "quota", RANGE(INT64_MIN, INT64_MAX),
	      DOC("us per period; not above 0 is no limit")),
	FIELD(struct cpu, burst, "burst", DOC("us; at most the quota")),
	FIELD(struct cpu, period, "period", DOC("us")),
	FIELD(struct cpu, realtime_runtime, "realtimeRuntime", RANGE(-1, INT64_MAX),
	      DOC("us; cgroup v1")),
	FIELD(struct cpu, realtime_period, "realtimePeriod", DOC("us; cgroup v1")),
	FIELD(struct cpu, cpus, "cpus", DOC("list like 0-3,7")),
	FIELD(struct cpu, mems, "mems", DOC("list like 0-1")),
	FIELD(struct cpu, idle, "idle", RANGE(0, 1), DOC("1: SCHED_IDLE for the whole group")),
};

static const struct table cpu_table = TABLE(struct cpu, cpu_fields);

#define DEVICE_NUMBERS(T)                                                 \
	FIELD(T, major, "major", .required = true, RANGE(0, UINT32_MAX)), \
		FIELD(T, minor, "minor", .required = true, RANGE(0, UINT32_MAX))

static const struct field weight_device_fields[] = {
	DEVICE_NUMBERS(struct weight_device),
	FIELD(struct weight_device, weight, "weight", RANGE(0, 1000), DOC("10..1000")),
	FIELD(struct weight_device, leaf_weight, "leafWeight", RANGE(0, 1000), DOC("10..1000")),
};

static const struct table weight_device_table = TABLE(struct weight_device, weight_device_fields);

static const struct field throttle_device_fields[] = {
	DEVICE_NUMBERS(struct throttle_device),
	FIELD(struct throttle_device, rate, "rate", .required = true,
	      DOC("per second; 0 is no limit")),
};

static const struct table throttle_device_table =
	TABLE(struct throttle_device, throttle_device_fields);

static const struct field block_io_fields[] = {
	FIELD(struct block_io, weight, "weight", RANGE(0, 1000), DOC("10..1000; 0 is unset")),
	FIELD(struct block_io, leaf_weight, "leafWeight", RANGE(0, 1000),
	      DOC("10..1000; 0 is unset")),
	FIELD_LIST(struct block_io, weight_device, "weightDevice", weight_device_table),
	FIELD_LIST(struct block_io, throttle_read_bps, "throttleReadBpsDevice",
		   throttle_device_table),
	FIELD_LIST(struct block_io, throttle_write_bps, "throttleWriteBpsDevice",
		   throttle_device_table),
	FIELD_LIST(struct block_io, throttle_read_iops, "throttleReadIOPSDevice",
		   throttle_device_table),
	FIELD_LIST(struct block_io, throttle_write_iops, "throttleWriteIOPSDevice",
		   throttle_device_table),
};

static const struct table block_io_table = TABLE(struct block_io, block_io_fields);

static const struct field hugepage_limit_fields[] = {
	FIELD(struct hugepage_limit, page_size, "pageSize", .required = true, DOC("2MB, 1GB, ...")),
	FIELD(struct hugepage_limit, limit, "limit", .required = true, DOC("bytes")),
};

static const struct table hugepage_limit_table =
	TABLE(struct hugepage_limit, hugepage_limit_fields);

static const struct field interface_priority_fields[] = {
	FIELD(struct interface_priority, name, "name", .required = true, DOC("on the host")),
	FIELD(struct interface_priority, priority, "priority", .required = true),
};

static const struct table interface_priority_table =
	TABLE(struct interface_priority, interface_priority_fields);

static const struct field network_fields[] = {
	FIELD(struct network, class_id, "classID", DOC("cgroup v1")),
	FIELD_LIST(struct network, priorities, "priorities", interface_priority_table,
		   DOC("cgroup v1")),
};

static const struct table network_table = TABLE(struct network, network_fields);

static const struct field pids_fields[] = {
	FIELD(struct pids, limit, "limit", RANGE(-1, INT64_MAX),
	      DOC("-1 is no limit; 0 is one since 1.3")),
};

static const struct table pids_table = TABLE(struct pids, pids_fields);

static const struct field rdma_fields[] = {
	FIELD(struct rdma, hca_handles, "hcaHandles"),
	FIELD(struct rdma, hca_objects, "hcaObjects"),
};

static const struct table rdma_table = TABLE(struct rdma, rdma_fields);

static const struct field resources_fields[] = {
	FIELD(struct resources, unified, "unified", DOC("cgroup v2: file to value, written last")),
	FIELD_LIST(struct resources, devices, "devices", device_rule_table,
		   DOC("the last match wins")),
	FIELD_OBJECT(struct resources, pids, "pids", pids_table),
	FIELD_OBJECT(struct resources, block_io, "blockIO", block_io_table),
	FIELD_OBJECT(struct resources, cpu, "cpu", cpu_table),
	FIELD_LIST(struct resources, hugepage_limits, "hugepageLimits", hugepage_limit_table),
	FIELD_OBJECT(struct resources, memory, "memory", memory_table),
	FIELD_OBJECT(struct resources, network, "network", network_table),
	FIELD_MAP(struct resources, rdma, "rdma", rdma_table, DOC("by device")),
};

const struct table resources_table = TABLE(struct resources, resources_fields);

int resources_load(struct resources *out, struct arena *a, char *text, size_t len, struct error *e)
{
	struct resources r = {0};

	if (table_read(&resources_table, &r, a, text, len, e) < 0)
		return -1;
	*out = r;
	return 0;
}
