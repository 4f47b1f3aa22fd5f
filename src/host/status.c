/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a container is doing now.  Nothing of it is written down: the kernel is
 * asked whether the recorded process lives, whether its cgroup is frozen, and
 * whether anybody listens on the start socket, which the container's init
 * closes by executing the program.
 */
#include <limits.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "host/store.h"
#include "sys/procfs.h"
#include "sys/socket.h"
#include "sys/spawn.h"

/* What was not to be read, when it was recorded or now, does not tell: what there is counts then. */
bool state_is_of_this_boot(const struct state *s)
{
	const char *now = s->boot_id && s->boot_id[0] ? procfs_boot_id() : "";

	return !now[0] || str_eq(s->boot_id, now);
}

/* @pid with that start time: a number alone may have been given away again. */
static bool is_process(int64_t pid, uint64_t start_time)
{
	struct proc_stat st;

	return pid > 0 && procfs_stat((pid_t)pid, &st) == 0 && st.start_time == start_time &&
	       st.state != 'Z' && st.state != 'X';
}

static bool has_ended(int pidfd)
{
	return poll(&(struct pollfd){.fd = pidfd, .events = POLLIN}, 1, 0) > 0;
}

/*
 * Whether the recorded process lives.  @pidfd, opened by its number just now, tells whose the
 * number is; the start time does for who has none, less exactly: it counts in ticks of 10 ms.
 */
static bool is_recorded(const struct state *s, int pidfd)
{
	bool alive = s->pidfd_inode && pidfd >= 0
			     ? pidfd_is(pidfd, s->pidfd_inode) && !has_ended(pidfd)
			     : is_process(s->pid, s->start_time);

	return alive && state_is_of_this_boot(s);
}

/*
 * The descriptor comes first: what matches afterwards is what the descriptor is of.  From then
 * on it alone is asked: it becomes readable when the process ends (pidfd_open(2)).
 */
bool store_alive(struct container *c)
{
	bool alive;

	if (c->state.pid <= 0)
		return false;
	if (c->pidfd >= 0) {
		alive = !has_ended(c->pidfd);
	} else {
		c->pidfd = pidfd_of((pid_t)c->state.pid);
		alive = (c->pidfd >= 0 || errno != ESRCH) && is_recorded(&c->state, c->pidfd);
	}
	if (alive)
		return true;
	close_fd(&c->pidfd);
	c->pidfd = -1;
	return false;
}

/* Nothing is going to be done to it: without the descriptor, where that has nothing to tell. */
static bool seems_alive(struct container *c)
{
	return c->state.pidfd_inode ? store_alive(c) : is_recorded(&c->state, -1);
}

/*
 * Asked with a socket of another type, which connect(2) refuses as such when there is somebody
 * to connect to: so init is not woken to see nobody.
 */
static bool waits_for_start(int dir, const char *socket)
{
	struct error e;
	AUTO_CLOSE int sock = socket_connect(dir, socket, SOCK_DGRAM, &e);

	return sock < 0 && e.code == EPROTOTYPE;
}

/* What may wait for its start is taken to do so. */
static int status_of(const struct container *c, bool alive, struct cgroup_roots *cgroups)
{
	const struct state *s = &c->state;

	if (s->status == STATUS_CREATING)
		return is_process(s->creator, s->creator_start) && state_is_of_this_boot(s)
			       ? STATUS_CREATING
			       : STATUS_STOPPED;
	if (!alive)
		return STATUS_STOPPED;
	if (cgroup_is_frozen(&s->cgroup, cgroups) > 0)
		return STATUS_PAUSED;
	return c->started ? STATUS_RUNNING : STATUS_CREATED;
}

void store_status_before_gate(struct container *c)
{
	c->status = status_of(c, store_alive(c), NULL);
}

void store_status(struct container *c)
{
	store_status_before_gate(c);
	if (c->status == STATUS_CREATED && !waits_for_start(c->dir, START_SOCKET))
		c->status = STATUS_RUNNING;
}

void store_glance(struct container *c, const struct store *s)
{
	char socket[NAME_MAX + sizeof("/" START_SOCKET)];

	c->status = status_of(c, seems_alive(c), s->cgroups);
	if (c->status == STATUS_CREATED &&
	    (str_format(socket, sizeof(socket), "%s/" START_SOCKET, c->state.id) < 0 ||
	     !waits_for_start(s->root, socket)))
		c->status = STATUS_RUNNING;
}
