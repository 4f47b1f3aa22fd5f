/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"
#include "base/log.h"
#include "host/container.h"
#include "host/destroy.h"
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

/* Without a readable record nothing but the directory is known to belong to it. */
static int delete_broken(const struct store *s, const char *id, bool force, struct error *e)
{
	if (!force)
		return -1;
	log_warning("%s: only its state directory is removed", e->text);
	return store_remove(s, id, e);
}

static int delete_from(const struct store *s, const struct runtime *rt, const char *id, bool force,
		       struct error *e)
{
	struct container c;
	int found = store_find(&c, s, rt->arena, id, true, e);
	int r;

	if (found == 0) {
		r = force ? 0 : fail(e, 0, "container \"%s\" does not exist", id);
	} else if (found < 0) {
		r = c.dir < 0 ? -1 : delete_broken(s, id, force, e);
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

	if (store_open(&s, rt->root ? rt->root : store_default_root(rt->arena), false, e) < 0)
		return -1;
	r = delete_from(&s, rt, id, force, e);
	if (force)
		store_sweep(&s);
	close_fd(&s.root);
	return r;
}
