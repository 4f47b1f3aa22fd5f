/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel is the other end of a socket pair: what it will answer is in the socket before the
 * question, and what it was asked is read afterwards.
 */
#include "sys_test.h"

#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <sys/socket.h>

#include "sys/netlink.h"

#define OURS 7
#define OTHER 8

static int ends[2]; /* ours, the kernel's */
static uint32_t asked;
static char text[1 << 16];
static struct link_setup setup;

struct message {
	_Alignas(struct nlmsghdr) char bytes[4096];
	size_t len;
};

static int make_pair(void **state)
{
	(void)state;
	setup = (struct link_setup){.text = text, .size = sizeof(text)};
	return socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, ends);
}

static int close_pair(void **state)
{
	(void)state;
	close(ends[0]);
	close(ends[1]);
	return 0;
}

/* ---- what the kernel says ---- */

static struct message message(uint16_t type, const void *body, size_t size)
{
	struct message m = {.len = NLMSG_SPACE(size)};
	struct nlmsghdr h = {.nlmsg_len = (uint32_t)m.len, .nlmsg_type = type};

	memcpy(m.bytes, &h, sizeof(h));
	memcpy(m.bytes + sizeof(h), body, size);
	return m;
}

static void add(struct message *m, unsigned short type, const void *data, size_t len)
{
	struct rtattr a = {.rta_len = (unsigned short)RTA_LENGTH(len), .rta_type = type};

	memcpy(m->bytes + m->len, &a, sizeof(a));
	memcpy(m->bytes + m->len + RTA_LENGTH(0), data, len);
	m->len += RTA_SPACE(len);
	((struct nlmsghdr *)m->bytes)->nlmsg_len = (uint32_t)m->len;
}

static void add_u32(struct message *m, unsigned short type, uint32_t v)
{
	add(m, type, &v, sizeof(v));
}

/* In answer to the question @later from now; 1 is the next one. */
static void say(struct message m, uint32_t later)
{
	((struct nlmsghdr *)m.bytes)->nlmsg_seq = asked + later;
	assert_int_equal(send(ends[1], m.bytes, m.len, 0), m.len);
}

static void end(uint16_t type, int code, uint32_t later)
{
	say(message(type, &code, sizeof(code)), later);
}

static void done(int code, uint32_t later)
{
	end(NLMSG_ERROR, -code, later);
}

/* ---- what it was asked ---- */

static struct message heard(void)
{
	struct message m;
	ssize_t n = recv(ends[1], m.bytes, sizeof(m.bytes), MSG_DONTWAIT);
	struct nlmsghdr *h = (struct nlmsghdr *)m.bytes;

	assert_true(n >= (ssize_t)sizeof(*h));
	assert_int_equal(h->nlmsg_len, n);
	assert_int_equal(h->nlmsg_seq, asked + 1);
	assert_true(h->nlmsg_flags & NLM_F_REQUEST);
	m.len = (size_t)n;
	asked++;
	return m;
}

static struct nlmsghdr *head(struct message *m)
{
	return (struct nlmsghdr *)m->bytes;
}

static struct rtattr *attribute(struct message *m, size_t size, unsigned short type)
{
	for (size_t at = NLMSG_SPACE(size); at < m->len;) {
		struct rtattr *a = (struct rtattr *)(m->bytes + at);

		if (a->rta_type == type)
			return a;
		at += RTA_ALIGN(a->rta_len);
	}
	return NULL;
}

static uint32_t number(struct message *m, size_t size, unsigned short type)
{
	struct rtattr *a = attribute(m, size, type);

	assert_non_null(a);
	return *(uint32_t *)RTA_DATA(a);
}

static void nothing_else_was_asked(void)
{
	char c;

	assert_int_equal(recv(ends[1], &c, 1, MSG_DONTWAIT), -1);
}

/* ---- devices ---- */

static struct message link_message(const char *name, int index, unsigned int flags)
{
	struct ifinfomsg body = {.ifi_index = index, .ifi_flags = flags};
	struct message m = message(RTM_NEWLINK, &body, sizeof(body));

	add_u32(&m, IFLA_MTU, 1500);
	add(&m, IFLA_IFNAME, name, strlen(name) + 1);
	return m;
}

static void a_device_is_found_by_its_name(void **state)
{
	struct message m = link_message("eth0", OURS, IFF_UP | IFF_BROADCAST);
	struct link link;

	(void)state;
	add_u32(&m, IFLA_MASTER, 4);
	say(m, 1);
	done(0, 1);
	assert_int_equal(link_find(ends[0], "eth0", &link), 0);
	assert_int_equal(link.index, OURS);
	assert_int_equal(link.master, 4);
	assert_true(link.up);
	assert_string_equal(link.name, "eth0");

	m = heard();
	assert_int_equal(head(&m)->nlmsg_type, RTM_GETLINK);
	assert_string_equal(RTA_DATA(attribute(&m, sizeof(struct ifinfomsg), IFLA_IFNAME)), "eth0");
}

static void a_device_that_is_not_there(void **state)
{
	struct link link = {.index = 3};

	(void)state;
	done(ENODEV, 1);
	assert_int_equal(link_find(ends[0], "eth9", &link), -1);
	assert_int_equal(errno, ENODEV);
	assert_int_equal(link.index, 3);
	heard();
}

static void what_is_left_of_an_earlier_answer_is_passed_over(void **state)
{
	struct link link;

	(void)state;
	say(link_message("old", OTHER, 0), 0);
	done(EPERM, 0);
	say(link_message("eth0", OURS, 0), 1);
	done(0, 1);
	assert_int_equal(link_find(ends[0], "eth0", &link), 0);
	assert_int_equal(link.index, OURS);
	assert_false(link.up);
	heard();
}

static void one_message_moves_and_names_a_device(void **state)
{
	struct message m;

	(void)state;
	done(0, 1);
	assert_int_equal(link_change(ends[0], OURS, &(struct link_change){.name = "a", .ns = 5}),
			 0);
	m = heard();
	{
		const struct ifinfomsg body = {.ifi_index = OURS};

		assert_int_equal(head(&m)->nlmsg_type, RTM_SETLINK);
		assert_memory_equal(m.bytes + NLMSG_HDRLEN, &body, sizeof(body));
		assert_int_equal(number(&m, sizeof(body), IFLA_NET_NS_FD), 5);
		assert_string_equal(RTA_DATA(attribute(&m, sizeof(body), IFLA_IFNAME)), "a");
		assert_null(attribute(&m, sizeof(body), IFLA_MASTER));
	}
}

static void a_device_is_set_up_and_never_down(void **state)
{
	struct message m;
	const struct ifinfomsg *body = (void *)(m.bytes + NLMSG_HDRLEN);

	(void)state;
	done(0, 1);
	assert_int_equal(link_change(ends[0], OURS,
				     &(struct link_change){.ns = -1, .up = true, .master = 4}),
			 0);
	m = heard();
	assert_int_equal(body->ifi_flags, IFF_UP);
	assert_int_equal(body->ifi_change, IFF_UP);
	assert_int_equal(number(&m, sizeof(*body), IFLA_MASTER), 4);
	assert_null(attribute(&m, sizeof(*body), IFLA_NET_NS_FD));
	assert_null(attribute(&m, sizeof(*body), IFLA_IFNAME));

	done(0, 1);
	assert_int_equal(link_change(ends[0], OURS, &(struct link_change){.ns = -1}), 0);
	m = heard();
	assert_int_equal(body->ifi_flags | body->ifi_change, 0);
}

static void the_kernels_refusal_is_errno(void **state)
{
	(void)state;
	done(EBUSY, 1);
	assert_int_equal(link_change(ends[0], OURS, &(struct link_change){.ns = -1}), -1);
	assert_int_equal(errno, EBUSY);
	heard();
}

static void messages_that_are_none_are_refused(void **state)
{
	const struct ifinfomsg body = {.ifi_index = OURS};
	struct message m = message(RTM_NEWLINK, &body, sizeof(body));
	struct link link;

	(void)state;
	/* without a name */
	say(m, 1);
	assert_int_equal(link_find(ends[0], "eth0", &link), -1);
	assert_int_equal(errno, EPROTO);
	heard();
	/* with a name that is too long for a device */
	add(&m, IFLA_IFNAME, "a234567890123456", 17);
	say(m, 1);
	assert_int_equal(link_find(ends[0], "eth0", &link), -1);
	assert_int_equal(errno, EPROTO);
	heard();
	/* with an attribute that is longer than the message */
	m = link_message("eth0", OURS, 0);
	((struct rtattr *)(m.bytes + NLMSG_SPACE(sizeof(body))))->rta_len = 4000;
	say(m, 1);
	assert_int_equal(link_find(ends[0], "eth0", &link), -1);
	heard();
	/* nobody there any more */
	assert_int_equal(shutdown(ends[1], SHUT_WR), 0);
	assert_int_equal(link_find(ends[0], "eth0", &link), -1);
	heard();
}

/* ---- addresses and routes ---- */

static struct message address(uint8_t family, uint32_t index, uint8_t scope, uint32_t flags)
{
	struct ifaddrmsg body = {
		.ifa_family = family,
		.ifa_prefixlen = 24,
		.ifa_flags = (uint8_t)flags,
		.ifa_scope = scope,
		.ifa_index = index,
	};
	struct message m = message(RTM_NEWADDR, &body, sizeof(body));

	add(&m, IFA_ADDRESS, (char[16]){10}, family == AF_INET ? 4 : 16);
	add_u32(&m, IFA_FLAGS, flags);
	return m;
}

static struct message labelled(const char *label)
{
	struct message m = address(AF_INET, OURS, RT_SCOPE_UNIVERSE, IFA_F_PERMANENT);

	add(&m, IFA_LABEL, label, strlen(label) + 1);
	return m;
}

static struct message route(uint32_t index, uint8_t table, uint8_t protocol, unsigned int flags)
{
	struct rtmsg body = {
		.rtm_family = AF_INET,
		.rtm_table = table,
		.rtm_protocol = protocol,
		.rtm_flags = flags,
	};
	struct message m = message(RTM_NEWROUTE, &body, sizeof(body));

	if (index)
		add_u32(&m, RTA_OIF, index);
	return m;
}

static struct message ours(void)
{
	return route(OURS, RT_TABLE_MAIN, RTPROT_STATIC, 0);
}

static struct message over_two(int first, int second)
{
	struct rtnexthop hops[] = {
		{.rtnh_len = sizeof(*hops), .rtnh_ifindex = first, .rtnh_flags = RTNH_F_LINKDOWN},
		{.rtnh_len = sizeof(*hops), .rtnh_ifindex = second, .rtnh_flags = RTNH_F_ONLINK},
	};
	struct message m = route(0, RT_TABLE_MAIN, RTPROT_STATIC, 0);

	add(&m, RTA_MULTIPATH, hops, sizeof(hops));
	return m;
}

/* The device has @n times this address or route. */
static int save(struct message m, size_t n)
{
	uint32_t question = head(&m)->nlmsg_type == RTM_NEWADDR ? 1 : 2;
	int r;

	for (uint32_t i = 1; i <= 2; i++) {
		for (size_t k = 0; i == question && k < n; k++)
			say(m, i);
		end(NLMSG_DONE, 0, i);
	}
	r = link_save(ends[0], OURS, &setup);
	m = heard();
	assert_int_equal(head(&m)->nlmsg_type, RTM_GETADDR);
	assert_int_equal(((struct ifaddrmsg *)(m.bytes + NLMSG_HDRLEN))->ifa_index, OURS);
	m = heard();
	assert_int_equal(head(&m)->nlmsg_type, RTM_GETROUTE);
	assert_int_equal(number(&m, sizeof(struct rtmsg), RTA_OIF), OURS);
	return r;
}

/* How much is left of one message when it is saved. */
static size_t saved(struct message m)
{
	assert_int_equal(save(m, 1), 0);
	return setup.len;
}

static void what_the_kernel_makes_by_itself_is_not_saved(void **state)
{
	struct message m = address(AF_INET6, OURS, RT_SCOPE_LINK, IFA_F_PERMANENT);

	(void)state;
	add(&m, ABI_IFA_PROTO, (uint8_t[]){ABI_IFAPROT_KERNEL_LL}, 1);
	assert_int_equal(saved(m), 0);
	assert_int_equal(saved(address(AF_INET6, OURS, 0, IFA_F_TEMPORARY)), 0);
	assert_int_equal(saved(route(OURS, RT_TABLE_LOCAL, RTPROT_STATIC, 0)), 0);
	assert_int_equal(saved(route(OURS, RT_TABLE_MAIN, RTPROT_KERNEL, 0)), 0);
	assert_int_equal(saved(route(OURS, RT_TABLE_MAIN, RTPROT_RA, 0)), 0);
	assert_int_equal(saved(route(OURS, RT_TABLE_MAIN, RTPROT_REDIRECT, 0)), 0);
	assert_int_equal(saved(route(OURS, RT_TABLE_MAIN, RTPROT_BOOT, RTM_F_CLONED)), 0);
}

/* Before Linux 4.20 the answer is about all devices. */
static void what_is_another_devices_is_not_saved(void **state)
{
	(void)state;
	assert_int_equal(saved(address(AF_INET, OTHER, 0, IFA_F_PERMANENT)), 0);
	assert_int_equal(saved(route(OTHER, RT_TABLE_MAIN, RTPROT_STATIC, 0)), 0);
	assert_int_equal(saved(route(0, RT_TABLE_MAIN, RTPROT_STATIC, 0)), 0);
	assert_int_equal(saved(over_two(OTHER, OTHER)), 0);
	assert_int_equal(setup.shared, 0);
	assert_int_equal(saved(over_two(OTHER, OURS)), 0);
	assert_int_equal(setup.shared, 1);
}

static void everything_else_is_saved_as_it_was_told(void **state)
{
	struct message m = address(AF_INET, OURS, RT_SCOPE_LINK, IFA_F_SECONDARY);

	(void)state;
	add(&m, ABI_IFA_PROTO, (uint8_t[]){99}, 1);
	assert_int_equal(saved(m), m.len);
	((struct nlmsghdr *)m.bytes)->nlmsg_seq = asked - 1;
	assert_memory_equal(text, m.bytes, m.len);
	assert_int_equal(saved(address(AF_INET6, OURS, 0, 0)), 16 + 8 + 20 + 8);
	assert_int_equal(saved(ours()), 16 + 12 + 8);
	assert_int_equal(saved(route(OURS, 100, RTPROT_DHCP, 0)), 16 + 12 + 8);
	assert_true(saved(over_two(OURS, OURS)) > 0);
	assert_int_equal(setup.shared, 0);
}

static void more_than_fits_is_refused(void **state)
{
	(void)state;
	setup.size = 80;
	assert_int_equal(save(ours(), 2), 0);
	assert_int_equal(setup.len, 72);
	assert_int_equal(save(ours(), 3), -1);
	assert_int_equal(errno, ENOSPC);
}

static void refusals_while_saving_are_told(void **state)
{
	(void)state;
	end(NLMSG_DONE, -EPERM, 1);
	assert_int_equal(link_save(ends[0], OURS, &setup), -1);
	assert_int_equal(errno, EPERM);
	heard();
}

static void next_hops_that_are_none_end_the_list(void **state)
{
	struct rtnexthop hops[] = {{.rtnh_len = 0, .rtnh_ifindex = OURS}};
	struct message m = route(0, RT_TABLE_MAIN, RTPROT_STATIC, 0);

	(void)state;
	add(&m, RTA_MULTIPATH, hops, sizeof(hops));
	assert_int_equal(saved(m), 0);
	m = route(0, RT_TABLE_MAIN, RTPROT_STATIC, 0);
	hops[0].rtnh_len = 400;
	add(&m, RTA_MULTIPATH, hops, sizeof(hops));
	assert_true(saved(m) > 0);
	add(&m, RTA_MULTIPATH, hops, 3);
	assert_true(saved(m) > 0);
}

/* Saves @n messages in this order and gives them to device 3, which takes all. */
static int restored(const struct message *m, size_t n, unsigned int flags, uint32_t *lost)
{
	setup.len = 0;
	for (size_t i = 0; i < n; i++) {
		memcpy(text + setup.len, m[i].bytes, m[i].len);
		setup.len += m[i].len;
	}
	for (uint32_t i = 1; i <= n; i++)
		done(0, i);
	return link_restore(ends[0], 3, &setup, flags, lost);
}

static void a_gateway_comes_after_what_leads_to_it(void **state)
{
	struct message m[] = {ours(), ours(), address(AF_INET, OURS, 0, IFA_F_PERMANENT)}, back;
	uint32_t lost;

	(void)state;
	add_u32(&m[0], RTA_GATEWAY, 0x0100010a);
	assert_int_equal(restored(m, 3, RESTORE_ELSEWHERE, &lost), 0);
	assert_int_equal(lost, 0);
	back = heard();
	assert_int_equal(head(&back)->nlmsg_type, RTM_NEWADDR);
	assert_true(head(&back)->nlmsg_flags & NLM_F_REPLACE);
	back = heard();
	assert_null(attribute(&back, sizeof(struct rtmsg), RTA_GATEWAY));
	back = heard();
	assert_non_null(attribute(&back, sizeof(struct rtmsg), RTA_GATEWAY));
	nothing_else_was_asked();
}

static void a_message_is_for_the_new_number_of_the_device(void **state)
{
	struct message m[] = {address(AF_INET, OURS, 0, IFA_F_PERMANENT), ours(),
			      over_two(OURS, OURS)};
	const struct rtnexthop *hops;
	uint32_t lost;

	(void)state;
	assert_int_equal(restored(m, 3, 0, &lost), 0);
	m[0] = heard();
	assert_int_equal(((struct ifaddrmsg *)(m[0].bytes + NLMSG_HDRLEN))->ifa_index, 3);
	m[1] = heard();
	assert_int_equal(number(&m[1], sizeof(struct rtmsg), RTA_OIF), 3);
	m[2] = heard();
	hops = RTA_DATA(attribute(&m[2], sizeof(struct rtmsg), RTA_MULTIPATH));
	assert_int_equal(hops[0].rtnh_ifindex, 3);
	assert_int_equal(hops[1].rtnh_ifindex, 3);
	assert_int_equal(hops[0].rtnh_flags, 0);
	assert_int_equal(hops[1].rtnh_flags, RTNH_F_ONLINK);
}

static void what_the_kernel_would_refuse_to_hear_is_left_out(void **state)
{
	struct message m = route(OURS, 100, RTPROT_STATIC, RTNH_F_ONLINK | RTNH_F_LINKDOWN);
	uint32_t lost;

	(void)state;
	add_u32(&m, RTA_NH_ID, 12);
	add_u32(&m, RTA_PRIORITY, 50);
	assert_int_equal(restored(&m, 1, 0, &lost), 0);
	m = heard();
	assert_int_equal(((struct rtmsg *)(m.bytes + NLMSG_HDRLEN))->rtm_flags, RTNH_F_ONLINK);
	assert_int_equal(((struct rtmsg *)(m.bytes + NLMSG_HDRLEN))->rtm_table, 100);
	assert_null(attribute(&m, sizeof(struct rtmsg), RTA_NH_ID));
	assert_int_equal(number(&m, sizeof(struct rtmsg), RTA_PRIORITY), 50);
}

static void a_label_goes_when_the_name_does(void **state)
{
	struct message m = labelled("eth0:1");
	uint32_t lost;

	(void)state;
	assert_int_equal(restored(&m, 1, RESTORE_LABELS, &lost), 0);
	m = heard();
	assert_non_null(attribute(&m, sizeof(struct ifaddrmsg), IFA_LABEL));
	m = labelled("eth0:1");
	assert_int_equal(restored(&m, 1, 0, &lost), 0);
	m = heard();
	assert_null(attribute(&m, sizeof(struct ifaddrmsg), IFA_LABEL));
	/* nothing of it stays in what was saved: it can be restored once more */
	m = (struct message){.len = setup.len};
	memcpy(m.bytes, text, m.len);
	assert_non_null(attribute(&m, sizeof(struct ifaddrmsg), IFA_LABEL));
}

static void elsewhere_only_lasting_addresses_are_restored(void **state)
{
	struct message m[] = {
		address(AF_INET, OURS, RT_SCOPE_UNIVERSE, 0),
		address(AF_INET, OURS, RT_SCOPE_LINK, IFA_F_PERMANENT),
		address(AF_INET, OURS, RT_SCOPE_UNIVERSE, IFA_F_PERMANENT),
	};
	uint32_t lost;

	(void)state;
	assert_int_equal(restored(m, 3, RESTORE_ELSEWHERE, &lost), 0);
	m[0] = heard();
	assert_memory_equal(m[0].bytes + NLMSG_SPACE(8), m[2].bytes + NLMSG_SPACE(8),
			    m[2].len - NLMSG_SPACE(8));
	nothing_else_was_asked();
	assert_int_equal(restored(m, 3, 0, &lost), 0);
	heard();
	heard();
	heard();
}

/* Flags of an address of IPv6 when it has been restored. */
static uint32_t flags_after(uint32_t before, unsigned int how)
{
	struct message m = address(AF_INET6, OURS, 0, before);
	uint32_t lost;

	assert_int_equal(restored(&m, 1, how, &lost), 0);
	m = heard();
	return number(&m, sizeof(struct ifaddrmsg), IFA_FLAGS);
}

static void elsewhere_an_address_is_not_looked_for_again(void **state)
{
	const uint32_t lasting = IFA_F_PERMANENT;

	(void)state;
	assert_int_equal(flags_after(lasting, RESTORE_ELSEWHERE), lasting | IFA_F_NODAD);
	assert_int_equal(flags_after(lasting, 0), lasting);
	assert_int_equal(flags_after(lasting | IFA_F_TENTATIVE, RESTORE_ELSEWHERE),
			 lasting | IFA_F_TENTATIVE);
	assert_int_equal(flags_after(lasting | IFA_F_DADFAILED, RESTORE_ELSEWHERE),
			 lasting | IFA_F_DADFAILED);
}

static void a_deprecated_address_stays_deprecated(void **state)
{
	const struct ifa_cacheinfo forever = {UINT32_MAX, UINT32_MAX, 5, 6}, *life;
	struct message m = address(AF_INET, OURS, 0, IFA_F_PERMANENT | IFA_F_DEPRECATED);
	uint32_t lost;

	(void)state;
	add(&m, IFA_CACHEINFO, &forever, sizeof(forever));
	assert_int_equal(restored(&m, 1, 0, &lost), 0);
	m = heard();
	life = RTA_DATA(attribute(&m, sizeof(struct ifaddrmsg), IFA_CACHEINFO));
	assert_int_equal(life->ifa_prefered, 0);
	assert_int_equal(life->ifa_valid, UINT32_MAX);
}

static void a_route_that_is_refused_is_counted_and_an_address_is_an_error(void **state)
{
	struct message m[] = {ours(), ours(), ours(), address(AF_INET, OURS, 0, IFA_F_PERMANENT)};
	uint32_t lost;

	(void)state;
	setup.shared = 1;
	done(0, 1);
	done(ENETUNREACH, 2);
	done(EEXIST, 3); /* the kernel has made it already */
	assert_int_equal(restored(m, 4, 0, &lost), 0);
	assert_int_equal(lost, 2);
	for (int i = 0; i < 4; i++)
		heard();

	setup.shared = 0;
	done(EACCES, 1);
	assert_int_equal(restored(m, 4, 0, &lost), -1);
	assert_int_equal(errno, EACCES);
	heard();
	nothing_else_was_asked();
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, make_pair, close_pair)
	const struct CMUnitTest tests[] = {
		EACH(a_device_is_found_by_its_name),
		EACH(a_device_that_is_not_there),
		EACH(what_is_left_of_an_earlier_answer_is_passed_over),
		EACH(one_message_moves_and_names_a_device),
		EACH(a_device_is_set_up_and_never_down),
		EACH(the_kernels_refusal_is_errno),
		EACH(messages_that_are_none_are_refused),
		EACH(what_the_kernel_makes_by_itself_is_not_saved),
		EACH(what_is_another_devices_is_not_saved),
		EACH(everything_else_is_saved_as_it_was_told),
		EACH(more_than_fits_is_refused),
		EACH(refusals_while_saving_are_told),
		EACH(next_hops_that_are_none_end_the_list),
		EACH(a_gateway_comes_after_what_leads_to_it),
		EACH(a_message_is_for_the_new_number_of_the_device),
		EACH(what_the_kernel_would_refuse_to_hear_is_left_out),
		EACH(a_label_goes_when_the_name_does),
		EACH(elsewhere_only_lasting_addresses_are_restored),
		EACH(elsewhere_an_address_is_not_looked_for_again),
		EACH(a_deprecated_address_stays_deprecated),
		EACH(a_route_that_is_refused_is_counted_and_an_address_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
