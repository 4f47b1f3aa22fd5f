/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/walk.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/fd.h"
#include "base/str.h"
#include "sys/dir.h"

/* The next child cgroup. kernfs always fills in the type, and every directory is a cgroup. */
static const char *next_child(struct dir_reader *r)
{
	const char *name;

	do
		name = dir_next(r);
	while (name && r->type != DT_DIR);
	return name;
}

static int open_listing(int dir)
{
	return openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
}

int child_first(int dir, char *name, size_t size)
{
	AUTO_CLOSE int fd = open_listing(dir);
	struct dir_reader r = {.fd = fd};
	const char *found;

	if (fd < 0)
		return -1;
	found = next_child(&r);
	if (!found)
		return dir_failed(&r) ? -1 : 0;
	return str_format(name, size, "%s", found) < 0 ? -1 : 1;
}

/* A cgroup that was removed while we looked: its files answer ENODEV. */
static bool is_gone(int code)
{
	return code == ENOENT || code == ENODEV;
}

int pids_visit_one(int dir, pid_visitor visit, void *context)
{
	AUTO_CLOSE int fd = openat(dir, "cgroup.procs", O_RDONLY | O_CLOEXEC);
	char buf[4096];
	ssize_t n;
	int pid = 0;
	bool in_number = false;

	if (fd < 0)
		return is_gone(errno) ? 0 : -1;
	while ((n = read(fd, buf, sizeof(buf))) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		/* EOPNOTSUPP: a threaded cgroup; its processes are listed further up */
		if (n < 0)
			return is_gone(errno) || errno == EOPNOTSUPP ? 0 : -1;
		for (ssize_t i = 0; i < n; i++) {
			if (buf[i] >= '0' && buf[i] <= '9') {
				pid = pid * 10 + (buf[i] - '0');
				in_number = true;
				continue;
			}
			/* 0 stands for a process that this pid namespace does not see */
			if (in_number && pid > 0 && visit(pid, context) < 0)
				return -1;
			pid = 0;
			in_number = false;
		}
	}
	return 0;
}

/*
 * A walk through a tree with one descriptor and no recursion: whoever made it may have nested it deeper
 * than we have stack or descriptors.
 */
struct walk {
	struct dir_reader here;
	int64_t *above; /* where the listing of each level above goes on */
	size_t depth, room;
};

static int go(struct walk *w, const char *name, int64_t from)
{
	int fd = openat(w->here.fd, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -1;
	close(w->here.fd);
	w->here.fd = fd;
	w->here.len = w->here.at = 0;
	return from && lseek(fd, from, SEEK_SET) < 0 ? -1 : 0;
}

static int descend(struct walk *w, const char *name)
{
	int64_t next = w->here.next;

	if (go(w, name, 0) < 0)
		return -1;
	if (w->depth == w->room)
		w->above = arena_more(arena_main(), w->above, w->room++, sizeof(*w->above));
	w->above[w->depth++] = next;
	return 0;
}

static int visit_tree(struct walk *w, pid_visitor visit, void *context)
{
	const char *name;
	int r = pids_visit_one(w->here.fd, visit, context);

	while (r == 0) {
		name = next_child(&w->here);
		if (!name && dir_failed(&w->here) && !is_gone(errno))
			return -1;
		if (!name && w->depth == 0)
			return 0;
		if (!name)
			r = go(w, "..", w->above[--w->depth]);
		else if (descend(w, name) == 0)
			r = pids_visit_one(w->here.fd, visit, context);
		else if (!is_gone(errno))
			return -1;
	}
	return -1;
}

int pids_visit(int dir, pid_visitor visit, void *context)
{
	struct walk w = {.here.fd = open_listing(dir)};
	int r;

	if (w.here.fd < 0)
		return is_gone(errno) ? 0 : -1;
	r = visit_tree(&w, visit, context);
	close_fd(&w.here.fd);
	return r;
}

static int count(int pid, void *context)
{
	(void)pid;
	++*(int *)context;
	return 0;
}

int pids_count(int dir)
{
	int n = 0;

	return pids_visit(dir, count, &n) < 0 ? -1 : n;
}
