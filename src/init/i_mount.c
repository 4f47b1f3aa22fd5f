/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <limits.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/list.h"
#include "base/str.h"
#include "init/copy_up.h"
#include "init/walk.h"
#include "sys/abi.h"
#include "sys/mount.h"
#include "sys/path.h"

#define MOUNT_DATA_MAX 4096 /* what mount(2) takes: a page */

static const char *text_or_null(const struct init *in, plan_str s)
{
	return s ? init_text(in, s) : NULL;
}

static const struct slot *slot_of(const struct init *in, const struct op_mount *o)
{
	return o->slot == SLOT_NONE ? NULL : &in->plan->slots[o->slot];
}

static bool is_new(const struct init *in, const struct op_mount *o, const char *type)
{
	return !(o->flags & (MOUNT_BIND | MOUNT_REMOUNT)) && str_eq(init_text(in, o->type), type);
}

/* ---- where it goes ---- */

/*
 * proc and sysfs go on a real directory only.  Through a symlink in the image they
 * would land where nothing masks them (CVE-2019-19921, CVE-2023-27561).
 */
static bool is_plain(const struct init *in, const struct op_mount *o)
{
	return is_new(in, o, "proc") || is_new(in, o, "sysfs");
}

static int check_plain(struct init *in, const struct op_mount *o, const struct stat *st)
{
	if (!is_plain(in, o) || S_ISDIR(st->st_mode))
		return 0;
	return fail(in->e, 0, "\"%s\" in the container is %s, which nothing may be mounted through",
		    init_text(in, o->target), S_ISLNK(st->st_mode) ? "a symbolic link" : "a file");
}

/* Docker looks for these words, to ask whether a directory was mounted onto a file. */
static int mismatch(struct init *in, const struct op_mount *o)
{
	return fail(in->e, 0,
		    "cannot mount \"%s\" on \"%s\": not a directory: only one of the two is one",
		    init_text(in, o->source), init_text(in, o->target));
}

static int make_target(struct init *in, const struct op_mount *o, int tree)
{
	const char *path = init_text(in, o->target);
	struct stat st = {.st_mode = S_IFDIR};
	int fd;

	if (tree >= 0 && fstat(tree, &st) < 0)
		return fail_errno(in->e, "cannot examine \"%s\"", init_text(in, o->source));
	fd = S_ISDIR(st.st_mode) ? path_mkdir_inside(in->root, &in->last, path, 0755, in->e)
				 : path_create_inside(in->root, path, in->e);
	if (fd >= 0 || (in->e->code != ENOTDIR && in->e->code != EISDIR))
		return fd;
	return mismatch(in, o);
}

/* Whether @tree, the source of a bind mount, or -1, fits on what is there, the kernel will see. */
static int open_target(struct init *in, const struct op_mount *o, int tree)
{
	const bool nofollow = is_plain(in, o) || (o->flags & MOUNT_DEST_NOFOLLOW);
	int fd = -1;

	if (nofollow || tree >= 0)
		fd = path_open_inside(in->root, init_text(in, o->target),
				      nofollow ? PATH_NOFOLLOW : 0, in->e);
	if (fd >= 0 || (nofollow && in->e->code != ENOENT))
		return fd;
	return make_target(in, o, tree);
}

/* The directory "/proc" of the root file system itself, which is covered when procfs is there. */
static bool is_proc_directory(const struct init *in, const struct stat *target)
{
	struct stat st;

	return !in->proc_mounted && path_stat_inside(in->root, "/proc", &st) == 0 &&
	       target->st_dev == st.st_dev && target->st_ino == st.st_ino;
}

/*
 * Whether @fd, which is @st, is on procfs.  A device that is not is remembered: its number stays
 * its own as long as it is mounted, and nobody unmounts anything here before the program runs.
 */
static int on_procfs(struct init *in, int fd, const struct stat *st)
{
	struct statfs fs;

	if (in->last.fresh) /* we have made it, and procfs lets nobody make anything */
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(in->other_devs); i++)
		if (in->other_devs[i] == st->st_dev)
			return 0;
	if (fstatfs(fd, &fs) < 0)
		return -1;
	if (fs.f_type == ABI_PROC_MAGIC)
		return 1;
	in->other_devs[in->other_dev_count++ % ARRAY_SIZE(in->other_devs)] = st->st_dev;
	return 0;
}

/*
 * What covers procfs could make the runtime's own writes go astray, or hide that
 * a path is not masked (CVE-2019-16884).  The plan knows what may be there by its
 * name; here is seen what a name leads to.
 */
static int check_proc(struct init *in, const struct op_mount *o, bool there, const struct stat *st)
{
	const struct slot *slot = slot_of(in, o);
	bool fresh = is_new(in, o, "proc");

	if (o->flags & MOUNT_ON_PROC)
		return 0;
	if (there ? fresh && st->st_ino == ABI_PROC_ROOT_INODE
		  : fresh || (slot && slot->procfs) || !is_proc_directory(in, st))
		return 0;
	return fail(in->e, 0, "\"%s\" would cover a part of the container's /proc",
		    init_text(in, o->target));
}

/* Whether @target, which is @st, is the root of the container. The root's own stat is asked for once. */
static bool is_root(struct init *in, int target, const struct stat *st)
{
	uint64_t here, there;

	if (!in->root_known)
		in->root_known = fstat(in->root, &in->root_stat) == 0;
	return in->root_known && st->st_ino == in->root_stat.st_ino &&
	       st->st_dev == in->root_stat.st_dev && mount_id(target, &here) == 0 &&
	       mount_id(in->root, &there) == 0 && here == there;
}

/* ---- what is mounted ---- */

static unsigned long propagation(uint8_t p)
{
	static const unsigned long flags[] = {
		[PROPAGATE_PRIVATE] = MS_PRIVATE,
		[PROPAGATE_SHARED] = MS_SHARED,
		[PROPAGATE_SLAVE] = MS_SLAVE,
		[PROPAGATE_UNBINDABLE] = MS_UNBINDABLE,
	};

	return flags[p & 7u] | (p & PROPAGATE_RECURSIVE ? MS_REC : 0);
}

static struct mount_intent intent_of(const struct init *in, const struct op_mount *o)
{
	return (struct mount_intent){
		.type = text_or_null(in, o->type),
		.source = text_or_null(in, o->source),
		.data = o->flags & MOUNT_BIND ? NULL : text_or_null(in, o->data),
		.sb_set = o->sb_set,
		.sb_clear = o->sb_clear,
		.tree = -1,
		.recursive = o->flags & MOUNT_RECURSIVE,
		.attr =
			{
				.set = o->set,
				.clear = o->clear,
				.rec_set = o->rec_set,
				.rec_clear = o->rec_clear,
				.userns = -1,
				.userns_recursive = o->flags & MOUNT_IDMAP_RECURSIVE,
			},
	};
}

/* A tmpfs without "mode" looks like the directory that it covers. Returns the data with it. */
static const char *data_with_mode(struct init *in, const struct op_mount *o)
{
	static char data[MOUNT_DATA_MAX];
	const char *given = init_text(in, o->data);
	struct error ignored;
	AUTO_CLOSE int fd =
		path_open_inside(in->root, init_text(in, o->target), PATH_DIRECTORY, &ignored);
	struct stat st;

	if (fd < 0 || fstat(fd, &st) < 0)
		return given;
	if (str_format(data, sizeof(data), "%s%smode=%o", given, given[0] ? "," : "",
		       (unsigned int)(st.st_mode & 07777)) < 0) {
		fail_errno(in->e, "the options of mount \"%s\" are too long",
			   init_text(in, o->target));
		return NULL;
	}
	return data;
}

/*
 * Where the kernel refuses a new sysfs, mqueue or cgroup file system, which it
 * does in a user namespace that does not own what it shows, the host's takes its place.
 */
static int place_fallback(struct init *in, const struct op_mount *o, int target)
{
	const uint32_t keeps =
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	AUTO_CLOSE int source =
		openat(AT_FDCWD, init_text(in, o->fallback), O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct mount_intent m = {
		.tree = source,
		.recursive = true,
		/* What is locked stays as it is; more may be forbidden, not less. */
		.attr = {.set = o->set & keeps, .userns = -1},
	};
	struct error refusal = *in->e;
	int fd;

	if (source < 0)
		return -1;
	if (o->flags & MOUNT_FALLBACK_READONLY)
		m.attr.rec_set = MOUNT_ATTR_RDONLY;
	fd = init_mount(in, &m, target);
	if (fd < 0)
		*in->e = refusal; /* says more than the fallback's own */
	return fd;
}

static int place(struct init *in, const struct op_mount *o, const struct mount_intent *m,
		 int target)
{
	int fd = init_mount(in, m, target);
	int code = in->e->code;

	if (fd < 0 && (o->flags & MOUNT_OR_BIND) &&
	    (code == EPERM || code == EACCES || code == EBUSY))
		fd = place_fallback(in, o, target);
	if (fd < 0 && code == ENOTDIR)
		return mismatch(in, o);
	if (fd < 0)
		return error_context(in->e, "cannot mount \"%s\" on \"%s\"",
				     init_text(in, o->source ? o->source : o->type),
				     init_text(in, o->target));
	return fd;
}

static int apply_propagation(struct init *in, const struct op_mount *o, int mount)
{
	for (int i = 0; i < 4 && o->propagation[i]; i++)
		if (mount_propagation(mount, propagation(o->propagation[i]), in->e) < 0)
			return error_context(in->e, "cannot set the propagation of \"%s\"",
					     init_text(in, o->target));
	return 0;
}

/* tmpcopyup: what the new file system hides is copied into it, so it cannot be read-only at first. */
static int place_filled(struct init *in, const struct op_mount *o, struct mount_intent *m,
			int target)
{
	const struct mount_attr_intent readonly = {.set = MOUNT_ATTR_RDONLY, .userns = -1};
	bool ro = (m->attr.set & MOUNT_ATTR_RDONLY) || (m->sb_set & MS_RDONLY);
	AUTO_CLOSE int fd = -1;

	m->attr.set &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	m->sb_set &= ~(uint32_t)MS_RDONLY;
	fd = place(in, o, m, target);
	if (fd < 0)
		return -1;
	if (copy_up(target, fd, in->e) < 0)
		return error_context(in->e, "cannot copy \"%s\" into its tmpfs",
				     init_text(in, o->target));
	if (ro && mount_set(fd, &readonly, in->e) < 0)
		return error_context(in->e, "cannot make \"%s\" read-only",
				     init_text(in, o->target));
	return TAKE_FD(fd);
}

/* ---- the operation ---- */

static int remount(struct init *in, const struct op_mount *o)
{
	struct mount_intent m = intent_of(in, o);
	AUTO_CLOSE int found = -1;
	int fd;

	if (o->slot == SLOT_NONE)
		fd = found = path_open_inside(in->root, init_text(in, o->target), 0, in->e);
	else
		fd = init_slot(in, o->slot);
	if (fd < 0)
		return -1;
	if (mount_change(&m, fd, in->e) < 0)
		return error_context(in->e, "cannot remount \"%s\"", init_text(in, o->target));
	return apply_propagation(in, o, fd);
}

/* Copies the link that is the source. 0, 1 when the source is none, -1. */
static int copy_symlink(struct init *in, const struct op_mount *o, int source)
{
	const char *path = init_text(in, o->target);
	char text[PATH_MAX];
	ssize_t n = readlinkat(source, "", text, sizeof(text) - 1);
	int r;

	if (n < 0)
		return errno == ENOENT || errno == EINVAL
			       ? 1
			       : fail_errno(in->e, "cannot read the link for \"%s\"", path);
	text[n] = '\0';
	r = place_link(in, path, text);
	return r > 0 ? fail(in->e, EEXIST, "\"%s\" in the container is another file", path) : r;
}

/* The mount's root is @fd. What is mounted over the root of all is the root from then on. */
static int settle(struct init *in, const struct op_mount *o, bool over_root, int fd)
{
	AUTO_LATER int mounted = fd;

	if (apply_propagation(in, o, mounted) < 0)
		return -1;
	if (over_root) {
		int root = fd_copy(mounted, 3);

		if (root < 0)
			return fail_errno(in->e, "cannot keep the root file system");
		close(in->root);
		in->root = root;
		in->root_known = in->proc_mounted = false;
	}
	if (o->keep != SLOT_NONE) {
		init_close_slot(in, o->keep);
		in->fds[o->keep] = TAKE_FD(mounted);
	}
	return 0;
}

static bool is_proc(const struct init *in, const struct op_mount *o)
{
	return is_new(in, o, "proc") && str_eq(init_text(in, o->target), "/proc");
}

bool mount_is_proc(const struct init *in, const struct op_mount *o)
{
	return is_proc(in, o) && !*init_text(in, o->data) &&
	       !((o->set | o->rec_set) & MOUNT_ATTR_RDONLY) && !(o->sb_set & MS_RDONLY);
}

int place_mount(struct init *in, const struct op_mount *o, struct mount_intent *m)
{
	AUTO_LATER int target = open_target(in, o, m->tree);
	struct stat st;
	const bool proc = in->proc < 0 && init_next(in, OP_SYSCTL) && mount_is_proc(in, o);
	int there, fd;
	bool over_root;

	if (target < 0)
		return -1;
	there = fstat(target, &st) < 0 ? -1 : on_procfs(in, target, &st);
	if (there < 0)
		return fail_errno(in->e, "cannot examine \"%s\" in the container",
				  init_text(in, o->target));
	if (check_plain(in, o, &st) < 0 || check_proc(in, o, there, &st) < 0)
		return -1;
	over_root = is_root(in, target, &st);
	/* Nothing is done to it later: it needs no descriptor. */
	if (!proc && !over_root && o->keep == SLOT_NONE && !o->propagation[0] &&
	    !(o->flags & MOUNT_COPY_UP) && mount_over(m, target)) {
		if (!in->last.fresh)
			init_forget(in);
		in->last.fresh = false;
		in->proc_mounted |= is_proc(in, o);
		return 0;
	}
	fd = o->flags & MOUNT_COPY_UP ? place_filled(in, o, m, target) : place(in, o, m, target);
	if (fd < 0)
		return -1;
	in->proc_mounted |= is_proc(in, o);
	if (proc) {
		in->proc = fd;
		return apply_propagation(in, o, fd);
	}
	return settle(in, o, over_root, fd);
}

static int do_bind(struct init *in, const struct op_mount *o)
{
	struct mount_intent m = intent_of(in, o);
	int r;

	m.tree = init_slot(in, o->slot);
	if (m.tree < 0)
		return -1;
	m.tree_detached = slot_of(in, o)->kind == SLOT_TREE;
	r = o->flags & MOUNT_COPY_SYMLINK ? copy_symlink(in, o, m.tree) : 1;
	if (r > 0 && m.tree_detached)
		in->fds[o->slot] = -1; /* given away */
	if (r > 0)
		r = place_mount(in, o, &m);
	init_close_slot(in, o->slot);
	return r;
}

int do_mount(struct init *in, const struct op_mount *o)
{
	struct mount_intent m;

	if (o->flags & MOUNT_DATA_IGNORED)
		init_warn(in, "options \"%s\" mean nothing for a bind mount",
			  init_text(in, o->data));
	if (o->flags & MOUNT_REMOUNT)
		return remount(in, o);
	if (o->flags & MOUNT_BIND)
		return do_bind(in, o);

	m = intent_of(in, o);
	if (o->userns != SLOT_NONE) {
		m.attr.userns = init_slot(in, o->userns);
		if (m.attr.userns < 0)
			return -1;
	}
	if (o->flags & MOUNT_KEEP_MODE) {
		m.data = data_with_mode(in, o);
		if (!m.data)
			return -1;
	}
	return place_mount(in, o, &m);
}
