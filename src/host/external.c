/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <sched.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "host/criu.h"
#include "plan/plan.h"
#include "spec/names.h"
#include "sys/mount.h"
#include "sys/mountinfo.h"
#include "sys/path.h"

/* ---- names ---- */

const char *external_name(const struct plan *p, const struct op *op, uint32_t i)
{
	struct op_mount bind;

	if (plan_bind(p, op, i, &bind))
		return plan_text(p, bind.target);
	if (op->kind == OP_DEVICE && op->device.bind && i == 0)
		return plan_text(p, op->device.path);
	return NULL;
}

const char *namespace_file(int type)
{
	return type == CLONE_NEWNET ? "net" : name_of(namespace_names, type);
}

/* CRIU itself knows these two as given; others it joins. */
const char *external_key(struct arena *a, int type)
{
	if (type != CLONE_NEWNET && type != CLONE_NEWPID)
		return NULL;
	return arena_printf(a, "extRoot%sNS", type == CLONE_NEWNET ? "Net" : "Pid");
}

static void add(struct arena *a, struct strs *list, const char *s)
{
	list->v = arena_grow(a, list->v, list->n, list->n + 2, sizeof(*list->v));
	list->v[list->n++] = s;
}

void external_list(struct exec_defaults *out, struct arena *a, const struct config *c,
		   const struct plan *p)
{
	for (uint32_t i = 0; i < p->op_count; i++) {
		const char *name;

		for (uint32_t k = 0; (name = external_name(p, &p->ops[i], k)); k++)
			add(a, &out->external_mounts, name);
	}
	FOR_EACH(ns, c->linux_.namespaces)
		if (ns->path && external_key(a, ns->type))
			add(a, &out->external_namespaces, name_of(namespace_names, ns->type));
}

/* ---- checkpoint ---- */

struct named {
	uint64_t mount;
	const char *name;
};

struct names {
	struct named *v;
	size_t n;
};

static const char *find_name(const struct names *names, uint64_t mount)
{
	for (size_t i = 0; i < names->n; i++)
		if (names->v[i].mount == mount)
			return names->v[i].name;
	return NULL;
}

/*
 * By the mount that is there now: CRIU knows it by the path where it is, which need not be
 * how the config has called it.  What was unmounted inside shows the mount below it.
 */
static int find_mounts(struct names *out, const struct container *c, const struct strs *external,
		       struct error *e)
{
	AUTO_CLOSE int root =
		openat(AT_FDCWD, arena_printf(c->arena, "/proc/%d/root", (int)c->state.pid),
		       O_PATH | O_DIRECTORY | O_CLOEXEC);
	uint64_t id;

	if (root < 0 || mount_id(root, &id) < 0)
		return fail_errno(e, "cannot examine the container's root directory");
	*out = (struct names){.v = ARENA_ARRAY(c->arena, external->n + 1, struct named)};
	out->v[out->n++] = (struct named){id, NULL};
	FOR_EACH(name, *external) {
		AUTO_CLOSE int fd = path_open_inside(root, *name, 0, e);

		if (fd >= 0 && mount_id(fd, &id) == 0 && !find_name(out, id))
			out->v[out->n++] = (struct named){id, *name};
	}
	return 0;
}

/* Masked files are the host's null device; in user namespaces other devices are bound as well. */
static const char *name_of_device(struct arena *a, const struct mountinfo *m)
{
	if (!str_eq(m->type, "devtmpfs") || str_eq(m->root, "/"))
		return NULL;
	return arena_printf(a, "/dev%s", m->root);
}

static int ask_mounts(struct criu_request *r, const struct container *c, const struct names *names,
		      struct error *e)
{
	struct mountinfo *m = ARENA_NEW(r->arena, struct mountinfo);
	int more;

	if (mountinfo_open(m, (pid_t)c->state.pid, e) < 0)
		return -1;
	while ((more = mountinfo_next(m, e)) > 0) {
		const char *name = find_name(names, m->id);

		if (!name)
			name = name_of_device(r->arena, m);
		if (name)
			criu_ask(r, -1, "external",
				 arena_printf(r->arena, "mnt[%s]:%s", m->point, name), NULL);
	}
	mountinfo_close(m);
	return more;
}

static int ask_namespaces(struct criu_request *r, const struct container *c,
			  const struct strs *names, struct error *e)
{
	FOR_EACH(name, *names) {
		const struct name *type = name_find(namespace_names, *name);
		const char *file = type ? namespace_file((int)type->value) : *name;
		struct stat st;

		if (stat(arena_printf(r->arena, "/proc/%d/ns/%s", (int)c->state.pid, file), &st) <
		    0)
			return fail_errno(e, "cannot examine the container's %s namespace", *name);
		criu_ask(r, -1, "external",
			 arena_printf(r->arena, "%s[%ju]:%s", file, (uintmax_t)st.st_ino,
				      external_key(r->arena, type ? (int)type->value : 0)),
			 NULL);
	}
	return 0;
}

int external_ask(struct criu_request *r, const struct container *c, const struct exec_defaults *d,
		 struct error *e)
{
	struct names names = {0};

	if (ask_namespaces(r, c, &d->external_namespaces, e) < 0 ||
	    find_mounts(&names, c, &d->external_mounts, e) < 0)
		return -1;
	return ask_mounts(r, c, &names, e);
}
