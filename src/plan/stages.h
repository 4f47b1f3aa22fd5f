/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_PLAN_STAGES_H
#define YACR_PLAN_STAGES_H

/*
 * The compiler's parts.  Each adds its operations at the end of the plan, so
 * that the order of the calls in compile.c is the order of execution.
 */

#include "plan/build.h"
#include "plan/compile.h"

struct compile {
	struct builder b;
	struct arena *arena;
	const struct config *config;
	const struct plan_options *options;
	const struct facts *facts;

	uint32_t made, joined; /* CLONE_NEW*: namespaces without and with a path */
	bool exec;	       /* one more process, no container: plan_compile_exec() */
	bool own_mount_ns;     /* made or joined */
	bool userns; /* in a user namespace that is not the initial one, in whatever way */
	bool trees;  /* the host can open detached mounts: sources need no OPEN_SOURCE */
	bool no_setgroups;
	uint64_t bounding;	      /* set with the BOUNDING operation */
	plan_slot hook_out, hook_err; /* set by compile_hook_logs() */
	LIST(struct op) last_mounts;  /* remounts to read-only, when all is in place */
};

/* One of the container's own: made or joined. */
static inline bool has_ns(const struct compile *c, uint32_t type)
{
	return (c->made | c->joined) & type;
}

void compile_warn(const struct compile *c, const char *at, const char *fmt, ...) PRINTF_LIKE(3, 4);

/* "mounts[3]" and the like, in the arena. */
const char *compile_at(const struct compile *c, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* @path, or below the bundle when it is relative; in the arena. */
const char *compile_host_path(const struct compile *c, const char *path);

/*
 * Has the source of a bind mount opened by who can: the host, as a detached
 * mount, or init.  Of @want kind, type and path are set here.
 */
plan_slot compile_source(struct compile *c, struct slot want, const char *path, const char *at);

/* c_namespaces.c, c_idmaps.c */
int survey_namespaces(struct compile *c, struct error *e);
int compile_namespaces(struct compile *c, struct plan *out, struct error *e);
int compile_id_maps(struct compile *c, struct error *e);
bool ids_are_known(const struct compile *c);
bool uid_is_mapped(const struct compile *c, uint32_t uid); /* true when the maps are not known */
bool gid_is_mapped(const struct compile *c, uint32_t gid);
plan_str compile_id_lines(struct compile *c, const id_mappings *m);

/* c_mounts.c, c_cgroup_mounts.c */
int compile_rootfs(struct compile *c, struct error *e);
int compile_mounts(struct compile *c, struct error *e);
/* Options @data of a new file system and, where SELinux is there, linux.mountLabel. */
plan_str compile_labelled(struct compile *c, const char *data);
int compile_cgroup_mount(struct compile *c, struct op_mount m, const char *at, struct error *e);
void compile_mount(struct compile *c, struct op_mount m, const char *at);
void compile_cgroup_tree(struct compile *c, struct op_cgroup_tree t, const char *at);
/* For op_mount.keep: the mount becomes read-only with compile_last_mounts(). */
plan_slot compile_keep(struct compile *c, const struct op_mount *m, const char *at);
void compile_last_mounts(struct compile *c);

/* c_devices.c */
int compile_devices(struct compile *c, struct error *e);
void compile_console(struct compile *c);

/* c_hooks.c */
void compile_hook_logs(struct compile *c);
void compile_host_hooks(struct compile *c);
int compile_hooks(struct compile *c, enum hook_kind kind, struct error *e);

/* c_paths.c */
void compile_pivot(struct compile *c);
int compile_paths(struct compile *c, struct error *e);

/* c_resources.c: what the host does to the process */
void compile_rlimits(struct compile *c);
void compile_host_setup(struct compile *c);
int compile_net_devices(struct compile *c, struct error *e);

/* c_process.c, c_creds.c */
int compile_cpu_affinity(struct compile *c, struct error *e);
int compile_process(struct compile *c, struct error *e);
int compile_creds(struct compile *c, struct error *e);
void compile_capabilities(struct compile *c);
void compile_exec(struct compile *c);

#endif
