/* SPDX-License-Identifier: Apache-2.0 */
/* The root file system: becomes a mount of its own first, and "/" at the end. */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "init/walk.h"
#include "sys/abi.h"
#include "sys/mount.h"
#include "sys/path.h"

int do_open_source(struct init *in, const struct op_open_source *o)
{
	const char *path = init_text(in, o->path);
	AUTO_CLOSE int fd =
		openat(AT_FDCWD, path, O_PATH | O_CLOEXEC | (o->nofollow ? O_NOFOLLOW : 0));
	struct statfs fs;
	struct stat st;

	if (fd < 0)
		return fail_errno(in->e, "cannot open \"%s\"", path);
	if (fstat(fd, &st) < 0 || fstatfs(fd, &fs) < 0)
		return fail_errno(in->e, "cannot examine \"%s\"", path);
	if (o->directory && !S_ISDIR(st.st_mode))
		return fail(in->e, 0, "\"%s\" is no directory", path);
	if (o->procfs && fs.f_type != ABI_PROC_MAGIC)
		return fail(in->e, 0, "\"%s\" is not on procfs", path);
	init_close_slot(in, o->slot);
	in->fds[o->slot] = TAKE_FD(fd);
	return 0;
}

/* @fd if that is a null device, else nothing: it is closed. */
static int only_null(int fd)
{
	AUTO_CLOSE int null = fd;
	struct stat st;

	return null >= 0 && fstat(null, &st) == 0 && is_null_device(&st) ? TAKE_FD(null) : -1;
}

/*
 * Of the host, by its path there, so before anything of the container is "/".  Masks need it when
 * that is out of reach: then it is a copy of its mount, where mounts are known to be copied.
 */
static void open_null(struct init *in, bool trees)
{
	int fd = -1;

	if (trees && init_next(in, OP_MASKED_PATH))
		fd = mount_clone_path("/dev/null", false, false);
	in->null_is_tree = fd >= 0;
	if (fd < 0)
		fd = openat(AT_FDCWD, "/dev/null", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	in->null = only_null(fd);
}

/*
 * The root file system goes on its own path, where createContainer hooks look
 * for it.  A detached mount says nothing about where that is, so it is looked up
 * in our own copy of the host's mounts; nobody else sees what becomes of that.
 */
static int open_root_target(struct init *in, const struct op_rootfs *o)
{
	const char *path = init_text(in, o->path);
	int fd;

	if (in->plan->slots[o->slot].kind == SLOT_BY_INIT)
		fd = fd_copy(in->fds[o->slot], 3);
	else
		fd = openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return fd < 0 ? fail_errno(in->e, "cannot open \"%s\"", path) : fd;
}

static int separate(struct init *in, const struct op_rootfs *o, int target)
{
	if (o->propagation && mount_top_propagation(o->propagation, in->e) < 0)
		return -1;
	in->apart = (o->propagation & (MS_SLAVE | MS_PRIVATE)) && (o->propagation & MS_REC);
	/* What is mounted on a shared mount appears on the host, and so would the root file system. */
	return o->propagation & (MS_SLAVE | MS_PRIVATE) ? 0 : mount_private_parent(target, in->e);
}

static int mount_root(struct init *in, const struct op_rootfs *o)
{
	const struct slot *slot = &in->plan->slots[o->slot];
	struct mount_intent m = {
		.tree = init_slot(in, o->slot),
		.tree_detached = slot->kind == SLOT_TREE,
		.recursive = true,
		/* Whatever the config wants it to be in the end: until then it must not share with the host. */
		.attr = {.propagation =
				 MS_REC | (o->propagation & MS_SLAVE ? MS_SLAVE : MS_PRIVATE),
			 .userns = -1},
	};
	AUTO_CLOSE int target = m.tree < 0 ? -1 : open_root_target(in, o);

	if (target < 0)
		return -1;
	if (separate(in, o, target) < 0)
		return error_context(in->e,
				     "cannot separate the container's mounts from the host's");
	open_null(in, m.tree_detached);
	if (m.tree_detached)
		in->fds[o->slot] = -1; /* given away */
	in->root = init_mount(in, &m, target);
	if (in->root < 0)
		return error_context(in->e, "cannot mount the root file system \"%s\"",
				     init_text(in, o->path));
	init_close_slot(in, o->slot);
	return 0;
}

/*
 * Sysctls are written by way of the container's own procfs, if that is new and nothing is mounted in
 * it, before anybody else could do that.  Labels are written later.  A procfs of our own is not
 * for nothing: for a mount that was never attached the kernel waits, in the end, for an RCU grace period.
 */
static bool needs_own_proc(const struct init *in)
{
	bool found = false;

	if (init_next(in, OP_EXEC_LABEL))
		return true;
	if (!init_next(in, OP_SYSCTL))
		return false;
	for (const struct op *op = in->op; op < in->plan->ops + in->plan->op_count; op++) {
		if (op->kind != OP_MOUNT)
			continue;
		if (mount_is_proc(in, &op->mount))
			found = true;
		else if (op->mount.flags & MOUNT_ON_PROC)
			return true;
	}
	return !found;
}

int do_rootfs(struct init *in, const struct op_rootfs *o)
{
	/* Before anything of the container is mounted, and where the host's /proc still is. */
	if (needs_own_proc(in) && init_proc(in) < 0)
		return -1;
	if (in->plan->slots[o->slot].kind != SLOT_ROOTFS)
		return mount_root(in, o);
	open_null(in, false);
	in->root = init_slot(in, o->slot);
	if (in->root < 0)
		return -1;
	in->fds[o->slot] = -1;
	return 0;
}

/* Where no mount could be copied from the start: now it can, or the container's own serves, if it is one. */
static int keep_null(struct init *in)
{
	int tree;

	if (in->null < 0 || in->null_is_tree || !init_next(in, OP_MASKED_PATH))
		return 0;
	tree = mount_clone(in->null, false, in->e);
	if (tree < 0 && in->e->code != ENOSYS)
		return error_context(in->e, "cannot keep \"/dev/null\"");
	close(in->null);
	in->null_is_tree = tree >= 0;
	in->null = tree;
	if (tree < 0)
		in->null = only_null(path_open_inside(in->root, "/dev/null", PATH_NOFOLLOW, in->e));
	return 0;
}

int do_pivot(struct init *in, const struct op_pivot *o)
{
	if (o->how == PIVOT_CHROOT)
		return mount_chroot(in->root, in->e);
	if (keep_null(in) < 0)
		return -1;
	return o->how == PIVOT_MOVE ? mount_move_to_root(in->root, in->e)
				    : mount_pivot(in->root, in->apart, in->e);
}

int do_propagation(struct init *in, const struct op_propagation *o)
{
	if (mount_propagation(in->root, o->flags, in->e) < 0)
		return error_context(in->e, "cannot set the propagation of the root file system");
	return 0;
}

int do_readonly_root(struct init *in, const struct op_readonly_root *o)
{
	const struct mount_attr_intent readonly = {.set = MOUNT_ATTR_RDONLY, .userns = -1};

	(void)o;
	if (mount_set(in->root, &readonly, in->e) < 0)
		return error_context(in->e, "cannot make the root file system read-only");
	return 0;
}

/*
 * Joining a mount namespace has made its root ours, and the working directory too.
 * Without one there is nothing but the directory of the container's init.
 */
int do_enter(struct init *in, const struct op_enter *o)
{
	if (o->root != SLOT_NONE) {
		int fd = init_slot(in, o->root);

		if (fd < 0)
			return -1;
		if (fchdir(fd) < 0 || chroot(".") < 0)
			return fail_errno(in->e, "cannot change the root to that of the container");
		init_close_slot(in, o->root);
	}
	in->root = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (in->root < 0 || chdir("/") < 0)
		return fail_errno(in->e, "cannot enter the root of the container");
	return 0;
}
