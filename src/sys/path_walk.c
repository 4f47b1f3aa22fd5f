/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/path_walk.h"

#include <limits.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "sys/abi.h"

struct walk {
	int root;
	int at; /* the directory come to */
	enum walk_make make;
	mode_t mode;
	bool made; /* something was missing: all below it is new */
	int links;
	char done[PATH_MAX]; /* "a/b/c": the plain names from root to at */
	char rest[2 * PATH_MAX];
	const char *next; /* in rest */
};

static int refuse(int code)
{
	errno = code;
	return -1;
}

static int open_directory(int dir, const char *name)
{
	return openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static void move_to(struct walk *w, int fd)
{
	close_fd(&w->at);
	w->at = fd;
}

/* One directory down: *@fd, which is taken, is what @name is in w->at. */
static int enter(struct walk *w, int *fd, const char *name)
{
	size_t have = strlen(w->done), more = strlen(name);

	if (have + 1 + more >= sizeof(w->done))
		return refuse(ENAMETOOLONG);
	if (have)
		w->done[have++] = '/';
	memcpy(w->done + have, name, more + 1);
	move_to(w, TAKE_FD(*fd));
	return 0;
}

/*
 * "..": the parent on the way that was taken, found again from root.  Asking
 * the kernel would answer with the parent of now, which is outside when the
 * directory has been moved there.
 */
static int leave(struct walk *w)
{
	char *last = strrchr(w->done, '/');
	AUTO_CLOSE int fd = open_directory(w->root, ".");
	char *name, *end;

	*(last ? last : w->done) = '\0';
	for (name = w->done; fd >= 0 && *name; name = *end ? end + 1 : end) {
		char c;
		int below;

		end = name + strcspn(name, "/");
		c = *end;
		*end = '\0';
		below = open_directory(fd, name);
		*end = c;
		if (below < 0 && (errno == ENOENT || errno == ENOTDIR || errno == ELOOP))
			return refuse(EAGAIN);
		close_fd(&fd);
		fd = below;
	}
	if (fd < 0)
		return -1;
	move_to(w, TAKE_FD(fd));
	return 0;
}

/*
 * May this link be followed?  Below the root of a procfs links are magic: they
 * lead to where a process has something open, not to where their text says.
 */
static int may_follow(const struct walk *w, int link)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(link, &fs) < 0)
		return -1;
	if (fs.f_flags & ABI_ST_NOSYMFOLLOW)
		return refuse(ELOOP);
	if (fs.f_type != ABI_PROC_MAGIC)
		return 0;
	if (fstat(w->at, &st) < 0)
		return -1;
	return st.st_ino == ABI_PROC_ROOT_INODE ? 0 : refuse(ELOOP);
}

/* Puts the text of @link before what is left of the path. */
static int follow(struct walk *w, int link)
{
	char text[PATH_MAX];
	size_t left = strlen(w->next);
	ssize_t n;

	if (++w->links > PATH_MAX_LINKS)
		return refuse(ELOOP);
	if (may_follow(w, link) < 0)
		return -1;
	n = readlinkat(link, "", text, sizeof(text));
	if (n <= 0)
		return n < 0 ? -1 : refuse(ENOENT);
	if (n == (ssize_t)sizeof(text) || (size_t)n + left >= sizeof(w->rest))
		return refuse(ENAMETOOLONG);

	/* What is left begins with the slash after the link's name, or is empty. */
	memmove(w->rest + n, w->next, left + 1);
	memcpy(w->rest, text, (size_t)n);
	w->next = w->rest;
	if (text[0] != '/')
		return 0;
	w->done[0] = '\0';
	return leave(w);
}

static int make_missing(struct walk *w, const char *name, bool file)
{
	mode_t mode = file || w->make == WALK_MAKES_DIRECTORIES ? w->mode : 0755;
	AUTO_CLOSE int fd = -1;
	int made;

	if (file)
		made = fd = openat(w->at, name,
				   O_CREAT | O_EXCL | O_NOFOLLOW | O_WRONLY | O_NOCTTY | O_CLOEXEC,
				   mode);
	else
		made = mkdirat(w->at, name, mode);
	w->made = true;
	return made < 0 && errno != EEXIST ? -1 : 0;
}

/* Copies the next component; false at the end of the path. */
static int take_name(struct walk *w, char name[NAME_MAX + 1])
{
	size_t n;

	w->next += strspn(w->next, "/");
	n = strcspn(w->next, "/");
	if (n > NAME_MAX)
		return refuse(ENAMETOOLONG);
	memcpy(name, w->next, n);
	name[n] = '\0';
	w->next += n;
	return n > 0;
}

/* Opens @name in w->at, making it when that is wanted. */
static int open_name(struct walk *w, const char *name, bool file)
{
	const int flags = O_PATH | O_NOFOLLOW | O_CLOEXEC;
	int fd = openat(w->at, name, flags);

	if (fd >= 0 || errno != ENOENT || w->make == WALK_MAKES_NOTHING)
		return fd;
	if (make_missing(w, name, file) < 0)
		return -1;
	fd = openat(w->at, name, flags);
	return fd < 0 && errno == ENOENT ? refuse(EAGAIN) : fd;
}

/* The last component is *@fd, found as @name in w->at: gives it the form that @flags ask for. */
static int open_last(const struct walk *w, int *fd, const char *name, mode_t type, int flags)
{
	if ((flags & O_DIRECTORY) && !S_ISDIR(type))
		return refuse(ENOTDIR);
	if (flags & O_PATH)
		return TAKE_FD(*fd);
	return openat(w->at, name, flags | O_NOFOLLOW | O_CLOEXEC);
}

static int walk_on(struct walk *w, int flags)
{
	char name[NAME_MAX + 1];
	int more;

	while ((more = take_name(w, name)) > 0) {
		/* A slash behind the last name makes it a directory, and followed. */
		bool last = *w->next == '\0';
		AUTO_CLOSE int fd = -1;
		struct stat st;

		if (strcmp(name, ".") == 0)
			continue;
		if (strcmp(name, "..") == 0) {
			if (w->made) /* the path goes through what never existed */
				return refuse(ENOENT);
			if (leave(w) < 0)
				return -1;
			continue;
		}
		fd = open_name(w, name, last && w->make == WALK_MAKES_FILE);
		if (fd < 0 || fstat(fd, &st) < 0)
			return -1;
		if (S_ISLNK(st.st_mode) && !(last && (flags & O_NOFOLLOW))) {
			if (follow(w, fd) < 0)
				return -1;
			continue;
		}
		if (last)
			return open_last(w, &fd, name, st.st_mode, flags);
		if (!S_ISDIR(st.st_mode))
			return refuse(ENOTDIR);
		if (enter(w, &fd, name) < 0)
			return -1;
	}
	/* The path ended with the directory come to: "/", "a/", "a/.", "a/..". */
	return more < 0 ? -1 : openat(w->at, ".", (flags & ~O_NOFOLLOW) | O_CLOEXEC);
}

int path_walk(int root, const char *path, int flags, enum walk_make make, mode_t mode)
{
	struct walk w = {.root = root, .at = -1, .make = make, .mode = mode};
	size_t len = strlen(path);
	int fd;

	if (len == 0)
		return refuse(ENOENT);
	if (len >= PATH_MAX)
		return refuse(ENAMETOOLONG);
	memcpy(w.rest, path, len + 1);
	w.next = w.rest;
	w.at = open_directory(root, ".");
	if (w.at < 0)
		return -1;
	fd = walk_on(&w, flags);
	close_fd(&w.at);
	return fd;
}
