/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container is doing now.  Nothing of it is written down: the kernel is
 * asked whether the recorded process lives, whether its cgroup is frozen, and
 * whether anybody listens on the start socket, which the container's init
 * closes by executing the program.
 */
#include <poll.h>
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
	const char *now = procfs_boot_id();

	return !s->boot_id || !now[0] || str_eq(s->boot_id, now);
}

/* @pid with that start time: a number alone may have been given away again. */
static bool is_process(int64_t pid, uint64_t start_time)
{
	struct proc_stat st;

	return pid > 0 && procfs_stat((pid_t)pid, &st) == 0 && st.start_time == start_time &&
	       st.state != 'Z' && st.state != 'X';
}

static bool seems_alive(struct container *c)
{
	return is_process(c->state.pid, c->state.start_time) && state_is_of_this_boot(&c->state);
}

static bool has_ended(int pidfd)
{
	return poll(&(struct pollfd){.fd = pidfd, .events = POLLIN}, 1, 0) != 0;
}

/*
 * The descriptor comes first: what matches afterwards is what the descriptor is of.  From then
 * on it alone is asked: it becomes readable when the process ends (pidfd_open(2)).
 */
bool store_alive(struct container *c)
{
	if (c->state.pid <= 0)
		return false;
	if (c->pidfd >= 0 && !has_ended(c->pidfd))
		return true;
	if (c->pidfd < 0) {
		c->pidfd = pidfd_of((pid_t)c->state.pid);
		if (seems_alive(c))
			return true;
	}
	close_fd(&c->pidfd);
	c->pidfd = -1;
	return false;
}

/*
 * Asked with a socket of another type, which connect(2) refuses as such when there is somebody
 * to connect to: so init is not woken to see nobody.
 */
static bool waits_for_start(const struct container *c)
{
	struct error e;
	AUTO_CLOSE int sock = socket_connect(c->dir, START_SOCKET, SOCK_DGRAM, &e);

	return sock < 0 && e.code == EPROTOTYPE;
}

bool store_frozen(struct container *c)
{
	struct error ignored;
	struct cgroup g;
	int frozen;

	if (cgroup_open(&g, c->arena, &c->state.cgroup, &ignored) < 0)
		return false;
	frozen = cgroup_is_frozen(&g);
	cgroup_close(&g);
	return frozen > 0;
}

static void find_status(struct container *c, bool (*is_alive)(struct container *c))
{
	const struct state *s = &c->state;

	if (s->status == STATUS_CREATING)
		c->status = is_process(s->creator, s->creator_start) && state_is_of_this_boot(s)
				    ? STATUS_CREATING
				    : STATUS_STOPPED;
	else if (!is_alive(c))
		c->status = STATUS_STOPPED;
	else if (store_frozen(c))
		c->status = STATUS_PAUSED;
	else
		c->status = waits_for_start(c) ? STATUS_CREATED : STATUS_RUNNING;
}

void store_status(struct container *c)
{
	find_status(c, store_alive);
}

void store_glance(struct container *c)
{
	find_status(c, seems_alive);
}
