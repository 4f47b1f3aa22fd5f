/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container is doing now.  Nothing of it is written down: the kernel is
 * asked whether the recorded process lives, whether its cgroup is frozen, and
 * whether anybody listens on the start socket, which the container's init
 * closes by executing the program.
 */
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "host/store.h"
#include "sys/procfs.h"
#include "sys/socket.h"
#include "sys/spawn.h"

bool state_is_of_this_boot(const struct state *s)
{
	char now[40];

	procfs_boot_id(now);
	return !s->boot_id || !now[0] || str_eq(s->boot_id, now);
}

/* @pid with that start time: a number alone may have been given away again. */
static bool is_process(int64_t pid, uint64_t start_time)
{
	struct proc_stat st;

	return pid > 0 && procfs_stat((pid_t)pid, &st) == 0 && st.start_time == start_time &&
	       st.state != 'Z' && st.state != 'X';
}

/* The descriptor comes first: what matches afterwards is what the descriptor is of. */
bool store_alive(struct container *c)
{
	const struct state *s = &c->state;

	if (s->pid <= 0)
		return false;
	if (c->pidfd < 0)
		c->pidfd = pidfd_of((pid_t)s->pid);
	if (is_process(s->pid, s->start_time) && state_is_of_this_boot(s))
		return true;
	close_fd(&c->pidfd);
	c->pidfd = -1;
	return false;
}

/*
 * Connecting and going away again does no harm: init waits on.  A full backlog
 * is as good an answer as a connection.
 */
static bool waits_for_start(const struct container *c)
{
	struct error e = {0};
	AUTO_CLOSE int sock =
		socket_connect(c->dir, START_SOCKET, SOCK_SEQPACKET | SOCK_NONBLOCK, &e);

	return sock >= 0 || e.code == EAGAIN;
}

static bool has_controller(const char *hierarchy, const char *name)
{
	size_t len = strlen(name);
	const char *at = hierarchy;

	while ((at = str_find(at, name))) {
		if ((at == hierarchy || at[-1] == ',') && (at[len] == '\0' || at[len] == ','))
			return true;
		at += len;
	}
	return false;
}

/*
 * Of all its directories only those with a freezer are looked at: `state` is on hot paths.
 * Hybrid has two, and whoever pauses may have used either.
 */
static bool is_frozen(struct container *c)
{
	struct cgroup_place freezers = {.driver = c->state.cgroup.driver};
	struct error ignored;
	struct cgroup g;
	int frozen;

	freezers.dirs.v = ARENA_ARRAY(c->arena, c->state.cgroup.dirs.n, struct cgroup_dir);
	FOR_EACH(dir, c->state.cgroup.dirs)
		if (!dir->hierarchy[0] || has_controller(dir->hierarchy, "freezer"))
			freezers.dirs.v[freezers.dirs.n++] = *dir;
	if (freezers.dirs.n == 0 || cgroup_open(&g, c->arena, &freezers, &ignored) < 0)
		return false;
	frozen = cgroup_is_frozen(&g);
	cgroup_close(&g);
	return frozen > 0;
}

void store_status(struct container *c)
{
	const struct state *s = &c->state;

	if (s->status == STATUS_CREATING)
		c->status = is_process(s->creator, s->creator_start) && state_is_of_this_boot(s)
				    ? STATUS_CREATING
				    : STATUS_STOPPED;
	else if (!store_alive(c))
		c->status = STATUS_STOPPED;
	else if (is_frozen(c))
		c->status = STATUS_PAUSED;
	else
		c->status = waits_for_start(c) ? STATUS_CREATED : STATUS_RUNNING;
}
