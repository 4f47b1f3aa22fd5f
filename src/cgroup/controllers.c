/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup2 hands controllers down level by level: a cgroup has what its parent
 * names in cgroup.subtree_control.  Only what is asked for is enabled, since
 * each one costs every process below, and only when the container's directory
 * does not have it yet: mostly one read answers that.
 */
#include "cgroup/controllers.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/knob.h"

#define LIST_MAX 512 /* every controller there is takes some 60 bytes */

static bool has(int dir, const char *controller)
{
	char list[LIST_MAX];

	return knob_read(dir, "cgroup.controllers", list, sizeof(list)) >= 0 &&
	       word_in(list, ' ', controller);
}

static int refused(int dir, const char *level, const struct controller *c, int code,
		   struct error *e)
{
	char type[64] = "";

	knob_read(dir, "cgroup.type", type, sizeof(type));
	if (!has(dir, c->name))
		return fail_at(
			e, c->at, 0,
			"the cgroup controller \"%s\" is not available in \"%s\": the kernel lacks it, "
			"a v1 hierarchy holds it, or the cgroup above does not hand it down",
			c->name, level);
	if (str_starts(type, "threaded") || str_starts(type, "domain threaded") ||
	    str_starts(type, "domain invalid"))
		return fail_at(
			e, c->at, code,
			"cannot enable the cgroup controller \"%s\": \"%s\" is a threaded cgroup (%s)",
			c->name, level, type);
	if (code == EBUSY)
		return fail_at(
			e, c->at, code,
			"cannot enable the cgroup controller \"%s\" below \"%s\": processes live in that "
			"cgroup itself; move them to one of their own below it",
			c->name, level);
	if (code == EACCES || code == EPERM || code == EROFS)
		return fail_at(
			e, c->at, code,
			"cannot enable the cgroup controller \"%s\" below \"%s\": that cgroup is not "
			"delegated to user %u",
			c->name, level, (unsigned int)geteuid());
	if (code == EINVAL && str_eq(c->name, "cpu"))
		return fail_at(
			e, c->at, code,
			"cannot enable the cgroup controller \"cpu\" below \"%s\": realtime processes "
			"outside the root cgroup prevent it",
			level);
	return fail_at(e, c->at, code, "cannot enable the cgroup controller \"%s\" below \"%s\"",
		       c->name, level);
}

/* Levels that hand it down already need not be ours: those above a delegated one never are. */
static bool hands_down(int dir, const char *controller)
{
	char list[LIST_MAX];

	return knob_read(dir, "cgroup.subtree_control", list, sizeof(list)) >= 0 &&
	       word_in(list, ' ', controller);
}

/* One write for all; one by one when that is refused, to tell which one it was. */
static int enable_at(const char *level, const controller_list *wanted, struct error *e)
{
	AUTO_CLOSE int dir = openat(AT_FDCWD, level, O_PATH | O_DIRECTORY | O_CLOEXEC);
	char list[LIST_MAX] = "";
	size_t len = 0;

	if (dir < 0)
		return fail_errno(e, "cannot open cgroup \"%s\"", level);
	FOR_EACH(c, *wanted) {
		if (len + strlen(c->name) + 3 > sizeof(list))
			break;
		len += (size_t)(stpcpy(stpcpy(list + len, len ? " +" : "+"), c->name) -
				(list + len));
	}
	if (knob_write(dir, "cgroup.subtree_control", list) == 0)
		return 0;
	FOR_EACH(c, *wanted) {
		stpcpy(stpcpy(list, "+"), c->name);
		if (!hands_down(dir, c->name) &&
		    knob_write(dir, "cgroup.subtree_control", list) < 0 && c->at)
			return refused(dir, level, c, errno, e);
	}
	return 0;
}

int controllers_enable(const struct cgroup_dir *d, int fd, const controller_list *wanted,
		       struct error *e)
{
	struct controller lacking[16];
	controller_list missing = {.v = lacking};
	char present[LIST_MAX] = "", level[PATH_MAX];
	size_t mount_len = strlen(d->mountpoint);

	if (wanted->n == 0)
		return 0;
	if (knob_read(fd, "cgroup.controllers", present, sizeof(present)) < 0)
		return fail_errno(e, "cannot read cgroup.controllers in \"%s%s\"", d->mountpoint,
				  d->path);
	FOR_EACH(c, *wanted)
		if (!word_in(present, ' ', c->name) && missing.n < ARRAY_SIZE(lacking))
			lacking[missing.n++] = *c;
	if (missing.n == 0)
		return 0;
	if (str_format(level, sizeof(level), "%s%s", d->mountpoint, d->path) < 0)
		return fail_errno(e, "the cgroup path is too long");
	/* "/sys/fs/cgroup", "/sys/fs/cgroup/a", ... but not the last: it is the container's own */
	for (char *slash = level + mount_len; slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		if (enable_at(level, &missing, e) < 0)
			return -1;
		*slash = '/';
	}
	return 0;
}
