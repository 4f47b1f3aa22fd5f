/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/netlink_message.h"

#include <errno.h>
#include <string.h>
#include <sys/socket.h>

#define ANSWER_MAX 16384 /* the kernel sends at most half of it at once */

static size_t body_size(const struct nlmsghdr *m)
{
	switch (m->nlmsg_type) {
	case RTM_NEWADDR: return sizeof(struct ifaddrmsg);
	case RTM_NEWROUTE: return sizeof(struct rtmsg);
	default: return sizeof(struct ifinfomsg);
	}
}

struct rtattr *attr_find(struct nlmsghdr *m, unsigned int type)
{
	size_t at = sizeof(*m) + NLMSG_ALIGN(body_size(m));

	while (at + sizeof(struct rtattr) <= m->nlmsg_len) {
		struct rtattr *a = (struct rtattr *)((char *)m + at);

		if (a->rta_len < sizeof(*a) || a->rta_len > m->nlmsg_len - at)
			break;
		if ((a->rta_type & NLA_TYPE_MASK) == type)
			return a;
		at += RTA_ALIGN(a->rta_len);
	}
	return NULL;
}

uint32_t *attr_u32(struct nlmsghdr *m, unsigned int type)
{
	struct rtattr *a = attr_find(m, type);

	return a && RTA_PAYLOAD(a) >= sizeof(uint32_t) ? RTA_DATA(a) : NULL;
}

/* The kernel passes over attributes of type 0. */
void attr_drop(struct nlmsghdr *m, unsigned int type)
{
	struct rtattr *a = attr_find(m, type);

	if (a)
		a->rta_type = 0;
}

void attr_add(struct request *r, unsigned short type, const void *data, size_t len)
{
	struct rtattr *a = (struct rtattr *)((char *)r + r->head.nlmsg_len);

	a->rta_type = type;
	a->rta_len = (unsigned short)RTA_LENGTH(len);
	memcpy(RTA_DATA(a), data, len);
	r->head.nlmsg_len += (uint32_t)RTA_ALIGN(a->rta_len);
}

static ssize_t receive(int sock, char *out, size_t size)
{
	ssize_t n;

	do
		n = recv(sock, out, size, MSG_TRUNC);
	while (n < 0 && errno == EINTR);
	if (n >= 0 && (n == 0 || (size_t)n > size)) {
		errno = EPROTO;
		return -1;
	}
	return n;
}

/* 1: the answer goes on; 0: that was all of it; -1 with errno. */
static int hear(struct nlmsghdr *m, take_message take, void *ctx)
{
	int code = 0;

	if (m->nlmsg_type != NLMSG_ERROR && m->nlmsg_type != NLMSG_DONE) {
		if (take && m->nlmsg_len >= sizeof(*m) + body_size(m))
			return take(ctx, m) < 0 ? -1 : 1;
		return 1;
	}
	if (m->nlmsg_len >= NLMSG_LENGTH(sizeof(code)))
		memcpy(&code, m + 1, sizeof(code));
	errno = -code;
	return code ? -1 : 0;
}

int netlink_ask(int sock, struct nlmsghdr *request, take_message take, void *ctx)
{
	_Alignas(struct nlmsghdr) char text[ANSWER_MAX];
	static uint32_t sequence;

	request->nlmsg_seq = ++sequence;
	request->nlmsg_flags |= NLM_F_REQUEST | NLM_F_ACK;
	if (send(sock, request, request->nlmsg_len, 0) < 0)
		return -1;
	for (;;) {
		ssize_t len = receive(sock, text, sizeof(text));
		size_t left = len < 0 ? 0 : (size_t)len;
		struct nlmsghdr *m = (struct nlmsghdr *)text;

		if (len < 0)
			return -1;
		while (left >= sizeof(*m) && m->nlmsg_len >= sizeof(*m) && m->nlmsg_len <= left) {
			size_t step = NLMSG_ALIGN(m->nlmsg_len);
			/* What an earlier question has left unread is not the answer to this one. */
			int r = m->nlmsg_seq == sequence ? hear(m, take, ctx) : 1;

			if (r <= 0)
				return r;
			if (step >= left)
				break;
			left -= step;
			m = (struct nlmsghdr *)((char *)m + step);
		}
	}
}
