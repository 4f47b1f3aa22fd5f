/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/config.h"
#include "spec/tables.h"

static const struct field root_fields[] = {
	FIELD(struct root, path, "path", .required = true,
	      DOC("directory, absolute or relative to the bundle")),
	FIELD(struct root, readonly, "readonly", DOC("no writing in the container's root")),
};

const struct table root_table = TABLE(struct root, root_fields);

static const struct field id_mapping_fields[] = {
	FIELD(struct id_mapping, container_id, "containerID", .required = true, .write_zero = true,
	      DOC("first id in the container")),
	FIELD(struct id_mapping, host_id, "hostID", .required = true, .write_zero = true,
	      DOC("first id on the host")),
	FIELD(struct id_mapping, size, "size", .required = true, RANGE(1, UINT32_MAX),
	      DOC("how many")),
};

const struct table id_mapping_table = TABLE(struct id_mapping, id_mapping_fields);

static const struct field mount_fields[] = {
	FIELD(struct mount, destination, "destination", .required = true,
	      DOC("path in the container; a relative one counts from /")),
	FIELD(struct mount, type, "type", DOC("a file system of /proc/filesystems")),
	FIELD(struct mount, source, "source",
	      DOC("for binds a path, absolute or relative to the bundle")),
	FIELD(struct mount, options, "options",
	      DOC("as in mount(8); what is unknown is passed on")),
	FIELD_LIST(struct mount, uid_mappings, "uidMappings", id_mapping_table,
		   DOC("of an id-mapped mount")),
	FIELD_LIST(struct mount, gid_mappings, "gidMappings", id_mapping_table,
		   DOC("of an id-mapped mount")),
};

const struct table mount_table = TABLE(struct mount, mount_fields);
