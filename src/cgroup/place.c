/* SPDX-License-Identifier: Apache-2.0 */
/* Where a container's cgroup is: a function of config, id and layout, so that it can be foretold. */
#include "cgroup/cgroup.h"

#include <errno.h>
#include <limits.h>
#include <string.h>

#include "base/str.h"
#include "cgroup/hierarchy.h"
#include "cgroup/systemd.h"

#define AT "linux.cgroupsPath"

static int check_component(const char *path, const char *name, size_t len, struct error *e)
{
	if (len == 2 && name[0] == '.' && name[1] == '.')
		return fail_at(e, AT, 0, "the cgroup path \"%s\" leads upwards", path);
	if (len > NAME_MAX)
		return fail_at(e, AT, ENAMETOOLONG,
			       "a part of the cgroup path is longer than %d bytes", NAME_MAX);
	for (size_t i = 0; i < len; i++)
		if ((unsigned char)name[i] < ' ' || name[i] == 0x7f)
			return fail_at(e, AT, 0, "the cgroup path has a control character");
	return 0;
}

int check_cgroup_name(const char *at, const char *name, struct error *e)
{
	if (name[0] == '\0' || strchr(name, '/') || str_eq(name, ".") || str_eq(name, "..") ||
	    strlen(name) > NAME_MAX)
		return fail_at(e, at, 0, "\"%s\" is not the name of a cgroup", name);
	for (const char *c = name; *c; c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			return fail_at(e, at, 0, "the name has a control character");
	return 0;
}

/* A v1 cgroup cannot be given away safely: who may write to it could leave it. */
static int check_delegate(const struct config *c, const struct facts *f, struct error *e)
{
	const char *at = "annotations." ANNOTATION_DELEGATE;
	const char *name = config_annotation(c, ANNOTATION_DELEGATE);

	if (!name)
		return 0;
	if (f->cgroup != CGROUP_V2)
		return fail_at(e, at, 0, "a cgroup can be delegated on cgroup v2 only");
	return check_cgroup_name(at, name, e);
}

/*
 * "/a/b" of "a//./b/".  Neither ".." nor control characters: the path must mean the same to
 * whoever reads it later, and a newline would forge lines of /proc/PID/cgroup.
 */
static const char *normalize(struct arena *a, const char *path, struct error *e)
{
	char *out = arena_alloc(a, strlen(path) + 2), *to = out;

	if (strlen(path) >= PATH_MAX / 2) {
		fail_at(e, AT, ENAMETOOLONG, "the cgroup path is too long");
		return NULL;
	}
	if (strchr(path, ':')) {
		fail_at(e, AT, 0,
			"the cgroup path \"%s\" has a ':'; slice:prefix:name is for the systemd driver",
			path);
		return NULL;
	}
	for (const char *at = path; *at;) {
		size_t len = strcspn(at, "/");

		if (check_component(path, at, len, e) < 0)
			return NULL;
		if (len > 0 && !(len == 1 && at[0] == '.')) {
			*to++ = '/';
			memcpy(to, at, len);
			to += len;
		}
		at += len + (at[len] == '/');
	}
	*to = '\0';
	if (out[0] == '\0') {
		fail_at(e, AT, 0, "the cgroup path \"%s\" is the root of the tree", path);
		return NULL;
	}
	return out;
}

/*
 * One level deep, so that no parent has to be made and removed with each container.  Only an
 * id that leaves no room for the prefix gets a level of its own.
 */
static const char *default_path(struct arena *a, const char *parent, const char *id)
{
	char separator = strlen("yacr-") + strlen(id) > NAME_MAX ? '/' : '-';

	return arena_printf(a, "%s/yacr%c%s", parent, separator, id);
}

/* The directory that yacr's own cgroup is in; "" for the root. */
static const char *parent_of(struct arena *a, const char *own)
{
	const char *slash = strrchr(own, '/');

	return arena_strndup(a, own, slash ? (size_t)(slash - own) : 0);
}

/* @path: what the config says, for systemd below its manager; "": the default. */
static const char *path_in(struct arena *a, const struct cgroup_place *p,
			   const struct cgroup_hierarchy *h, const struct facts *f, const char *id,
			   const char *path)
{
	if (p->driver == CGROUP_DRIVER_SYSTEMD)
		return arena_printf(a, "%s%s", unit_manager(a, p, h->own), path);
	if (path[0] != '\0')
		return path;
	return default_path(a, facts_unprivileged(f) ? parent_of(a, h->own) : "", id);
}

static const char *names_of(struct arena *a, const struct cgroup_hierarchy *h)
{
	const char *out = h->controllers.n > 0 ? h->controllers.v[0] : "";

	for (size_t i = 1; i < h->controllers.n; i++)
		out = arena_printf(a, "%s,%s", out, h->controllers.v[i]);
	return out;
}

int cgroup_place(struct cgroup_place *out, struct arena *a, const struct config *c,
		 const struct facts *f, const char *id, int driver, struct error *e)
{
	struct cgroup_place p = {.driver = driver};
	const char *wanted = c->linux_.cgroups_path, *path = NULL;

	if (driver == CGROUP_DRIVER_DISABLED || f->cgroup == CGROUP_NONE) {
		p.driver = CGROUP_DRIVER_DISABLED;
		*out = p;
		return 0;
	}
	if (check_delegate(c, f, e) < 0)
		return -1;
	if (driver == CGROUP_DRIVER_SYSTEMD)
		path = unit_place(&p, a, c, f, id, e);
	else if (wanted && wanted[0] != '\0')
		path = normalize(a, wanted, e);
	else
		path = "";
	if (!path)
		return -1;
	p.dirs.v = ARENA_ARRAY(a, f->hierarchies.n, struct cgroup_dir);
	for (size_t i = 0; i < f->hierarchies.n; i++) {
		const struct cgroup_hierarchy *h = &f->hierarchies.v[i];

		if (h->mountpoint[0] == '\0')
			continue;
		p.dirs.v[p.dirs.n++] = (struct cgroup_dir){
			.hierarchy = names_of(a, h),
			.mountpoint = h->mountpoint,
			.path = path_in(a, &p, h, f, id, path),
		};
	}
	*out = p;
	return 0;
}

/* Whether the lists "cpu,cpuacct" and "cpuacct,memory" have a word in common. */
static bool share_word(const char *a, const char *b)
{
	while (*a) {
		size_t len = strcspn(a, ",");

		for (const char *at = b; *at;) {
			size_t n = strcspn(at, ",");

			if (n == len && strncmp(a, at, n) == 0)
				return true;
			at += n + (at[n] == ',');
		}
		a += len + (a[len] == ',');
	}
	return false;
}

int cgroup_below(struct cgroup_place *out, struct arena *a, const struct cgroup_place *p,
		 const char *wanted, struct error *e)
{
	const char *colon = strchr(wanted, ':'), *path = colon ? colon + 1 : wanted;
	const char *names = arena_strndup(a, wanted, colon ? (size_t)(colon - wanted) : 0);
	bool found = false;

	if (path[strspn(path, "/")] == '\0') {
		path = "";
	} else {
		path = normalize(a, path, e);
		e->at[0] = '\0'; /* it is no property of the config that is wrong */
		if (!path)
			return -1;
	}
	for (size_t i = 0; i < p->dirs.n; i++) {
		if (colon && !share_word(names, p->dirs.v[i].hierarchy))
			continue;
		out->dirs.v[i].path = arena_printf(a, "%s%s", p->dirs.v[i].path, path);
		found = true;
	}
	if (!found)
		return fail(e, 0, "the container has no cgroup for \"%s\"", wanted);
	return 0;
}
