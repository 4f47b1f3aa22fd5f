/* SPDX-License-Identifier: Apache-2.0 */
/*
 * restore: as create, but instead of an init CRIU makes the process, and says when it has come
 * to something that is ours: hooks, the terminal, the record.
 */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "host/create.h"
#include "host/criu.h"
#include "host/exec.h"
#include "host/handover.h"
#include "host/stage.h"
#include "sys/abi.h"
#include "sys/dir.h"
#include "sys/file.h"
#include "sys/mount.h"
#include "sys/ns.h"
#include "sys/path.h"
#include "sys/socket.h"
#include "sys/spawn.h"

#define LOG_FILE "restore.log"
#define STAGE "stage" /* in the container's state directory */

struct restoring {
	struct making *making;
	const struct restore_options *options;
	struct create_options create;
	struct criu_places places, inside; /* as we see them, and as CRIU does */
	struct criu_request request;
	struct criu criu;
	const char *program, *dir, *stage; /* @dir: ROOT/ID */
	char helper[PATH_MAX];
};

/* ---- what is asked of CRIU ---- */

/* CRIU passes over what the images do not have. */
static void ask_mount(struct restoring *x, const char *name, const char *source)
{
	criu_ask(&x->request, -1, "external",
		 arena_printf(x->making->arena, "mnt[%s]:%s", name, source), NULL);
}

static void ask_mounts(struct restoring *x)
{
	const struct plan *p = &x->making->prepared.plan;
	struct arena *a = x->making->arena;
	const char *notify = arena_printf(a, "%s/" NOTIFY_DIR, x->dir);

	for (uint32_t i = 0; i < p->op_count; i++) {
		struct op_mount bind;
		const char *name;

		for (uint32_t k = 0; (name = external_name(p, &p->ops[i], k)); k++) {
			ask_mount(x, name,
				  plan_bind(p, &p->ops[i], k, &bind)
					  ? stage_source(a, x->stage, p, i, &bind)
					  : name);
			if (str_eq(name, NOTIFY_INSIDE))
				notify = NULL;
		}
	}
	if (x->making->prepared.config.linux_.masked_paths.n)
		ask_mount(x, "/dev/null", "/dev/null");
	/* Whether it was there the environment has said, which is another now. */
	if (notify)
		ask_mount(x, NOTIFY_INSIDE, notify);
}

/* Its descriptor stays open until we end. */
static int ask_namespace(struct restoring *x, const struct namespace *ns, struct error *e)
{
	const char *key = external_key(x->making->arena, ns->type);
	int fd;

	if (ns->type == CLONE_NEWCGROUP)
		return fail(e, 0, "CRIU cannot join a cgroup namespace");
	fd = ns_open(ns->path, ns->type, e);
	if (fd < 0)
		return -1;
	if (key)
		criu_ask(&x->request, fd, "inherit_fd", "key", key, "fd", "@", NULL);
	else
		criu_ask(&x->request, -1, "join_ns", "ns", namespace_file(ns->type), "ns_file",
			 ns->path, NULL);
	return 0;
}

static int ask_namespaces(struct restoring *x, struct error *e)
{
	const struct config *c = &x->making->prepared.config;

	for (size_t i = 0; i < c->linux_.namespaces.n; i++) {
		const struct namespace *ns = &c->linux_.namespaces.v[i];
		char at[40];

		if (!ns->path || ask_namespace(x, ns, e) == 0)
			continue;
		if (str_format(at, sizeof(at), "linux.namespaces[%zu]", i) == 0)
			memcpy(e->at, at, sizeof(at));
		return -1;
	}
	return 0;
}

/* The processes were in the cgroup of the checkpointed container: now they are in this one's. */
static void ask_cgroups(struct restoring *x)
{
	struct arena *a = x->making->arena;

	FOR_EACH(dir, x->making->container.state.cgroup.dirs) {
		const char *at = dir->hierarchy;

		if (!*at)
			criu_ask(&x->request, -1, "cg_root", "path", dir->path, NULL);
		while (*at) {
			size_t len = strcspn(at, ",");

			criu_ask(&x->request, -1, "cg_root", "ctrl", arena_strndup(a, at, len),
				 "path", dir->path, NULL);
			at += len + (at[len] == ',');
		}
	}
}

static int ask(struct restoring *x, struct error *e)
{
	const struct restore_options *o = x->options;
	struct criu_request *r = &x->request;

	if (criu_ask_options(r, &o->criu, &x->inside, LOG_FILE,
			     &x->making->prepared.config.annotations, e) < 0 ||
	    descriptors_ask(r, &x->places, e) < 0 || ask_namespaces(x, e) < 0)
		return -1;
	criu_ask(r, -1, "root", arena_printf(x->making->arena, "%s/root", x->stage), NULL);
	criu_ask(r, -1, "rst_sibling", "1", NULL);
	criu_ask(r, -1, "evasive_devices", "1", NULL);
	if (o->lsm_profile)
		criu_ask(r, -1, "lsm_profile", o->lsm_profile, NULL);
	if (o->lsm_mount_context)
		criu_ask(r, -1, "lsm_mount_context", o->lsm_mount_context, NULL);
	ask_mounts(x);
	ask_cgroups(x);
	return 0;
}

/* ---- what CRIU has come to ---- */

/* CRIU makes network namespaces empty; a new container's has its loopback device up. */
static int loopback_up(const struct making *m, struct error *e)
{
	const char *path = arena_printf(m->arena, "/proc/%d/ns/net", m->launch.child.pid);
	AUTO_CLOSE int own = ns_open("/proc/self/ns/net", CLONE_NEWNET, e);
	AUTO_CLOSE int theirs = own < 0 ? -1 : ns_open(path, CLONE_NEWNET, e);
	struct error failure;
	int r;

	if (theirs < 0 || ns_join(theirs, CLONE_NEWNET, e) < 0)
		return -1;
	r = net_loopback_up(e);
	return ns_join(own, CLONE_NEWNET, r < 0 ? &failure : e) < 0 ? -1 : r;
}

/* The part of the plan that is about namespaces, not about a process. */
static int on_namespaces(struct making *m, struct error *e)
{
	const struct plan *p = &m->prepared.plan;

	for (uint32_t i = 0; i < p->op_count; i++) {
		const struct op *op = &p->ops[i];

		if (op->kind == OP_LOOPBACK && loopback_up(m, e) < 0)
			return -1;
		if (op->kind != OP_NET_DEVICE && op->kind != OP_INTEL_RDT &&
		    op->kind != OP_HOST_HOOK)
			continue;
		m->launch.hooks_began |= op->kind == OP_HOST_HOOK;
		if (host_operation(&m->launch, op, e) < 0)
			return -1;
	}
	return 0;
}

/* CRIU mounts with the flags of before: those that the config has must be among them. */
static int check_mount(const struct plan *p, int root, const struct op_mount *o, struct error *e)
{
	const uint32_t limiting =
		MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC;
	const char *target = plan_text(p, o->target);
	AUTO_CLOSE int fd = -1;
	uint64_t now;

	if (!(o->set & limiting))
		return 0;
	fd = path_open_inside(root, target, 0, e);
	if (fd < 0 || mount_attributes(fd, &now, e) < 0)
		return -1;
	if (o->set & limiting & ~now)
		return fail(e, 0,
			    "mount \"%s\" was less limited at the checkpoint: edit the config, or "
			    "make another checkpoint",
			    target);
	return 0;
}

static int check_mounts(const struct making *m, struct error *e)
{
	const struct plan *p = &m->prepared.plan;
	AUTO_CLOSE int root =
		openat(AT_FDCWD, arena_printf(m->arena, "/proc/%d/root", m->launch.child.pid),
		       O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct op_mount bind;

	if (root < 0)
		return fail_errno(e, "cannot examine the container's root directory");
	for (uint32_t i = 0; i < p->op_count; i++)
		for (uint32_t k = 0; plan_bind(p, &p->ops[i], k, &bind); k++)
			if (check_mount(p, root, &bind, e) < 0)
				return error_at_prefix(e, plan_text(p, p->ops[i].at));
	return 0;
}

/* All is in place, and nothing runs yet. */
static int on_restored(struct making *m, struct error *e)
{
	const struct resources *r = m->prepared.config.linux_.resources;

	if (check_mounts(m, e) < 0)
		return -1;
	if (exec_record_write(&m->container, &m->prepared, e) < 0 ||
	    cgroup_limit(&m->cgroup, m->arena, r, &m->prepared.facts, e) < 0 ||
	    devices_apply(&m->cgroup, m->arena, r, &m->prepared.facts, false, e) < 0)
		return -1;
	m->container.started = true;
	if (making_commit(m, e) < 0)
		return -1;
	store_committed(&m->container);
	return 0;
}

static int on_terminal(struct making *m, int *fd, struct error *e)
{
	if (*fd < 0)
		return fail(e, EPROTO, "CRIU made no terminal");
	close_fd(&m->launch.master);
	m->launch.master = TAKE_FD(*fd);
	return console_hand_over(&m->console, m->prepared.options->console_socket,
				 &m->launch.master, e);
}

/* The root of what is being restored; it is a child of ours. */
static void take_child(struct child *child, pid_t pid)
{
	if (child->pid == pid || pid <= 0)
		return;
	close_fd(&child->pidfd);
	*child = (struct child){.pid = pid, .pidfd = pidfd_of(pid), .sock = -1};
}

static int notify(void *ctx, const char *script, pid_t pid, int *fd, struct error *e)
{
	struct making *m = ((struct restoring *)ctx)->making;

	take_child(&m->launch.child, pid);
	if (str_eq(script, "setup-namespaces"))
		return on_namespaces(m, e);
	if (str_eq(script, "orphan-pts-master"))
		return on_terminal(m, fd, e);
	return str_eq(script, "post-restore") ? on_restored(m, e) : 0;
}

/* ---- steps ---- */

static void undo_restored(void *arg)
{
	struct restoring *x = arg;

	helper_end(&x->criu.helper);
	net_devices_return(&x->making->launch.net_devices);
	launch_kill(&x->making->launch);
}

static int join_cgroup(const struct cgroup *g, struct error *e)
{
	for (unsigned int i = 0; i < g->task_count; i++)
		if (file_write_all(g->tasks[i], "0", 1) < 0)
			return fail_errno(e, "cannot join the container's cgroup");
	return 0;
}

/*
 * In the helper's place, by what it would say.  Not gone before yacr has heard it: until then
 * yacr looks at the host through our mounts.
 */
static _Noreturn void be_failure(int sock, const struct error *e)
{
	static struct words w;
	char code[16];

	(void)!str_format(code, sizeof(code), "%d", e->code);
	(void)words_send(sock, -1, (const char *const[]){"failed", code, e->text, e->at, NULL});
	while (words_receive(sock, &w) > 0)
		close_fd(&w.fd);
	_exit(1);
}

/* In the child, which becomes the helper: CRIU inherits cgroup and mounts from it. */
static _Noreturn void be_helper(const struct restoring *x, const int pair[2])
{
	const struct launch *l = &x->making->launch;
	int sock = pair[1];
	struct error e;

	close(pair[0]);
	umask(0); /* mount points are as init makes them */
	if (join_cgroup(l->cgroup, &e) == 0 && stage_build(l, x->stage, &e) == 0) {
		helper_become(x->helper, sock);
		fail(&e, errno, "cannot execute yacr-criu");
		sock = HELPER_SOCKET;
	}
	be_failure(sock, &e);
}

static int start_helper(struct restoring *x, struct error *e)
{
	struct helper *h = &x->criu.helper;
	int pair[2];

	if (socket_pair(pair, e) < 0)
		return -1;
	h->pid = launch_spawn(&x->making->launch, CLONE_NEWNS, &h->pidfd, e);
	if (h->pid == 0)
		be_helper(x, pair);
	close(pair[1]);
	h->sock = pair[0];
	if (h->pid < 0)
		return error_context(e, "cannot start yacr-criu");
	/* CRIU mounts things there: that must be possible in its own mount namespace. */
	return criu_places_open(&x->inside, x->making->arena, &x->options->criu,
				arena_printf(x->making->arena, "/proc/%d/root", h->pid), false, e);
}

static int make_stage(struct restoring *x, struct error *e)
{
	struct making *m = x->making;
	char root[PATH_MAX];

	if (dir_real_path(m->store.path, root, sizeof(root)) < 0 ||
	    mkdirat(m->container.dir, STAGE, 0700) < 0)
		return fail_errno(e, "cannot make a directory beside the container's state");
	x->dir = arena_printf(m->arena, "%s/%s", root, m->container.state.id);
	x->stage = arena_printf(m->arena, "%s/" STAGE, x->dir);
	return notify_make_dir(m->container.dir, e);
}

static int restore_steps(struct restoring *x, struct error *e)
{
	struct making *m = x->making;
	struct launch *l = &m->launch;
	pid_t pid;

	if (making_claim(m, e) < 0 || making_cgroup(m, e) < 0 || make_stage(x, e) < 0 ||
	    slots_open(&l->slots, m->arena, &m->prepared.plan, e) < 0)
		return -1;
	undo_push(&m->undo, undo_restored, x);
	if (start_helper(x, e) < 0 || ask(x, e) < 0)
		return -1;
	slots_close(l->slots, &m->prepared.plan);
	if (criu_run(&x->criu, &x->request, "RESTORE", x->program, &pid, e) < 0)
		return -1;
	if (pid != l->child.pid)
		return fail(e, EPROTO, "CRIU has restored another process than it said");
	(void)unlinkat(m->container.dir, STAGE, AT_REMOVEDIR);
	return 0;
}

static int restore(struct restoring *x, const struct runtime *rt, struct error *e)
{
	const struct restore_options *o = x->options;

	x->create = o->run.create;
	x->create.restored = true;
	if (making_ready(x->making, rt, &x->create,
			 o->run.detach ? CREATE_DETACHED : CREATE_FOREGROUND, e) < 0)
		return -1;
	if (criu_places_open(&x->places, rt->arena, &o->criu, NULL, false, e) < 0)
		return -1;
	x->criu.interrupt = x->making->interrupt;
	if (restore_steps(x, e) < 0) {
		making_undo(x->making);
		return -1;
	}
	x->making->launch.hooks_began = true;
	return 0;
}

int container_restore(const struct runtime *rt, const struct restore_options *o, int *exit_code,
		      struct error *e)
{
	struct restoring *x = ARENA_NEW(rt->arena, struct restoring);
	int r;

	*x = (struct restoring){
		.making = ARENA_NEW(rt->arena, struct making),
		.options = o,
		.places = {.images = -1, .work = -1},
		.inside = {.images = -1, .work = -1},
		.request = {.arena = rt->arena},
		.criu = {.helper = {.pidfd = -1, .sock = -1},
			 .log = LOG_FILE,
			 .notify = notify,
			 .ctx = x},
	};
	x->criu.places = &x->places;
	*exit_code = 0;
	if (criu_find(&x->program, rt->arena, rt->criu, e) < 0 ||
	    helper_find(x->helper, "yacr-criu", e) < 0 || making_begin(&o->run, e) < 0)
		return -1;
	r = restore(x, rt, e);
	if (r == 0 && !o->run.detach)
		r = making_serve(x->making, &o->run, NULL, exit_code, e);
	criu_places_close(&x->places);
	criu_places_close(&x->inside);
	making_close(x->making);
	return r;
}
