/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/mount.h>
#include <linux/sched.h>
#include <string.h>

#include "base/str.h"
#include "plan/stages.h"
#include "spec/state.h"

/*
 * A mount of type "cgroup" means what the host has: one cgroup2 mount, or a
 * tmpfs with a directory for each hierarchy of v1, and one for cgroup2 beside
 * them.
 *
 * In a cgroup namespace of its own the container sees its own cgroup as the
 * root of a new mount.  Without one, v1 hierarchies are bound from the
 * container's cgroup on, which looks the same; cgroup2 shows all of the host's,
 * read-only where the host's user could write to what he owns there
 * (CVE-2023-25809).
 */

static bool is_cgroup2(const struct cgroup_hierarchy *h)
{
	return h->controllers.n == 0;
}

static bool is_mounted(const struct cgroup_hierarchy *h)
{
	return h->mountpoint && *h->mountpoint;
}

/* Where on the host the container's cgroup in @h is. */
static const char *place_in(const struct compile *c, const struct cgroup_hierarchy *h)
{
	const struct cgroup_place *place = c->options->cgroup;
	const char *path = h->own && !str_eq(h->own, "/") ? h->own : "";

	if (place && place->driver != CGROUP_DRIVER_DISABLED)
		FOR_EACH(dir, place->dirs) {
			if (!dir->mountpoint || !str_eq(dir->mountpoint, h->mountpoint))
				continue;
			path = dir->path ? dir->path : "";
			break;
		}
	return arena_printf(c->arena, "%s%s", h->mountpoint, path);
}

/* Its own limits are not for the container to change, unless they are delegated to it. */
static bool must_be_read_only(const struct compile *c)
{
	return c->userns && !has_ns(c, CLONE_NEWCGROUP);
}

/* ---- cgroup2 alone ---- */

static void mount_v2(struct compile *c, struct op_mount m, const struct cgroup_hierarchy *h,
		     const char *at)
{
	m.type = build_str(&c->b, "cgroup2");
	m.source = build_str(&c->b, "cgroup");
	m.flags |= MOUNT_OR_BIND;
	m.fallback = build_str(&c->b, has_ns(c, CLONE_NEWCGROUP) ? place_in(c, h) : h->mountpoint);
	if (must_be_read_only(c)) {
		m.set |= MOUNT_ATTR_RDONLY;
		m.flags |= MOUNT_FALLBACK_READONLY;
	}
	compile_mount(c, m, at);
}

/* ---- v1 and hybrid ---- */

/* mount(8)'s words: "cpu,cpuacct", "none,name=systemd". */
static const char *v1_data(const struct compile *c, const struct cgroup_hierarchy *h)
{
	struct buf out = buf_new(c->arena);

	for (size_t i = 0; i < h->controllers.n; i++) {
		const char *name = h->controllers.v[i];

		buf_printf(&out, "%s%s%s", i ? "," : "", str_starts(name, "name=") ? "none," : "",
			   name);
	}
	return out.s;
}

static const char *base_name(const char *path)
{
	const char *slash = strrchr(path, '/');

	return slash ? slash + 1 : path;
}

/* In a cgroup namespace: a mount of the hierarchy's own. */
static void mount_hierarchy(struct compile *c, struct op_mount m, const char *top,
			    const struct cgroup_hierarchy *h, const char *at)
{
	m.target = build_printf(&c->b, "%s/%s", top, base_name(h->mountpoint));
	m.type = build_str(&c->b, is_cgroup2(h) ? "cgroup2" : "cgroup");
	m.source = build_str(&c->b, "cgroup");
	m.data = is_cgroup2(h) ? 0 : build_str(&c->b, v1_data(c, h));
	m.flags |= MOUNT_OR_BIND;
	m.fallback = build_str(&c->b, place_in(c, h));
	compile_mount(c, m, at);
}

/* "cpu" and "cpuacct" beside "cpu,cpuacct": of each link its path and its text. */
static size_t find_links(const struct compile *c, const char **out, const char *top,
			 const struct cgroup_hierarchy *h)
{
	const char *base = base_name(h->mountpoint);
	size_t n = 0;

	for (size_t i = 0; i < h->controllers.n; i++) {
		const char *name = h->controllers.v[i];

		if (str_eq(name, base) || str_starts(name, "name="))
			continue;
		out[n++] = arena_printf(c->arena, "%s/%s", top, name);
		out[n++] = base;
	}
	return n;
}

static void link_controllers(struct compile *c, const char *top, const struct cgroup_hierarchy *h,
			     const char *at)
{
	const char **links = ARENA_ARRAY(c->arena, h->controllers.n * 2, const char *);
	size_t n = find_links(c, links, top, h);

	for (size_t i = 0; i < n; i += 2)
		BUILD(&c->b, SYMLINK, symlink, at, .path = build_str(&c->b, links[i]),
		      .target = build_str(&c->b, links[i + 1]));
}

static void mount_each(struct compile *c, struct op_mount dir, struct op_mount m, const char *top,
		       const char *at)
{
	if (m.set & MOUNT_ATTR_RDONLY) {
		dir.set &= ~(uint32_t)MOUNT_ATTR_RDONLY;
		dir.keep = compile_keep(c, &dir, at);
	}
	compile_mount(c, dir, at);
	memset(m.propagation, 0, sizeof(m.propagation));
	FOR_EACH(h, c->facts->hierarchies)
		if (is_mounted(h)) {
			mount_hierarchy(c, m, top, h, at);
			link_controllers(c, top, h, at);
		}
}

/* Whether the config mounts something else below @top, for which a directory may have to be made. */
static bool has_mounts_below(const struct compile *c, const char *top)
{
	FOR_EACH(m, c->config->mounts)
		if (str_starts(m->destination, top) && m->destination[strlen(top)] == '/')
			return true;
	return false;
}

static void bind_all(struct compile *c, struct op_mount dir, const char *top, const char *at)
{
	struct op_cgroup_tree tree = {.slot = SLOT_NONE};
	/* without mount_setattr(2) what is not attached yet cannot be changed: one by one, then */
	bool as_is = c->facts->mount_setattr;
	size_t n = 0, n_links = 0, names = 0;
	const char **targets, **links;

	FOR_EACH(h, c->facts->hierarchies)
		names += h->controllers.n + 1;
	targets = ARENA_ARRAY(c->arena, names, const char *);
	links = ARENA_ARRAY(c->arena, names * 2, const char *);
	FOR_EACH(h, c->facts->hierarchies) {
		plan_slot slot;

		if (!is_mounted(h))
			continue;
		slot = compile_source(c, (struct slot){.userns = SLOT_NONE, .as_is = as_is},
				      place_in(c, h), at);
		if (n == 0)
			tree.slot = slot;
		targets[n++] = arena_printf(c->arena, "%s/%s", top, base_name(h->mountpoint));
		n_links += find_links(c, links + n_links, top, h);
	}
	if ((dir.set & MOUNT_ATTR_RDONLY) && has_mounts_below(c, top))
		dir.keep = compile_keep(c, &dir, at);
	tree.mount = dir;
	tree.targets = build_vec(&c->b, targets, n);
	tree.links = build_vec(&c->b, links, n_links);
	compile_cgroup_tree(c, tree, at);
}

static void mount_v1(struct compile *c, struct op_mount m, const char *at)
{
	const char *top = arena_strdup(c->arena, c->b.heap + m.target);
	struct op_mount dir;

	if (must_be_read_only(c))
		m.set |= MOUNT_ATTR_RDONLY;
	dir = m;
	dir.type = dir.source = build_str(&c->b, "tmpfs");
	dir.data = compile_labelled(c, "mode=755");
	dir.set |= MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	if (has_ns(c, CLONE_NEWCGROUP))
		mount_each(c, dir, m, top, at);
	else
		bind_all(c, dir, top, at);
}

int compile_cgroup_mount(struct compile *c, struct op_mount m, const char *at, struct error *e)
{
	switch (c->facts->cgroup) {
	case CGROUP_V2:
		FOR_EACH(h, c->facts->hierarchies)
			if (is_mounted(h)) {
				mount_v2(c, m, h, at);
				return 0;
			}
		break;
	case CGROUP_V1:
	case CGROUP_HYBRID: mount_v1(c, m, at); return 0;
	default: break;
	}
	return fail_at(e, at, 0, "this host has no cgroups that could be mounted");
}
