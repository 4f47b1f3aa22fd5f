/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/mount.h>
#include <linux/sched.h>
#include <string.h>

#include "base/str.h"
#include "plan/stages.h"
#include "spec/mountopt.h"

/* ---- what a mount is mounted from ---- */

plan_slot compile_source(struct compile *c, struct slot want, const char *path, const char *at)
{
	plan_slot slot;

	want.kind = c->trees ? SLOT_TREE : SLOT_BY_INIT;
	want.as_is = want.as_is && c->trees;
	want.path = build_str(&c->b, path);
	want.at = build_str(&c->b, at);
	slot = build_slot(&c->b, want);
	if (!c->trees)
		BUILD(&c->b, OPEN_SOURCE, open_source, at, .path = want.path, .slot = slot,
		      .nofollow = want.nofollow, .directory = want.directory,
		      .procfs = want.procfs);
	return slot;
}

/*
 * With a shared root the volumes below it may pass their mounts on to the host,
 * so it is not cut off from there; in all other cases it is, at once.
 */
static uint32_t early_propagation(const char *wanted)
{
	if (wanted && str_eq(wanted, "shared"))
		return MS_SHARED;
	if (wanted && str_eq(wanted, "rshared"))
		return MS_SHARED | MS_REC;
	return MS_SLAVE | MS_REC;
}

int compile_rootfs(struct compile *c, struct error *e)
{
	const struct root *root = c->config->root;
	struct slot want = {.userns = SLOT_NONE, .directory = 1, .recursive = 1};
	const char *path;
	plan_slot slot;

	if (!root || !root->path || !*root->path)
		return fail_at(e, "root", 0, "a container needs a root file system");
	path = compile_host_path(c, root->path);
	if (c->own_mount_ns) {
		slot = compile_source(c, want, path, "root.path");
	} else {
		want = (struct slot){.kind = SLOT_ROOTFS,
				     .userns = SLOT_NONE,
				     .directory = 1,
				     .path = build_str(&c->b, path),
				     .at = build_str(&c->b, "root.path")};
		slot = build_slot(&c->b, want);
	}
	BUILD(&c->b, ROOTFS, rootfs, "root.path", .path = build_str(&c->b, path), .slot = slot,
	      .propagation = c->own_mount_ns
				     ? early_propagation(c->config->linux_.rootfs_propagation)
				     : 0);
	return 0;
}

/* ---- where it goes ---- */

/* What the file system of lxcfs(1) and engines put over single files of /proc. */
static const char *const over_proc[] = {
	"/proc/cpuinfo",
	"/proc/diskstats",
	"/proc/loadavg",
	"/proc/meminfo",
	"/proc/net/dev",
	"/proc/slabinfo",
	"/proc/stat",
	"/proc/swaps",
	"/proc/sys/crypto/fips_enabled",
	"/proc/sys/kernel/ns_last_pid",
	"/proc/uptime",
	NULL,
};

/*
 * @path without "//", "/./" and "/../", for comparing only: whether a symlink
 * leads elsewhere is seen when it is mounted.
 */
static const char *lexical(const struct compile *c, const char *path)
{
	char *out = arena_alloc(c->arena, strlen(path) + 2);
	size_t len = 0;

	while (*path) {
		size_t n = strcspn(path, "/");

		if (n == 2 && path[0] == '.' && path[1] == '.') {
			while (len && out[--len] != '/')
				;
		} else if (n && !(n == 1 && path[0] == '.')) {
			out[len++] = '/';
			memcpy(out + len, path, n);
			len += n;
		}
		path += n + (path[n] == '/');
	}
	if (!len)
		out[len++] = '/';
	out[len] = '\0';
	return out;
}

/*
 * What is mounted over a file of /proc answers for the kernel, also when it is
 * asked whether a label was applied (CVE-2019-16884).  So nothing goes there
 * but procfs itself and a few files that only inform.
 */
static int check_target(struct op_mount *m, const char *path, struct error *e)
{
	static const char at[] = "destination";

	if (str_eq(path, "/"))
		return fail_at(e, at, 0, "a mount on \"/\" would hide the root file system");
	if (str_eq(path, "/proc"))
		m->flags |= MOUNT_ON_PROC;
	if (!str_starts(path, "/proc/"))
		return 0;
	for (const char *const *p = over_proc; *p; p++)
		if (str_eq(path, *p)) {
			m->flags |= MOUNT_ON_PROC;
			return 0;
		}
	return fail_at(e, at, 0, "\"%s\" is inside /proc, where nothing may be mounted", path);
}

/* ---- options ---- */

static bool has_option(const char *data, const char *name)
{
	for (const char *s = data; *s; s += strcspn(s, ",")) {
		s += *s == ',';
		if (str_starts(s, name))
			return true;
	}
	return false;
}

/* The options without "gid=N" when N does not exist in there: the kernel would refuse them all. */
static const char *devpts_data(const struct compile *c, const char *data)
{
	struct buf out = buf_new(c->arena);

	while (*data) {
		size_t n = strcspn(data, ",");
		char number[16] = "";
		uint64_t gid;

		if (n < sizeof(number) && str_starts(data, "gid="))
			memcpy(number, data + 4, n - 4);
		if (str_to_u64(number, UINT32_MAX, &gid) < 0 || gid_is_mapped(c, (uint32_t)gid)) {
			if (out.len)
				buf_putc(&out, ',');
			buf_add(&out, data, n);
		}
		data += n + (data[n] == ',');
	}
	return out.len ? out.s : "";
}

/* As mount(2) takes it: the quotes are for the commas of a label. */
plan_str compile_labelled(struct compile *c, const char *data)
{
	const char *label = c->config->linux_.mount_label;
	const char *type = config_annotation(c->config, ANNOTATION_MOUNT_CONTEXT);

	if (!c->facts->selinux || !label)
		return build_str(&c->b, data);
	return build_printf(&c->b, "%s%s%s=\"%s\"", data, *data ? "," : "", type ? type : "context",
			    label);
}

static uint16_t flags_of(const struct mount_options *o)
{
	return (uint16_t)((o->bind ? MOUNT_BIND : 0) | (o->recursive ? MOUNT_RECURSIVE : 0) |
			  (o->remount ? MOUNT_REMOUNT : 0) | (o->copy_up ? MOUNT_COPY_UP : 0) |
			  (o->src_nofollow ? MOUNT_SRC_NOFOLLOW : 0) |
			  (o->dest_nofollow ? MOUNT_DEST_NOFOLLOW : 0) |
			  (o->copy_symlink ? MOUNT_COPY_SYMLINK : 0) |
			  (o->idmap_recursive ? MOUNT_IDMAP_RECURSIVE : 0));
}

/* ---- idmapped mounts ---- */

/* The user namespace whose maps apply: one made for this mount, or the container's. */
static int idmap_slot(struct compile *c, const struct mount *m, const char *at, plan_slot *out,
		      struct error *e)
{
	const id_mappings *uids = &m->uid_mappings, *gids = &m->gid_mappings;

	if (!uids->n && !gids->n) {
		uids = &c->config->linux_.uid_mappings;
		gids = &c->config->linux_.gid_mappings;
		if (!has_ns(c, CLONE_NEWUSER))
			return fail_at(
				e, at, 0,
				"an idmapped mount needs mappings, its own or a user namespace's");
	}
	if (!uids->n || !gids->n)
		return fail_at(e, at, 0,
			       "an idmapped mount needs both uidMappings and gidMappings");
	if (!c->trees || !c->facts->mount_setattr)
		return fail_at(e, at, 0, "idmapped mounts need root and Linux 5.12");
	*out = build_slot(&c->b, (struct slot){.kind = SLOT_IDMAP,
					       .userns = SLOT_NONE,
					       .uid_map = compile_id_lines(c, uids),
					       .gid_map = compile_id_lines(c, gids),
					       .at = build_str(&c->b, at)});
	return 0;
}

/* ---- the kinds of mounts ---- */

/* The first thing that is done to the mount when it is attached takes it from the host's peers. */
static bool is_cut_off(const struct mount_options *o)
{
	uint8_t first = o->propagation[0], kind = first & (uint8_t)~PROPAGATE_RECURSIVE;

	return kind && kind != PROPAGATE_SHARED && (!o->recursive || (first & PROPAGATE_RECURSIVE));
}

static int compile_bind(struct compile *c, struct op_mount *m, const struct mount *mount,
			const struct mount_options *o, const char *place, plan_slot userns,
			const char *at, struct error *e)
{
	struct slot want = {
		.recursive = o->recursive,
		.nofollow = o->src_nofollow || o->copy_symlink,
		.userns = userns,
		.idmap_recursive = o->idmap_recursive,
		.as_is = userns == SLOT_NONE && is_cut_off(o),
		.procfs = str_eq(place, "/proc"),
	};
	const char *path;

	if (!mount->source || !*mount->source)
		return fail_at(e, at, 0, "a bind mount needs a source");
	path = compile_host_path(c, mount->source);
	m->source = build_str(&c->b, path);
	m->slot = compile_source(c, want, path, at);
	if (*o->data) {
		m->flags |= MOUNT_DATA_IGNORED;
		m->data = 0;
		compile_warn(c, at,
			     "a bind mount has no options of a file system: \"%s\" is ignored",
			     o->data);
	}
	return 0;
}

/* Read-only for the whole file system as well, where that is no instance shared with others. */
static const char *const virtual_types[] = {"cgroup", "cgroup2", "devpts", "mqueue",
					    "proc",   "sysfs",	 "tmpfs",  NULL};

static bool is_virtual(const char *type)
{
	for (const char *const *t = virtual_types; *t; t++)
		if (str_eq(*t, type))
			return true;
	return false;
}

static void compile_tmpfs(struct compile *c, struct op_mount *m, const char *data, const char *at)
{
	if (!has_option(data, "mode="))
		m->flags |= MOUNT_KEEP_MODE;
	if (!(m->set & MOUNT_ATTR_RDONLY))
		return;
	/* Other mounts, devices and links have to be made in it first. */
	m->set &= ~(uint32_t)MOUNT_ATTR_RDONLY;
	m->keep = compile_keep(c, m, at);
}

static void compile_file_system(struct compile *c, struct op_mount *m, const struct mount *mount,
				const struct mount_options *o, const char *at)
{
	const char *type = mount->type;

	m->type = build_str(&c->b, type);
	m->source = build_str(&c->b, mount->source && *mount->source ? mount->source : type);
	if (!is_virtual(type) && (m->set & MOUNT_ATTR_RDONLY))
		m->sb_set |= MS_RDONLY;
	const char *data = str_eq(type, "devpts") ? devpts_data(c, o->data) : o->data;
	bool kernels_own = str_eq(type, "proc") || str_eq(type, "sysfs");

	m->data = kernels_own || str_eq(type, "mqueue") ? build_str(&c->b, data)
							: compile_labelled(c, data);
	if (kernels_own) {
		m->flags |=
			MOUNT_DEST_NOFOLLOW; /* the image does not say where they are (CVE-2019-19921) */
	} else if (str_eq(type, "tmpfs")) {
		compile_tmpfs(c, m, o->data, at);
	}

	/*
	 * In a user namespace the kernel gives sysfs only to the owner of the network
	 * namespace and mqueue to that of the ipc namespace.  The host's own sysfs then
	 * shows what a new one would, but also the cgroups that the user may write to.
	 */
	if (str_eq(type, "sysfs") && c->userns && !(c->made & CLONE_NEWNET)) {
		m->flags |= MOUNT_OR_BIND | MOUNT_FALLBACK_READONLY;
		m->fallback = build_str(&c->b, "/sys");
	} else if (str_eq(type, "mqueue") && c->userns && !(c->made & CLONE_NEWIPC)) {
		m->flags |= MOUNT_OR_BIND;
		m->fallback = build_str(&c->b, "/dev/mqueue");
	}
}

/* Remembers that the mount in m->keep becomes read-only when everything is in place. */
static void remount_last(struct compile *c, const struct op_mount *m, const char *at)
{
	struct op op = {
		.kind = OP_MOUNT,
		.at = build_str(&c->b, at),
		.mount = {.target = m->target,
			  .flags = MOUNT_REMOUNT,
			  .set = MOUNT_ATTR_RDONLY,
			  .slot = m->keep,
			  .keep = SLOT_NONE,
			  .userns = SLOT_NONE},
	};

	c->last_mounts.v = arena_more(c->arena, c->last_mounts.v, c->last_mounts.n, sizeof(op));
	c->last_mounts.v[c->last_mounts.n++] = op;
}

void compile_mount(struct compile *c, struct op_mount m, const char *at)
{
	build_op(&c->b, (struct op){.kind = OP_MOUNT, .at = build_str(&c->b, at), .mount = m});
	if (m.keep != SLOT_NONE)
		remount_last(c, &m, at);
}

void compile_cgroup_tree(struct compile *c, struct op_cgroup_tree t, const char *at)
{
	build_op(&c->b,
		 (struct op){.kind = OP_CGROUP_TREE, .at = build_str(&c->b, at), .cgroup_tree = t});
	if (t.mount.keep != SLOT_NONE)
		remount_last(c, &t.mount, at);
}

plan_slot compile_keep(struct compile *c, const struct op_mount *m, const char *at)
{
	return build_slot(&c->b, (struct slot){.kind = SLOT_BY_INIT,
					       .userns = SLOT_NONE,
					       .path = m->target,
					       .at = build_str(&c->b, at)});
}

void compile_last_mounts(struct compile *c)
{
	FOR_EACH(op, c->last_mounts)
		build_op(&c->b, *op);
}

static int compile_one(struct compile *c, size_t i, struct error *e)
{
	const struct mount *mount = &c->config->mounts.v[i];
	const char *at = compile_at(c, "mounts[%zu]", i);
	const char *dest = mount->destination, *place = lexical(c, dest);
	struct op_mount m = {.slot = SLOT_NONE, .keep = SLOT_NONE, .userns = SLOT_NONE};
	plan_slot userns = SLOT_NONE;
	struct mount_options o;
	size_t index = 0;

	if (mount_options_parse(&o, c->arena, &mount->options, &index, e) < 0)
		return error_at_prefix(e, compile_at(c, "%s.options[%zu]", at, index));
	m.target = build_printf(&c->b, "%s%s", dest[0] == '/' ? "" : "/", dest);
	m.data = build_str(&c->b, o.data);
	m.set = o.set, m.clear = o.clear;
	m.rec_set = o.rec_set, m.rec_clear = o.rec_clear;
	m.sb_set = o.sb_set, m.sb_clear = o.sb_clear;
	memcpy(m.propagation, o.propagation, sizeof(m.propagation));
	m.flags = flags_of(&o);

	if (o.remount)
		m.flags |= MOUNT_ON_PROC; /* covers nothing */
	else if (check_target(&m, place, e) < 0)
		return error_at_prefix(e, at);
	if ((m.rec_set || m.rec_clear) && !c->facts->mount_setattr)
		return fail_at(e, at, 0, "recursive mount options need Linux 5.12");
	if ((o.idmap || mount->uid_mappings.n || mount->gid_mappings.n) && !o.remount &&
	    idmap_slot(c, mount, at, &userns, e) < 0)
		return -1;

	if (o.remount) {
		/* of what is there already, found by its place */
	} else if (o.bind) {
		if (compile_bind(c, &m, mount, &o, place, userns, at, e) < 0)
			return -1;
	} else if (!mount->type || !*mount->type || str_eq(mount->type, "bind")) {
		return fail_at(e, at, 0,
			       "a mount needs a type, or the option \"bind\" or \"rbind\"");
	} else if (str_eq(mount->type, "cgroup")) {
		return compile_cgroup_mount(c, m, at, e);
	} else {
		if (str_eq(place, "/proc") && !str_eq(mount->type, "proc"))
			return fail_at(e, compile_at(c, "%s.type", at), 0,
				       "only procfs may be mounted on /proc, not \"%s\"",
				       mount->type);
		m.userns = userns;
		compile_file_system(c, &m, mount, &o, at);
	}
	compile_mount(c, m, at);
	return 0;
}

/* Made when the container's directory is: the slot is opened after that. */
static void compile_notify(struct compile *c)
{
	const char *dir = c->options->notify_dir;

	if (!dir)
		return;
	compile_mount(
		c,
		(struct op_mount){
			.target = build_str(&c->b, c->options->notify_target),
			.source = build_str(&c->b, dir),
			.flags = MOUNT_BIND,
			.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
			       MOUNT_ATTR_NOEXEC,
			.slot = compile_source(
				c, (struct slot){.userns = SLOT_NONE, .directory = 1}, dir, ""),
			.keep = SLOT_NONE,
			.userns = SLOT_NONE,
		},
		"");
}

int compile_mounts(struct compile *c, struct error *e)
{
	for (size_t i = 0; i < c->config->mounts.n; i++)
		if (compile_one(c, i, e) < 0)
			return -1;
	compile_notify(c);
	return 0;
}
