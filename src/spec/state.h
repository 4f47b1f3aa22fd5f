/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SPEC_STATE_H
#define YACR_SPEC_STATE_H

/*
 * The state document: the one small file, ROOT/ID/state.json, that yacr keeps
 * of a container.  It is written twice: as the intent record (status
 * "creating", no pid) before anything exists, and when create commits.  With
 * it start, kill, delete and exec never look at the bundle again.
 *
 * Read and written by tables (base/table.h), in the order of the members.
 */

#include "base/table.h"
#include "spec/config.h"

#define STATE_FORMAT 1

/* One directory of the container's cgroup. */
struct cgroup_dir {
	/* controllers as /proc/self/cgroup names them: "cpu,cpuacct"; "" is cgroup2 */
	const char *hierarchy;
	const char *mountpoint; /* "/sys/fs/cgroup/memory" */
	const char *path;	/* below the mount point: "/yacr/web1" */
	const char *made; /* topmost directory that yacr made on the way: "/yacr"; NULL: none */
};

struct cgroup_place {
	int driver;		  /* enum cgroup_driver */
	const char *unit, *slice; /* systemd: the scope, and what it is in */
	uint32_t manager;	  /* systemd: the user whose own it is; 0: the system's */
	LIST(struct cgroup_dir) dirs;
};

enum cgroup_driver { CGROUP_DRIVER_FS = 1, CGROUP_DRIVER_SYSTEMD, CGROUP_DRIVER_DISABLED };

enum status { STATUS_CREATING = 1, STATUS_CREATED, STATUS_RUNNING, STATUS_PAUSED, STATUS_STOPPED };

/* Who answers the calls that linux.seccomp has notified: see host/seccomp_agent.h. */
struct seccomp_agent {
	const char *path, *metadata;
};

/* Mounts in the caller's mount namespace: see host/host_mounts.h. */
struct host_mounts {
	const char *below;  /* the root file system, without links */
	struct strs before; /* mount ids that were there */
};

/* The container's resctrl group: see host/intelrdt.h. */
struct rdt_group {
	const char *name;	/* NULL: the root group */
	const char *monitoring; /* the monitoring group in it that is the container's; NULL: none */
	bool made;		/* was not there before */
	bool shared;		/* named by closID: others may be in it */
};

struct state {
	uint64_t format;	 /* STATE_FORMAT */
	const char *oci_version; /* OCI_VERSION */
	const char *id;
	int status;	     /* as last written: CREATING or CREATED; the present one is computed */
	int64_t pid;	     /* of the container's init, on the host; 0 before it exists */
	uint64_t start_time; /* proc_pid_stat(5) field 22: tells a reused pid */
	uint64_t
		pidfd_inode; /* pidfd_identity() of it: tells it for certain; 0: the kernel has none */
	int64_t creator;     /* pid of the yacr that is creating it */
	uint64_t creator_start;
	const char *boot_id; /* NULL: the record is gone with its boot */
	const char *bundle;  /* absolute */
	const char *rootfs;  /* absolute */
	const char *created; /* RFC 3339, UTC, nanoseconds */
	uint32_t owner;	     /* uid that created it */
	bool has_process;
	bool pid_ns_is_shared; /* no pid namespace of its own: killing init does not kill the rest */
	struct cgroup_place cgroup;
	struct rdt_group *intel_rdt;	     /* NULL: none */
	struct hooks *hooks;		     /* poststart and poststop only */
	struct seccomp_agent *seccomp_agent; /* NULL: the filter notifies nobody */
	struct host_mounts *host_mounts;     /* NULL: they go with the mount namespace */
	struct pairs annotations;
};

/*
 * What another process of the container (`exec`) is by default.  It is in a file of its own
 * beside the state, which is read so much more often.
 */
struct exec_defaults {
	struct process *process; /* as in config.json; NULL: it has none */
	struct personality *personality;
	struct memory_policy *memory_policy;
	LIST(int) namespaces; /* CLONE_NEW*: those that the config has, made or joined */
	bool no_new_keyring;
	struct opt_u32 seccomp_flags; /* set: there is a program, in a third file */
	/* For checkpoint: what in it is not its own (host/criu.h). */
	struct strs external_mounts, external_namespaces;
};

extern const struct table state_table;
extern const struct table exec_defaults_table;
extern const struct table config_table; /* the rows of config.json */

extern const struct name status_names[];	/* "creating" ... "stopped" */
extern const struct name cgroup_driver_names[]; /* "cgroupfs", "systemd", "disabled" */

int state_read(struct state *out, struct arena *a, char *text, size_t len, struct error *e);
void state_write(const struct state *s, struct buf *out);

/*
 * The state as the spec shows it (runtime.md "State") to hooks, `state` and `list`:
 * with pid and status as given here.  @extra: rootfs, created and owner too.
 */
void state_write_oci(const struct state *s, int status, int64_t pid, bool extra,
		     struct json_writer *w);

#endif
