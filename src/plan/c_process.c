/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/ioprio.h>
#include <linux/sched.h>
#include <string.h>

#include "base/keys.h"
#include "plan/stages.h"
#include "spec/cpulist.h"

/* Attributes of the process that need privilege, or at least no lack of it. */

static void compile_scheduler(struct compile *c, const struct scheduler *s)
{
	uint64_t flags = 0;

	FOR_EACH(flag, s->flags)
		flags |= (uint64_t)*flag;
	BUILD(&c->b, SCHEDULER, scheduler, "process.scheduler", .policy = (uint32_t)(s->policy - 1),
	      .flags = flags, .nice = s->nice.v, .priority = (uint32_t)s->priority.v,
	      .runtime = s->runtime, .deadline = s->deadline, .period = s->period);
}

static int compile_memory_policy(struct compile *c, const struct memory_policy *p, struct error *e)
{
	uint32_t mode = (uint32_t)(p->mode - 1);
	struct cpulist nodes;

	if (cpulist_parse(&nodes, p->nodes ? p->nodes : "", e) < 0)
		return error_at_prefix(e, "linux.memoryPolicy.nodes");
	FOR_EACH(flag, p->flags)
		mode |= (uint32_t)*flag;
	BUILD(&c->b, MEMORY_POLICY, memory_policy, "linux.memoryPolicy", .mode = mode,
	      .nodes = build_u32s(&c->b, nodes.mask, nodes.words));
	return 0;
}

/*
 * The spec has it for exec only: the container's first process has no "before the cgroup".  Else a
 * container is confined by its cgroup, not by where its caller may run, say by systemd's
 * CPUAffinity=: joining undid that until Linux 6.2, and runc does since.
 */
int compile_cpu_affinity(struct compile *c, struct error *e)
{
	static const char at[] = "process.execCPUAffinity.final";
	const struct cpu_affinity *asked = c->exec ? c->config->process->exec_cpu_affinity : NULL;
	struct cpulist cpus;

	if (!asked || (!asked->initial && !asked->final)) {
		BUILD(&c->b, CPU_AFFINITY, cpu_affinity, "", .any = true);
		return 0;
	}
	if (!asked->final)
		return 0;
	if (cpulist_parse(&cpus, asked->final, e) < 0)
		return error_at_prefix(e, at);
	if (cpus.words)
		BUILD(&c->b, CPU_AFFINITY, cpu_affinity, at,
		      .cpus = build_u32s(&c->b, cpus.mask, cpus.words));
	return 0;
}

int compile_process(struct compile *c, struct error *e)
{
	const struct process *p = c->config->process;
	const struct linux_config *l = &c->config->linux_;

	if (!p)
		return 0;
	if (p->scheduler)
		compile_scheduler(c, p->scheduler);
	if (p->io_priority)
		BUILD(&c->b, IO_PRIORITY, io_priority, "process.ioPriority",
		      .value = (uint32_t)p->io_priority->class << IOPRIO_CLASS_SHIFT |
			       (uint32_t)p->io_priority->priority);
	if (l->personality)
		BUILD(&c->b, PERSONALITY, personality, "linux.personality",
		      .domain = (uint32_t)(l->personality->domain - 1));
	if (l->memory_policy && compile_memory_policy(c, l->memory_policy, e) < 0)
		return -1;
	BUILD(&c->b, STDIO, stdio, "", .uid = p->user.uid);
	return 0;
}

/* ---- the end ---- */

/* Of a name that appears twice the last one counts, for libcs that would take the first. */
static struct plan_vec compile_env(struct compile *c, const struct strs *env)
{
	const struct strs *lists[] = {env, &c->options->env};
	const size_t room = env->n + c->options->env.n;
	const char **kept = ARENA_ARRAY(c->arena, room + 1, const char *);
	struct keys names = keys_new(c->arena);
	size_t first = room;

	for (size_t l = 0; l < ARRAY_SIZE(lists); l++)
		for (size_t i = lists[l]->n; i-- > 0;) {
			const char *text = lists[l]->v[i];
			struct json_text name = {text, strcspn(text, "=")};

			if (keys_add(&names, name))
				kept[--first] = text;
		}
	return build_vec(&c->b, kept + first, room - first);
}

static void compile_seccomp(struct compile *c)
{
	const struct plan_options *o = c->options;

	/* struct sock_filter is eight bytes on every architecture */
	BUILD(&c->b, SECCOMP, seccomp, "linux.seccomp", .slot = SLOT_NONE,
	      .flags = o->seccomp_flags, .notify = o->seccomp_notify, .count = o->seccomp_count,
	      .program = build_blob(&c->b, o->seccomp_program, (size_t)o->seccomp_count * 8));
}

/*
 * What follows the start gate.  Descriptors are closed before the filter is
 * loaded, since a profile may refuse close_range(2).  Loading a filter needs
 * CAP_SYS_ADMIN unless no_new_privs is set: then capabilities were dropped
 * before the gate, else they are now.
 */
void compile_exec(struct compile *c)
{
	const struct process *p = c->config->process;

	BUILD(&c->b, CLOSE_FDS, close_fds, "", .keep = 3 + c->options->preserve_fds);
	if (!p) {
		BUILD(&c->b, EXEC, exec, "process", .no_process = 1);
		return;
	}
	if (c->options->seccomp_program) {
		compile_seccomp(c);
		if (!p->no_new_privileges)
			compile_capabilities(c);
	}
	BUILD(&c->b, EXEC, exec, "process.args", .argv = build_vec(&c->b, p->args.v, p->args.n),
	      .env = compile_env(c, &p->env), .listen_pid = c->options->listen_pid);
}
