/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/path.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/file.h"
#include "sys/path_walk.h"

/*
 * openat2(2) answers EAGAIN when something was renamed or mounted anywhere
 * while it went through "..": then the way must be taken anew.  Somebody who
 * renames in a loop gets us to give up, not to hang.
 */
enum { TRIES = 200 };

static int walk_again(int root, const char *path, int flags, enum walk_make make, mode_t mode)
{
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = path_walk(root, path, flags, make, mode);
		if (fd >= 0 || errno != EAGAIN)
			break;
	}
	return fd;
}

static int resolve(int root, const char *path, int flags)
{
	int fd = -1;

	for (int i = 0; i < TRIES; i++) {
		fd = abi_openat2(root, path, flags | O_CLOEXEC,
				 ABI_RESOLVE_IN_ROOT | ABI_RESOLVE_NO_MAGICLINKS);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	if (fd < 0 && abi_missing(errno))
		fd = walk_again(root, path, flags, WALK_MAKES_NOTHING, 0);
	return fd;
}

static int open_flags(int flags)
{
	return O_PATH | (flags & PATH_NOFOLLOW ? O_NOFOLLOW : 0) |
	       (flags & PATH_DIRECTORY ? O_DIRECTORY : 0);
}

int path_open_inside(int root, const char *path, int flags, struct error *e)
{
	int fd = resolve(root, path, open_flags(flags));

	if (fd < 0)
		return fail_errno(e, "cannot open \"%s\" in the container", path);
	return fd;
}

/*
 * The type is looked at before the file is opened: opening a fifo waits, and
 * opening a device can do anything.
 */
static int open_regular(int root, const char *path, struct error *e)
{
	AUTO_CLOSE int place = path_open_inside(root, path, 0, e);
	AUTO_CLOSE int fd = -1;
	struct stat seen, got;

	if (place < 0)
		return -1;
	if (fstat(place, &seen) < 0)
		return fail_errno(e, "cannot examine \"%s\" in the container", path);
	if (!S_ISREG(seen.st_mode))
		return fail(e, 0, "\"%s\" in the container is no regular file", path);
	fd = resolve(root, path, O_RDONLY | O_NONBLOCK | O_NOCTTY);
	if (fd < 0 || fstat(fd, &got) < 0)
		return fail_errno(e, "cannot open \"%s\" in the container", path);
	if (got.st_dev != seen.st_dev || got.st_ino != seen.st_ino)
		return fail(e, EAGAIN, "\"%s\" in the container was replaced meanwhile", path);
	return TAKE_FD(fd);
}

int path_read_inside(int root, const char *path, char *buf, size_t size, struct error *e)
{
	AUTO_CLOSE int fd = open_regular(root, path, e);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = file_read_all(fd, buf, size);
	if (n < 0)
		return fail_errno(e, "cannot read \"%s\" in the container", path);
	if ((size_t)n >= size || n > INT_MAX)
		return fail(e, EFBIG, "\"%s\" in the container is too large", path);
	buf[n] = '\0';
	return (int)n;
}

/* "/a/b//" is parent "/a" and name "b". A name is never empty, "." or "..": those are no entries.
 */
struct entry {
	char parent[PATH_MAX];
	char name[NAME_MAX + 1];
};

static int split(struct entry *out, const char *path)
{
	size_t len = strlen(path), start;

	while (len > 0 && path[len - 1] == '/')
		len--;
	for (start = len; start > 0 && path[start - 1] != '/'; start--)
		;
	if (len - start > NAME_MAX || start >= PATH_MAX - 1) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(out->name, path + start, len - start);
	out->name[len - start] = '\0';
	memcpy(out->parent, path, start);
	memcpy(out->parent + start, start ? "" : "/", start ? 1 : 2);
	if (!out->name[0] || !strcmp(out->name, ".") || !strcmp(out->name, "..")) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

void path_forget(struct path_last *last)
{
	close_fd(&last->dir);
	last->dir = -1;
	last->fresh = false;
}

static bool remembers(const struct path_last *last, int root, const char *path)
{
	return last->dir >= 0 && last->root == root && str_eq(last->path, path);
}

static void remember(struct path_last *last, int root, const char *path, int dir)
{
	path_forget(last);
	/* One that is too long is like no other. */
	if (str_format(last->path, sizeof(last->path), "%s", path) < 0)
		last->path[0] = '\0';
	last->root = root;
	last->dir = dir;
}

static int make_in(int dir, const char *name, bool file, mode_t mode)
{
	int r = file ? mknodat(dir, name, S_IFREG | mode, 0) : mkdirat(dir, name, mode);

	if (r < 0)
		return -1;
	return openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC | (file ? 0 : O_DIRECTORY));
}

/*
 * Mostly only the last component is missing.  Then one call finds its directory, unless it is the
 * @last, and two make it there: -1 when it is not so, or somebody interferes, and path_walk() has to
 * see to it.  @blind: only in the last directory, without having looked whether it is missing.
 */
static int make_last(int root, struct path_last *last, const char *path, bool blind, bool file,
		     mode_t mode)
{
	struct entry entry;
	AUTO_CLOSE int found = -1;
	int dir, fd;

	if (split(&entry, path) < 0)
		return -1;
	dir = last && remembers(last, root, entry.parent) ? last->dir : -1;
	if (dir < 0 && !blind)
		dir = found = resolve(root, entry.parent, O_PATH | O_DIRECTORY);
	fd = dir < 0 ? -1 : make_in(dir, entry.name, file, mode);
	if (fd >= 0 && last && found >= 0)
		remember(last, root, entry.parent, TAKE_FD(found));
	if (last)
		last->fresh = fd >= 0;
	return fd;
}

int path_mkdir_inside(int root, struct path_last *last, const char *path, mode_t mode,
		      struct error *e)
{
	int fd = last ? make_last(root, last, path, true, false, mode) : -1;

	if (fd < 0)
		fd = resolve(root, path, O_PATH | O_DIRECTORY);
	if (fd < 0 && errno == ENOENT) {
		fd = make_last(root, last, path, false, false, mode);
		if (fd < 0)
			fd = walk_again(root, path, O_PATH | O_DIRECTORY, WALK_MAKES_DIRECTORIES,
					mode);
	}
	if (fd < 0)
		return fail_errno(e, "cannot make directory \"%s\" in the container", path);
	return fd;
}

int path_create_inside(int root, const char *path, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	char plain[PATH_MAX];
	size_t len = strlen(path);
	struct stat st;

	while (len > 1 && path[len - 1] == '/')
		len--;
	if (len >= sizeof(plain))
		return fail(e, ENAMETOOLONG, "cannot make file \"%s\" in the container", path);
	memcpy(plain, path, len);
	plain[len] = '\0';

	fd = resolve(root, plain, O_PATH);
	if (fd < 0 && errno == ENOENT) {
		fd = make_last(root, NULL, plain, false, true, 0644);
		if (fd < 0)
			fd = walk_again(root, plain, O_PATH, WALK_MAKES_FILE, 0644);
	}
	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_errno(e, "cannot make file \"%s\" in the container", path);
	if (S_ISDIR(st.st_mode))
		return fail(e, EISDIR, "cannot make file \"%s\" in the container", path);
	return TAKE_FD(fd);
}

/* The directory of @path's last component, made when missing; it is @last's. */
static int parent_of(int root, struct path_last *last, const char *path, struct entry *entry,
		     struct error *e)
{
	if (split(entry, path) < 0)
		return fail_errno(e, "\"%s\" cannot be made in the container", path);
	if (!remembers(last, root, entry->parent))
		remember(last, root, entry->parent,
			 path_mkdir_inside(root, NULL, entry->parent, 0755, e));
	return last->dir;
}

int path_symlink_inside(int root, struct path_last *last, const char *path, const char *target,
			struct error *e)
{
	struct entry entry;
	const int dir = parent_of(root, last, path, &entry, e);

	if (dir < 0)
		return -1;
	if (symlinkat(target, dir, entry.name) < 0)
		return fail_errno(e, "cannot make symlink \"%s\" in the container", path);
	return 0;
}

static bool is_node(const struct stat *st, mode_t mode, dev_t dev)
{
	return (st->st_mode & S_IFMT) == (mode & S_IFMT) && st->st_rdev == dev;
}

/*
 * What was made is opened without following, and is what was asked for, before it is given away.
 * Mostly it has its owner from the beginning.  That is looked at, not inferred from our own ids: a
 * directory may pass its group on, and a file system have its own idea of owners.
 */
static int own_node(int dir, const char *name, mode_t mode, dev_t dev, uid_t uid, gid_t gid)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && is_node(&st, mode, dev) &&
	    (uid == (uid_t)-1 || st.st_uid == uid) && (gid == (gid_t)-1 || st.st_gid == gid))
		return 0;
	fd = openat(dir, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0)
		return -1;
	if (!is_node(&st, mode, dev)) {
		errno = EAGAIN;
		return -1;
	}
	return fchownat(fd, "", uid, gid, AT_EMPTY_PATH);
}

int path_mknod_inside(int root, struct path_last *last, const char *path, mode_t mode, dev_t dev,
		      uid_t uid, gid_t gid, struct error *e)
{
	struct entry entry;
	const int dir = parent_of(root, last, path, &entry, e);

	if (dir < 0)
		return -1;
	if (mknodat(dir, entry.name, mode, dev) < 0)
		return fail_errno(e, "cannot make device \"%s\" in the container", path);
	if (own_node(dir, entry.name, mode, dev, uid, gid) < 0) {
		fail_errno(e, "cannot give device \"%s\" its owner", path);
		unlinkat(dir, entry.name, 0);
		return -1;
	}
	return 0;
}

int path_stat_inside(int root, const char *path, struct stat *st)
{
	AUTO_CLOSE int fd = resolve(root, path, O_PATH | O_NOFOLLOW);
	struct stat got;

	if (fd < 0 || fstat(fd, &got) < 0)
		return -1;
	*st = got;
	return 0;
}

int path_unlink_inside(int root, const char *path, struct error *e)
{
	struct entry entry;
	AUTO_CLOSE int dir = -1;

	if (split(&entry, path) < 0)
		return fail_errno(e, "\"%s\" cannot be removed in the container", path);
	dir = path_open_inside(root, entry.parent, PATH_DIRECTORY, e);
	if (dir < 0)
		return -1;
	if (unlinkat(dir, entry.name, 0) < 0)
		return fail_errno(e, "cannot remove \"%s\" in the container", path);
	return 0;
}
