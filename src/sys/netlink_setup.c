/* SPDX-License-Identifier: Apache-2.0 */
/* What is configured on a network device: saved, and restored in another namespace. */
#include <errno.h>
#include <linux/if_addr.h>
#include <string.h>
#include <sys/socket.h>

#include "sys/abi.h"
#include "sys/netlink.h"
#include "sys/netlink_message.h"

/* The kernel looks at these flags of a route only; others it tells, and refuses to be told. */
#define ROUTE_FLAGS (RTNH_F_PERVASIVE | RTNH_F_ONLINK)

struct saving {
	struct link_setup *out;
	uint32_t index;
};

static uint32_t address_flags(struct nlmsghdr *m)
{
	const uint32_t *flags = attr_u32(m, IFA_FLAGS);

	return flags ? *flags : body_of(m)->address.ifa_flags;
}

static struct rtnexthop *next_hop(struct rtattr *hops, struct rtnexthop *hop)
{
	size_t at = hop ? (size_t)((char *)hop - (char *)hops) + RTNH_ALIGN(hop->rtnh_len)
			: RTA_LENGTH(0);
	struct rtnexthop *next = (struct rtnexthop *)((char *)hops + at);

	if (at + sizeof(*next) > hops->rta_len || next->rtnh_len < sizeof(*next))
		return NULL;
	return next;
}

enum use { USE_NONE, USE_SHARED, USE_ALL };

/* How much of a route goes over the device. */
static enum use route_use(struct nlmsghdr *m, uint32_t index)
{
	struct rtattr *hops = attr_find(m, RTA_MULTIPATH);
	uint32_t *oif = attr_u32(m, RTA_OIF);
	size_t all = 0, ours = 0;

	if (!hops)
		return oif && *oif == index ? USE_ALL : USE_NONE;
	for (struct rtnexthop *hop = next_hop(hops, NULL); hop; hop = next_hop(hops, hop)) {
		all++;
		ours += (uint32_t)hop->rtnh_ifindex == index;
	}
	if (!ours)
		return USE_NONE;
	return ours == all ? USE_ALL : USE_SHARED;
}

/* Made by the kernel from addresses, or told by a router: comes again by itself. */
static bool route_is_derived(struct nlmsghdr *m)
{
	const struct rtmsg *r = &body_of(m)->route;

	return r->rtm_table == RT_TABLE_LOCAL || (r->rtm_flags & RTM_F_CLONED) ||
	       r->rtm_protocol == RTPROT_KERNEL || r->rtm_protocol == RTPROT_RA ||
	       r->rtm_protocol == RTPROT_REDIRECT;
}

/* A link-local one that the kernel made (5.18), or one that it changes from time to time. */
static bool address_is_derived(struct nlmsghdr *m)
{
	struct rtattr *origin = attr_find(m, ABI_IFA_PROTO);

	if (origin && RTA_PAYLOAD(origin) && *(uint8_t *)RTA_DATA(origin) == ABI_IFAPROT_KERNEL_LL)
		return true;
	return body_of(m)->address.ifa_family == AF_INET6 && (address_flags(m) & IFA_F_TEMPORARY);
}

static enum use use_of(struct nlmsghdr *m, uint32_t index)
{
	if (m->nlmsg_type == RTM_NEWADDR)
		return body_of(m)->address.ifa_index == index && !address_is_derived(m) ? USE_ALL
											: USE_NONE;
	if (m->nlmsg_type == RTM_NEWROUTE && !route_is_derived(m))
		return route_use(m, index);
	return USE_NONE;
}

static int save(void *ctx, struct nlmsghdr *m)
{
	struct saving *s = ctx;
	struct link_setup *out = s->out;
	size_t step = NLMSG_ALIGN(m->nlmsg_len);
	enum use use = use_of(m, s->index);

	out->shared += use == USE_SHARED;
	if (use != USE_ALL)
		return 0;
	if (m->nlmsg_len > REQUEST_MAX || step > out->size - out->len) {
		errno = ENOSPC;
		return -1;
	}
	memcpy(out->text + out->len, m, m->nlmsg_len);
	out->len += step;
	return 0;
}

int link_save(int sock, int index, struct link_setup *out)
{
	struct saving s = {.out = out, .index = (uint32_t)index};
	struct request addresses = {
		.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct ifaddrmsg)),
			 .nlmsg_type = RTM_GETADDR,
			 .nlmsg_flags = NLM_F_DUMP},
	};
	struct request routes = {
		.head = {.nlmsg_len = NLMSG_LENGTH(sizeof(struct rtmsg)),
			 .nlmsg_type = RTM_GETROUTE,
			 .nlmsg_flags = NLM_F_DUMP},
	};

	out->len = out->shared = 0;
	body_of(&addresses.head)->address.ifa_index = s.index;
	attr_add(&routes, RTA_OIF, &index, sizeof(index));
	if (netlink_ask(sock, &addresses.head, save, &s) < 0)
		return -1;
	return netlink_ask(sock, &routes.head, save, &s);
}

static void ready_address(struct nlmsghdr *m, uint32_t index, unsigned int flags)
{
	struct ifaddrmsg *body = &body_of(m)->address;
	uint32_t *ifa_flags = attr_u32(m, IFA_FLAGS);
	uint32_t *preferred = attr_u32(m, IFA_CACHEINFO); /* begins with it */

	m->nlmsg_flags = NLM_F_CREATE | NLM_F_REPLACE;
	body->ifa_index = index;
	if (!(flags & RESTORE_LABELS))
		attr_drop(m, IFA_LABEL);
	/* Of IPv4 the kernel says "for ever", and takes no notice of the flag. */
	if (preferred && (address_flags(m) & IFA_F_DEPRECATED))
		*preferred = 0;
	/* On this link nobody else had it: it need not be out of use while that is asked again. */
	if ((flags & RESTORE_ELSEWHERE) && ifa_flags && body->ifa_family == AF_INET6 &&
	    !(*ifa_flags & (IFA_F_TENTATIVE | IFA_F_DADFAILED)))
		*ifa_flags |= IFA_F_NODAD;
}

static void ready_route(struct nlmsghdr *m, uint32_t index)
{
	struct rtattr *hops = attr_find(m, RTA_MULTIPATH);
	uint32_t *oif = attr_u32(m, RTA_OIF);

	m->nlmsg_flags = NLM_F_CREATE | NLM_F_APPEND;
	body_of(m)->route.rtm_flags &= ROUTE_FLAGS;
	attr_drop(m, RTA_NH_ID); /* an object of the namespace it comes from */
	if (oif)
		*oif = index;
	for (struct rtnexthop *hop = hops ? next_hop(hops, NULL) : NULL; hop;
	     hop = next_hop(hops, hop)) {
		hop->rtnh_ifindex = (int)index;
		hop->rtnh_flags &= ROUTE_FLAGS;
	}
}

static bool is_lasting(struct nlmsghdr *m)
{
	return (address_flags(m) & IFA_F_PERMANENT) &&
	       body_of(m)->address.ifa_scope == RT_SCOPE_UNIVERSE;
}

/* A gateway has to be within reach before a route can lead over it. */
enum pass { PASS_ADDRESSES, PASS_DIRECT, PASS_GATEWAYS, PASSES };

static enum pass pass_of(struct nlmsghdr *m)
{
	if (m->nlmsg_type == RTM_NEWADDR)
		return PASS_ADDRESSES;
	return attr_find(m, RTA_GATEWAY) || attr_find(m, RTA_VIA) || attr_find(m, RTA_MULTIPATH)
		       ? PASS_GATEWAYS
		       : PASS_DIRECT;
}

static int restore(int sock, uint32_t index, struct nlmsghdr *m, unsigned int flags)
{
	struct request r;

	memcpy(&r, m, m->nlmsg_len);
	if (m->nlmsg_type == RTM_NEWROUTE)
		ready_route(&r.head, index);
	else if ((flags & RESTORE_ELSEWHERE) && !is_lasting(m))
		return 0;
	else
		ready_address(&r.head, index, flags);
	return netlink_ask(sock, &r.head, NULL, NULL);
}

int link_restore(int sock, int index, const struct link_setup *s, unsigned int flags,
		 uint32_t *lost)
{
	int why = 0;

	*lost = s->shared;
	for (enum pass pass = PASS_ADDRESSES; pass < PASSES; pass++) {
		for (size_t at = 0; at < s->len;) {
			struct nlmsghdr *m = (struct nlmsghdr *)(s->text + at);

			at += NLMSG_ALIGN(m->nlmsg_len);
			if (pass_of(m) != pass || restore(sock, (uint32_t)index, m, flags) == 0 ||
			    errno == EEXIST)
				continue;
			if (pass == PASS_ADDRESSES)
				return -1;
			why = errno;
			++*lost;
		}
	}
	errno = why;
	return 0;
}
