/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/explain.h"
#include "host/container.h"
#include "host/prepare.h"

int container_explain(const struct runtime *rt, const struct create_options *o,
		      const struct facts *facts, struct explanation *out, struct error *e)
{
	struct prepared *p = ARENA_NEW(rt->arena, struct prepared);
	limit_list limits;
	struct create_options *named = ARENA_NEW(rt->arena, struct create_options);

	*named = *o;
	if (!named->id)
		named->id = "ID";
	if (store_check_id(named->id, e) < 0 || prepare(p, rt, named, facts, e) < 0)
		return -1;
	if (cgroup_explain(&limits, rt->arena, &p->cgroup, p->config.linux_.resources, &p->facts,
			   e) < 0)
		return -1;
	*out = (struct explanation){
		.plan = &p->plan,
		.cgroup = &p->cgroup,
		.limits = limits,
		.unit = p->cgroup.driver == CGROUP_DRIVER_SYSTEMD ? &p->unit : NULL,
	};
	return 0;
}
