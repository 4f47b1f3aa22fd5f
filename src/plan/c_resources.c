/* SPDX-License-Identifier: Apache-2.0 */
#include <sys/resource.h>

#include "base/str.h"
#include "plan/stages.h"
#include "spec/names.h"

/*
 * What the host does to the process from outside, since the process itself may
 * not: in a user namespace nobody can raise a limit or lower a score.
 */

/*
 * After the mounts, or a small RLIMIT_FSIZE would hinder them; and before the
 * ids change, while the process still is the host's own user.
 */
void compile_rlimits(struct compile *c)
{
	const struct process *p = c->config->process;

	for (size_t i = 0; p && i < p->rlimits.n; i++) {
		const struct resource_limit *r = &p->rlimits.v[i];
		uint32_t resource = (uint32_t)name_find(rlimit_names, r->type)->value;

		BUILD(&c->b, RLIMIT, rlimit, compile_at(c, "process.rlimits[%zu]", i),
		      .resource = resource, .soft = r->soft.v, .hard = r->hard.v,
		      .late = resource == RLIMIT_NOFILE && r->soft.v < RLIMIT_FDS_PLENTY);
	}
}

static void compile_rdt(struct compile *c)
{
	const struct intel_rdt *r = c->config->linux_.intel_rdt;

	const char *group;

	if (!r)
		return;
	group = r->clos_id ? r->clos_id : c->options->id;
	BUILD(&c->b, INTEL_RDT, intel_rdt, "linux.intelRdt",
	      .clos_id = build_str(&c->b, str_eq(group, "/") ? "" : group),
	      .clos_given = r->clos_id != NULL, .l3 = build_str(&c->b, r->l3_cache_schema),
	      .mb = build_str(&c->b, r->mem_bw_schema),
	      .schemata = build_vec(&c->b, r->schemata.v, r->schemata.n),
	      .monitoring = r->enable_monitoring, .id = build_str(&c->b, c->options->id));
}

/* Early: what a process is given here, its children have as well. */
void compile_host_setup(struct compile *c)
{
	const struct process *p = c->config->process;

	if (p && p->oom_score_adj.set)
		BUILD(&c->b, OOM_SCORE, oom_score, "process.oomScoreAdj",
		      .value = p->oom_score_adj.v);
	compile_rdt(c);
}

int compile_net_devices(struct compile *c, struct error *e)
{
	if (c->config->linux_.net_devices.n && !c->facts->privileged)
		return fail_at(e, "linux.netDevices", 0,
			       "network devices cannot be moved without privilege");
	FOR_EACH(d, c->config->linux_.net_devices)
		BUILD(&c->b, NET_DEVICE, net_device,
		      compile_at(c, "linux.netDevices.%s", d->host_name),
		      .name = build_str(&c->b, d->host_name),
		      .new_name = build_str(&c->b, d->name ? d->name : d->host_name));
	return 0;
}
