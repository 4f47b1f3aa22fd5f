/* SPDX-License-Identifier: Apache-2.0 */
#include "host/caller.h"

#include <limits.h>
#include <sched.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/str.h"
#include "host/notify.h"
#include "host/prepare.h"
#include "sys/dir.h"

/* Any other kind (vsock) is not for a process on this machine. */
static bool is_address(const char *text)
{
	return text && (text[0] == '/' || text[0] == '@') && text[1];
}

struct caller caller_of(void)
{
	const char *notify = getenv("NOTIFY_SOCKET"), *fds = getenv("LISTEN_FDS");
	const char *pid = getenv("LISTEN_PID");
	struct caller c = {.notify_socket = is_address(notify) ? notify : NULL};
	uint64_t n, whose;

	if (fds && pid && str_to_u64(pid, INT32_MAX, &whose) == 0 && (pid_t)whose == getpid() &&
	    str_to_u64(fds, 1000, &n) == 0) {
		c.listen_fds = (uint32_t)n;
		c.listen_names = getenv("LISTEN_FDNAMES");
	}
	return c;
}

static bool has_variable(const struct process *process, const char *name)
{
	FOR_EACH(v, process->env)
		if (str_starts(*v, name))
			return true;
	return false;
}

static void serve_listen(struct prepared *p, struct arena *a)
{
	const struct namespace *pids = config_namespace(&p->config, CLONE_NEWPID);
	const struct caller *c = &p->caller;

	if (!c->listen_fds || has_variable(p->config.process, "LISTEN_FDS="))
		return;
	p->env.v[p->env.n++] = arena_printf(a, "LISTEN_FDS=%u", c->listen_fds);
	p->env.v[p->env.n++] = "LISTEN_PID=1";
	if (c->listen_names)
		p->env.v[p->env.n++] = arena_printf(a, "LISTEN_FDNAMES=%s", c->listen_names);
	p->listen_pid = !pids || pids->path;
}

/* In other mount namespaces than its own the socket would be mounted for others, too. */
static void serve_notify(struct prepared *p, struct arena *a, const char *root)
{
	const struct namespace *mounts = config_namespace(&p->config, CLONE_NEWNS);
	char cwd[PATH_MAX] = "";

	if (!p->caller.notify_socket || !mounts || mounts->path ||
	    has_variable(p->config.process, "NOTIFY_SOCKET="))
		return;
	if (root[0] != '/' && dir_real_path(NULL, cwd, sizeof(cwd)) < 0)
		return;
	p->env.v[p->env.n++] = "NOTIFY_SOCKET=" NOTIFY_INSIDE "/" NOTIFY_NAME;
	p->notify_dir = arena_printf(a, "%s/%s/%s/%s", cwd, root, p->options->id, NOTIFY_DIR);
}

void caller_serve(struct prepared *p, struct arena *a, const char *root)
{
	if (!p->config.process || p->options->restored)
		return;
	p->env.v = ARENA_ARRAY(a, 4, const char *);
	serve_listen(p, a);
	serve_notify(p, a, root);
}
