/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container without a mount namespace of its own mounts in its caller's.  What was mounted
 * below its root file system before is noted in the intent record; everything else that is
 * found there when the container goes, after a crash too, is its own.
 */
#include "host/host_mounts.h"

#include <errno.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>

#include "sys/dir.h"
#include "sys/mountinfo.h"

static bool is_below(const char *point, const char *dir)
{
	size_t len = strlen(dir);

	return !strncmp(point, dir, len) && point[len] == '/';
}

static bool holds(const struct strs *list, const char *text)
{
	FOR_EACH(s, *list)
		if (str_eq(*s, text))
			return true;
	return false;
}

/* The id of the next mount below @dir: 1 and in @id; 0 at the end; -1. */
static int next_below(struct mountinfo *m, const char *dir, char id[24], struct error *e)
{
	int more;

	while ((more = mountinfo_next(m, e)) > 0)
		if (is_below(m->point, dir))
			return str_format(id, 24, "%llu", (unsigned long long)m->id) < 0 ? -1 : 1;
	return more;
}

int host_mounts_note(struct state *s, struct arena *a, struct error *e)
{
	struct host_mounts *h = ARENA_NEW(a, struct host_mounts);
	struct mountinfo m;
	char path[PATH_MAX], id[24];
	int more;

	if (dir_real_path(s->rootfs, path, sizeof(path)) < 0)
		return fail_at(e, "root.path", errno, "cannot find \"%s\"", s->rootfs);
	if (str_eq(path, "/"))
		return fail_at(e, "mounts", 0,
			       "without a mount namespace these would be the host's own");
	h->below = arena_strdup(a, path);
	if (mountinfo_open(&m, 0, e) < 0)
		return -1;
	while ((more = next_below(&m, path, id, e)) > 0) {
		h->before.v = arena_more(a, h->before.v, h->before.n, sizeof(h->before.v[0]));
		h->before.v[h->before.n++] = arena_strdup(a, id);
	}
	mountinfo_close(&m);
	s->host_mounts = h;
	return more;
}

/* 1: one was detached, with all below it; 0: there is none; -1. */
static int detach_one(const struct host_mounts *h, struct error *e)
{
	struct mountinfo m;
	char id[24];
	int more;

	if (mountinfo_open(&m, 0, e) < 0)
		return -1;
	do
		more = next_below(&m, h->below, id, e);
	while (more > 0 && holds(&h->before, id));
	if (more > 0 && umount2(m.point, MNT_DETACH | UMOUNT_NOFOLLOW) < 0)
		more = fail_errno(e, "cannot unmount \"%s\"", m.point);
	mountinfo_close(&m);
	return more;
}

int host_mounts_remove(const struct state *s, struct error *e)
{
	int more = 1;

	while (s->host_mounts && more > 0)
		more = detach_one(s->host_mounts, e);
	return s->host_mounts ? more : 0;
}
