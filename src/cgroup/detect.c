/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The layout of this host.  /proc/self/cgroup says which hierarchies exist and
 * where yacr is in each; where they are mounted is nearly always
 * /sys/fs/cgroup/NAMES, which one statfs(2) proves.  mountinfo, which may be
 * thousands of lines, is read only when that does not hold for all of them.
 */
#include "cgroup/cgroup.h"

#include <fcntl.h>
#include <linux/magic.h>
#include <string.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/detect.h"
#include "cgroup/knob.h"

#define CGROUP_ROOT "/sys/fs/cgroup"

static bool is_mounted(const char *path, unsigned long magic)
{
	struct statfs fs;

	return statfs(path, &fs) == 0 && (unsigned long)fs.f_type == magic;
}

/* The same of the directory @own below @mountpoint. */
static bool has_own(struct arena *a, const char *mountpoint, const char *own, unsigned long magic)
{
	if (str_eq(own, "/"))
		return is_mounted(mountpoint, magic);
	return is_mounted(arena_printf(a, "%s%s", mountpoint, own), magic);
}

/* The whole of a file of unknown length. */
static const char *read_whole(struct arena *a, const char *path, struct error *e)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	size_t size = 4096, len = 0;
	char *text = arena_alloc(a, size);
	ssize_t n;

	if (fd < 0) {
		fail_errno(e, "cannot open \"%s\"", path);
		return NULL;
	}
	while ((n = read(fd, text + len, size - 1 - len)) != 0) {
		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0) {
			fail_errno(e, "cannot read \"%s\"", path);
			return NULL;
		}
		len += (size_t)n;
		if (len == size - 1) {
			text = arena_grow(a, text, size, size * 2, 1);
			size *= 2;
		}
	}
	text[len] = '\0';
	return text;
}

static struct strs split(struct arena *a, const char *list, size_t len)
{
	struct strs out = {0};
	size_t commas = 1;

	if (len == 0)
		return out;
	for (size_t i = 0; i < len; i++)
		commas += list[i] == ',';
	out.v = ARENA_ARRAY(a, commas + 1, const char *);
	for (const char *at = list, *end = list + len; at <= end;) {
		size_t n = 0;

		while (at + n < end && at[n] != ',')
			n++;
		out.v[out.n++] = arena_strndup(a, at, n);
		at += n + 1;
	}
	return out;
}

int hierarchies_parse(struct facts *f, struct arena *a, const char *text, struct error *e)
{
	struct cgroup_hierarchy v2 = {0};
	size_t lines = 1;

	for (const char *s = text; *s; s++)
		lines += *s == '\n';
	f->hierarchies.v = ARENA_ARRAY(a, lines, struct cgroup_hierarchy);
	f->hierarchies.n = 0;
	for (const char *line = text; *line;) {
		size_t len = strcspn(line, "\n");
		const char *names = memchr(line, ':', len);
		const char *own =
			names ? memchr(names + 1, ':', len - (size_t)(names + 1 - line)) : NULL;
		struct cgroup_hierarchy h = {.mountpoint = ""};

		if (!own)
			return fail(e, 0, "cannot understand \"%.*s\" in /proc/self/cgroup",
				    (int)len, line);
		h.controllers = split(a, names + 1, (size_t)(own - names - 1));
		h.own = arena_strndup(a, own + 1, len - (size_t)(own + 1 - line));
		if (h.controllers.n > 0)
			f->hierarchies.v[f->hierarchies.n++] = h;
		else
			v2 = h;
		line += len + (line[len] == '\n');
	}
	if (v2.own) /* behind the v1 ones: facts.h */
		f->hierarchies.v[f->hierarchies.n++] = v2;
	return 0;
}

/* mountinfo writes blanks and the like as \040. */
static const char *unescape(struct arena *a, const char *s, size_t len)
{
	char *out = arena_strndup(a, s, len), *to = out;

	for (const char *from = out; *from;) {
		if (from[0] == '\\' && from[1] >= '0' && from[1] <= '3' && from[2] && from[3]) {
			*to++ = (char)((from[1] - '0') << 6 | (from[2] - '0') << 3 |
				       (from[3] - '0'));
			from += 4;
		} else {
			*to++ = *from++;
		}
	}
	*to = '\0';
	return out;
}

struct mount_line {
	const char *root, *target;
	const char *type, *options; /* of the file system; end with a blank and the line */
};

/* "31 23 0:28 /ROOT /TARGET rw,relatime shared:1 - TYPE SOURCE OPTIONS" */
static bool parse_mount(struct mount_line *m, struct arena *a, const char *line, size_t len)
{
	const char *field[6] = {line};
	char *copy = arena_strndup(a, line, len), *dash = str_find(copy, " - "), *at = copy;
	char *type, *options;

	for (int i = 0; i < 6; i++) {
		field[i] = at;
		at = strchr(at, ' ');
		if (!at)
			return false;
		at++;
	}
	if (!dash)
		return false;
	type = dash + 3;
	options = strchr(type, ' ');
	options = options ? strchr(options + 1, ' ') : NULL;
	if (!options)
		return false;
	m->root = unescape(a, field[3], strcspn(field[3], " "));
	m->target = unescape(a, field[4], strcspn(field[4], " "));
	m->type = arena_strndup(a, type, strcspn(type, " "));
	m->options = options + 1;
	return true;
}

static bool is_mount_of(const struct mount_line *m, const struct cgroup_hierarchy *h)
{
	if (h->controllers.n == 0)
		return str_eq(m->type, "cgroup2");
	if (!str_eq(m->type, "cgroup"))
		return false;
	for (size_t i = 0; i < h->controllers.n; i++)
		if (!word_in(m->options, ',', h->controllers.v[i]))
			return false;
	return true;
}

/*
 * In a container without a cgroup namespace the mount shows only a part of
 * the tree, while /proc/self/cgroup counts from the tree's root.
 */
static const char *below_root(const char *own, const char *root)
{
	size_t len = strlen(root);

	if (str_eq(root, "/") || !str_starts(own, root))
		return own;
	if (own[len] == '\0')
		return "/";
	return own[len] == '/' ? own + len : own;
}

/* Whether a mount on @target serves rather than the one on @known, which may be "". */
static bool is_better(const char *target, const char *known)
{
	return known[0] == '\0' ||
	       (str_starts(target, CGROUP_ROOT) && !str_starts(known, CGROUP_ROOT));
}

void mountpoints_parse(struct facts *f, struct arena *a, const char *text)
{
	const char **roots = ARENA_ARRAY(a, f->hierarchies.n, const char *);
	const char *next = str_find(text, " - cgroup");

	/* almost all lines are about something else */
	for (const char *line = text; next;) {
		size_t len = strcspn(line, "\n");
		struct mount_line m;
		bool here = next < line + len;

		if (here && parse_mount(&m, a, line, len)) {
			for (size_t i = 0; i < f->hierarchies.n; i++) {
				struct cgroup_hierarchy *h = &f->hierarchies.v[i];

				if (!is_mount_of(&m, h) || str_starts(m.root, "/.."))
					continue;
				if (is_better(m.target, h->mountpoint))
					h->mountpoint = m.target;
				if (str_eq(h->mountpoint, m.target))
					roots[i] = m.root;
			}
		}
		line += len + (line[len] == '\n');
		if (here)
			next = str_find(line, " - cgroup");
	}
	for (size_t i = 0; i < f->hierarchies.n; i++)
		if (roots[i])
			f->hierarchies.v[i].own = below_root(f->hierarchies.v[i].own, roots[i]);
}

void layout_decide(struct facts *f)
{
	bool v1 = false, v2 = false;

	for (size_t i = 0; i < f->hierarchies.n; i++) {
		if (f->hierarchies.v[i].mountpoint[0] == '\0')
			continue;
		if (f->hierarchies.v[i].controllers.n > 0)
			v1 = true;
		else
			v2 = true;
	}
	f->cgroup = v1 && v2 ? CGROUP_HYBRID : v1 ? CGROUP_V1 : v2 ? CGROUP_V2 : CGROUP_NONE;
}

static const char *join_names(struct arena *a, const struct strs *names)
{
	const char *out = names->v[0];

	for (size_t i = 1; i < names->n; i++)
		out = arena_printf(a, "%s,%s", out, names->v[i]);
	return str_starts(out, "name=") ? out + 5 : out;
}

/*
 * By name, asking for yacr's own directory below it: when that is not there, the mount shows
 * another part of the tree.
 */
static bool find_mountpoint(struct cgroup_hierarchy *h, const char *path, unsigned long magic,
			    struct arena *a)
{
	if (!has_own(a, path, h->own, magic))
		return false;
	h->mountpoint = path;
	return true;
}

/* Whether controllers are with v1. systemd has hierarchies without any, for its own use. */
static bool has_v1_controllers(const struct facts *f)
{
	FOR_EACH(h, f->hierarchies)
		if (h->controllers.n > 0 && !str_starts(h->controllers.v[0], "name="))
			return true;
	return false;
}

/*
 * False at the first that is not where it usually is: mountinfo knows the others as well.
 * The kernel always has a cgroup2; beside v1 it is mounted at its usual place or not at all.
 */
static bool find_mountpoints(struct facts *f, struct arena *a)
{
	for (size_t i = f->hierarchies.n; i-- > 0;) { /* cgroup2 first: mostly it is the one */
		struct cgroup_hierarchy *h = &f->hierarchies.v[i];
		const char *v2 = CGROUP_ROOT "/unified";

		if (h->controllers.n > 0) {
			if (!find_mountpoint(h,
					     arena_printf(a, CGROUP_ROOT "/%s",
							  join_names(a, &h->controllers)),
					     CGROUP_SUPER_MAGIC, a))
				return false;
		} else if (is_mounted(v2, CGROUP2_SUPER_MAGIC) || !has_v1_controllers(f)) {
			if (!find_mountpoint(h, v2, CGROUP2_SUPER_MAGIC, a))
				return false;
		}
	}
	return true;
}

/* cgroup2 has taken the place of all others. */
static bool find_cgroup2(struct facts *f, struct arena *a)
{
	for (size_t i = 0; i < f->hierarchies.n; i++) {
		struct cgroup_hierarchy v2 = f->hierarchies.v[i];

		if (v2.controllers.n > 0)
			continue;
		v2.mountpoint = CGROUP_ROOT;
		f->hierarchies.v[0] = v2;
		f->hierarchies.n = 1;
		return str_eq(v2.own, "/") || has_own(a, CGROUP_ROOT, v2.own, CGROUP2_SUPER_MAGIC);
	}
	return true;
}

int cgroup_detect(struct facts *f, struct arena *a, struct error *e)
{
	const char *text = read_whole(a, "/proc/self/cgroup", e);
	bool found = true;

	if (!text) {
		if (e->code != ENOENT)
			return -1;
		text = ""; /* a kernel without cgroups */
	}
	if (hierarchies_parse(f, a, text, e) < 0)
		return -1;
	found = is_mounted(CGROUP_ROOT, CGROUP2_SUPER_MAGIC) ? find_cgroup2(f, a)
							     : find_mountpoints(f, a);
	if (!found) {
		text = read_whole(a, "/proc/self/mountinfo", e);
		if (!text)
			return -1;
		mountpoints_parse(f, a, text);
	}
	layout_decide(f);
	return 0;
}
