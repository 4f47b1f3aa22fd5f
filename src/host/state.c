/* SPDX-License-Identifier: Apache-2.0 */
/* Looking: state, list, ps.  Hot with engines that poll, so nothing is locked. */
#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "host/container.h"

static int load(struct container *out, const struct store *s, struct arena *a, const char *id,
		struct error *e)
{
	if (store_look(out, s, a, id, e) < 0)
		return -1;
	if (out->status == STATUS_STOPPED || out->status == STATUS_CREATING)
		out->state.pid = 0;
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

int container_list(const struct runtime *rt, struct container_list *out,
		   void (*on_broken)(const char *id, const struct error *e), struct error *e)
{
	struct strs ids;
	struct store s;

	if (store_open(&s, store_root(rt), false, e) < 0)
		return -1;
	if (store_ids(&ids, &s, rt->arena, e) < 0) {
		close_fd(&s.root);
		return -1;
	}

	*out = (struct container_list){.v = ARENA_ARRAY(rt->arena, ids.n, struct container)};
	for (size_t i = 0; i < ids.n; i++) {
		struct container *c = &out->v[out->n];
		struct error broken;

		if (load(c, &s, rt->arena, ids.v[i], &broken) == 0) {
			store_close(c);
			out->n++;
		} else if (on_broken && faccessat(s.root, ids.v[i], F_OK, 0) == 0) {
			on_broken(ids.v[i], &broken);
		}
	}
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
