/* SPDX-License-Identifier: Apache-2.0 */
#include "host/netdev.h"

#include <errno.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "sys/netlink.h"
#include "sys/ns.h"

#define SETUP_MAX (256 << 10) /* some 4000 addresses and routes */

struct moved_device {
	struct moved_device *next;
	int index;	  /* in the container; 0: it did not get there */
	struct link link; /* as it was on the host */
	struct link_setup setup;
};

/* ---- the two namespaces ---- */

static int check_other(const struct net_devices *n, struct error *e)
{
	struct stat host, container;

	if (fstat(n->host.ns, &host) < 0 || fstat(n->container.ns, &container) < 0)
		return fail_errno(e, "cannot examine the network namespaces");
	if (host.st_dev == container.st_dev && host.st_ino == container.st_ino)
		return fail(e, 0,
			    "network devices need a network namespace, and the container's is "
			    "the runtime's own");
	return 0;
}

static int open_sides(struct net_devices *n, pid_t pid, struct error *e)
{
	char path[40];

	if (n->container.sock >= 0)
		return 0;
	if (str_format(path, sizeof(path), "/proc/%d/ns/net", pid) < 0)
		return fail_errno(e, "cannot find the container's network namespace");
	n->host.ns = ns_open("/proc/self/ns/net", CLONE_NEWNET, e);
	if (n->host.ns < 0)
		return -1;
	n->container.ns = ns_open(path, CLONE_NEWNET, e);
	if (n->container.ns < 0 || check_other(n, e) < 0)
		return -1;
	n->host.sock = netlink_open(e);
	/* Who may not come back must not go. */
	if (n->host.sock < 0 || ns_join(n->host.ns, CLONE_NEWNET, e) < 0 ||
	    ns_join(n->container.ns, CLONE_NEWNET, e) < 0)
		return -1;
	n->container.sock = netlink_open(e);
	if (ns_join(n->host.ns, CLONE_NEWNET, e) < 0)
		return -1;
	return n->container.sock < 0 ? -1 : 0;
}

/* ---- moving ---- */

/*
 * The kernel may give it another number there, so it is found again by a name that no other
 * device has.  -1 with errno; *@moved is set as soon as it has arrived.
 */
static int move(const struct net_side *from, int index, const struct net_side *to,
		const struct link_change *there, int *moved)
{
	char name[LINK_NAME_SIZE];
	struct link found;

	if (str_format(name, sizeof(name), "moved%d", index) < 0)
		return -1;
	if (link_change(from->sock, index, &(struct link_change){.name = name, .ns = to->ns}) < 0 ||
	    link_find(to->sock, name, &found) < 0)
		return -1;
	*moved = found.index;
	return link_change(to->sock, found.index, there);
}

static void warn_of_lost_routes(const struct moved_device *d, uint32_t lost)
{
	if (lost)
		log_warning("network device \"%s\": %u of its routes cannot be kept (%s)",
			    d->link.name, lost,
			    errno ? errno_words(errno) : "they lead over other devices, too");
}

static int look_up(struct moved_device *d, const struct net_devices *n, const char *name,
		   const char *new_name, struct error *e)
{
	struct link other;

	if (link_find(n->host.sock, name, &d->link) < 0)
		return fail_errno(e, "cannot find network device \"%s\"", name);
	if (!strchr(new_name, '%') && link_find(n->container.sock, new_name, &other) == 0)
		return fail(e, EEXIST, "the container has a network device \"%s\"", new_name);
	if (link_save(n->host.sock, d->link.index, &d->setup) < 0)
		return fail_errno(
			e, "cannot read the addresses and routes of network device \"%s\"", name);
	return 0;
}

int net_device_move(struct net_devices *n, struct arena *a, pid_t pid, const char *name,
		    const char *new_name, struct error *e)
{
	const struct link_change there = {.name = new_name, .ns = -1, .up = true};
	struct moved_device *d = ARENA_NEW(a, struct moved_device);
	unsigned int flags = RESTORE_ELSEWHERE;
	uint32_t lost;

	d->setup.size = SETUP_MAX;
	d->setup.text = arena_alloc(a, SETUP_MAX);
	if (open_sides(n, pid, e) < 0 || look_up(d, n, name, new_name, e) < 0)
		return -1;
	d->next = n->moved;
	n->moved = d;
	if (move(&n->host, d->link.index, &n->container, &there, &d->index) < 0)
		return fail_errno(e, "cannot move network device \"%s\" to the container", name);
	if (str_eq(d->link.name, new_name))
		flags |= RESTORE_LABELS;
	if (link_restore(n->container.sock, d->index, &d->setup, flags, &lost) < 0)
		return fail_errno(e, "cannot give network device \"%s\" its addresses again", name);
	warn_of_lost_routes(d, lost);
	return 0;
}

/* ---- moving back ---- */

static int move_back(const struct net_devices *n, const struct moved_device *d, uint32_t *lost)
{
	const struct link_change there = {
		.name = d->link.name,
		.ns = -1,
		.master = d->link.master,
		.up = d->link.up,
	};
	int index;

	if (move(&n->container, d->index, &n->host, &there, &index) < 0)
		return -1;
	return link_restore(n->host.sock, index, &d->setup, RESTORE_LABELS, lost);
}

void net_devices_return(struct net_devices *n)
{
	uint32_t lost;

	for (const struct moved_device *d = n->moved; d; d = d->next) {
		if (!d->index)
			continue;
		if (move_back(n, d, &lost) < 0)
			log_warning("network device \"%s\" is not back as it was: %s", d->link.name,
				    errno_words(errno));
		else
			warn_of_lost_routes(d, lost);
	}
	n->moved = NULL;
}

void net_devices_close(struct net_devices *n)
{
	close_fd(&n->container.sock);
	close_fd(&n->container.ns);
	close_fd(&n->host.sock);
	close_fd(&n->host.ns);
	*n = NET_DEVICES_NONE;
}
