/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/check.h"

#include <linux/sched.h>
#include <string.h>

#include "base/log.h"
#include "base/str.h"
#include "spec/cpulist.h"
#include "spec/names.h"

static int check_env(const struct strs *env, struct error *e)
{
	for (size_t i = 0; i < env->n; i++) {
		const char *equals = strchr(env->v[i], '=');

		if (equals && equals > env->v[i])
			continue;
		fail(e, 0, "environment variable \"%s\" is not NAME=value", env->v[i]);
		return at_element(e, "env", i);
	}
	return 0;
}

static int check_console_size(const struct console_size *size, struct error *e)
{
	if (!size)
		return 0;
	if (!size->has_height)
		return fail_at(e, "consoleSize.height", 0, "is missing");
	if (!size->has_width)
		return fail_at(e, "consoleSize.width", 0, "is missing");
	if (size->height > UINT16_MAX)
		return fail_at(e, "consoleSize.height", 0, "more than %d", UINT16_MAX);
	if (size->width > UINT16_MAX)
		return fail_at(e, "consoleSize.width", 0, "more than %d", UINT16_MAX);
	return 0;
}

static int check_mapped(const id_mappings *mappings, uint32_t id, const char *at, struct error *e)
{
	if (mappings->n == 0)
		return 0;
	FOR_EACH(m, *mappings)
		if (id >= m->container_id && id - m->container_id < m->size)
			return 0;
	return fail_at(e, at, 0, "id %u is not mapped in the user namespace", id);
}

static int check_user(const struct config *c, struct error *e)
{
	const struct user *user = &c->process->user;

	if (check_mapped(&c->linux_.uid_mappings, user->uid, "user.uid", e) < 0 ||
	    check_mapped(&c->linux_.gid_mappings, user->gid, "user.gid", e) < 0)
		return -1;
	return 0;
}

static int check_rlimits(const struct process *p, struct error *e)
{
	for (size_t i = 0; i < p->rlimits.n; i++) {
		const struct resource_limit *r = &p->rlimits.v[i];

		if (!name_find(rlimit_names, r->type)) {
			fail_at(e, "type", 0, "\"%s\" is not a resource limit", r->type);
			return at_element(e, "rlimits", i);
		}
		for (size_t k = 0; k < i; k++)
			if (str_eq(p->rlimits.v[k].type, r->type)) {
				fail_at(e, "type", 0, "%s is there twice", r->type);
				return at_element(e, "rlimits", i);
			}
		if (r->soft.v > r->hard.v) {
			fail_at(e, "soft", 0, "soft limit %ju is above the hard limit %ju",
				(uintmax_t)r->soft.v, (uintmax_t)r->hard.v);
			return at_element(e, "rlimits", i);
		}
	}
	return 0;
}

static int check_scheduler_flags(const struct scheduler *s, struct error *e)
{
	for (size_t i = 0; i < s->flags.n; i++)
		if (s->flags.v[i] & (SCHED_FLAG_UTIL_CLAMP_MIN | SCHED_FLAG_UTIL_CLAMP_MAX)) {
			fail(e, 0, "%s cannot be used: the spec has no property for its value",
			     name_of(scheduler_flag_names, s->flags.v[i]));
			return at_element(e, "flags", i);
		}
	return 0;
}

/* sched(7): what SCHED_DEADLINE asks, runtime <= deadline <= period. */
static int check_deadline(const struct scheduler *s, struct error *e)
{
	const uint64_t least = 1024; /* ns: the kernel's resolution */

	if (s->runtime < least)
		return fail_at(e, "runtime", 0, "SCHED_DEADLINE needs at least %ju ns",
			       (uintmax_t)least);
	if (s->runtime > s->deadline)
		return fail_at(e, "deadline", 0, "the deadline is before the runtime is over");
	if (s->period && s->deadline > s->period)
		return fail_at(e, "period", 0, "the period is shorter than the deadline");
	return 0;
}

/* A parameter that its policy does not have is a mistake, and not one to pass over. */
static int check_scheduler(const struct scheduler *s, struct error *e)
{
	int policy = s->policy - 1;
	bool realtime = policy == SCHED_FIFO || policy == SCHED_RR;
	bool deadline = policy == SCHED_DEADLINE;
	const char *name = name_of(scheduler_policy_names, s->policy);

	if (str_eq(name, "SCHED_ISO"))
		return fail_at(e, "policy", 0, "no kernel has SCHED_ISO");
	if (s->nice.v < -20 || s->nice.v > 19)
		return fail_at(e, "nice", 0, "nice is from -20 to 19, not %d", s->nice.v);
	if (realtime && (s->priority.v < 1 || s->priority.v > 99))
		return fail_at(e, "priority", 0, "%s needs a priority from 1 to 99", name);
	if (!realtime && s->priority.v != 0)
		return fail_at(e, "priority", 0, "%s has no priority", name);
	if (!deadline && s->runtime)
		return fail_at(e, "runtime", 0, "%s has no runtime", name);
	if (!deadline && s->deadline)
		return fail_at(e, "deadline", 0, "%s has no deadline", name);
	if (!deadline && s->period)
		return fail_at(e, "period", 0, "%s has no period", name);
	if (deadline && check_deadline(s, e) < 0)
		return -1;
	return check_scheduler_flags(s, e);
}

static int check_cpulist(const char *list, const char *at, struct error *e)
{
	struct cpulist parsed;

	if (list && cpulist_parse(&parsed, list, e) < 0)
		return error_at_prefix(e, at);
	return 0;
}

int check_process(const struct config *c, struct error *e)
{
	const struct process *p = c->process;
	const struct cpu_affinity *affinity = p->exec_cpu_affinity;

	if (check_absolute(p->cwd, "cwd", e) < 0 || check_env(&p->env, e) < 0 ||
	    check_console_size(p->console_size, e) < 0 || check_user(c, e) < 0 ||
	    check_rlimits(p, e) < 0)
		return -1;
	if (p->scheduler && check_scheduler(p->scheduler, e) < 0)
		return error_at_prefix(e, "scheduler");
	if (affinity && (check_cpulist(affinity->initial, "initial", e) < 0 ||
			 check_cpulist(affinity->final, "final", e) < 0))
		return error_at_prefix(e, "execCPUAffinity");
	return 0;
}
