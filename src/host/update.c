/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "base/json.h"
#include "cgroup/cgroup.h"
#include "host/intelrdt.h"
#include "host/open.h"
#include "host/probe.h"
#include "host/text.h"
#include "host/unit.h"
#include "spec/check.h"

int update_read(struct resources *out, struct arena *a, const char *path, struct error *e)
{
	bool is_stdin = str_eq(path, "-");
	const char *name = is_stdin ? "standard input" : arena_printf(a, "\"%s\"", path);
	AUTO_CLOSE int fd =
		is_stdin ? fd_copy(STDIN_FILENO, 3) : openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	struct buf text = buf_new(a);

	if (text_read(&text, fd, name, e) < 0)
		return -1;
	if (resources_load(out, a, text.s, text.len, e) == 0)
		return 0;
	if (!e->at[0] || str_starts(e->text, "line "))
		return error_context(e, "%s", name);
	return -1;
}

/* ---- systemd, which writes to the same files ---- */

struct unit_keeper {
	struct arena *arena;
	const struct cgroup_place *place;
	const struct facts *facts;
	struct helper helper;
};

static int tell_systemd(void *ctx, const struct resources *r, struct error *e)
{
	struct unit_keeper *k = ctx;
	struct unit_properties properties;

	if (unit_properties_update(&properties, k->arena, r, k->facts, e) < 0)
		return -1;
	return unit_update(&k->helper, k->place, &properties, e);
}

static int update_unit(const struct cgroup *g, struct arena *a, const struct resources *r,
		       const struct facts *f, struct error *e)
{
	struct unit_keeper k = {.arena = a, .place = g->place, .facts = f};
	const struct cgroup_keeper keeper = {.tell = tell_systemd, .ctx = &k};
	int done;

	if (unit_helper(&k.helper, e) < 0)
		return -1;
	done = cgroup_update(g, a, r, f, &keeper, e);
	helper_end(&k.helper);
	return done;
}

static int update_cgroup(const struct container *c, struct arena *a, const struct resources *r,
			 struct error *e)
{
	const struct config nothing = {0};
	struct facts facts;
	struct cgroup g;
	int done;

	if (probe_facts(&facts, a, &nothing, e) < 0 || cgroup_open(&g, a, &c->state.cgroup, e) < 0)
		return -1;
	if (g.place->driver == CGROUP_DRIVER_SYSTEMD)
		done = update_unit(&g, a, r, &facts, e);
	else
		done = cgroup_update(&g, a, r, &facts, NULL, e);
	cgroup_close(&g);
	return done;
}

/* The schemata first: these can be put back when the cgroup refuses its part. */
static int update(const struct container *c, const struct resources *r, const struct intel_rdt *rdt,
		  struct error *e)
{
	const struct rdt_group *group = c->state.intel_rdt;
	bool schemas = rdt->l3_cache_schema || rdt->mem_bw_schema;
	struct rdt_schemata before;
	AUTO_CLOSE int root = -1;

	if (c->status == STATUS_STOPPED || c->status == STATUS_CREATING)
		return fail(e, 0, "container not running");
	if (schemas && !group)
		return fail(e, 0, "container \"%s\" was made without linux.intelRdt", c->state.id);
	if (schemas) {
		root = rdt_open(e);
		if (root < 0 || rdt_update(&before, root, group, rdt, e) < 0)
			return -1;
	}
	if (update_cgroup(c, c->arena, r, e) == 0)
		return 0;
	if (schemas)
		rdt_put_back(&before, root, group);
	return -1;
}

int container_update(const struct runtime *rt, const char *id, const struct resources *r,
		     const struct intel_rdt *rdt, struct error *e)
{
	struct container c;
	int done;

	if (check_resources(r, e) < 0) {
		error_context(e, "%s", e->at);
		return error_at_prefix(e, "linux.resources");
	}
	if (check_intel_rdt(rdt, e) < 0) {
		error_context(e, "%s", e->at);
		return error_at_prefix(e, "linux.intelRdt");
	}
	if (container_open(&c, rt, id, true, e) < 0)
		return -1;
	done = update(&c, r, rdt, e);
	store_close(&c);
	return done;
}
