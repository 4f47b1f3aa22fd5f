/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/sched.h>

#include "base/str.h"
#include "plan/stages.h"

/* The lines of uid_map(5). */
plan_str compile_id_lines(struct compile *c, const id_mappings *m)
{
	struct buf text = buf_new(c->arena);

	FOR_EACH(row, *m)
		buf_printf(&text, "%u %u %u\n", row->container_id, row->host_id, row->size);
	return build_str(&c->b, text.len ? text.s : "");
}

/* A joined user namespace may come without its maps in the config. */
bool ids_are_known(const struct compile *c)
{
	return has_ns(c, CLONE_NEWUSER) && c->config->linux_.uid_mappings.n &&
	       c->config->linux_.gid_mappings.n;
}

static bool is_mapped(const id_mappings *m, uint32_t id)
{
	FOR_EACH(row, *m)
		if (id >= row->container_id && id - row->container_id < row->size)
			return true;
	return false;
}

bool uid_is_mapped(const struct compile *c, uint32_t uid)
{
	return !ids_are_known(c) || is_mapped(&c->config->linux_.uid_mappings, uid);
}

bool gid_is_mapped(const struct compile *c, uint32_t gid)
{
	return !ids_are_known(c) || is_mapped(&c->config->linux_.gid_mappings, gid);
}

static bool is_own_id(const id_mappings *m, uint32_t id)
{
	return m->n == 1 && m->v[0].size == 1 && m->v[0].host_id == id;
}

bool plan_maps_own_ids(const struct config *c, const struct facts *f)
{
	return is_own_id(&c->linux_.uid_mappings, f->euid) &&
	       is_own_id(&c->linux_.gid_mappings, f->egid);
}

/* Whether newuidmap(1) will agree to @row: one's own id, or all of it in one range of subuid(5). */
static bool may_map(const struct id_mapping *row, uint32_t own, const struct pairs *ranges)
{
	if (row->host_id == own && row->size == 1)
		return true;
	FOR_EACH(range, *ranges) {
		uint64_t first, count;

		if (str_to_u64(range->key, UINT32_MAX, &first) < 0 ||
		    str_to_u64(range->value, UINT32_MAX, &count) < 0)
			continue;
		if (row->host_id >= first && row->host_id + (uint64_t)row->size <= first + count)
			return true;
	}
	return false;
}

static int check_ranges(const struct compile *c, const id_mappings *m, uint32_t own,
			const struct pairs *ranges, const char *what, struct error *e)
{
	for (size_t i = 0; i < m->n; i++)
		if (!may_map(&m->v[i], own, ranges))
			return fail_at(e, compile_at(c, "linux.%sMappings[%zu]", what, i), 0,
				       "/etc/sub%s does not give this user the %ss %u to %llu",
				       what, what, m->v[i].host_id,
				       (unsigned long long)m->v[i].host_id + m->v[i].size - 1);
	return 0;
}

int compile_id_maps(struct compile *c, struct error *e)
{
	const id_mappings *uids = &c->config->linux_.uid_mappings;
	const id_mappings *gids = &c->config->linux_.gid_mappings;
	const struct facts *f = c->facts;
	bool own, helpers;

	c->no_setgroups = f->setgroups_denied;
	if (!(c->made & CLONE_NEWUSER))
		return 0;
	if (!uids->n || !gids->n)
		return fail_at(e, uids->n ? "linux.gidMappings" : "linux.uidMappings", 0,
			       "a new user namespace needs uidMappings and gidMappings");

	own = plan_maps_own_ids(c->config, f);
	helpers = !f->privileged && !own;
	if (helpers && (check_ranges(c, uids, f->euid, &f->sub_uids, "uid", e) < 0 ||
			check_ranges(c, gids, f->egid, &f->sub_gids, "gid", e) < 0))
		return -1;
	if (!f->privileged && own)
		c->no_setgroups = true;
	BUILD(&c->b, ID_MAPS, id_maps, "linux.uidMappings", .uid_map = compile_id_lines(c, uids),
	      .gid_map = compile_id_lines(c, gids), .deny_setgroups = !f->privileged && own,
	      .use_helpers = helpers);
	return 0;
}
