/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_NETDEV_H
#define YACR_HOST_NETDEV_H

/*
 * linux.netDevices (config-linux.md "Network Devices"): devices of the host move to the
 * container's network namespace, with their addresses and routes.  They come back when create
 * fails, and at no other time: what becomes of them with the namespace is for the kernel to say.
 */

#include <sys/types.h>

#include "base/arena.h"

/* A network namespace, and a socket in it, which keeps it alive when the container is killed. */
struct net_side {
	int ns, sock;
};

struct moved_device;

struct net_devices {
	struct net_side host, container; /* -1: not yet needed */
	struct moved_device *moved;	 /* newest first */
};

#define NET_DEVICES_NONE \
	((struct net_devices){.host = {.ns = -1, .sock = -1}, .container = {.ns = -1, .sock = -1}})

/*
 * Moves @name to the network namespace of @pid, calls it @new_name there ("eth%d": the kernel
 * chooses the number) and sets it up.  On failure net_devices_return() is called all the same.
 */
int net_device_move(struct net_devices *n, struct arena *a, pid_t pid, const char *name,
		    const char *new_name, struct error *e);

/* Moves back what was moved, under its old name and as it was. What fails is warned about. */
void net_devices_return(struct net_devices *n);

/* They are the container's from here on. */
void net_devices_close(struct net_devices *n);

#endif
