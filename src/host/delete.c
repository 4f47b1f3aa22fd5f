/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"
#include "base/log.h"
#include "cgroup/cgroup.h"
#include "host/container.h"
#include "host/destroy.h"
#include "host/probe.h"
#include "host/unit.h"
#include "spec/names.h"

/*
 * The spec lets only a stopped container be deleted.  One that is being created
 * counts as stopped here: we have the lock, so its creator is gone.
 */
static int may_delete(const struct container *c, bool force, struct error *e)
{
	if (force || c->status == STATUS_STOPPED || c->status == STATUS_CREATING)
		return 0;
	return fail(e, 0, "container \"%s\" is not stopped: it is %s (--force kills it first)",
		    c->state.id, name_of(status_names, c->status));
}

/*
 * Without a readable record nothing is known of a container but its id.  The id
 * names a cgroup when the config does not: in there everything is the container's.
 */
static int delete_broken(const struct store *s, const struct runtime *rt, const char *id,
			 bool force, struct error *e)
{
	const struct config nothing = {0};
	struct cgroup_place place;
	struct facts facts;

	/* A record that cannot be read for now is not broken, and without it nobody finds the rest. */
	if (!force || error_is_shortage(e->code))
		return -1;
	log_warning("%s: what is not found by its id stays", e->text);
	if (probe_facts(&facts, rt->arena, &nothing, e) < 0 ||
	    cgroup_place(&place, rt->arena, &nothing, &facts, id, rt->cgroup_driver, e) < 0 ||
	    unit_remove(&place, rt->arena, e) < 0)
		return -1;
	return store_remove(s, id, -1, e);
}

static int delete_from(const struct store *s, const struct runtime *rt, const char *id, bool force,
		       struct error *e)
{
	struct container c;
	int found = store_find(&c, s, rt->arena, id, true, e);
	int r;

	if (found == 0) {
		if (force) /* maybe its creator was killed before it came to have a name */
			store_sweep(s);
		r = force ? 0 : store_fail_missing(id, e);
	} else if (found < 0) {
		r = c.dir < 0 ? -1 : delete_broken(s, rt, id, force, e);
	} else {
		store_status(&c);
		r = may_delete(&c, force, e) < 0 ? -1 : destroy(s, &c, e);
	}
	store_close(&c);
	return r;
}

int container_delete(const struct runtime *rt, const char *id, bool force, struct error *e)
{
	struct store s;
	int r;

	if (store_open(&s, store_root(rt), false, e) < 0)
		return -1;
	r = delete_from(&s, rt, id, force, e);
	close_fd(&s.root);
	return r;
}
