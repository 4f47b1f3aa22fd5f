/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SPEC_CONFIG_H
#define YACR_SPEC_CONFIG_H

/*
 * config.json, typed (OCI runtime-spec 1.3: config.md and config-linux.md).
 * Names are the spec's, in C's spelling.  Filled by config_load(), immutable
 * after it; everything points into the arena it was loaded into.
 *
 * A pointer to a struct is NULL, and an opt_* is not set, when the property is
 * absent.  Enums are 0 when absent.
 */

#include <sys/types.h>

#include "base/arena.h"
#include "base/list.h"

#define OCI_VERSION "1.3.0"

/* ---- root, mounts, hooks ---- */

struct root {
	const char *path;
	bool readonly;
};

struct id_mapping {
	uint32_t container_id, host_id, size;
};

typedef LIST(struct id_mapping) id_mappings;

struct mount {
	const char *destination; /* absolute in the container; a relative one counts from "/" */
	const char *source;	 /* bind: a path, absolute or relative to the bundle */
	const char *type;
	struct strs options;
	id_mappings uid_mappings, gid_mappings;
};

struct hook {
	const char *path; /* absolute */
	struct strs args, env;
	bool has_env;		/* "env" was given, perhaps empty: then nothing is inherited */
	struct opt_i64 timeout; /* seconds, > 0 */
};

typedef LIST(struct hook) hook_list;

enum hook_kind {
	HOOK_PRESTART,
	HOOK_CREATE_RUNTIME,
	HOOK_CREATE_CONTAINER,
	HOOK_START_CONTAINER,
	HOOK_POSTSTART,
	HOOK_POSTSTOP,
	HOOK_KINDS
};

struct hooks {
	hook_list prestart, create_runtime, create_container, start_container, poststart, poststop;
};

extern const char *const hook_names[HOOK_KINDS]; /* "prestart", "createRuntime", ... */
const hook_list *hooks_of(const struct hooks *h, enum hook_kind kind); /* empty when h is NULL */

/* ---- process ---- */

/* Both are there and fit in 16 bits when process.terminal is set; else whatever was written. */
struct console_size {
	uint64_t height, width;
	bool has_height, has_width;
};

struct user {
	uint32_t uid, gid;
	struct opt_u32 umask;
	struct u32s additional_gids;
};

struct capabilities {
	struct strs bounding, effective, inheritable, permitted, ambient;
};

struct resource_limit {
	const char *type;	   /* "RLIMIT_NOFILE" */
	struct opt_u64 soft, hard; /* required; 2^64-1 is infinity */
};

struct scheduler {
	int policy; /* enum of sched(7): SCHED_OTHER + 1, ...; see spec/names.h */
	struct opt_i32 nice, priority;
	LIST(int) flags;
	uint64_t runtime, deadline, period; /* ns */
};

struct io_priority {
	int class;	  /* IOPRIO_CLASS_RT.. = 1.. */
	int64_t priority; /* 0..7 */
};

struct cpu_affinity {
	const char *initial, *final; /* cpu lists: "0-3,7" */
};

struct process {
	bool terminal;
	struct console_size *console_size;
	struct user user;
	struct strs args, env;
	const char *cwd;
	struct capabilities *capabilities;
	LIST(struct resource_limit) rlimits;
	bool no_new_privileges;
	const char *apparmor_profile;
	const char *selinux_label;
	struct opt_i32 oom_score_adj; /* -1000..1000; absent: leave alone */
	struct scheduler *scheduler;
	struct io_priority *io_priority;
	struct cpu_affinity *exec_cpu_affinity;
};

/* ---- linux ---- */

struct namespace
{
	int type;	  /* one CLONE_NEW* bit, from spec/names.h */
	const char *path; /* absolute; NULL: a new one */
};

struct device {
	const char *path;
	const char *type; /* "c", "b", "u", "p" */
	struct opt_i64 major, minor;
	struct opt_u32 file_mode, uid, gid;
};

struct net_device {
	const char *host_name; /* the key */
	const char *name;      /* in the container; NULL: the same */
};

struct time_offset {
	const char *clock; /* the key: "monotonic", "boottime" */
	int64_t secs;
	uint32_t nanosecs;
};

struct device_rule {
	struct opt_bool allow;	     /* required */
	const char *type;	     /* "a", "c", "b"; NULL is "a" */
	struct opt_i64 major, minor; /* absent or -1: any */
	const char *access;	     /* letters of "rwm"; NULL or "" is all */
};

struct memory {
	struct opt_i64 limit, reservation, swap, kernel, kernel_tcp;
	struct opt_u64 swappiness;
	struct opt_bool disable_oom_killer, use_hierarchy, check_before_update;
};

struct cpu {
	struct opt_u64 shares, period, burst, realtime_period;
	struct opt_i64 quota, realtime_runtime, idle;
	const char *cpus, *mems;
};

struct weight_device {
	struct opt_i64 major, minor;
	struct opt_u16 weight, leaf_weight;
};

struct throttle_device {
	struct opt_i64 major, minor;
	struct opt_u64 rate;
};

typedef LIST(struct throttle_device) throttle_devices;

struct block_io {
	struct opt_u16 weight, leaf_weight;
	LIST(struct weight_device) weight_device;
	throttle_devices throttle_read_bps, throttle_write_bps, throttle_read_iops,
		throttle_write_iops;
};

struct hugepage_limit {
	const char *page_size; /* "2MB" */
	struct opt_u64 limit;
};

struct interface_priority {
	const char *name;
	struct opt_u32 priority;
};

struct network {
	struct opt_u32 class_id;
	LIST(struct interface_priority) priorities;
};

struct pids {
	struct opt_i64 limit; /* -1: no limit; 0 is a limit, in any version */
};

struct rdma {
	const char *device; /* the key */
	struct opt_u32 hca_handles, hca_objects;
};

struct resources {
	LIST(struct device_rule) devices;
	struct memory *memory;
	struct cpu *cpu;
	struct block_io *block_io;
	LIST(struct hugepage_limit) hugepage_limits;
	struct network *network;
	struct pids *pids;
	LIST(struct rdma) rdma;
	struct pairs unified;
};

struct seccomp_arg {
	struct opt_u32 index; /* 0..5 */
	struct opt_u64 value;
	uint64_t value_two;
	int op; /* enum seccomp_op, spec/names.h */
};

struct seccomp_rule {
	struct strs names;
	int action; /* enum seccomp_action, spec/names.h */
	struct opt_u32 errno_ret;
	LIST(struct seccomp_arg) args;
};

struct seccomp {
	int default_action;
	struct opt_u32 default_errno_ret;
	LIST(int) architectures; /* AUDIT_ARCH_* as int, spec/names.h */
	LIST(int) flags;	 /* SECCOMP_FILTER_FLAG_* */
	bool has_flags;		 /* "flags" was given: absent means SPEC_ALLOW */
	const char *listener_path, *listener_metadata;
	LIST(struct seccomp_rule) syscalls;
};

struct intel_rdt {
	const char *clos_id, *l3_cache_schema, *mem_bw_schema;
	struct strs schemata;
	bool enable_monitoring;
};

struct personality {
	int domain; /* spec/names.h */
	struct strs flags;
};

struct memory_policy {
	int mode; /* MPOL_* + 1, spec/names.h */
	const char *nodes;
	LIST(int) flags;
};

struct linux_config {
	LIST(struct namespace) namespaces;
	id_mappings uid_mappings, gid_mappings;
	LIST(struct time_offset) time_offsets;
	LIST(struct device) devices;
	LIST(struct net_device) net_devices;
	const char *cgroups_path;
	struct resources *resources;
	struct pairs sysctl;
	struct seccomp *seccomp;
	const char *rootfs_propagation;
	struct strs masked_paths, readonly_paths;
	const char *mount_label;
	struct intel_rdt *intel_rdt;
	struct personality *personality;
	struct memory_policy *memory_policy;
};

/* ---- the whole ---- */

struct config {
	const char *oci_version;
	struct root *root;
	struct process *process; /* NULL is legal until start */
	const char *hostname, *domainname;
	LIST(struct mount) mounts;
	struct hooks *hooks;
	struct pairs annotations;
	struct linux_config linux_; /* all absent when the block is */
};

/*
 * Reads and checks a config: syntax, types, ranges and what one property says
 * about another (spec/check.c).  Nothing on the host is looked at.  The strings
 * stay in @text, which is the config's from then on.
 * e->at is the path of the property to blame.
 */
int config_load(struct config *out, struct arena *a, char *text, size_t len, struct error *e);

/* Reads linux.resources alone, as `update` gets them. Not checked: see check_resources(). */
int resources_load(struct resources *out, struct arena *a, char *text, size_t len, struct error *e);

/* NULL when the config has no namespace of this type. */
const struct namespace *config_namespace(const struct config *c, int type);

const char *config_annotation(const struct config *c, const char *key); /* NULL if absent */

/* The annotations that change what yacr does: crun's names, for those who use them already. */
#define ANNOTATION_SUBGROUP "run.oci.systemd.subgroup" /* a cgroup below the container's unit */
#define ANNOTATION_DELEGATE \
	"run.oci.delegate-cgroup" /* below the container's, to do with as it likes */
#define ANNOTATION_PROPERTY "org.systemd.property."	      /* + NAME: a property of that unit */
#define ANNOTATION_KEEP_GROUPS "run.oci.keep_original_groups" /* "1": with the caller's groups */
#define ANNOTATION_HOOKS_STDOUT "run.oci.hooks.stdout" /* files their output is appended to; */
#define ANNOTATION_HOOKS_STDERR "run.oci.hooks.stderr" /* relative to the bundle */
#define ANNOTATION_CRIU_CONFIG "org.criu.config"       /* a file of more options for CRIU */
#define ANNOTATION_MOUNT_CONTEXT \
	"run.oci.mount_context_type" /* which option linux.mountLabel is; else "context" */

#endif
