/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/mount_legacy.h"

#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/list.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/file.h"
#include "sys/mount_flags.h"
#include "sys/mountinfo.h"

#define DATA_MAX 4096 /* the kernel would take a page, and not say that there was more */

/* A name for a descriptor, as long as it lasts. */
struct place {
	char path[32];
	int back; /* the working directory of before, or -1 */
};

static int place_of_link(struct place *p, int fd, struct error *e)
{
	struct statfs fs;

	if (statfs("/proc", &fs) < 0 || fs.f_type != ABI_PROC_MAGIC)
		return fail(e, ENOSYS, "mounting over a file needs a procfs on /proc");
	return str_format(p->path, sizeof(p->path), "/proc/self/fd/%d", fd);
}

static int place_open(struct place *p, int fd, struct error *e)
{
	struct stat st;

	p->back = -1;
	if (fstat(fd, &st) < 0)
		return fail_errno(e, "cannot examine a mount point");
	if (!S_ISDIR(st.st_mode))
		return place_of_link(p, fd, e);
	p->back = openat(AT_FDCWD, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (p->back < 0 || fchdir(fd) < 0) {
		fail_errno(e, "cannot enter a mount point");
		close_fd(&p->back);
		return -1;
	}
	memcpy(p->path, ".", 2);
	return 0;
}

static void place_close(struct place *p)
{
	if (p->back < 0)
		return;
	/* It cannot fail, but if it does, no relative name may mean something else from here on. */
	if (fchdir(p->back) < 0)
		_exit(1);
	close_fd(&p->back);
	p->back = -1;
}

/* mount(2) with @target by descriptor; -1 with errno in e->code, without a text. */
static int mount_on(const char *source, int target, const char *type, unsigned long flags,
		    const char *data, struct error *e)
{
	struct place p;
	int rc;

	if (data && strlen(data) >= DATA_MAX)
		return fail(e, E2BIG, "the mount options are too long");
	if (place_open(&p, target, e) < 0)
		return -1;
	rc = mount(source, p.path, type, flags, data);
	if (rc < 0)
		fail_errno(e, "cannot mount");
	place_close(&p);
	return rc;
}

/*
 * The root of what was just mounted over @target.  mount(2) does not tell; the
 * name that @target has now is opened, and has to be a mount on just that place.
 */
static int name_of_place(int target, bool directory, char path[PATH_MAX], struct error *e)
{
	struct place p = {.back = -1};
	long n;

	if (directory) {
		if (place_open(&p, target, e) < 0)
			return -1;
		n = syscall(SYS_getcwd, path, PATH_MAX);
	} else {
		if (place_of_link(&p, target, e) < 0)
			return -1;
		n = readlink(p.path, path, PATH_MAX - 1);
		if (n > 0)
			path[n] = '\0';
	}
	if (n <= 0)
		fail_errno(e, "cannot find the name of a mount point");
	place_close(&p);
	return n <= 0 ? -1 : 0;
}

static bool same_parent(int a, int b)
{
	AUTO_CLOSE int up_a = openat(a, "..", O_PATH | O_CLOEXEC);
	AUTO_CLOSE int up_b = openat(b, "..", O_PATH | O_CLOEXEC);
	uint64_t id_a, id_b;

	return up_a >= 0 && up_b >= 0 && file_same(up_a, up_b) && mount_id(up_a, &id_a) == 0 &&
	       mount_id(up_b, &id_b) == 0 && id_a == id_b;
}

static int open_mounted(int target, int source, struct error *e)
{
	char path[PATH_MAX];
	AUTO_CLOSE int fd = -1;
	uint64_t under, over;
	struct stat st;
	bool directory, right;

	if (fstat(target, &st) < 0)
		return fail_errno(e, "cannot examine a mount point");
	directory = S_ISDIR(st.st_mode);
	if (name_of_place(target, directory, path, e) < 0)
		return -1;
	fd = openat(AT_FDCWD, path, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0 || mount_id(target, &under) < 0 || mount_id(fd, &over) < 0)
		return fail_errno(e, "cannot open a new mount");
	right = under != over && (directory ? same_parent(fd, target) : file_same(fd, source));
	if (!right)
		return fail(e, EAGAIN, "the mount point was moved meanwhile");
	return TAKE_FD(fd);
}

static int need_no_idmap(const struct mount_attr_intent *a, struct error *e)
{
	if (a->userns >= 0)
		return fail(e, ENOSYS, "the kernel cannot map the ids of a mount (Linux 5.12)");
	return 0;
}

static int set_one(int mount, uint64_t set, uint64_t clear, struct error *e)
{
	uint64_t now, want;

	if (mount_attributes(mount, &now, e) < 0)
		return -1;
	if (set & MOUNT_ATTR__ATIME)
		clear |= MOUNT_ATTR__ATIME;
	want = (now & ~clear) | set;
	if (want == now)
		return 0;
	if (mount_on(NULL, mount, NULL, MS_REMOUNT | MS_BIND | mount_flags_ms(want), NULL, e) == 0)
		return 0;
	if (e->code != EPERM)
		return error_context(e, "attributes");
	/* Locked in a user namespace: nothing is taken away then, and the access time mode stays.
	 */
	want = now | (set & ~(uint64_t)MOUNT_ATTR__ATIME);
	if (mount_on(NULL, mount, NULL, MS_REMOUNT | MS_BIND | mount_flags_ms(want), NULL, e) < 0)
		return error_context(e, "attributes");
	return 0;
}

/* The mounts that were seen to be part of a tree, by number. */
struct tree {
	uint64_t ids[1024];
	size_t n;
};

static bool is_in(const struct tree *t, uint64_t id)
{
	for (size_t i = 0; i < t->n; i++)
		if (t->ids[i] == id)
			return true;
	return false;
}

/* A mount of the list is reached by its name, and must be the one that was listed. */
static int set_listed(const struct mountinfo *m, const struct mount_attr_intent *a, struct error *e)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, m->point, O_PATH | O_NOFOLLOW | O_CLOEXEC);
	const char *missing;
	uint64_t id, now;

	if (fd < 0 || mount_id(fd, &id) < 0)
		return fail_errno(e, "cannot open the mount on \"%s\"", m->point);
	if (id != m->id)
		return fail(e, EBUSY, "the mount on \"%s\" is hidden by another", m->point);
	if (set_one(fd, a->rec_set, a->rec_clear, e) < 0 || mount_attributes(fd, &now, e) < 0)
		return -1;
	missing = mount_flags_name(a->rec_set & ~now);
	if (missing)
		return fail(e, EIO, "the mount on \"%s\" did not become %s", m->point, missing);
	return 0;
}

/* One round over the list; 1 when it found mounts that no round before had. */
static int set_round(struct tree *t, const struct mount_attr_intent *a, struct error *e)
{
	struct mountinfo m;
	size_t before = t->n;
	int more;

	if (mountinfo_open(&m, 0, e) < 0)
		return -1;
	while ((more = mountinfo_next(&m, e)) > 0) {
		if (!is_in(t, m.parent) || is_in(t, m.id))
			continue;
		if (t->n == ARRAY_SIZE(t->ids)) {
			more = fail(e, E2BIG, "too many mounts below one another");
			break;
		}
		t->ids[t->n++] = m.id;
		more = set_listed(&m, a, e);
		if (more < 0)
			break;
	}
	mountinfo_close(&m);
	return more < 0 ? -1 : t->n > before;
}

static int set_below(int mount, const struct mount_attr_intent *a, struct error *e)
{
	struct tree t = {.n = 1};
	int more;

	if (mount_id(mount, &t.ids[0]) < 0)
		return fail_errno(e, "cannot examine a mount");
	do
		more = set_round(&t, a, e);
	while (more > 0);
	return more;
}

int legacy_set(int mount, const struct mount_attr_intent *a, struct error *e)
{
	const uint64_t clear = (a->clear | a->rec_clear) & ~(a->set & ~(uint64_t)MOUNT_ATTR__ATIME);

	if (need_no_idmap(a, e) < 0 || set_one(mount, a->set | a->rec_set, clear, e) < 0)
		return -1;
	return a->rec_set | a->rec_clear ? set_below(mount, a, e) : 0;
}

static const char *source_of(const struct mount_intent *m)
{
	return m->source && *m->source ? m->source : "none";
}

bool legacy_over(const struct mount_intent *m, int target, uint64_t set)
{
	if ((m->data && strlen(m->data) >= DATA_MAX) || fchdir(target) < 0)
		return false;
	return mount(source_of(m), ".", m->type, mount_flags_ms(set) | m->sb_set, m->data) == 0;
}

static int place_new(const struct mount_intent *m, int target, struct error *e)
{
	if (mount_on(source_of(m), target, m->type, mount_flags_ms(m->attr.set) | m->sb_set,
		     m->data, e) < 0)
		return error_context(e, "file system of type \"%s\"", m->type);
	return 0;
}

static int place_bind(const struct mount_intent *m, int target, struct error *e)
{
	struct place source;

	if (place_of_link(&source, m->tree, e) < 0)
		return -1;
	return mount_on(source.path, target, NULL, MS_BIND | (m->recursive ? MS_REC : 0), NULL, e);
}

int legacy_place(const struct mount_intent *m, int target, struct error *e)
{
	AUTO_CLOSE int fd = -1;

	if (need_no_idmap(&m->attr, e) < 0)
		return -1;
	if (m->tree < 0 ? place_new(m, target, e) : place_bind(m, target, e))
		return -1;
	fd = open_mounted(target, m->tree, e);
	if (fd < 0)
		return -1;
	if (m->tree >= 0 && legacy_set(fd, &m->attr, e) < 0)
		return -1;
	if (m->attr.propagation && legacy_propagation(fd, m->attr.propagation, e) < 0)
		return -1;
	return TAKE_FD(fd);
}

int legacy_reconfigure(const struct mount_intent *m, int target, struct error *e)
{
	uint64_t now;

	if (mount_attributes(target, &now, e) < 0)
		return -1;
	/* MS_REMOUNT sets the mount's attributes as well: to what they are. */
	if (m->sb_clear & MS_RDONLY)
		now &= ~(uint64_t)MOUNT_ATTR_RDONLY;
	if (mount_on(NULL, target, NULL, MS_REMOUNT | mount_flags_ms(now) | m->sb_set, m->data, e) <
	    0)
		return error_context(e, "reconfigure");
	return 0;
}

int legacy_propagation(int fd, unsigned long flags, struct error *e)
{
	if (mount_on(NULL, fd, NULL, flags, NULL, e) < 0)
		return error_context(e, "propagation");
	return 0;
}
