/* SPDX-License-Identifier: Apache-2.0 */
#include "host/stage.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "sys/dir.h"
#include "sys/mount.h"
#include "sys/path.h"

#define ROOT "root"

/* A part of the container's tree: what will be on @target, or -1 when its content is CRIU's. */
struct part {
	const char *target;
	int fd;
};

struct stage {
	const struct launch *launch;
	const struct plan *plan;
	int dir;	    /* of the stage itself */
	struct part *parts; /* in the order of mounting */
	size_t n;
};

/* CRIU knows nothing of idmaps, but binds an idmapped mount as one. */
static bool is_idmapped(const struct plan *p, const struct op_mount *o)
{
	return o->slot != SLOT_NONE && p->slots[o->slot].userns != SLOT_NONE;
}

const char *stage_source(struct arena *a, const char *stage, const struct plan *p,
			 uint32_t operation, const struct op_mount *bind)
{
	const char *source = plan_text(p, bind->source);
	char path[PATH_MAX];

	if (is_idmapped(p, bind))
		return arena_printf(a, "%s/%u", stage, operation);
	/* It would bind a link itself.  That there is no such path it says better than we could. */
	return any_real_path(source, path, sizeof(path)) < 0 ? source : arena_strdup(a, path);
}

/* A new file system over @path, in which only our own entries are. */
static int open_stage(const char *path, struct error *e)
{
	AUTO_CLOSE int top = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int place =
		openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	struct mount_intent m = {.type = "tmpfs",
				 .source = "tmpfs",
				 .data = "mode=700",
				 .tree = -1,
				 .attr = {.userns = -1}};

	if (top < 0 || place < 0)
		return fail_errno(e, "cannot open \"%s\"", path);
	/* What we mount is ours; what the host unmounts is not held here. */
	if (mount_propagation(top, MS_SLAVE | MS_REC, e) < 0)
		return -1;
	return mount_place(&m, place, e);
}

/* ---- mount points ---- */

static bool is_below(const char *path, const char *top, size_t len)
{
	return strncmp(path, top, len) == 0 && (path[len] == '/' || path[len] == '\0');
}

/* The last that was mounted over any part of @path, and the rest of the path in it. */
static const struct part *part_of(const struct stage *s, const char *path, const char **rest)
{
	for (size_t i = s->n; i-- > 0;) {
		size_t len = strlen(s->parts[i].target);

		while (len && s->parts[i].target[len - 1] == '/')
			len--;
		if (is_below(path, s->parts[i].target, len)) {
			*rest = path + len;
			return &s->parts[i];
		}
	}
	return NULL;
}

/* CRIU brings the content of new file systems with it; everywhere else there must be something. */
static int make_mount_point(const struct stage *s, const char *target, bool directory,
			    struct error *e)
{
	const char *rest;
	const struct part *p = part_of(s, target, &rest);
	AUTO_CLOSE int fd = -1;

	if (!p || p->fd < 0)
		return 0;
	fd = path_open_inside(p->fd, rest, 0, e);
	if (fd < 0 && e->code == ENOENT)
		fd = directory ? path_mkdir_inside(p->fd, NULL, rest, 0755, e)
			       : path_create_inside(p->fd, rest, e);
	return fd < 0 ? error_context(e, "cannot make mount point \"%s\"", target) : 0;
}

/* ---- mounts ---- */

/* Mounts the tree of @slot on @name of the stage: a descriptor of it. */
static int place(struct stage *s, plan_slot slot, const char *name, struct mount_intent *m,
		 struct error *e)
{
	AUTO_CLOSE int entry = -1;
	struct stat st;

	m->tree_detached = slot != SLOT_NONE && s->plan->slots[slot].kind == SLOT_TREE;
	m->attr.userns = -1;
	if (fstat(m->tree, &st) < 0)
		return fail_errno(e, "cannot examine a mount's source");
	entry = S_ISDIR(st.st_mode) ? path_mkdir_inside(s->dir, NULL, name, 0700, e)
				    : path_create_inside(s->dir, name, e);
	return entry < 0 ? -1 : mount_place(m, entry, e);
}

/* What the host has opened, or what is @path in our copy of the host's mounts. */
static int open_source(const struct stage *s, plan_slot slot, plan_str path, struct error *e)
{
	int fd = slot == SLOT_NONE ? -1 : s->launch->slots[slot];

	if (fd < 0)
		fd = open(plan_text(s->plan, path), O_PATH | O_CLOEXEC);
	return fd < 0 ? fail_errno(e, "cannot open \"%s\"", plan_text(s->plan, path)) : fd;
}

static int add_part(struct stage *s, const char *target, int fd)
{
	s->parts[s->n++] = (struct part){target, fd};
	return 0;
}

static int stage_root(struct stage *s, const struct op_rootfs *o, struct error *e)
{
	struct mount_intent m = {.tree = open_source(s, o->slot, o->path, e), .recursive = true};
	int fd = m.tree < 0 ? -1 : place(s, o->slot, ROOT, &m, e);

	return fd < 0 ? -1 : add_part(s, "/", fd);
}

static int stage_bind(struct stage *s, const struct op_mount *o, uint32_t i, struct error *e)
{
	const char *target = plan_text(s->plan, o->target);
	struct mount_intent m = {
		.tree = open_source(s, o->slot, o->source, e),
		.attr = {.set = o->set, .clear = o->clear},
	};
	int fd = m.tree;
	struct stat st;
	char name[16];

	if (fd < 0 || str_format(name, sizeof(name), "%u", i) < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return fail_errno(e, "cannot examine the source of \"%s\"", target);
	if (make_mount_point(s, target, S_ISDIR(st.st_mode), e) < 0)
		return -1;
	if (is_idmapped(s->plan, o))
		fd = place(s, o->slot, name, &m, e);
	return fd < 0 ? -1 : add_part(s, target, fd);
}

static int stage_new(struct stage *s, const struct op_mount *o, struct error *e)
{
	const char *target = plan_text(s->plan, o->target);

	if (make_mount_point(s, target, true, e) < 0)
		return -1;
	return add_part(s, target, -1);
}

static int stage_operation(struct stage *s, uint32_t i, struct error *e)
{
	const struct op *op = &s->plan->ops[i];

	if (op->kind == OP_ROOTFS)
		return stage_root(s, &op->rootfs, e);
	if (op->kind == OP_CGROUP_TREE)
		return stage_new(s, &op->cgroup_tree.mount, e);
	if (op->kind != OP_MOUNT || (op->mount.flags & MOUNT_REMOUNT))
		return 0;
	if (op->mount.flags & MOUNT_BIND)
		return stage_bind(s, &op->mount, i, e);
	return stage_new(s, &op->mount, e);
}

int stage_build(const struct launch *l, const char *stage, struct error *e)
{
	const struct plan *p = &l->prepared->plan;
	struct stage s = {
		.launch = l,
		.plan = p,
		.dir = open_stage(stage, e),
		.parts = ARENA_ARRAY(l->arena, p->op_count, struct part),
	};

	if (s.dir < 0)
		return -1;
	for (uint32_t i = 0; i < p->op_count; i++)
		if (stage_operation(&s, i, e) < 0) {
			if (!e->at[0])
				(void)!str_format(e->at, sizeof(e->at), "%s",
						  plan_text(p, p->ops[i].at));
			return -1;
		}
	return 0; /* what is open is closed when this child becomes another program */
}
