/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/sched.h>

#include "base/str.h"
#include "plan/stages.h"
#include "spec/names.h"
#include "spec/state.h"

/*
 * Which namespaces are made by the clone, which by unshare(2) and which are
 * joined, in an order in which every step still has the privilege it needs.
 *
 * Usually clone3(2) makes all but three: the cgroup namespace takes its root from
 * where the process is, so the process goes to its cgroup first; the offsets of a
 * time namespace can be written only before somebody is in it; and the directory
 * of message queues belongs to who makes the ipc namespace, which is to be root of
 * the new user namespace.
 *
 * A pid namespace is for children.  So with privilege the host joins it and forks; without, init has
 * to become root of the user namespace first and forks once more (REFORK).
 *
 * A user namespace gives away the privilege over what belongs to its parent.
 * So one that is joined goes before all others when there is no privilege to
 * lose, and after them when there is; and one that is made is left to
 * unshare(2) when others have to be joined with the host's privilege first.
 *
 * Those that an added process (exec) joins are all of one process: the kernel joins them
 * at once, with the privilege of before.
 */

#define ALL_NAMESPACES                                                                             \
	(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWNS | \
	 CLONE_NEWCGROUP | CLONE_NEWTIME)

/* The mount namespace last: it changes the root and the working directory. */
static const uint32_t join_order[] = {
	CLONE_NEWIPC,  CLONE_NEWUTS,	CLONE_NEWNET, CLONE_NEWPID,
	CLONE_NEWTIME, CLONE_NEWCGROUP, CLONE_NEWNS,
};

static size_t index_of(const struct compile *c, uint32_t type)
{
	size_t i = 0;

	while ((uint32_t)c->config->linux_.namespaces.v[i].type != type)
		i++;
	return i;
}

static const char *at_of(const struct compile *c, uint32_t type)
{
	/* What exec joins nobody has written down. */
	return c->exec ? "" : compile_at(c, "linux.namespaces[%zu]", index_of(c, type));
}

static void survey_config(struct compile *c)
{
	FOR_EACH(ns, c->config->linux_.namespaces) {
		if (ns->path && *ns->path)
			c->joined |= (uint32_t)ns->type;
		else
			c->made |= (uint32_t)ns->type;
	}
}

int survey_namespaces(struct compile *c, struct error *e)
{
	if (c->exec)
		c->joined = c->options->join;
	else
		survey_config(c);
	c->own_mount_ns = has_ns(c, CLONE_NEWNS);
	c->userns = has_ns(c, CLONE_NEWUSER) || c->facts->in_userns;
	c->trees = c->facts->privileged && c->facts->mount_api;

	if (!c->exec && has_ns(c, CLONE_NEWTIME) && !c->facts->time_ns)
		return fail_at(e, at_of(c, CLONE_NEWTIME), 0,
			       "this kernel has no time namespaces (Linux 5.6 has)");
	if (!c->facts->privileged && !has_ns(c, CLONE_NEWUSER))
		return fail_at(e, "linux.namespaces", 0,
			       "who is not root needs a \"user\" namespace for a container");
	return 0;
}

/* Root of a user namespace could not go back: the pid namespace that it is in may be its parent's. */
static bool is_born_in(const struct compile *c, uint32_t type)
{
	return type == CLONE_NEWPID && c->facts->privileged && c->facts->euid == 0 &&
	       !c->facts->in_userns;
}

static plan_slot namespace_slot(struct compile *c, uint32_t type, const char *at)
{
	const struct linux_config *l = &c->config->linux_;
	const struct namespace *ns = &l->namespaces.v[index_of(c, type)];
	bool maps = type == CLONE_NEWUSER;

	return build_slot(&c->b,
			  (struct slot){.kind = SLOT_NAMESPACE,
					.type = type,
					.born_in = is_born_in(c, type),
					.uid_map = maps ? compile_id_lines(c, &l->uid_mappings) : 0,
					.gid_map = maps ? compile_id_lines(c, &l->gid_mappings) : 0,
					.userns = SLOT_NONE,
					.path = build_str(&c->b, ns->path),
					.at = build_str(&c->b, at)});
}

static void join_one(struct compile *c, uint32_t type)
{
	const char *at;
	plan_slot slot;

	if (!(c->joined & type))
		return;
	at = at_of(c, type);
	slot = namespace_slot(c, type, at);
	if (is_born_in(c, type))
		return;
	BUILD(&c->b, JOIN_NS, join_ns, at, .type = type, .slot = slot,
	      .path = build_str(&c->b, c->config->linux_.namespaces.v[index_of(c, type)].path));
}

static void join_process(struct compile *c)
{
	const struct plan_options *o = c->options;
	bool born_in = is_born_in(c, c->joined & CLONE_NEWPID);
	uint32_t types = born_in ? c->joined & ~CLONE_NEWPID : c->joined;
	plan_slot slot;

	if (!c->joined)
		return;
	slot = build_slot(&c->b, (struct slot){.kind = SLOT_PROCESS,
					       .pid = o->pid,
					       .born_in = born_in,
					       .userns = SLOT_NONE});
	if (types)
		BUILD(&c->b, JOIN_NS, join_ns, "", .type = types, .slot = slot,
		      .path = build_printf(&c->b, "/proc/%u/ns", o->pid));
}

static void join(struct compile *c, uint32_t types)
{
	if (c->exec) {
		join_process(c);
		return;
	}
	if (!c->facts->privileged)
		join_one(c, CLONE_NEWUSER & types);
	for (size_t i = 0; i < ARRAY_SIZE(join_order); i++)
		join_one(c, join_order[i] & types);
	if (c->facts->privileged)
		join_one(c, CLONE_NEWUSER & types);
}

static void unshare(struct compile *c, uint32_t types)
{
	if (types)
		BUILD(&c->b, UNSHARE, unshare, "linux.namespaces", .flags = types);
}

/* Id 0 need not be mapped; then the process stays what it is, with all capabilities in there. */
static void become_root(struct compile *c)
{
	if (c->joined & CLONE_NEWUSER)
		BUILD(&c->b, USERNS_ROOT, userns_root, at_of(c, CLONE_NEWUSER), .optional = 1);
	else if ((c->made & CLONE_NEWUSER) && uid_is_mapped(c, 0) && gid_is_mapped(c, 0))
		BUILD(&c->b, USERNS_ROOT, userns_root, "linux.uidMappings");
}

/* cgroup2 is joined by being born there; the v1 trees are joined by init itself. */
static void join_cgroup(struct compile *c)
{
	const struct cgroup_place *place = c->options->cgroup;

	if (c->facts->cgroup != CGROUP_V1 && c->facts->cgroup != CGROUP_HYBRID)
		return;
	if (place && place->driver == CGROUP_DRIVER_DISABLED)
		return;
	BUILD(&c->b, JOIN_CGROUP, join_cgroup,
	      c->config->linux_.cgroups_path ? "linux.cgroupsPath" : "");
}

/* run.oci.delegate-cgroup: the namespace's root is the container's cgroup, its process is below. */
static void delegated_cgroup(struct compile *c)
{
	const struct cgroup_place *place = c->options->cgroup;

	if (!c->exec && config_annotation(c->config, ANNOTATION_DELEGATE) &&
	    c->facts->cgroup == CGROUP_V2 && place && place->driver != CGROUP_DRIVER_DISABLED)
		BUILD(&c->b, DELEGATED_CGROUP, delegated_cgroup,
		      "annotations." ANNOTATION_DELEGATE);
}

static void time_offsets(struct compile *c)
{
	struct buf text = buf_new(c->arena);

	FOR_EACH(o, c->config->linux_.time_offsets)
		buf_printf(&text, "%s %lld %u\n", o->clock, (long long)o->secs, o->nanosecs);
	if (text.len)
		BUILD(&c->b, TIME_OFFSETS, time_offsets, "linux.timeOffsets",
		      .text = build_str(&c->b, text.s));
}

static void session(struct compile *c)
{
	const struct process *p = c->config->process;

	BUILD(&c->b, SESSION, session, "");
	if (!c->options->no_new_keyring)
		BUILD(&c->b, KEYRING, keyring, "",
		      .name = build_printf(&c->b, "_ses.%s", c->options->id),
		      .label = c->facts->selinux && p ? build_str(&c->b, p->selinux_label) : 0);
	if (c->made & CLONE_NEWNET)
		BUILD(&c->b, LOOPBACK, loopback, "");
}

/* A new pid or time namespace is for children; so is that of another, unless init was born in it. */
static bool forks_again(const struct compile *c, uint32_t unshared)
{
	return (unshared & (CLONE_NEWPID | CLONE_NEWTIME)) ||
	       ((c->joined & CLONE_NEWPID) && !is_born_in(c, CLONE_NEWPID));
}

static void join_after_maps(struct compile *c, bool join_first)
{
	bool joins_user = c->joined & CLONE_NEWUSER;

	if (join_first || !joins_user)
		become_root(c);
	join(c, join_first ? CLONE_NEWCGROUP : ALL_NAMESPACES);
	if (!join_first && joins_user)
		become_root(c);
}

int compile_namespaces(struct compile *c, struct plan *out, struct error *e)
{
	const uint32_t user = CLONE_NEWUSER, cgroup = CLONE_NEWCGROUP;
	bool join_first = (c->made & user) && c->joined && c->facts->privileged;
	bool by_clone = !join_first && !(c->joined & user);
	uint32_t late = cgroup | CLONE_NEWTIME;
	uint32_t rest;
	bool early;

	if (c->made & user)
		late |= CLONE_NEWIPC;
	/* A new pid namespace's first process could not fork a sibling: see REFORK. */
	if (c->made & CLONE_NEWTIME)
		late |= CLONE_NEWPID;
	out->clone_flags = by_clone ? c->made & ~late : 0;
	out->join_userns = (c->joined & user) != 0;
	rest = c->made & ~out->clone_flags & ~(join_first ? user : 0);
	/* Whose root it is and which process stays is known: then while the host writes limits. */
	early = !((c->made | c->joined) & user) && !forks_again(c, rest);
	if (early)
		session(c);
	if (join_first) {
		join(c, ALL_NAMESPACES & ~cgroup);
		unshare(c, user);
		BUILD(&c->b, BARRIER, barrier, "", .id = BARRIER_USERNS);
	}
	if (compile_id_maps(c, e) < 0)
		return -1;
	compile_host_setup(c);
	BUILD(&c->b, BARRIER, barrier, "", .id = BARRIER_MAPPED);

	/* The cgroup's files were opened by the host, and the kernel asks for the opener's privilege. */
	join_cgroup(c);
	if (compile_cpu_affinity(c, e) < 0)
		return -1;
	join_after_maps(c, join_first);
	unshare(c, rest);
	delegated_cgroup(c);
	if (c->made & CLONE_NEWTIME)
		time_offsets(c);
	if (forks_again(c, rest))
		BUILD(&c->b, REFORK, refork,
		      at_of(c, has_ns(c, CLONE_NEWPID) ? CLONE_NEWPID : CLONE_NEWTIME));
	if (!early)
		session(c);
	return 0;
}
