/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/sort.h"
#include "host/container.h"
#include "sys/abi.h"
#include "sys/dir.h"
#include "sys/file.h"
#include "sys/procfs.h"

#define ID_MAX 255

/*
 * Root of a user namespace is not root: rootless engines run us as uid 0 with
 * the user's XDG_RUNTIME_DIR, and his name or none at all (Podman).  Only asked
 * when the environment hints at it, since it costs a look at /proc.
 */
static bool is_guest_root(void)
{
	const char *user = getenv("USER");
	char map[64] = "";

	if (user && strcmp(user, "root") == 0)
		return false;

	AUTO_CLOSE int fd = openat(AT_FDCWD, "/proc/self/uid_map", O_RDONLY | O_CLOEXEC);
	if (fd < 0 || file_read_all(fd, map, sizeof(map) - 1) < 0)
		return false;
	return !str_find(map, "4294967295");
}

const char *store_root(const struct runtime *rt)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");

	if (rt->root)
		return rt->root;
	if (dir && dir[0] == '/' && (geteuid() != 0 || is_guest_root()))
		return arena_printf(rt->arena, "%s/yacr", dir);
	return "/run/yacr";
}

/*
 * mkdir -p; 0700 for each directory that is made.  What cannot be made may be there all the same (a
 * file system over a network need not look first): then what is below it can.
 */
static int make_directories(const char *path, struct error *e)
{
	char part[PATH_MAX];
	size_t len = strlen(path);
	int refused = 0;

	if (len >= sizeof(part))
		return fail(e, ENAMETOOLONG, "cannot use state root \"%s\"", path);

	for (size_t i = 1; i <= len; i++) {
		if (path[i] != '/' && path[i] != '\0')
			continue;
		memcpy(part, path, i);
		part[i] = '\0';
		if (mkdir(part, 0700) == 0 || errno == EEXIST)
			refused = 0;
		else if (!refused)
			refused = errno;
	}
	return refused ? fail(e, refused, "cannot create state root \"%s\"", path) : 0;
}

/*
 * Sticky, so that systemd-tmpfiles leaves it alone: who prunes XDG_RUNTIME_DIR
 * looks for that bit (XDG base directory specification).
 */
static void protect_from_pruning(int root)
{
	if (geteuid() != 0)
		(void)fchmod(root, S_ISVTX | 0700);
}

static int check_root(int root, const char *path, struct error *e)
{
	struct stat st, top;

	if (fstat(root, &st) < 0 || stat("/", &top) < 0)
		return fail_errno(e, "cannot examine state root \"%s\"", path);
	if (st.st_dev == top.st_dev && st.st_ino == top.st_ino)
		return fail(e, 0, "state root must not be \"/\"");
	if (st.st_uid != geteuid())
		return fail(e, 0, "state root \"%s\" belongs to uid %u, not to %u", path, st.st_uid,
			    geteuid());
	if (st.st_mode & (S_IWGRP | S_IWOTH))
		return fail(e, 0, "state root \"%s\" is writable by others", path);
	return 0;
}

int store_open(struct store *out, const char *root, bool make, struct error *e)
{
	const int flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC;
	AUTO_CLOSE int fd = -1;

	if (!root[0])
		return fail(e, 0, "state root is empty");

	fd = openat(AT_FDCWD, root, flags);
	if (fd < 0 && errno == ENOENT && make) {
		if (make_directories(root, e) < 0)
			return -1;
		fd = openat(AT_FDCWD, root, flags);
		if (fd >= 0)
			protect_from_pruning(fd);
	}
	if (fd < 0 && errno == ENOENT && !make) {
		*out = (struct store){.root = -1, .path = root};
		return 0;
	}
	if (fd < 0 && (errno == ENOTDIR || errno == ELOOP))
		return fail(e, 0, "state root \"%s\" is no directory", root);
	if (fd < 0)
		return fail_errno(e, "cannot open state root \"%s\"", root);
	if (check_root(fd, root, e) < 0)
		return -1;

	*out = (struct store){.root = TAKE_FD(fd), .path = root};
	return 0;
}

const char *store_boot_id(const struct store *s)
{
	struct statfs fs;

	return fstatfs(s->root, &fs) == 0 && fs.f_type == ABI_TMPFS_MAGIC ? NULL : procfs_boot_id();
}

static bool is_id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       c == '_' || c == '+' || c == '-' || c == '.';
}

int store_check_id(const char *id, struct error *e)
{
	size_t len = strlen(id);
	bool ok = len > 0 && len <= ID_MAX && id[0] != '.';

	for (size_t i = 0; ok && i < len; i++)
		ok = is_id_char(id[i]);
	if (!ok)
		return fail(e, 0, "invalid container ID format: \"%.64s\"%s", id,
			    len > ID_MAX ? " is longer than 255 characters" : "");
	return 0;
}

/* ---- names below the root ---- */

static int open_names(const struct store *s)
{
	return openat(s->root, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

static int compare_ids(const void *a, const void *b)
{
	return strcmp(*(const char *const *)a, *(const char *const *)b);
}

int store_ids(struct strs *out, const struct store *s, struct arena *a, struct error *e)
{
	AUTO_CLOSE int fd = s->root < 0 ? -1 : open_names(s);
	struct dir_reader r = {.fd = fd};
	struct strs ids = {0};
	struct error ignored;
	const char *name;
	size_t room = 0;

	if (s->root < 0) {
		*out = ids;
		return 0;
	}
	if (fd < 0)
		return fail_errno(e, "cannot read state root \"%s\"", s->path);

	while ((name = dir_next(&r))) {
		if (store_check_id(name, &ignored) < 0)
			continue;
		if (ids.n + 1 >= room) {
			size_t more = room ? room * 2 : 16;

			ids.v = arena_grow(a, ids.v, ids.n, more, sizeof(*ids.v));
			room = more;
		}
		ids.v[ids.n++] = arena_strdup(a, name);
	}
	if (dir_failed(&r))
		return fail_errno(e, "cannot read state root \"%s\"", s->path);

	if (ids.n)
		sort(ids.v, ids.n, sizeof(*ids.v), compare_ids);
	*out = ids;
	return 0;
}

/*
 * A process of that number that lives is left alone, whoever it is: then the
 * directory waits for the next sweep.  The lock is for a yacr in another pid
 * namespace, whose number says nothing here.
 */
bool store_is_abandoned(const struct store *s, const char *name)
{
	uint64_t pid;

	if (name[0] != '.' || str_to_u64(name + 1, INT32_MAX, &pid) < 0)
		return false;
	if ((pid_t)pid != getpid() && (kill((pid_t)pid, 0) == 0 || errno != ESRCH))
		return false;

	AUTO_CLOSE int fd = openat(s->root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd < 0 || flock(fd, LOCK_EX | LOCK_NB) == 0;
}

void store_sweep(const struct store *s)
{
	AUTO_CLOSE int fd = s->root < 0 ? -1 : open_names(s);
	struct dir_reader r = {.fd = fd};
	struct error ignored;
	const char *name;

	while (fd >= 0 && (name = dir_next(&r)))
		if (store_is_abandoned(s, name))
			(void)file_remove_tree_at(s->root, name, &ignored);
}
