/* SPDX-License-Identifier: Apache-2.0 */
/* The cgroups of v1: one tmpfs, a bind for each hierarchy, links from controllers to hierarchies. */
#include <fcntl.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "init/walk.h"
#include "sys/abi.h"
#include "sys/mount.h"
#include "sys/self.h"

static const char *item(const struct init *in, struct plan_vec v, uint32_t i)
{
	return init_text(in, plan_item(in->plan, v, i));
}

/* Targets are one level below the tmpfs. */
static const char *name_of(const struct init *in, struct plan_vec v, uint32_t i)
{
	return strrchr(item(in, v, i), '/') + 1;
}

/*
 * Everything below @top, a tmpfs that is new and nobody else's: names need no resolver.
 * @each: attributes of the binds, which they must have before they are attached; NULL: not yet.
 */
static int fill(struct init *in, const struct op_cgroup_tree *o, int top,
		const struct mount_attr_intent *each)
{
	for (uint32_t i = 0; i < o->targets.count; i++) {
		const char *name = name_of(in, o->targets, i);
		int bind = init_slot(in, (plan_slot)(o->slot + i));

		if (bind < 0 || (each && mount_set(bind, each, in->e) < 0))
			return -1;
		if (mkdirat(top, name, 0755) < 0 && errno != EEXIST)
			return fail_errno(in->e, "cannot make directory \"%s\" in the container",
					  item(in, o->targets, i));
		if (mount_attach_at(bind, top, name, in->e) < 0)
			return -1;
	}
	for (uint32_t i = 0; i < o->links.count; i += 2)
		if (symlinkat(item(in, o->links, i + 1), top, name_of(in, o->links, i)) < 0)
			return fail_errno(in->e, "cannot make symlink \"%s\" in the container",
					  item(in, o->links, i));
	self_close_each(in->fds + o->slot, o->targets.count);
	return 0;
}

/* @top, to which nothing could be attached before it was attached itself. */
static int place_and_fill(struct init *in, const struct op_cgroup_tree *o, struct mount_intent *m)
{
	struct mount_attr_intent each = m->attr,
				 readonly = {.set = MOUNT_ATTR_RDONLY, .userns = -1};
	AUTO_CLOSE int top = fd_copy(m->tree, 3);

	if (top < 0)
		return fail_errno(in->e, "cannot keep \"%s\"", init_text(in, o->mount.target));
	m->attr.rec_set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	if (place_mount(in, &o->mount, m) < 0)
		return -1;
	each.set = each.rec_set;
	each.clear = each.rec_clear;
	each.rec_set = each.rec_clear = 0;
	if (fill(in, o, top, &each) < 0)
		return -1;
	if (!(o->mount.set & MOUNT_ATTR_RDONLY) || o->mount.keep != SLOT_NONE)
		return 0;
	return mount_set(top, &readonly, in->e);
}

/* Where what is detached cannot be changed, or the host could detach nothing: one after the other. */
static int by_pieces(struct init *in, const struct op_cgroup_tree *o)
{
	struct op_mount top = o->mount, bind;
	const struct op op = {.kind = OP_CGROUP_TREE, .cgroup_tree = *o};

	top.set &= ~(uint32_t)MOUNT_ATTR_RDONLY;
	if (do_mount(in, &top) < 0)
		return -1;
	for (uint32_t i = 0; plan_bind(in->plan, &op, i, &bind); i++)
		if (do_mount(in, &bind) < 0)
			return -1;
	for (uint32_t i = 0; i < o->links.count; i += 2) {
		const struct op_symlink link = {.path = plan_item(in->plan, o->links, i),
						.target = plan_item(in->plan, o->links, i + 1)};

		if (do_symlink(in, &link) < 0)
			return -1;
	}
	if (!(o->mount.set & MOUNT_ATTR_RDONLY) || o->mount.keep != SLOT_NONE)
		return 0;
	top = (struct op_mount){.target = top.target,
				.flags = MOUNT_REMOUNT,
				.set = MOUNT_ATTR_RDONLY,
				.slot = SLOT_NONE,
				.keep = SLOT_NONE};
	return do_mount(in, &top);
}

static int not_mounted(struct init *in, const struct op_cgroup_tree *o)
{
	return error_context(in->e, "cannot mount \"%s\" on \"%s\"", init_text(in, o->mount.source),
			     init_text(in, o->mount.target));
}

int do_cgroup_tree(struct init *in, const struct op_cgroup_tree *o)
{
	AUTO_CLOSE int top = -1;
	struct mount_intent m = {
		.tree_detached = true,
		.recursive = true,
		.attr = {.rec_set = o->mount.set,
			 .rec_clear = o->mount.clear,
			 .propagation = MS_SLAVE | MS_REC,
			 .userns = -1},
	};
	bool whole;

	if (!in->plan->slots[o->slot].as_is)
		return by_pieces(in, o);
	top = mount_new("tmpfs", "tmpfs", init_text(in, o->mount.data), o->mount.sb_set, in->e);
	if (top < 0)
		return in->e->code == ENOSYS ? by_pieces(in, o) : not_mounted(in, o);
	whole = o->mount.keep == SLOT_NONE && fill(in, o, top, NULL) == 0;
	if (!whole && o->mount.keep == SLOT_NONE && in->e->code != EINVAL)
		return not_mounted(in, o);
	m.tree = TAKE_FD(top);
	return whole ? place_mount(in, &o->mount, &m) : place_and_fill(in, o, &m);
}
