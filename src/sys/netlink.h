/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_NETLINK_H
#define YACR_SYS_NETLINK_H

/*
 * Network devices through rtnetlink(7): what moving one to another network
 * namespace takes.  A socket belongs to the namespace it was opened in, wherever
 * its holder goes, and keeps it alive.  Devices have another number in each.
 */

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define LINK_NAME_SIZE 16 /* IFNAMSIZ */

int netlink_open(struct error *e); /* to the network namespace that this process is in */

struct link {
	int index;
	int master; /* the bridge (or other device) it is a port of; 0: none */
	bool up;
	char name[LINK_NAME_SIZE];
};

/* 0, or -1 with errno; ENODEV: there is no device of that name. */
int link_find(int sock, const char *name, struct link *out);

struct link_change {
	const char *name; /* NULL: stays; "eth%d": with the lowest number that is free */
	int ns;		  /* descriptor of the network namespace to go to, or -1 */
	int master;	  /* 0: stays */
	bool up;	  /* to be set up; false: stays */
};

/* 0, or -1 with errno. Where a device goes it is down, and has neither addresses nor routes. */
int link_change(int sock, int index, const struct link_change *c);

/*
 * The addresses and routes of a device, as the kernel told them: it is told the same again.
 * Without what it makes by itself: routes that follow from addresses, and what routers advertise.
 */
struct link_setup {
	char *text;  /* the caller's: netlink messages, one after the other, aligned to 4 */
	size_t size; /* of .text */
	size_t len;
	uint32_t shared; /* routes over other devices as well, which are not among them */
};

/* 0, or -1 with errno; ENOSPC: they do not fit into .text. */
int link_save(int sock, int index, struct link_setup *out);

enum {
	/* Only addresses that are permanent and of global scope; they are of use at once. */
	RESTORE_ELSEWHERE = 1 << 0,
	RESTORE_LABELS = 1 << 1, /* of IPv4 addresses: they begin with the name of the device */
};

/*
 * Gives them to device @index, which is up.  A route may depend on an address that was left
 * out: *@lost counts those that were not taken, errno says why the last one was not.
 * 0, or -1 with errno when an address was not taken.
 */
int link_restore(int sock, int index, const struct link_setup *s, unsigned int flags,
		 uint32_t *lost);

#endif
