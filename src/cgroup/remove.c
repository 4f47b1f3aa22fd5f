/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/dir.h"
#include "cgroup/hierarchy.h"
#include "cgroup/kill.h"
#include "cgroup/knob.h"
#include "cgroup/walk.h"
#include "sys/clock.h"

#define REMOVE_MS 5000
#define PASS_MS 200 /* for one nested cgroup, before the others get their turn */

static int open_dir(int at, const char *name)
{
	return openat(at, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
}

static int64_t soon(int64_t deadline)
{
	int64_t t = now_ms() + PASS_MS;

	return t < deadline ? t : deadline;
}

/* Steps into a busy child, or kills what lives in one that has no children itself. */
static int enter_busy(int *here, unsigned int *depth, const char *name, bool v2, int64_t deadline)
{
	AUTO_CLOSE int child = open_dir(*here, name);
	char below[NAME_MAX + 1];

	if (child < 0)
		return errno == ENOENT ? 0 : -1;
	if (child_first(child, below, sizeof(below)) > 0) {
		close(*here);
		*here = TAKE_FD(child);
		++*depth;
		return 0;
	}
	kill_all(child, v2, soon(deadline));
	sleep_ms(
		1); /* the kernel lets go of a dead process a moment after it is not listed any more */
	return 0;
}

static int leave(int *here, unsigned int *depth)
{
	int parent = open_dir(*here, "..");

	if (parent < 0)
		return -1;
	close(*here);
	*here = parent;
	--*depth;
	return 0;
}

/*
 * Removes all cgroups below @top, the deepest first.  With one descriptor and no recursion:
 * whoever made them may have nested them deeper than we have stack or descriptors.
 */
static int prune(int top, bool v2, int64_t deadline)
{
	AUTO_CLOSE int here = open_dir(top, ".");
	char name[NAME_MAX + 1];
	unsigned int depth = 0;

	while (here >= 0 && now_ms() < deadline) {
		int r = child_first(here, name, sizeof(name));

		if (r < 0)
			return -1;
		if (r == 0 && depth == 0)
			return 0;
		if (r == 0)
			r = leave(&here, &depth);
		else if (unlinkat(here, name, AT_REMOVEDIR) < 0 && errno != ENOENT)
			r = errno == EBUSY ? enter_busy(&here, &depth, name, v2, deadline) : -1;
		if (r < 0)
			return -1;
	}
	errno = here < 0 ? errno : ETIMEDOUT;
	return -1;
}

static int remove_dir(const struct cgroup_dir *d, struct arena *a, int64_t deadline)
{
	const char *path = dir_path(a, d);

	for (int64_t nap = 1;; nap = nap < 50 ? nap * 2 : nap) {
		AUTO_CLOSE int fd = -1;

		if (dir_unmake(d) == 0)
			return 0;
		if (errno != EBUSY || now_ms() >= deadline)
			return -1;
		fd = open_dir(AT_FDCWD, path);
		if (fd < 0)
			continue;
		kill_all(fd, dir_is_v2(d), soon(deadline));
		prune(fd, dir_is_v2(d), deadline);
		sleep_ms(nap);
	}
}

struct survivors {
	char text[256];
	int n;
};

/* "1234 (name)", the first few; a name is at most 15 bytes and may hold anything. */
static int describe(int pid, void *context)
{
	struct survivors *s = context;
	char file[32], name[32] = "?";
	size_t len = strlen(s->text);

	s->n++;
	if (str_format(file, sizeof(file), "/proc/%d/comm", pid) == 0)
		knob_read(AT_FDCWD, file, name, sizeof(name));
	for (char *c = name; *c; c++)
		if (*c < ' ' || *c == 0x7f)
			*c = '?';
	if (str_format(s->text + len, sizeof(s->text) - len, "%s%d (%s)", len ? ", " : "", pid,
		       name) < 0)
		s->text[len] = '\0';
	return 0;
}

static int report(const struct cgroup_dir *d, struct arena *a, int code, struct error *e)
{
	AUTO_CLOSE int fd = open_dir(AT_FDCWD, dir_path(a, d));
	struct survivors s = {.n = 0};

	if (fd >= 0)
		pids_visit(fd, describe, &s);
	if (s.n > 0)
		return fail(e, code,
			    "cannot remove cgroup \"%s%s\": %d process(es) would not die: %s",
			    d->mountpoint, d->path, s.n, s.text);
	return fail(e, code, "cannot remove cgroup \"%s%s\"", d->mountpoint, d->path);
}

/* All at once: kills through one hierarchy and thaws, so that the rest finds empty directories. */
static void kill_first(const struct cgroup_place *p, struct arena *a)
{
	struct cgroup g;
	struct error ignored;

	if (cgroup_open(&g, a, p, &ignored) < 0)
		return;
	cgroup_signal(&g, SIGKILL, &ignored);
	cgroup_close(&g);
}

int cgroup_remove(const struct cgroup_place *p, struct arena *a, struct error *e)
{
	int64_t deadline = 0;
	int result = 0;

	for (size_t i = 0; i < p->dirs.n; i++) {
		if (dir_unmake(&p->dirs.v[i]) == 0) /* nearly always: it is empty */
			continue;
		if (deadline == 0) {
			deadline = now_ms() + REMOVE_MS;
			kill_first(p, a);
		}
		if (remove_dir(&p->dirs.v[i], a, deadline) < 0 && result == 0)
			result = report(&p->dirs.v[i], a, errno, e);
	}
	return result;
}
