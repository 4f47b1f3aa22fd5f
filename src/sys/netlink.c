/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/netlink.h"

#include <errno.h>
#include <net/if.h>
#include <string.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "sys/netlink_message.h"

int netlink_open(struct error *e)
{
	AUTO_CLOSE int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);
	const int on = 1;

	if (fd < 0)
		return fail_errno(e, "cannot open a netlink socket");
	/* The kernel leaves out the routes of other devices; before 4.20 it sends all, and we do. */
	(void)setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
	return TAKE_FD(fd);
}

static struct request link_request(uint16_t type, int index)
{
	struct request r = {
		.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifinfomsg)), .nlmsg_type = type},
	};

	body_of(&r.head)->link.ifi_index = index;
	return r;
}

static int take_link(void *ctx, struct nlmsghdr *m)
{
	struct link *out = ctx;
	const struct ifinfomsg *body = &body_of(m)->link;
	struct rtattr *name = attr_find(m, IFLA_IFNAME);
	uint32_t *master = attr_u32(m, IFLA_MASTER);

	if (!name || RTA_PAYLOAD(name) > sizeof(out->name)) {
		errno = EPROTO;
		return -1;
	}
	*out = (struct link){
		.index = body->ifi_index,
		.master = master ? (int)*master : 0,
		.up = body->ifi_flags & IFF_UP,
	};
	memcpy(out->name, RTA_DATA(name), RTA_PAYLOAD(name));
	out->name[sizeof(out->name) - 1] = '\0';
	return 0;
}

int link_find(int sock, const char *name, struct link *out)
{
	struct request r = link_request(RTM_GETLINK, 0);

	attr_add(&r, IFLA_IFNAME, name, strlen(name) + 1);
	return netlink_ask(sock, &r.head, take_link, out);
}

int link_change(int sock, int index, const struct link_change *c)
{
	struct request r = link_request(RTM_SETLINK, index);
	struct ifinfomsg *body = &body_of(&r.head)->link;

	if (c->up)
		body->ifi_flags = body->ifi_change = IFF_UP;
	if (c->ns >= 0)
		attr_add(&r, IFLA_NET_NS_FD, &c->ns, sizeof(c->ns));
	if (c->name)
		attr_add(&r, IFLA_IFNAME, c->name, strlen(c->name) + 1);
	if (c->master)
		attr_add(&r, IFLA_MASTER, &c->master, sizeof(c->master));
	return netlink_ask(sock, &r.head, NULL, NULL);
}
