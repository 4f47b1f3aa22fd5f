/* SPDX-License-Identifier: Apache-2.0 */
/*
 * create: each step makes one thing and first says how to take it back.  The
 * intent record comes first of all, so that also after SIGKILL everything there
 * is can be found from it.
 */
#include "host/create.h"

#include <fcntl.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/log.h"
#include "host/destroy.h"
#include "host/exec.h"
#include "host/handover.h"
#include "host/host_mounts.h"
#include "host/intelrdt.h"
#include "host/interrupt.h"
#include "host/seccomp_agent.h"
#include "host/start.h"
#include "sys/procfs.h"
#include "sys/self.h"
#include "sys/socket.h"
#include "sys/spawn.h"

/* ---- taking back ---- */

static void undo_claim(void *arg)
{
	struct making *m = arg;
	struct error e;

	if (store_remove(&m->store, m->container.state.id, m->container.dir, &e) < 0)
		log_warning("%s", e.text);
}

static void undo_host_mounts(void *arg)
{
	struct making *m = arg;
	struct error e;

	if (host_mounts_remove(&m->container.state, &e) < 0)
		log_warning("%s", e.text);
}

static void undo_cgroup(void *arg)
{
	struct making *m = arg;
	struct error e;

	helper_end(&m->helper); /* it may be what is left in there */
	if (unit_remove(&m->container.state.cgroup, m->arena, &e) < 0)
		log_warning("%s", e.text);
}

static void undo_intel_rdt(void *arg)
{
	struct making *m = arg;
	struct error e;

	if (rdt_remove_recorded(&m->container.state, false, &e) < 0)
		log_warning("%s", e.text);
}

static void undo_launch(void *arg)
{
	struct making *m = arg;

	launch_kill(&m->launch);
}

/* Before init is killed: virtual devices end with their namespace. */
static void undo_net_devices(void *arg)
{
	struct making *m = arg;

	net_devices_return(&m->launch.net_devices);
}

static void undo_pid_file(void *arg)
{
	struct making *m = arg;

	if (m->pid_file_written)
		(void)unlink(m->prepared.options->pid_file);
}

/* Runs last: the container is gone by then, as the spec has it (runtime.md "Lifecycle"). */
static void undo_hooks(void *arg)
{
	struct making *m = arg;
	struct hook_context c = {.arena = m->arena, .state = &m->prepared.state, .interrupt = -1};

	if (m->launch.hooks_began)
		hooks_run_poststop(&c);
}

/* ---- steps ---- */

static int check_terminal(const struct prepared *p, enum create_mode mode, struct error *e)
{
	bool terminal = p->config.process && p->config.process->terminal;

	return console_check(terminal, mode != CREATE_FOREGROUND, p->options->console_socket, e);
}

/*
 * The record that is about to be written lets `delete` kill whatever is in this
 * cgroup, so nobody else may be in it.  (cgroup_create() looks again.)
 */
static int check_cgroup(struct making *m, struct error *e)
{
	struct pid_list pids = {0};
	struct cgroup g;
	int r;

	if (cgroup_open(&g, m->arena, &m->prepared.cgroup, e) < 0)
		return -1;
	r = cgroup_pids(&pids, m->arena, &g, e);
	cgroup_close(&g);
	if (r == 0 && pids.n > 0)
		return fail_at(e, "linux.cgroupsPath", 0,
			       "container's cgroup is not empty: %zu process(es) found in it",
			       pids.n);
	return r;
}

/* The id may be taken by the very container whose cgroup we found in use: that is the better error. */
static int check_id(const struct making *m, struct error *e)
{
	const char *id = m->prepared.options->id;

	if (faccessat(m->store.root, id, F_OK, 0) < 0)
		return -1;
	return fail(e, 0, "container with given ID already exists: \"%s\"", id);
}

int making_claim(struct making *m, struct error *e)
{
	if (check_cgroup(m, e) < 0)
		return check_id(m, e);
	if (!m->prepared.plan.own_mount_ns && m->prepared.config.mounts.n &&
	    host_mounts_note(&m->prepared.state, m->arena, e) < 0)
		return -1;
	cgroup_foresee(&m->prepared.state.cgroup, m->arena);
	m->prepared.state.boot_id = store_boot_id(&m->store);
	if (store_claim(&m->container, &m->store, m->arena, &m->prepared.state, e) < 0)
		return -1;
	undo_push(&m->undo, undo_hooks, m);
	undo_push(&m->undo, undo_claim, m);
	undo_push(&m->undo, undo_host_mounts, m);
	return m->prepared.notify_dir ? notify_make_dir(m->container.dir, e) : 0;
}

/*
 * What create made on the way to the container's cgroup may be more than was foreseen, and nobody
 * would find it again if we were killed.
 */
static bool made_parents(const struct cgroup_place *p)
{
	FOR_EACH(dir, p->dirs)
		if (dir->made && !str_eq(dir->made, dir->path))
			return true;
	return false;
}

/* See docs/adr/0006-the-scopes-first-process.md. */
static int make_unit(struct making *m, struct error *e)
{
	struct cgroup_place *place = &m->container.state.cgroup;

	if (unit_start(&m->helper, place, &m->prepared.unit, m->interrupt, e) < 0)
		return -1;
	undo_push(&m->undo, undo_cgroup, m);
	return unit_is_scope(place) ? cgroup_descend(place, m->arena, m->helper.pid, e) : 0;
}

int making_cgroup(struct making *m, struct error *e)
{
	struct prepared *p = &m->prepared;
	struct cgroup_place *place = &m->container.state.cgroup;

	if (place->driver == CGROUP_DRIVER_SYSTEMD && make_unit(m, e) < 0)
		return -1;
	if (cgroup_create(&m->cgroup, m->arena, place, &p->config, &p->facts, e) < 0)
		return -1;
	if (place->driver != CGROUP_DRIVER_SYSTEMD)
		undo_push(&m->undo, undo_cgroup, m);
	undo_push(&m->undo, undo_intel_rdt, m);
	if (place->dirs.n != p->cgroup.dirs.n && prepare_again(p, m->arena, place, e) < 0)
		return -1;
	return made_parents(place) ? store_save(&m->container, e) : 0;
}

/* The container is in its cgroup: born there, gone there (v1), or restored there. */
static int release_helper(struct making *m, struct error *e)
{
	const struct cgroup_place *place = &m->container.state.cgroup;

	if (m->helper.pid <= 0 || place->driver != CGROUP_DRIVER_SYSTEMD)
		return 0;
	return unit_started(&m->helper, place, &m->prepared.unit, e);
}

static int start_init(struct making *m, enum create_mode mode, struct error *e)
{
	const struct prepared *p = &m->prepared;
	struct launch *l = &m->launch;

	if (mode == CREATE_GATE) {
		l->start_sock = socket_listen(m->container.dir, START_SOCKET, SOCK_SEQPACKET, e);
		if (l->start_sock < 0)
			return error_context(e, "cannot make the start socket");
	}
	undo_push(&m->undo, undo_launch, m);
	undo_push(&m->undo, undo_net_devices, m);
	if (launch(l, e) < 0)
		return -1;
	if (m->cgroup.task_count == 0 && release_helper(m, e) < 0)
		return -1;
	close_fd(&l->start_sock);
	l->start_sock = -1;
	return cgroup_limit(&m->cgroup, m->arena, p->config.linux_.resources, &p->facts, e) < 0
		       ? -1
		       : launch_walk(l, BARRIER_MAPPED, e);
}

/* What the record will say, unless something goes wrong. */
static int draft(struct making *m, struct error *e)
{
	struct state *s = ARENA_NEW(m->arena, struct state);
	struct proc_stat st;

	*s = m->container.state;
	if (procfs_stat(m->launch.child.pid, &st) < 0)
		return fail_errno(e, "cannot examine the container's init");
	s->pid = m->launch.child.pid;
	s->start_time = st.start_time; /* for who may not open a pidfd later */
	s->pidfd_inode = pidfd_identity(m->launch.child.pidfd);
	s->status = STATUS_CREATED;
	return store_draft(&m->container, s, e);
}

/* Whether the draft is of the init that there is: it may have forked since. */
static bool is_drafted(const struct making *m)
{
	const struct state *draft = m->container.draft;

	return draft && draft->pid == m->launch.child.pid;
}

/*
 * What the host does while init makes the mounts.  Device rules are in force from then on: a block
 * device that is mounted need not be one that the container may open.
 */
static int beside_init(struct making *m, struct error *e)
{
	const struct prepared *p = &m->prepared;

	slots_close(m->launch.slots, &p->plan);
	if (devices_prepare(&m->devices, &m->cgroup, m->arena, p->config.linux_.resources,
			    &p->facts, false, e) < 0 ||
	    exec_record_write(&m->container, p, e) < 0 || draft(m, e) < 0 ||
	    launch_walk(&m->launch, BARRIER_HOOKS, e) < 0)
		return -1;
	return devices_enforce(&m->devices, &m->cgroup, false, e);
}

int making_commit(struct making *m, struct error *e)
{
	const struct create_options *o = m->prepared.options;

	if (release_helper(m, e) < 0)
		return -1;
	if ((!is_drafted(m) && draft(m, e) < 0) || store_commit(&m->container, e) < 0)
		return -1;

	if (o->pidfd_socket && hand_over_pidfd(o->pidfd_socket, m->launch.child.pidfd, e) < 0)
		return -1;
	if (!o->pid_file)
		return 0;
	undo_push(&m->undo, undo_pid_file, m);
	m->pid_file_written = write_pid_file(o->pid_file, m->launch.child.pid, e) == 0;
	return m->pid_file_written ? 0 : -1;
}

static int keep_spare(struct making *m, struct error *e)
{
	for (int i = 0; i < SPARE_FDS; i++) {
		m->spare[i] = fd_copy(m->store.root, 0);
		if (m->spare[i] < 0)
			return fail_errno(e, "cannot make a container with so few descriptors");
	}
	return 0;
}

static void give_back_spare(struct making *m)
{
	self_close_each(m->spare, SPARE_FDS);
}

/* The hooks of create run behind one barrier: the host's, then init's own. */
static bool hooks_begin(const struct hooks *h)
{
	return hooks_of(h, HOOK_PRESTART)->n || hooks_of(h, HOOK_CREATE_RUNTIME)->n ||
	       hooks_of(h, HOOK_CREATE_CONTAINER)->n;
}

/* With a gate it is `start` that listens. */
static int make_notify(struct making *m, enum create_mode mode, struct error *e)
{
	return mode == CREATE_GATE || !m->prepared.notify_dir
		       ? 0
		       : notify_listen(&m->notify, m->container.dir, &m->prepared.caller, e);
}

static int make_steps(struct making *m, enum create_mode mode, struct error *e)
{
	struct launch *l = &m->launch;

	if (making_claim(m, e) < 0 || making_cgroup(m, e) < 0 || make_notify(m, mode, e) < 0)
		return -1;
	/* Not earlier: the container's own cgroup may be among the bind sources. */
	m->container.started = mode != CREATE_GATE;
	if (slots_open(&l->slots, m->arena, &m->prepared.plan, e) < 0 ||
	    start_init(m, mode, e) < 0 || beside_init(m, e) < 0)
		return -1;
	l->hooks_began = hooks_begin(m->prepared.config.hooks);
	if (launch_walk(l, BARRIER_READY, e) < 0 ||
	    console_hand_over(&m->console, m->prepared.options->console_socket, &l->master, e) < 0)
		return -1;
	if (interrupt_check(m->interrupt, e) < 0 || making_commit(m, e) < 0)
		return -1;
	/* With a gate it is `start` that needs the agent. */
	if (mode != CREATE_GATE && seccomp_agent_connect(&m->agent, &m->container.state, e) < 0)
		return -1;
	if (protocol_open(&l->protocol, e) < 0)
		return -1;
	store_committed(&m->container);
	return 0;
}

static void making_init(struct making *m, const struct runtime *rt)
{
	*m = (struct making){
		.arena = rt->arena,
		.store = {.root = -1},
		.container = {.dir = -1, .pidfd = -1},
		.cgroup = {.v2 = -1},
		.devices = DEVICE_LIMIT_NONE,
		.helper = {.pidfd = -1, .sock = -1},
		.interrupt = -1,
		.agent = -1,
		.console = -1,
		.notify = {.sock = -1},
	};
	for (int i = 0; i < SPARE_FDS; i++)
		m->spare[i] = -1;
	m->launch = (struct launch){
		.arena = rt->arena,
		.prepared = &m->prepared,
		.container = &m->container,
		.cgroup = &m->cgroup,
		.start_sock = -1,
		.interrupt = -1,
		.child = {.pidfd = -1, .sock = -1},
		.master = -1,
		.net_devices = NET_DEVICES_NONE,
	};
}

/* Everything that can be found wrong before anything exists. */
int making_ready(struct making *m, const struct runtime *rt, const struct create_options *o,
		 enum create_mode mode, struct error *e)
{
	making_init(m, rt);
	if (store_check_id(o->id, e) < 0 || host_protect(e) < 0)
		return -1;
	/* What the caller has leaked to us is not the container's, and none of our business. */
	if (self_close_from(3 + o->preserve_fds + caller_of().listen_fds, log_fd(), e) < 0)
		return -1;
	if (rt->cgroup_driver == CGROUP_DRIVER_SYSTEMD && unit_helper(&m->helper, e) < 0)
		return -1;
	if (prepare(&m->prepared, rt, o, NULL, e) < 0 || check_terminal(&m->prepared, mode, e) < 0)
		return -1;
	if (store_open(&m->store, store_root(rt), true, e) < 0 ||
	    console_connect(&m->console, o->console_socket, e) < 0)
		return -1;
	if (keep_spare(m, e) < 0)
		return -1;
	m->interrupt = interrupt_open(e);
	if (m->interrupt < 0)
		return -1;
	m->launch.interrupt = m->interrupt;
	return 0;
}

void making_undo(struct making *m)
{
	give_back_spare(m);
	undo_all(&m->undo);
}

int make_container(struct making *m, const struct runtime *rt, const struct create_options *o,
		   enum create_mode mode, struct error *e)
{
	if (making_ready(m, rt, o, mode, e) < 0)
		return -1;
	if (make_steps(m, mode, e) < 0) {
		protocol_hear(m->launch.child.sock, e);
		making_undo(m);
		return -1;
	}
	m->launch.hooks_began = true; /* whether it has some or not: from here on it ends as one */
	return 0;
}

void making_close(struct making *m)
{
	if (m->launch.slots)
		slots_close(m->launch.slots, &m->prepared.plan);
	if (m->cgroup.place)
		cgroup_close(&m->cgroup);
	devices_close(&m->devices);
	net_devices_close(&m->launch.net_devices);
	helper_end(&m->helper);
	close_fd(&m->launch.start_sock);
	close_fd(&m->launch.child.sock);
	close_fd(&m->launch.child.pidfd);
	close_fd(&m->launch.master);
	close_fd(&m->agent);
	notify_close(&m->notify);
	close_fd(&m->console);
	close_fd(&m->interrupt);
	give_back_spare(m);
	store_close(&m->container);
	close_fd(&m->store.root);
}

int container_create(const struct runtime *rt, const struct create_options *o, struct error *e)
{
	struct making *m = ARENA_NEW(rt->arena, struct making);
	int r = make_container(m, rt, o, CREATE_GATE, e);

	making_close(m);
	return r;
}
