/* SPDX-License-Identifier: Apache-2.0 */
/* The operations that the host does while init waits or works. */
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "base/log.h"
#include "host/hooks.h"
#include "host/intelrdt.h"
#include "host/launch.h"
#include "plan/print.h"
#include "sys/ns.h"
#include "sys/process.h"
#include "sys/procfs.h"

static int do_id_maps(struct launch *l, const struct op_id_maps *op, struct error *e)
{
	const struct plan *p = &l->prepared->plan;

	return idmap_write(l->child.pid, plan_text(p, op->uid_map), plan_text(p, op->gid_map),
			   op->deny_setgroups, op->use_helpers, e);
}

static int do_rlimit(struct launch *l, const struct op_rlimit *op, struct error *e)
{
	uint64_t enough = op->hard | RLIMIT_FDS_PLENTY; /* at least either */
	struct error ignored; /* we may not: then it is as it was, and init will see */

	if (!op->late)
		return process_rlimit(l->child.pid, op->resource, op->soft, op->hard, e);
	(void)process_rlimit(l->child.pid, op->resource, enough, enough, &ignored);
	return 0;
}

/*
 * Who has no privilege cannot go below the value he was started with.  Engines
 * ask for it all the same, and peers let it pass.
 */
static int do_oom_score(struct launch *l, const struct op_oom_score *op, struct error *e)
{
	AUTO_CLOSE int proc = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	char file[40], value[16];

	if (proc < 0)
		return fail_errno(e, "cannot open /proc");
	if (str_format(file, sizeof(file), "%d/oom_score_adj", l->child.pid) < 0 ||
	    str_format(value, sizeof(value), "%d", op->value) < 0)
		return fail_errno(e, "cannot set oom_score_adj");
	if (procfs_write(proc, file, value, e) == 0)
		return 0;
	if (e->code != EACCES || l->prepared->facts.privileged)
		return -1;
	log_warning("process.oomScoreAdj: %d needs privilege and was not set", op->value);
	return 0;
}

static int do_host_hook(struct launch *l, const struct op_host_hook *op, struct error *e)
{
	const struct prepared *p = l->prepared;
	const hook_list *list = hooks_of(p->config.hooks, (enum hook_kind)op->kind);
	struct hook_context c = {.arena = l->arena, .state = &p->state, .interrupt = l->interrupt};

	if (op->index >= list->n)
		return fail(e, EPROTO, "the plan names a hook that is not there");
	return hook_run(&c, &list->v[op->index], (enum hook_kind)op->kind, op->index,
			STATUS_CREATED, l->child.pid, e);
}

static int do_net_device(struct launch *l, const struct op_net_device *op, struct error *e)
{
	const struct plan *p = &l->prepared->plan;

	return net_device_move(&l->net_devices, l->arena, l->child.pid, plan_text(p, op->name),
			       plan_text(p, op->new_name), e);
}

/* Recorded as soon as it is there: nobody would find it again if we were killed. */
static int do_intel_rdt(struct launch *l, const struct op_intel_rdt *op, struct error *e)
{
	struct rdt_group *g = ARENA_NEW(l->arena, struct rdt_group);
	AUTO_CLOSE int root = rdt_open(e);

	if (root < 0)
		return -1;
	l->container->state.intel_rdt = g;
	if (rdt_make(g, root, &l->prepared->plan, op, e) < 0 || store_save(l->container, e) < 0)
		return -1;
	return rdt_join(root, g, l->child.pid, e);
}

static int run(struct launch *l, const struct op *op, struct error *e)
{
	switch ((enum op_kind)op->kind) {
	case OP_ID_MAPS: return do_id_maps(l, &op->id_maps, e);
	case OP_RLIMIT: return do_rlimit(l, &op->rlimit, e);
	case OP_OOM_SCORE: return do_oom_score(l, &op->oom_score, e);
	case OP_NET_DEVICE: return do_net_device(l, &op->net_device, e);
	case OP_INTEL_RDT: return do_intel_rdt(l, &op->intel_rdt, e);
	case OP_HOST_HOOK: return do_host_hook(l, &op->host_hook, e);
	default: return fail(e, EPROTO, "%s is no operation of the host", op_name(op->kind));
	}
}

int host_operation(struct launch *l, const struct op *op, struct error *e)
{
	const char *at = plan_text(&l->prepared->plan, op->at);

	if (run(l, op, e) == 0)
		return 0;
	if (!e->at[0] && str_format(e->at, sizeof(e->at), "%s", at) < 0)
		e->at[0] = '\0';
	return -1;
}
