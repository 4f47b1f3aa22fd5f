/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/compile.h"

#include <linux/sched.h>
#include <stdarg.h>

#include "base/str.h"
#include "plan/stages.h"
#include "spec/config.h"

void compile_warn(const struct compile *c, const char *at, const char *fmt, ...)
{
	struct buf text;
	va_list ap;

	if (!c->options->warn)
		return;
	text = buf_new(c->arena);
	va_start(ap, fmt);
	buf_vprintf(&text, fmt, ap);
	va_end(ap);
	c->options->warn(at, text.s);
}

const char *compile_at(const struct compile *c, const char *fmt, ...)
{
	va_list ap;
	const char *text;

	va_start(ap, fmt);
	text = arena_vprintf(c->arena, fmt, ap);
	va_end(ap);
	return text;
}

const char *compile_host_path(const struct compile *c, const char *path)
{
	if (path[0] == '/')
		return path;
	return arena_printf(c->arena, "%s/%s", c->options->bundle, path);
}

/* To wait for each other takes longer than most of what there is to do. */
static bool something_halfway(const struct config *c)
{
	const struct hooks *h = c->hooks;

	return c->linux_.net_devices.n || (c->process && c->process->rlimits.n) ||
	       (h && (h->prestart.n || h->create_runtime.n || h->create_container.n));
}

/*
 * The order of everything.  plan_verify() holds the rules that any change of
 * it has to keep; see there for the reasons, and docs/adr/0002 for the place
 * of the start gate.
 */
static int compile_all(struct compile *c, struct plan *out, struct error *e)
{
	uint32_t from;

	if (survey_namespaces(c, e) < 0 || compile_namespaces(c, out, e) < 0)
		return -1;

	from = c->b.op_count;
	if (compile_rootfs(c, e) < 0 || compile_mounts(c, e) < 0)
		return -1;
	/* A mount may cover the source of a later one: all are opened before the first is made. */
	build_hoist(&c->b, from, OP_OPEN_SOURCE);
	if (compile_devices(c, e) < 0)
		return -1;

	if (something_halfway(c->config))
		BUILD(&c->b, BARRIER, barrier, "", .id = BARRIER_HOOKS);
	if (compile_net_devices(c, e) < 0)
		return -1;
	compile_hook_logs(c);
	compile_host_hooks(c);
	compile_rlimits(c);
	if (compile_hooks(c, HOOK_CREATE_CONTAINER, e) < 0)
		return -1;

	compile_console(c);
	compile_pivot(c);
	if (compile_paths(c, e) < 0 || compile_process(c, e) < 0)
		return -1;
	if (c->options->at_once)
		BUILD(&c->b, BARRIER, barrier, "", .id = BARRIER_BUILT);
	if (compile_creds(c, e) < 0)
		return -1;
	if (!c->options->at_once)
		BUILD(&c->b, BARRIER, barrier, "", .id = BARRIER_READY);
	BUILD(&c->b, START_GATE, start_gate, "");
	if (compile_hooks(c, HOOK_START_CONTAINER, e) < 0)
		return -1;
	compile_exec(c);
	return 0;
}

static void compile_enter(struct compile *c)
{
	plan_slot root = SLOT_NONE;

	if (!c->own_mount_ns && c->options->root)
		root = build_slot(&c->b, (struct slot){.kind = SLOT_ROOTFS,
						       .directory = 1,
						       .userns = SLOT_NONE,
						       .path = build_str(&c->b, c->options->root)});
	BUILD(&c->b, ENTER, enter, "", .root = root);
}

/* The order of the parts that an added process has in common with the first one is the same. */
static int compile_all_exec(struct compile *c, struct plan *out, struct error *e)
{
	if (survey_namespaces(c, e) < 0 || compile_namespaces(c, out, e) < 0)
		return -1;
	compile_enter(c);
	if (c->config->process->rlimits.n) {
		BUILD(&c->b, BARRIER, barrier, "", .id = BARRIER_HOOKS);
		compile_rlimits(c);
	}
	compile_console(c);
	if (compile_process(c, e) < 0 || compile_creds(c, e) < 0)
		return -1;
	/* There is no state to commit. A terminal and an agent have to be there before the program is. */
	BUILD(&c->b, BARRIER, barrier, "", .id = BARRIER_READY,
	      .open = !c->config->process->terminal && !c->options->seccomp_notify);
	compile_exec(c);
	return 0;
}

static int compile(struct plan *out, struct compile *c,
		   int (*all)(struct compile *, struct plan *, struct error *), struct error *e)
{
	const struct process *p = c->config->process;
	struct plan head = {.terminal = p && p->terminal};
	struct plan plan;

	if (all(c, &head, e) < 0)
		return -1;
	builder_finish(&c->b, &plan);
	plan.clone_flags = head.clone_flags;
	plan.join_userns = head.join_userns;
	plan.terminal = head.terminal;
	plan.own_mount_ns = c->own_mount_ns;
	*out = plan;
	return plan_verify(&plan, e);
}

int plan_compile(struct plan *out, struct arena *a, const struct config *c,
		 const struct plan_options *o, const struct facts *f, struct error *e)
{
	struct compile container = {
		.b = builder_new(a),
		.arena = a,
		.config = c,
		.options = o,
		.facts = f,
	};

	return compile(out, &container, compile_all, e);
}

int plan_compile_exec(struct plan *out, struct arena *a, const struct config *c,
		      const struct plan_options *o, const struct facts *f, struct error *e)
{
	struct compile process = {
		.b = builder_new(a),
		.arena = a,
		.config = c,
		.options = o,
		.facts = f,
		.exec = true,
	};

	return compile(out, &process, compile_all_exec, e);
}
