/* SPDX-License-Identifier: Apache-2.0 */
/* Looking: state, list, ps.  Hot with engines that poll, so nothing is locked. */
#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "host/container.h"

static void glance(struct container *c, const struct store *s)
{
	store_glance(c, s);
	if (c->status == STATUS_STOPPED || c->status == STATUS_CREATING)
		c->state.pid = 0;
}

static int load(struct container *out, const struct store *s, struct arena *a, const char *id,
		struct error *e)
{
	int found = store_peek(out, s, a, id, e);

	if (found <= 0)
		return found < 0 ? -1 : store_fail_missing(id, e);
	glance(out, s);
	return 0;
}

int container_state(const struct runtime *rt, const char *id, struct container *out,
		    struct error *e)
{
	struct store s;
	int r;

	if (store_open(&s, store_root(rt), false, e) < 0)
		return -1;
	r = load(out, &s, rt->arena, id, e);
	close_fd(&s.root);
	return r;
}

/* One that went away meanwhile is none that is broken. */
static bool read_one(struct container *out, const struct store *s, struct arena *a, const char *id,
		     void (*on_broken)(const char *id, const struct error *e))
{
	struct error broken;
	int r = store_peek(out, s, a, id, &broken);

	if (r < 0 && on_broken && faccessat(s->root, id, F_OK, 0) == 0)
		on_broken(id, &broken);
	return r > 0;
}

int container_list(const struct runtime *rt, bool with_status, struct container_list *out,
		   void (*on_broken)(const char *id, const struct error *e), struct error *e)
{
	struct cgroup_roots cgroups = {0};
	struct strs ids;
	struct store s;

	if (store_open(&s, store_root(rt), false, e) < 0)
		return -1;
	if (store_ids(&ids, &s, rt->arena, e) < 0) {
		close_fd(&s.root);
		return -1;
	}

	s.cgroups = ids.n > 1 ? &cgroups : NULL;
	*out = (struct container_list){.v = ARENA_ARRAY(rt->arena, ids.n, struct container)};
	for (size_t i = 0; i < ids.n; i++) {
		struct container *c = &out->v[out->n];

		if (!read_one(c, &s, rt->arena, ids.v[i], on_broken))
			continue;
		if (with_status)
			glance(c, &s);
		store_close(c);
		out->n++;
	}
	cgroup_roots_close(&cgroups);
	close_fd(&s.root);
	return 0;
}

static int pids_of(const struct container *c, struct pid_list *out, struct error *e)
{
	struct cgroup g;
	int r;

	*out = (struct pid_list){.v = ARENA_ARRAY(c->arena, 1, int)};
	if (!c->state.cgroup.dirs.n) {
		if (c->state.pid)
			out->v[out->n++] = (int)c->state.pid;
		return 0;
	}
	if (cgroup_open(&g, c->arena, &c->state.cgroup, e) < 0)
		return -1;
	r = cgroup_pids(out, c->arena, &g, e);
	cgroup_close(&g);
	return r;
}

int container_ps(const struct runtime *rt, const char *id, struct pid_list *out, struct error *e)
{
	struct container c;
	int r;

	if (container_state(rt, id, &c, e) < 0)
		return -1;
	r = pids_of(&c, out, e);
	store_close(&c);
	return r;
}
