/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_PLAN_PLAN_H
#define YACR_PLAN_PLAN_H

/*
 * The plan: what has to happen between clone and execve, as a flat list.
 *
 * Compiled on the host from config.json, options and host facts (compile.h);
 * walked after the clone by two processes at once.  Init does the operations
 * of side INIT and skips those of side HOST, the host the reverse.  A BARRIER
 * belongs to both: init says that it has come to it and waits; the host, when it
 * has heard that, does the HOST operations that follow the barrier directly and
 * then opens it.  (BARRIER_MAPPED is opened without being asked: what the host
 * has to do for it stands before it.)
 *
 * There is no control flow: no jumps, conditions or loops.  What depends on
 * something found in the container stays inside one operation.
 *
 * An operation is a fixed record.  Strings are offsets into one heap, so that
 * a plan needs no serializer; init gets it with the memory it was forked with.
 * This header includes nothing but <stdint.h>: init has no other view of the
 * config.
 *
 * There are two sorts of plan: one makes a container (it has ROOTFS), the other
 * adds a process to one (it has ENTER instead).
 */

#include <stdint.h>

/* Offset of a NUL-terminated string in plan->heap. 0 is the empty string: "absent". */
typedef uint32_t plan_str;

/*
 * Offset in plan->heap, aligned to 8, of count + 2 64-bit cells.  As compiled
 * the first @count hold string offsets and the rest zero; init turns them into
 * pointers in place, for execve.  The spare cell is for one string of init's own
 * (HOME), the last one stays NULL.
 */
struct plan_vec {
	uint32_t at;
	uint32_t count;
};

/* Offset in plan->heap, aligned to 4, of @count numbers. */
struct plan_u32s {
	uint32_t at;
	uint32_t count;
};

/* A descriptor that somebody opens before the operation that names it runs. */
typedef uint16_t plan_slot;
#define SLOT_NONE ((plan_slot)0xffff)

/*
 * Every kind of operation: NAME, name (member of the union, executor do_name),
 * side.  The order here is the order of the stages below, not of execution.
 */
#define PLAN_OPS(X)                                 \
	/* namespaces */                            \
	X(BARRIER, barrier, BOTH)                   \
	X(ID_MAPS, id_maps, HOST)                   \
	X(USERNS_ROOT, userns_root, INIT)           \
	X(JOIN_CGROUP, join_cgroup, INIT)           \
	X(DELEGATED_CGROUP, delegated_cgroup, INIT) \
	X(CPU_AFFINITY, cpu_affinity, INIT)         \
	X(JOIN_NS, join_ns, INIT)                   \
	X(UNSHARE, unshare, INIT)                   \
	X(TIME_OFFSETS, time_offsets, INIT)         \
	X(REFORK, refork, INIT)                     \
	X(SESSION, session, INIT)                   \
	X(KEYRING, keyring, INIT)                   \
	X(LOOPBACK, loopback, INIT)                 \
	X(NET_DEVICE, net_device, HOST)             \
	X(RLIMIT, rlimit, HOST)                     \
	X(OOM_SCORE, oom_score, HOST)               \
	X(INTEL_RDT, intel_rdt, HOST)               \
	/* the root file system */                  \
	X(OPEN_SOURCE, open_source, INIT)           \
	X(ROOTFS, rootfs, INIT)                     \
	X(ENTER, enter, INIT)                       \
	X(MOUNT, mount, INIT)                       \
	X(CGROUP_TREE, cgroup_tree, INIT)           \
	X(DEVICE, device, INIT)                     \
	X(DIRECTORY, directory, INIT)               \
	X(SYMLINK, symlink, INIT)                   \
	X(CONSOLE, console, INIT)                   \
	X(HOST_HOOK, host_hook, HOST)               \
	X(HOOK, hook, INIT)                         \
	X(PIVOT, pivot, INIT)                       \
	X(PROPAGATION, propagation, INIT)           \
	X(HOSTNAME, hostname, INIT)                 \
	X(DOMAINNAME, domainname, INIT)             \
	X(SYSCTL, sysctl, INIT)                     \
	X(READONLY_PATH, readonly_path, INIT)       \
	X(MASKED_PATH, masked_path, INIT)           \
	X(READONLY_ROOT, readonly_root, INIT)       \
	/* the process */                           \
	X(SCHEDULER, scheduler, INIT)               \
	X(IO_PRIORITY, io_priority, INIT)           \
	X(PERSONALITY, personality, INIT)           \
	X(MEMORY_POLICY, memory_policy, INIT)       \
	X(STDIO, stdio, INIT)                       \
	X(CWD, cwd, INIT)                           \
	X(BOUNDING, bounding, INIT)                 \
	X(IDS, ids, INIT)                           \
	X(CAPABILITIES, capabilities, INIT)         \
	X(NO_NEW_PRIVS, no_new_privs, INIT)         \
	X(EXEC_LABEL, exec_label, INIT)             \
	X(FIND_EXECUTABLE, find_executable, INIT)   \
	X(START_GATE, start_gate, INIT)             \
	X(CLOSE_FDS, close_fds, INIT)               \
	X(SECCOMP, seccomp, INIT)                   \
	X(EXEC, exec, INIT)

enum op_side { SIDE_INIT = 1, SIDE_HOST = 2, SIDE_BOTH = 3 };

enum op_kind {
	OP_NONE,
#define X(NAME, name, side) OP_##NAME,
	PLAN_OPS(X)
#undef X
		OP_KINDS
};

/* Where host and init wait for each other. */
enum barrier {
	BARRIER_USERNS =
		1, /* init has made its user namespace by UNSHARE, after joining others: maps now */
	BARRIER_MAPPED, /* id maps are written, limits (but of devices) are in force */
	BARRIER_HOOKS, /* mounts are done, the root is not yet changed: prestart, createRuntime, rlimits */
	BARRIER_READY, /* everything but execve is done: the host commits the state file */
	/*
	 * In the place of READY where no `start` comes later: everything but the process is done.  Init
	 * does not wait here but at START_GATE, and goes on while the host commits.
	 */
	BARRIER_BUILT,
	BARRIER_KINDS
};

/* ---- namespaces ---- */

struct op_barrier {
	uint32_t id;  /* enum barrier */
	uint8_t open; /* READY: the host has nothing to do there, and nobody waits for nobody */
};

struct op_id_maps {
	plan_str uid_map, gid_map; /* lines of uid_map(5): "0 1000 1\n" */
	uint8_t deny_setgroups;	   /* user_namespaces(7): needed when the writer has no privilege */
	uint8_t use_helpers;	   /* newuidmap(1), newgidmap(1) */
};

struct op_userns_root {	  /* become uid and gid 0 of the user namespace */
	uint8_t optional; /* a joined one: 0 may not be mapped there, which is no error */
};

/* Writes 0 to each of the descriptors that the host handed over, which may be none. */
struct op_join_cgroup {
	uint8_t unused;
};

/* The same with the one descriptor of a cgroup below the container's, which the namespace shows. */
struct op_delegated_cgroup {
	uint8_t unused;
};

struct op_cpu_affinity {       /* where the cgroup has been joined */
	struct plan_u32s cpus; /* the bit mask, lowest 32 processors first */
	uint8_t any;	       /* instead: all that the cgroup has */
};

struct op_join_ns {
	uint32_t type; /* CLONE_NEW*; several of a SLOT_PROCESS.  setns(2) gets and checks it */
	plan_slot slot;
	plan_str path; /* for the message */
};

struct op_unshare {
	uint32_t flags; /* CLONE_NEW* */
};

struct op_time_offsets {
	plan_str text; /* lines of time_namespaces(7) */
};

/*
 * clone(CLONE_PARENT) and go on in the child: a joined or unshared pid namespace and an
 * unshared time namespace count for children only.
 */
struct op_refork {
	uint8_t unused;
};

struct op_session { /* setsid(2) */
	uint8_t unused;
};

struct op_keyring {
	plan_str name;
	plan_str label; /* SELinux */
};

struct op_loopback { /* sets "lo" up in a new network namespace */
	uint8_t unused;
};

struct op_net_device {
	plan_str name, new_name;
};

#define RLIMIT_FDS_PLENTY 1024 /* more than init has open: it closes most of it late */

struct op_rlimit {
	uint64_t soft, hard;
	uint32_t resource; /* RLIMIT_* */
	uint8_t late;	   /* less than init may need: it lowers it itself, at CLOSE_FDS */
};

struct op_oom_score {
	int32_t value;
};

struct op_intel_rdt {
	plan_str clos_id; /* "" is the root group */
	plan_str l3, mb;  /* lines for schemata, or "" */
	struct plan_vec schemata;
	uint8_t clos_given; /* linux.intelRdt.closID is set */
	uint8_t monitoring;
	plan_str id; /* of the container: name of the monitoring group */
};

/* ---- the root file system ---- */

/* Opens a bind source in init's own copy of the host's mounts, before anything is mounted. */
struct op_open_source {
	plan_str path;
	plan_slot slot;
	uint8_t nofollow;
	uint8_t directory; /* anything else is an error */
	uint8_t procfs;	   /* must be on procfs */
};

/*
 * Makes the root file system a mount of its own, which shares events with no
 * mount of the host.  What there is to work with is the kind of its slot:
 * SLOT_TREE a detached mount, SLOT_BY_INIT a directory to bind, SLOT_ROOTFS a
 * directory to be used as it is, since there is no mount namespace to change.
 */
struct op_rootfs {
	plan_str path; /* absolute, on the host */
	plan_slot slot;
	/* MS_* for "/" before anything is mounted: usually MS_REC|MS_SLAVE; 0: leave */
	uint32_t propagation;
};

/*
 * One more process of a container that is there: its root directory is that of the
 * mount namespace that has been joined, or, when there is none, that of .root.
 */
struct op_enter {
	plan_slot root; /* SLOT_ROOTFS, or SLOT_NONE */
};

/* struct op_mount.flags */
enum {
	MOUNT_BIND = 1 << 0,
	MOUNT_RECURSIVE = 1 << 1, /* rbind */
	MOUNT_REMOUNT = 1 << 2,
	MOUNT_COPY_UP = 1 << 3, /* tmpcopyup */
	MOUNT_SRC_NOFOLLOW = 1 << 4,
	MOUNT_DEST_NOFOLLOW = 1 << 5,
	MOUNT_COPY_SYMLINK = 1 << 6,
	MOUNT_IDMAP_RECURSIVE = 1 << 7,
	MOUNT_KEEP_MODE = 1 << 8,    /* tmpfs without mode=: that of the directory it covers */
	MOUNT_DATA_IGNORED = 1 << 9, /* options left on a bind: warned about, not passed */
	MOUNT_OR_BIND =
		1 << 10, /* sysfs, mqueue, cgroup: when refused, bind .fallback and all below it */
	MOUNT_FALLBACK_READONLY = 1 << 11, /* ... read-only with everything below */
	MOUNT_ON_PROC =
		1 << 12, /* may cover something that is on procfs; all else is refused there */
};

struct op_mount {
	plan_str target; /* as in the config, always with a leading '/' */
	plan_str source, type;
	plan_str data;	     /* options for the file system, joined by commas */
	plan_str fallback;   /* with MOUNT_OR_BIND: a directory of the host, by its path there */
	uint32_t set, clear; /* MOUNT_ATTR_* (mount_setattr(2)) of the mount itself */
	uint32_t rec_set, rec_clear; /* and of everything below it */
	uint32_t sb_set,
		sb_clear; /* MS_* of the superblock: SYNCHRONOUS, DIRSYNC, LAZYTIME, RDONLY ... */
	uint8_t propagation[4]; /* enum plan_propagation in the order given; 0 ends it */
	uint16_t flags;
	/*
	 * bind: the source; SLOT_TREE is a detached mount (idmapped already when the slot says so),
	 * SLOT_BY_INIT a place to bind from.  remount: the root of the mount to change, which an
	 * earlier .keep left here, or SLOT_NONE: look it up by .target.
	 */
	plan_slot slot;
	plan_slot
		keep; /* SLOT_BY_INIT: leave the new mount's root open here, for a later remount */
	plan_slot userns; /* idmap of a new file system: a user namespace with the mapping */
};

enum plan_propagation {
	PROPAGATE_PRIVATE = 1,
	PROPAGATE_SHARED,
	PROPAGATE_SLAVE,
	PROPAGATE_UNBINDABLE,
	PROPAGATE_RECURSIVE = 0x80,
};

/*
 * Cgroups of v1: a tmpfs in which each of .targets is a bind of the container's cgroup in one
 * hierarchy.  Made where nobody can reach it and attached as a whole, if the kernel can do that
 * (6.15): all of it has the attributes of .mount.
 */
struct op_cgroup_tree {
	struct op_mount mount;	 /* of the tmpfs */
	struct plan_vec targets; /* "/sys/fs/cgroup/cpu,cpuacct" */
	plan_slot slot;		 /* the first one's; those of the others follow */
	struct plan_vec links;	 /* of each its path and its text */
};

/* A device node; bound from the host when mknod(2) is refused (user namespaces). */
struct op_device {
	plan_str path;
	uint32_t type; /* S_IFCHR, S_IFBLK, S_IFIFO */
	uint32_t major, minor;
	uint32_t mode;	   /* permission bits */
	uint32_t uid, gid; /* in the container */
	uint8_t bind;	   /* mknod is known not to work: bind at once */
	uint8_t is_default; /* one of the spec's default devices: an image's own matching node is kept */
};

/* A directory that has to be there before the root becomes read-only: process.cwd. */
struct op_directory {
	plan_str path;
	uint32_t mode; /* of what is made, parents too */
};

struct op_symlink {
	plan_str path;
	plan_str target; /* literal text of the link */
	plan_str needs;	 /* made only if this exists in the container; "" always */
};

struct op_console {
	uint16_t height, width; /* 0: not set */
	uint32_t uid;
	uint8_t bind;	  /* over /dev/console */
	uint8_t newlines; /* come out as they were written: yacr itself passes them on */
};

struct op_host_hook {
	uint32_t kind; /* enum hook_kind of the config; the host has the rest there */
	uint32_t index;
};

struct op_hook {
	plan_str path;
	struct plan_vec argv, env;
	uint8_t inherit_env;		 /* the runtime's own environment; .env is empty then */
	int64_t timeout;		 /* seconds; 0: none */
	plan_str state_head, state_tail; /* the state's JSON around the pid, which is getpid()'s */
	plan_str what;			 /* "createContainer hook #0", counted as in the config */
	plan_slot out, err;		 /* SLOT_LOG: where its output goes as well; or SLOT_NONE */
};

enum { PIVOT_ROOT = 1, PIVOT_MOVE, PIVOT_CHROOT };

struct op_pivot {
	uint32_t how; /* PIVOT_MOVE: --no-pivot; PIVOT_CHROOT: no mount namespace of its own */
};

struct op_propagation {
	uint32_t flags; /* MS_SHARED, MS_SLAVE, MS_PRIVATE, MS_UNBINDABLE, perhaps | MS_REC */
};

struct op_hostname {
	plan_str name;
};

struct op_domainname {
	plan_str name;
};

struct op_sysctl {
	/* below /proc/sys, with slashes: the form that was checked is the form written */
	plan_str file;
	plan_str value;
};

struct op_readonly_path {
	plan_str path;
};

struct op_masked_path {
	plan_str path;
	plan_str data; /* more options for the empty tmpfs that covers a directory: its label */
};

struct op_readonly_root {
	uint8_t unused;
};

/* ---- the process ---- */

struct op_scheduler { /* sched_setattr(2) */
	uint64_t flags, runtime, deadline, period;
	uint32_t policy, priority;
	int32_t nice;
};

struct op_io_priority {
	uint32_t value; /* class << 13 | priority */
};

struct op_personality {
	uint32_t domain;
};

struct op_memory_policy {
	uint32_t mode;
	struct plan_u32s nodes; /* the bit mask, lowest 32 nodes first */
};

struct op_cwd {
	plan_str path;
	uint8_t again; /* second try, after the ids changed; the first may fail with EACCES */
};

struct op_bounding {
	uint64_t keep; /* bit n: CAP_n */
};

/* What of 0, 1, 2 is the null device becomes the container's; terminals and pipes are given to @uid. */
struct op_stdio {
	uint32_t uid;
};

struct op_ids {
	uint32_t uid, gid, umask;
	struct plan_u32s groups;
	uint8_t no_setgroups; /* the user namespace denies it */
	uint8_t keep_groups;  /* run.oci.keep_original_groups */
};

/* What the process does not have itself is left out with a warning (config.md "capabilities"). */
struct op_capabilities {
	uint64_t effective, permitted, inheritable, ambient;
};

struct op_no_new_privs {
	uint8_t unused;
};

enum { LABEL_APPARMOR = 1, LABEL_SELINUX };

struct op_exec_label {
	uint32_t lsm;
	plan_str label;
};

/* Finds args[0] on the container's PATH at create, so that its absence is an error of create. */
struct op_find_executable {
	plan_str file; /* args[0] */
	plan_str path; /* PATH of process.env, "" for the default */
};

/* Answers the host that it is ready, then waits in accept(2) for `start`. */
struct op_start_gate {
	uint8_t unused;
};

struct op_close_fds {
	uint32_t keep; /* 3 + --preserve-fds: the lowest descriptor to close */
};

struct op_seccomp {
	plan_slot slot;		 /* unused without a listener */
	uint32_t flags;		 /* SECCOMP_FILTER_FLAG_* */
	uint8_t notify;		 /* the filter has SCMP_ACT_NOTIFY: the listener goes to the host */
	uint32_t program, count; /* heap offset, aligned to 8, of struct sock_filter[count] */
};

struct op_exec {
	struct plan_vec argv, env;
	uint8_t no_process; /* config has none: start is an error */
	uint8_t listen_pid; /* "LISTEN_PID=1" in .env is to be the program's own */
};

struct op {
	uint16_t kind; /* enum op_kind */
	plan_str at;   /* path in config.json, "mounts[3]"; "" when it is a default of yacr's */
	union {
#define X(NAME, name, side) struct op_##name name;
		PLAN_OPS(X)
#undef X
	};
};

/* Who opens a slot, and as what. */
enum slot_kind {
	SLOT_NAMESPACE = 1, /* O_RDONLY, checked to be nsfs of .type */
	SLOT_ROOTFS,	    /* a directory, O_PATH */
	SLOT_TREE, /* a detached mount (open_tree(2) with OPEN_TREE_CLONE), idmapped by .userns */
	SLOT_BY_INIT, /* an operation of init fills it: OPEN_SOURCE, or .keep of a MOUNT */
	SLOT_IDMAP,   /* a user namespace made for uid_map and gid_map */
	SLOT_LOG,     /* a regular file of the host to append to */
	SLOT_PROCESS, /* the process .pid, for the sake of its namespaces: ns_process() */
};

/* Slots are opened in this order; one names only earlier ones. */
struct slot {
	uint16_t kind;		     /* enum slot_kind */
	uint8_t recursive, nofollow; /* SLOT_TREE */
	uint8_t directory;	     /* SLOT_TREE, SLOT_ROOTFS: anything else is an error */
	uint8_t procfs;		     /* SLOT_TREE: must be on procfs */
	uint8_t idmap_recursive;
	uint8_t born_in; /* of a pid namespace, or of a process in it: init is forked into it, without JOIN_NS */
	uint8_t as_is; /* SLOT_TREE: who attaches it sees to its attributes and propagation */
	plan_slot
		userns; /* SLOT_TREE: SLOT_IDMAP, or SLOT_NAMESPACE of a user namespace; or SLOT_NONE */
	uint32_t type; /* SLOT_NAMESPACE: CLONE_NEW* */
	uint32_t pid;  /* SLOT_PROCESS */
	plan_str path;
	plan_str uid_map, gid_map; /* SLOT_IDMAP; SLOT_NAMESPACE: what it has to have, or "" */
	plan_str at;		   /* path in config.json */
};

struct plan {
	struct op *ops;
	struct slot *slots;
	char *heap; /* its first byte and its last are '\0' */
	uint32_t op_count, slot_count, heap_size;

	uint32_t clone_flags; /* CLONE_NEW* of namespaces to create in clone3(2) itself */
	uint8_t terminal;
	uint8_t own_mount_ns; /* one that is not the host's: new or joined */
	uint8_t join_userns;  /* a path: all other namespaces are made by UNSHARE after it */
};

static inline plan_str plan_item(const struct plan *p, struct plan_vec v, uint32_t i)
{
	uint64_t cell;

	__builtin_memcpy(&cell, p->heap + v.at + i * sizeof(cell), sizeof(cell));
	return (plan_str)cell;
}

/* The bind number @i of @op, of which most are none: 1 and in @out, or 0. */
static inline int plan_bind(const struct plan *p, const struct op *op, uint32_t i,
			    struct op_mount *out)
{
	const struct op_cgroup_tree *t = &op->cgroup_tree;

	if (op->kind == OP_MOUNT && (op->mount.flags & MOUNT_BIND) && i == 0) {
		*out = op->mount;
		return 1;
	}
	if (op->kind != OP_CGROUP_TREE || i >= t->targets.count)
		return 0;
	*out = (struct op_mount){
		.target = plan_item(p, t->targets, i),
		.source = p->slots[t->slot + i].path,
		.slot = (plan_slot)(t->slot + i),
		.keep = SLOT_NONE,
		.userns = SLOT_NONE,
		.flags = MOUNT_BIND,
		.set = t->mount.set,
		.clear = t->mount.clear,
		.propagation = {PROPAGATE_SLAVE},
	};
	return 1;
}

static inline const char *plan_text(const struct plan *p, plan_str s)
{
	return p->heap + s;
}

#endif
