/* SPDX-License-Identifier: Apache-2.0 */
/*
 * exec: the same plan, launch and protocol as create, for a process that joins what is there
 * already.  Nothing is made that would have to be taken back, besides the process.
 */
#include "host/exec.h"

#include <linux/sched.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "host/foreground.h"
#include "host/handover.h"
#include "host/intelrdt.h"
#include "host/interrupt.h"
#include "host/probe.h"
#include "host/seccomp_agent.h"
#include "host/start.h"
#include "plan/compile.h"
#include "spec/cpulist.h"
#include "sys/ns.h"
#include "sys/process.h"
#include "sys/self.h"

struct execution {
	struct arena *arena;
	const struct exec_options *options;
	struct store store;
	struct container container;
	struct exec_record record;
	struct process process;
	struct prepared prepared; /* facts, plan, and a config of what the plan is made from */
	struct cgroup_place place;
	struct cgroup cgroup;
	struct launch launch;
	int interrupt;
	int agent;   /* connection to the seccomp agent, or -1 */
	int console; /* connection to --console-socket, or -1 */
};

/* ---- the container ---- */

static int check_status(const struct execution *x, struct error *e)
{
	switch (x->container.status) {
	case STATUS_CREATED:
	case STATUS_RUNNING: return 0;
	case STATUS_PAUSED:
		if (x->options->ignore_paused)
			return 0;
		return fail(e, 0,
			    "cannot exec in a paused container (use --ignore-paused to override)");
	default: return fail(e, 0, "container not running");
	}
}

static int find_container(struct execution *x, const struct runtime *rt, struct error *e)
{
	if (store_open(&x->store, store_root(rt), false, e) < 0 ||
	    store_load(&x->container, &x->store, x->arena, x->options->id, false, e) < 0)
		return -1;
	return check_status(x, e);
}

/*
 * The namespaces of the container's init that are not our own, whoever made them.  Of those that
 * the config has that is known; of the others the kernel is asked: a container that shares the
 * host's network does so also for an exec that is called from within another one.  The kernel
 * refuses to join the user namespace that one is in, so that is always asked.
 */
static int find_namespaces(struct plan_options *out, struct execution *x, struct error *e)
{
	uint32_t own = 0, foreign;

	FOR_EACH(type, x->record.defaults.namespaces)
		own |= (uint32_t)*type;
	own &= ~(uint32_t)CLONE_NEWUSER;
	out->pid = (uint32_t)x->container.state.pid;
	if (ns_foreign(&foreign, (int)out->pid, ~own, e) < 0)
		return -1;
	out->join = own | foreign;
	return 0;
}

/* What was opened by a number of a process is the container's if it still is that process. */
static int check_alive(struct execution *x, struct error *e)
{
	return store_alive(&x->container) ? 0 : fail(e, 0, "container not running");
}

/* ---- the plan ---- */

/* A process is born into cgroup2 and joins the hierarchies of v1: those of the record count. */
static int cgroups_of(const struct cgroup_place *place)
{
	FOR_EACH(dir, place->dirs)
		if (dir->hierarchy[0])
			return CGROUP_V1;
	return CGROUP_V2;
}

static int compile(struct execution *x, struct error *e)
{
	const struct exec_defaults *d = &x->record.defaults;
	struct prepared *p = &x->prepared;
	struct plan_options o = {
		.id = x->options->id,
		.no_new_keyring = d->no_new_keyring,
		.relayed = !x->options->console_socket,
		.preserve_fds = x->options->preserve_fds,
		.seccomp_program = x->record.program,
		.seccomp_count = x->record.program_count,
		.seccomp_flags = d->seccomp_flags.v,
		.seccomp_notify = x->container.state.seccomp_agent != NULL,
		.cgroup = &x->place,
		.root = arena_printf(x->arena, "/proc/%d/root", (int)x->container.state.pid),
		.warn = prepare_warn,
	};

	p->config.process = &x->process;
	p->config.linux_.personality = d->personality;
	p->config.linux_.memory_policy = d->memory_policy;
	p->config.annotations = x->container.state.annotations;
	if (find_namespaces(&o, x, e) < 0 || probe_process_facts(&p->facts, &p->config, e) < 0)
		return -1;
	p->facts.cgroup = cgroups_of(&x->container.state.cgroup);
	return plan_compile_exec(&p->plan, x->arena, &p->config, &o, &p->facts, e);
}

/* ---- steps ---- */

/* Who waits here for what is at the other end of a pipe can be interrupted. */
static int read_request(struct execution *x, struct error *e)
{
	const struct exec_options *o = x->options;

	if (store_check_id(o->id, e) < 0 || host_protect(e) < 0)
		return -1;
	return o->process ? exec_process_read(&x->process, x->arena, o->process, e) : 0;
}

/* Everything else that can be found wrong before there is a process. */
static int make_ready(struct execution *x, const struct runtime *rt, struct error *e)
{
	const struct exec_options *o = x->options;

	/* What the caller has leaked to us is not the container's, and none of our business. */
	if (check_preserved_fds(o->preserve_fds, e) < 0 ||
	    self_close_from(3 + o->preserve_fds, log_fd(), e) < 0)
		return -1;
	if (find_container(x, rt, e) < 0 || exec_record_read(&x->record, &x->container, e) < 0)
		return -1;
	if (exec_process(&x->process, x->arena, o, &x->record.defaults, e) < 0 ||
	    console_check(x->process.terminal, o->detach, o->console_socket, e) < 0)
		return -1;
	if (compile(x, e) < 0 ||
	    exec_cgroup(&x->cgroup, &x->place, &x->container, &o->cgroups, e) < 0 ||
	    console_connect(&x->console, o->console_socket, e) < 0 ||
	    seccomp_agent_connect(&x->agent, &x->container.state, e) < 0)
		return -1;
	x->interrupt = x->launch.interrupt = interrupt_open(e);
	if (x->interrupt < 0)
		return -1;
	if (slots_open(&x->launch.slots, x->arena, &x->prepared.plan, e) < 0)
		return -1;
	return check_alive(x, e);
}

/* The process has this from us; in the cgroup it may be changed: see CPU_AFFINITY. */
static int set_first_cpus(const struct execution *x, struct error *e)
{
	const struct cpu_affinity *cpus = x->process.exec_cpu_affinity;

	struct cpulist list;

	if (!cpus || !cpus->initial)
		return 0;
	if (cpulist_parse(&list, cpus->initial, e) == 0 &&
	    (!list.words || process_cpu_affinity(list.mask, (uint32_t)list.words, e) == 0))
		return 0;
	return error_at_prefix(e, "process.execCPUAffinity.initial");
}

static int hand_over_process(struct execution *x, struct error *e)
{
	const struct exec_options *o = x->options;
	const struct child *child = &x->launch.child;

	if (o->pidfd_socket && hand_over_pidfd(o->pidfd_socket, child->pidfd, e) < 0)
		return -1;
	return o->pid_file ? write_pid_file(o->pid_file, child->pid, e) : 0;
}

static int start(struct execution *x, struct error *e)
{
	struct launch *l = &x->launch;

	if (set_first_cpus(x, e) < 0 || launch(l, e) < 0 ||
	    rdt_join_recorded(&x->container.state, l->child.pid, e) < 0)
		return -1;
	slots_close(l->slots, &x->prepared.plan);
	if (launch_walk(l, BARRIER_READY, e) < 0 ||
	    console_hand_over(&x->console, x->options->console_socket, &l->master, e) < 0)
		return -1;
	if (interrupt_check(x->interrupt, e) < 0 || protocol_open(&l->protocol, e) < 0)
		return -1;
	return 0;
}

/* Init has been let go; here it ends or becomes the program. */
static int wait_started(struct execution *x, struct error *e)
{
	if (seccomp_agent_serve(&x->agent, x->launch.child.sock, x->interrupt, x->arena,
				&x->container.state, (enum status)x->container.status,
				x->launch.child.pid, e) < 0)
		return -1;
	if (protocol_wait_exec(x->launch.child.sock, x->interrupt, e) < 0)
		return -1;
	return hand_over_process(x, e);
}

static int run_foreground(struct execution *x, int *exit_code, struct error *e)
{
	struct foreground f;
	int r = foreground_begin(&f, &x->launch.child, x->launch.master, e);

	if (r == 0)
		r = wait_started(x, e);
	/* The container is none of our business now: `delete` shall not find it busy. */
	store_close(&x->container);
	if (r == 0)
		r = foreground_serve(&f, e);
	foreground_end(&f);
	if (r == 0)
		*exit_code = foreground_exit_code(&f);
	return r;
}

static int execute(struct execution *x, int *exit_code, struct error *e)
{
	int r = start(x, e);

	if (r == 0 && x->options->detach)
		r = wait_started(x, e);
	else if (r == 0)
		r = run_foreground(x, exit_code, e);
	if (r < 0)
		launch_kill(&x->launch);
	return r;
}

static void close_all(struct execution *x)
{
	if (x->launch.slots)
		slots_close(x->launch.slots, &x->prepared.plan);
	if (x->cgroup.place)
		cgroup_close(&x->cgroup);
	close_fd(&x->launch.child.sock);
	close_fd(&x->launch.child.pidfd);
	close_fd(&x->launch.master);
	close_fd(&x->agent);
	close_fd(&x->console);
	close_fd(&x->interrupt);
	store_close(&x->container);
	close_fd(&x->store.root);
}

int container_exec(const struct runtime *rt, const struct exec_options *o, int *exit_code,
		   struct error *e)
{
	struct execution *x = ARENA_NEW(rt->arena, struct execution);
	int r;

	*x = (struct execution){
		.arena = rt->arena,
		.options = o,
		.store = {.root = -1},
		.container = {.dir = -1, .pidfd = -1},
		.cgroup = {.v2 = -1},
		.launch =
			{
				.arena = rt->arena,
				.prepared = &x->prepared,
				.cgroup = &x->cgroup,
				.start_sock = -1,
				.interrupt = -1,
				.child = {.pidfd = -1, .sock = -1},
				.master = -1,
			},
		.interrupt = -1,
		.agent = -1,
		.console = -1,
	};
	*exit_code = 0;
	if (read_request(x, e) < 0 || (!o->detach && foreground_block_signals(e) < 0))
		return -1;
	r = make_ready(x, rt, e);
	if (r == 0)
		r = execute(x, exit_code, e);
	close_all(x);
	return r;
}
