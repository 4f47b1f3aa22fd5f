/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/config.h"
#include "spec/names.h"
#include "spec/tables.h"

/* What dev_t has room for, in the kernel. */
#define DEVICE_MAJOR_MAX 0xfff
#define DEVICE_MINOR_MAX 0xfffff

static const struct field namespace_fields[] = {
	FIELD(struct namespace, type, "type", .required = true, .names = namespace_names),
	FIELD(struct namespace, path, "path", DOC("one to join; absent: a new one")),
};

static const struct table namespace_table = TABLE(struct namespace, namespace_fields);

static const struct field time_offset_fields[] = {
	FIELD(struct time_offset, secs, "secs", RANGE(INT64_MIN, INT64_MAX)),
	FIELD(struct time_offset, nanosecs, "nanosecs", RANGE(0, 999999999)),
};

static const struct table time_offset_table = TABLE(struct time_offset, time_offset_fields);

static const struct field device_fields[] = {
	FIELD(struct device, path, "path", .required = true, DOC("in the container")),
	FIELD(struct device, type, "type", .required = true, DOC("c, b, u or p")),
	FIELD(struct device, major, "major", RANGE(0, DEVICE_MAJOR_MAX),
	      DOC("needed unless type is p")),
	FIELD(struct device, minor, "minor", RANGE(0, DEVICE_MINOR_MAX),
	      DOC("needed unless type is p")),
	FIELD(struct device, file_mode, "fileMode", DOC("permission bits; absent: 0666")),
	FIELD(struct device, uid, "uid", DOC("in the container")),
	FIELD(struct device, gid, "gid", DOC("in the container")),
};

static const struct table device_table = TABLE(struct device, device_fields);

static const struct field net_device_fields[] = {
	FIELD(struct net_device, name, "name", DOC("in the container; absent: as on the host")),
};

static const struct table net_device_table = TABLE(struct net_device, net_device_fields);

static const struct field intel_rdt_fields[] = {
	FIELD(struct intel_rdt, clos_id, "closID",
	      DOC("resctrl group; absent: the container's id")),
	FIELD(struct intel_rdt, schemata, "schemata", DOC("lines, written last")),
	FIELD(struct intel_rdt, l3_cache_schema, "l3CacheSchema", DOC("L3:...")),
	FIELD(struct intel_rdt, mem_bw_schema, "memBwSchema", DOC("MB:...")),
	FIELD(struct intel_rdt, enable_monitoring, "enableMonitoring"),
	FIELD_IGNORED("enableCMT", "not in the spec since 1.3.0"),
	FIELD_IGNORED("enableMBM", "not in the spec since 1.3.0"),
};

static const struct table intel_rdt_table = TABLE(struct intel_rdt, intel_rdt_fields);

static const struct field personality_fields[] = {
	FIELD(struct personality, domain, "domain", .required = true, .names = personality_names),
	FIELD(struct personality, flags, "flags", DOC("the spec defines none; a warning")),
};

const struct table personality_table = TABLE(struct personality, personality_fields);

static const struct field memory_policy_fields[] = {
	FIELD(struct memory_policy, mode, "mode", .required = true, .names = memory_policy_names),
	FIELD(struct memory_policy, nodes, "nodes", DOC("list like 0-1,3")),
	FIELD_NAMES(struct memory_policy, flags, "flags", memory_policy_flag_names),
};

const struct table memory_policy_table = TABLE(struct memory_policy, memory_policy_fields);

static const struct field linux_fields[] = {
	FIELD_LIST(struct linux_config, uid_mappings, "uidMappings", id_mapping_table,
		   DOC("of the new user namespace")),
	FIELD_LIST(struct linux_config, gid_mappings, "gidMappings", id_mapping_table,
		   DOC("of the new user namespace")),
	FIELD_MAP(struct linux_config, time_offsets, "timeOffsets", time_offset_table,
		  DOC("by clock, of the new time namespace")),
	FIELD(struct linux_config, sysctl, "sysctl", DOC("of the container's own namespaces")),
	FIELD(struct linux_config, cgroups_path, "cgroupsPath"),
	FIELD_OBJECT(struct linux_config, resources, "resources", resources_table),
	FIELD_LIST(struct linux_config, namespaces, "namespaces", namespace_table,
		   DOC("each type once; one that is not here is the host's")),
	FIELD_LIST(struct linux_config, devices, "devices", device_table,
		   DOC("nodes besides the default ones")),
	FIELD_MAP(struct linux_config, net_devices, "netDevices", net_device_table,
		  DOC("by name on the host: moved into the network namespace")),
	FIELD_OBJECT(struct linux_config, seccomp, "seccomp", seccomp_table),
	FIELD(struct linux_config, rootfs_propagation, "rootfsPropagation"),
	FIELD(struct linux_config, masked_paths, "maskedPaths", DOC("cannot be read")),
	FIELD(struct linux_config, readonly_paths, "readonlyPaths", DOC("cannot be written")),
	FIELD(struct linux_config, mount_label, "mountLabel", DOC("SELinux context of mounts")),
	FIELD_OBJECT(struct linux_config, intel_rdt, "intelRdt", intel_rdt_table),
	FIELD_OBJECT(struct linux_config, memory_policy, "memoryPolicy", memory_policy_table),
	FIELD_OBJECT(struct linux_config, personality, "personality", personality_table),
};

const struct table linux_table = TABLE(struct linux_config, linux_fields);
