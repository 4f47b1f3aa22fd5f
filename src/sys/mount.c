/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/mount.h"

#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/file.h"
#include "sys/mount_flags.h"
#include "sys/mount_legacy.h"
#include "sys/mount_new.h"

/* What fsmount(2) has understood since its first day. */
#define FSMOUNT_ATTRS                                                                   \
	(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC | \
	 MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME)

/* Asked each time, since a filter may come between: no more than 100 ns. */
static bool have_mount_api(void)
{
	return abi_move_mount(-1, -1) == 0 || errno != ENOSYS;
}

static bool setattr_worked;

static bool have_setattr(void)
{
	const struct abi_mount_attr nothing = {0};

	return setattr_worked || abi_mount_setattr(-1, 0, &nothing) == 0 || errno != ENOSYS;
}

int mount_attributes(int fd, uint64_t *attrs, struct error *e)
{
	struct statfs fs;

	if (fstatfs(fd, &fs) < 0)
		return fail_errno(e, "cannot examine a mount");
	*attrs = mount_flags_of_statfs((unsigned long)fs.f_flags);
	return 0;
}

/* Before 5.8 only /proc/self/fdinfo knows. */
static int mount_id_of_fdinfo(int fd, uint64_t *id)
{
	char path[40], text[1024], *line;
	AUTO_CLOSE int info = -1;
	ssize_t n;

	if (str_format(path, sizeof(path), "/proc/self/fdinfo/%d", fd) < 0)
		return -1;
	info = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (info < 0)
		return -1;
	n = file_read_all(info, text, sizeof(text) - 1);
	if (n < 0)
		return -1;
	text[n] = '\0';
	line = str_find(text, "mnt_id:\t");
	if (!line) {
		errno = ENOSYS;
		return -1;
	}
	line += strlen("mnt_id:\t");
	line[strcspn(line, "\n")] = '\0';
	return str_to_u64(line, UINT64_MAX, id);
}

int mount_id(int fd, uint64_t *id)
{
	struct abi_statx st = {0};

	if (abi_statx(fd, STATX_MNT_ID, &st) == 0 && (st.mask & STATX_MNT_ID)) {
		*id = st.mnt_id;
		return 0;
	}
	return mount_id_of_fdinfo(fd, id);
}

/*
 * The rule of the house: what was to be restricted is restricted, or it is an error.  The new calls
 * keep it by themselves; mount(2) does not know every flag on every kernel, and does not say so.
 */
static int verify(int mount, uint64_t wanted, struct error *e)
{
	const char *missing;
	uint64_t now = 0;

	if (wanted && mount_attributes(mount, &now, e) < 0)
		return -1;
	missing = mount_flags_name(wanted & ~now);
	return missing ? fail(e, EIO, "the mount did not become %s", missing) : 0;
}

static uint64_t with_atime(uint64_t set, uint64_t clear)
{
	/* mount_setattr(2): an access time mode replaces the one before */
	return set & MOUNT_ATTR__ATIME ? clear | MOUNT_ATTR__ATIME : clear;
}

static int setattr(int mount, unsigned int flags, uint64_t set, uint64_t clear)
{
	const struct abi_mount_attr a = {.set = set, .clear = with_atime(set, clear)};

	if (!(set | clear))
		return 0;
	if (abi_mount_setattr(mount, flags, &a) < 0)
		return -1;
	setattr_worked = true;
	return 0;
}

static int set_flags(int mount, const struct mount_attr_intent *a)
{
	if (setattr(mount, AT_RECURSIVE, a->rec_set, a->rec_clear) < 0)
		return -1;
	return setattr(mount, 0, a->set, a->clear);
}

/* @a without what may be locked: clearing a flag that holds now, and any access time mode. */
static int without_locked(int mount, const struct mount_attr_intent *a,
			  struct mount_attr_intent *out, struct error *e)
{
	const uint64_t atime = MOUNT_ATTR__ATIME | MOUNT_ATTR_NODIRATIME;
	uint64_t now;

	if (mount_attributes(mount, &now, e) < 0)
		return -1;
	*out = *a;
	out->set &= ~atime;
	out->rec_set &= ~atime;
	out->clear &= ~(now | atime);
	out->rec_clear &= ~(now | atime);
	return 0;
}

static int set_idmap(int mount, const struct mount_attr_intent *a, struct error *e)
{
	const struct abi_mount_attr map = {.set = MOUNT_ATTR_IDMAP,
					   .userns_fd = (uint64_t)a->userns};

	if (a->userns < 0)
		return 0;
	if (abi_mount_setattr(mount, a->userns_recursive ? AT_RECURSIVE : 0, &map) < 0)
		return fail_errno(e, "cannot map the ids of a mount%s",
				  errno == EINVAL ? ": the file system may not support it" : "");
	return 0;
}

/* All of it but the propagation. */
static int apply(int mount, const struct mount_attr_intent *a, struct error *e)
{
	struct mount_attr_intent less;
	int rc = set_flags(mount, a);

	if (rc < 0 && errno == EPERM) {
		if (without_locked(mount, a, &less, e) < 0)
			return -1;
		rc = set_flags(mount, &less);
		a = &less;
	}
	if (rc < 0 && abi_missing(errno)) {
		if (legacy_set(mount, a, e) < 0 || verify(mount, a->set | a->rec_set, e) < 0)
			return -1;
	} else if (rc < 0) {
		return fail_errno(e, "cannot set attributes of a mount");
	}
	return set_idmap(mount, a, e);
}

int mount_set(int mount, const struct mount_attr_intent *a, struct error *e)
{
	if (apply(mount, a, e) < 0)
		return -1;
	return a->propagation ? mount_propagation(mount, a->propagation, e) : 0;
}

int mount_propagation(int fd, unsigned long flags, struct error *e)
{
	const struct abi_mount_attr a = {.propagation = flags & ~(unsigned long)MS_REC};

	if (abi_mount_setattr(fd, flags & MS_REC ? AT_RECURSIVE : 0, &a) == 0) {
		setattr_worked = true;
		return 0;
	}
	if (abi_missing(errno))
		return legacy_propagation(fd, flags, e);
	return fail_errno(e, "cannot set the propagation of a mount");
}

static int clone_tree(int fd, bool recursive, struct error *e)
{
	int tree = abi_open_tree(
		fd, "", AT_EMPTY_PATH | ABI_OPEN_TREE_CLONE | (recursive ? AT_RECURSIVE : 0));

	if (tree < 0)
		return fail_errno(e, "cannot copy a mount");
	return tree;
}

int mount_clone_path(const char *path, bool follow, bool recursive)
{
	return abi_open_tree(AT_FDCWD, path,
			     ABI_OPEN_TREE_CLONE | (recursive ? AT_RECURSIVE : 0) |
				     (follow ? 0 : AT_SYMLINK_NOFOLLOW));
}

int mount_clone(int fd, bool recursive, struct error *e)
{
	if (!have_mount_api())
		return fail(e, ENOSYS, "cannot copy a mount");
	return clone_tree(fd, recursive, e);
}

static bool is_directory(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && S_ISDIR(st.st_mode);
}

int mount_attach(int mount, int target, struct error *e)
{
	if (abi_move_mount(mount, target) == 0)
		return 0;
	/* move_mount(2) has one answer for many things; this is the one that users see. */
	if (errno == EINVAL && is_directory(mount) != is_directory(target))
		return fail(e, ENOTDIR,
			    "cannot attach a mount: one of source and target is a file");
	return fail_errno(e, "cannot attach a mount");
}

int mount_attach_at(int mount, int dir, const char *name, struct error *e)
{
	if (abi_move_mount_at(mount, dir, name) < 0)
		return fail_errno(e, "cannot attach a mount");
	return 0;
}

static bool is_empty(const struct mount_attr_intent *a)
{
	return !(a->set | a->clear | a->rec_set | a->rec_clear) && a->userns < 0;
}

/* A copy with all of @a, which is nothing then, by one call; -1 where that is not to be had, or is refused. */
static int clone_with(const struct mount_intent *m, struct mount_attr_intent *a)
{
	static bool missing;
	const struct abi_mount_attr attr = {
		.set = a->set | a->rec_set,
		.clear = with_atime(a->set | a->rec_set, a->clear | a->rec_clear),
	};
	int fd;

	if (missing || is_empty(a) || a->userns >= 0 || (m->recursive && (a->set | a->clear)))
		return -1;
	fd = abi_open_tree_attr(m->tree, m->recursive ? AT_RECURSIVE : 0, &attr);
	missing = fd < 0 && errno == ENOSYS;
	if (fd >= 0)
		a->set = a->clear = a->rec_set = a->rec_clear = 0;
	return fd;
}

/*
 * First rung: everything is set while nobody can reach the mount.  Where there is only a part of
 * the interface, one of the calls answers ENOSYS before anything is attached.
 */
static int place_detached(const struct mount_intent *m, int target, struct error *e)
{
	struct mount_attr_intent a = m->attr;
	AUTO_CLOSE int fd = -1;
	bool late;

	if (m->tree < 0)
		fd = fs_make(m, (uint32_t)(a.set & FSMOUNT_ATTRS), e);
	else if (m->tree_detached)
		fd = m->tree;
	else
		fd = clone_with(m, &a);
	if (fd < 0 && m->tree >= 0)
		fd = clone_tree(m->tree, m->recursive, e);
	if (fd < 0)
		return -1;

	if (m->tree < 0) {
		a.set &= ~(uint64_t)FSMOUNT_ATTRS; /* done by fsmount(2) */
		a.clear = 0;			   /* a new mount has nothing to clear */
	}
	a.propagation = 0; /* attaching to a shared place would change it: comes last */
	/* 5.2 to 5.11: only what is attached can be changed */
	late = !is_empty(&a) && !have_setattr();
	if (late && a.userns >= 0)
		return fail(e, ENOSYS, "the kernel cannot map the ids of a mount (Linux 5.12)");
	if ((late && mount_attach(fd, target, e) < 0) || apply(fd, &a, e) < 0 ||
	    (!late && mount_attach(fd, target, e) < 0))
		return -1;
	if (m->attr.propagation && mount_propagation(fd, m->attr.propagation, e) < 0)
		return -1;
	return TAKE_FD(fd);
}

bool mount_over(const struct mount_intent *m, int target)
{
	const uint64_t set = m->attr.set | m->attr.rec_set;

	/* mount(2) has always known these flags. */
	if (m->tree >= 0 || m->attr.userns >= 0 || m->attr.propagation ||
	    (set & ~(uint64_t)FSMOUNT_ATTRS))
		return false;
	return legacy_over(m, target, set);
}

int mount_place(const struct mount_intent *m, int target, struct error *e)
{
	struct mount_intent one = *m;
	int fd = -1;

	/* A tree of one mount: what is for all of it is for this one. */
	if (one.tree < 0 || !one.recursive) {
		one.attr.set |= one.attr.rec_set;
		one.attr.clear |= one.attr.rec_clear & ~one.attr.set;
		one.attr.rec_set = one.attr.rec_clear = 0;
	}
	fd = place_detached(&one, target, e);
	if (fd >= 0 || e->code != ENOSYS || m->tree_detached)
		return fd;
	fd = legacy_place(&one, target, e);
	if (fd < 0)
		return -1;
	if (verify(fd, one.attr.set | one.attr.rec_set, e) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

int mount_change(const struct mount_intent *m, int target, struct error *e)
{
	const bool whole = (m->data && *m->data) || m->sb_set || m->sb_clear;

	if (whole && fs_reconfigure(m, target, e) < 0) {
		if (!abi_missing(e->code))
			return -1;
		if (legacy_reconfigure(m, target, e) < 0)
			return -1;
	}
	return mount_set(target, &m->attr, e);
}
