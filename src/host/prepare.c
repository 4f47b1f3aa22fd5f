/* SPDX-License-Identifier: Apache-2.0 */
#include "host/prepare.h"

#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/clock.h"
#include "base/fd.h"
#include "base/json.h"
#include "base/log.h"
#include "host/notify.h"
#include "host/probe.h"
#include "host/seccomp.h"
#include "host/seccomp_agent.h"
#include "plan/compile.h"
#include "sys/dir.h"
#include "sys/file.h"
#include "sys/procfs.h"

/* ---- the bundle ---- */

static int find_bundle(struct prepared *p, struct arena *a, struct error *e)
{
	const char *given = p->options->bundle;
	char path[PATH_MAX];

	if (dir_real_path(given, path, sizeof(path)) < 0)
		return fail_errno(e, "cannot find bundle \"%s\"", given ? given : ".");

	p->bundle = arena_strdup(a, path);
	p->config_path = p->options->config ? p->options->config
					    : arena_printf(a, "%s/config.json", p->bundle);
	return 0;
}

static int read_config(struct prepared *p, struct arena *a, struct error *e)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, p->config_path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t len;
	char *text;

	if (fd < 0)
		return fail_errno(e, "cannot open \"%s\"", p->config_path);
	if (fstat(fd, &st) < 0)
		return fail_errno(e, "cannot examine \"%s\"", p->config_path);
	if (!S_ISREG(st.st_mode))
		return fail(e, 0, "\"%s\" is no regular file", p->config_path);
	if (st.st_size > (off_t)JSON_SIZE_MAX)
		return fail(e, 0, "\"%s\" is larger than 16 MiB", p->config_path);

	text = arena_alloc(a, (size_t)st.st_size);
	len = file_read_all(fd, text, (size_t)st.st_size);
	if (len < 0)
		return fail_errno(e, "cannot read \"%s\"", p->config_path);
	if (config_load(&p->config, a, text, (size_t)len, e) == 0)
		return 0;
	/* What is no JSON has no path that a reader of the message could look for: name the file. */
	if (!e->at[0] || str_starts(e->text, "line "))
		return error_context(e, "%s", p->config_path);
	return -1;
}

/* ---- options and config together ---- */

/* The texts are runc's: engines' documentation and users' searches know them. */
int check_preserved_fds(uint32_t n, struct error *e)
{
	for (uint32_t i = 0; i < n; i++)
		if (fcntl(3 + (int)i, F_GETFD) < 0)
			return fail(e, 0, "please check that preserved-fd %u (of %u) is present", i,
				    n);
	return 0;
}

/* ---- the plan ---- */

void prepare_warn(const char *at, const char *text)
{
	log_warning("%s: %s", at, text);
}

static int compile(struct prepared *p, struct arena *a,
		   void (*warn_of)(const char *at, const char *text), struct error *e)
{
	const struct seccomp *profile = p->config.linux_.seccomp;
	struct seccomp_program program = {0};
	struct plan_options o = {
		.id = p->options->id,
		.bundle = p->bundle,
		.no_pivot = p->options->no_pivot,
		.no_new_keyring = p->options->no_new_keyring,
		.at_once = p->options->at_once,
		.relayed = p->options->at_once && !p->options->console_socket,
		.preserve_fds = p->options->preserve_fds + p->caller.listen_fds,
		.env = p->env,
		.listen_pid = p->listen_pid,
		.notify_dir = p->notify_dir,
		.notify_target = NOTIFY_INSIDE,
		.cgroup = &p->cgroup,
		.warn = warn_of,
	};

	if (profile) {
		if (seccomp_compile(&program, a, profile, seccomp_native_arch(), e) < 0)
			return -1;
		if (seccomp_agent_check(profile, e) < 0)
			return -1;
		o.seccomp_notify = program.notify;
		o.seccomp_program = program.v;
		o.seccomp_count = program.n;
		o.seccomp_flags = program.flags;
	}
	return plan_compile(&p->plan, a, &p->config, &o, &p->facts, e);
}

/* ---- the intent record ---- */

/* Once created, a container is not asked about its config again: later edits have no effect. */
static struct hooks *hooks_to_keep(const struct prepared *p, struct arena *a)
{
	const struct hooks *all = p->config.hooks;
	struct hooks *kept;

	if (!all || (!all->poststart.n && !all->poststop.n))
		return NULL;
	kept = ARENA_NEW(a, struct hooks);
	kept->poststart = all->poststart;
	kept->poststop = all->poststop;
	return kept;
}

static struct seccomp_agent *agent_to_keep(const struct prepared *p, struct arena *a)
{
	const struct seccomp *profile = p->config.linux_.seccomp;
	struct seccomp_agent *agent;

	if (!p->config.process || !profile || !seccomp_notifies(profile))
		return NULL;
	agent = ARENA_NEW(a, struct seccomp_agent);
	*agent = (struct seccomp_agent){profile->listener_path, profile->listener_metadata};
	return agent;
}

static const char *rootfs_path(const struct prepared *p, struct arena *a)
{
	const char *path = p->config.root ? p->config.root->path : "";

	return path[0] == '/' ? path : arena_printf(a, "%s/%s", p->bundle, path);
}

static int write_intent(struct prepared *p, struct arena *a, struct error *e)
{
	const struct namespace *pid_ns = config_namespace(&p->config, CLONE_NEWPID);
	struct proc_stat self;
	char now[CLOCK_TEXT_MAX];

	if (procfs_stat(getpid(), &self) < 0)
		return fail_errno(e,
				  "cannot read the start time of this process (is /proc mounted?)");
	clock_now(now, 9);
	p->state = (struct state){
		.format = STATE_FORMAT,
		.oci_version = OCI_VERSION,
		.id = p->options->id,
		.status = STATUS_CREATING,
		.creator = getpid(),
		.creator_start = self.start_time,
		.bundle = p->bundle,
		.rootfs = rootfs_path(p, a),
		.created = arena_strdup(a, now),
		.owner = geteuid(),
		.has_process = p->config.process != NULL,
		.pid_ns_is_shared = !pid_ns || pid_ns->path,
		.cgroup = p->cgroup,
		.hooks = hooks_to_keep(p, a),
		.seccomp_agent = agent_to_keep(p, a),
		.annotations = p->config.annotations,
	};
	return 0;
}

int prepare(struct prepared *out, const struct runtime *rt, const struct create_options *o,
	    const struct facts *facts, struct error *e)
{
	struct prepared *p = out;
	struct arena *a = rt->arena;

	*p = (struct prepared){.options = o, .caller = caller_of()};
	if (find_bundle(p, a, e) < 0 || read_config(p, a, e) < 0 ||
	    check_preserved_fds(o->preserve_fds + p->caller.listen_fds, e) < 0)
		return -1;
	if (facts)
		p->facts = *facts;
	else if (probe_facts(&p->facts, a, &p->config, e) < 0)
		return -1;
	p->facts.rootless = rt->rootless;
	if (cgroup_place(&p->cgroup, a, &p->config, &p->facts, o->id, rt->cgroup_driver, e) < 0)
		return -1;
	if (p->cgroup.driver == CGROUP_DRIVER_SYSTEMD &&
	    unit_properties_new(&p->unit, a, &p->cgroup, &p->config, &p->facts, o->id, e) < 0)
		return -1;
	caller_serve(p, a, store_root(rt));
	if (compile(p, a, prepare_warn, e) < 0)
		return -1;
	return write_intent(p, a, e);
}

int prepare_again(struct prepared *p, struct arena *a, const struct cgroup_place *place,
		  struct error *e)
{
	bool shown = false;

	p->cgroup = *place;
	FOR_EACH(m, p->config.mounts)
		shown |= m->type && str_eq(m->type, "cgroup");
	return shown ? compile(p, a, NULL, e) : 0;
}
