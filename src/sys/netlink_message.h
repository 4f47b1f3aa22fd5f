/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_NETLINK_MESSAGE_H
#define YACR_SYS_NETLINK_MESSAGE_H

/* Messages of rtnetlink(7), for netlink.c and netlink_setup.c only: see netlink.h for what they do. */

#include <linux/rtnetlink.h>
#include <stddef.h>
#include <stdint.h>

#define REQUEST_MAX 4096 /* of one address or route: a hundred gateways */

struct request {
	struct nlmsghdr head;
	char rest[REQUEST_MAX - sizeof(struct nlmsghdr)];
};

/* What a message begins with, before its attributes. */
union body {
	struct ifinfomsg link;
	struct ifaddrmsg address;
	struct rtmsg route;
};

static inline union body *body_of(struct nlmsghdr *m)
{
	return (union body *)(m + 1);
}

/* NULL: it has none of this type (and, for a number, of its size). */
struct rtattr *attr_find(struct nlmsghdr *m, unsigned int type);
uint32_t *attr_u32(struct nlmsghdr *m, unsigned int type);

void attr_drop(struct nlmsghdr *m, unsigned int type);

/* There must be room. */
void attr_add(struct request *r, unsigned short type, const void *data, size_t len);

/*
 * Sends @request and hands what is said in answer to @take (may be NULL), which may
 * refuse with -1 and errno.  0, or -1 with errno: the kernel's own.
 */
typedef int (*take_message)(void *ctx, struct nlmsghdr *m);
int netlink_ask(int sock, struct nlmsghdr *request, take_message take, void *ctx);

#endif
