/* SPDX-License-Identifier: Apache-2.0 */
#include "host/protocol.h"

#include <string.h>

#include "base/fd.h"
#include "base/list.h"
#include "base/log.h"
#include "host/interrupt.h"

static const uint8_t sides[OP_KINDS] = {
#define X(NAME, name, side) [OP_##NAME] = SIDE_##side,
	PLAN_OPS(X)
#undef X
};

/* The message that init sends when it has done @op; 0 for most. */
static uint32_t answer_to(const struct op *op)
{
	switch (op->kind) {
	case OP_REFORK: return MSG_PID;
	case OP_CONSOLE: return MSG_CONSOLE;
	case OP_BARRIER: return MSG_BARRIER;
	default: return 0;
	}
}

/* What comes from init is data of another process: strings end where we say. */
static void take_error(const struct message *m, struct error *e)
{
	*e = m->error;
	e->at[sizeof(e->at) - 1] = '\0';
	e->text[sizeof(e->text) - 1] = '\0';
}

/* 1 and a message other than WARNING and ERROR, 0 at the end, -1. */
static int receive(int sock, int interrupt, struct message *m, int *fd, struct error *e)
{
	for (;;) {
		int r;

		*fd = -1;
		if (interrupt_wait(interrupt, &sock, 1, -1, e) < 0)
			return -1;
		r = message_receive(sock, m, fd);
		/* A reset: init is gone without having read what we sent. It comes once, before what init said. */
		if (r < 0 && (errno == EINTR || errno == ECONNRESET))
			continue;
		if (r < 0)
			return fail_errno(e, "cannot receive from the container's init");
		if (r == 0)
			return 0;
		if (m->kind != MSG_WARNING && m->kind != MSG_ERROR)
			return 1;

		struct error said;

		close_fd(fd);
		take_error(m, &said);
		if (m->kind == MSG_ERROR) {
			*e = said;
			return -1;
		}
		log_warning("%s%s%s", said.at, said.at[0] ? ": " : "", said.text);
	}
}

void protocol_hear(int sock, struct error *e)
{
	struct error ignored;

	while (interrupt_wait(-1, &sock, 1, 0, &ignored) == 0) {
		AUTO_CLOSE int fd = -1;
		struct message m;
		int r = message_receive(sock, &m, &fd);

		if (r < 0 && (errno == EINTR || errno == ECONNRESET)) /* see receive() */
			continue;
		if (r <= 0)
			return;
		if (m.kind == MSG_ERROR)
			take_error(&m, e);
	}
}

static int expect(struct protocol *p, const struct op *op, struct error *e)
{
	uint32_t wanted = answer_to(op);
	AUTO_CLOSE int fd = -1;
	struct message m;
	int r = receive(p->sock, p->interrupt, &m, &fd, e);

	if (r <= 0)
		return r < 0 ? -1 : PROTOCOL_EOF;
	if (m.kind != wanted || (wanted == MSG_BARRIER && m.value != op->barrier.id) ||
	    (wanted != MSG_BARRIER && fd < 0))
		return fail(e, EPROTO, "the container's init said %u.%u at operation %u", m.kind,
			    m.value, p->next);
	if (wanted == MSG_BARRIER)
		return 0;
	return p->received(p->ctx, op, &m, TAKE_FD(fd), e);
}

int protocol_open(struct protocol *p, struct error *e)
{
	struct message go = {.kind = MSG_GO, .value = p->owed};

	if (!p->owed)
		return 0;
	p->owed = 0;
	if (message_send(p->sock, &go, -1) == 0)
		return 0;
	if (errno == EPIPE || errno == ECONNRESET)
		return 0; /* what follows finds the end, and perhaps an error before it */
	return fail_errno(e, "cannot send to the container's init");
}

static bool is_open(const struct op *op)
{
	return op->kind == OP_BARRIER && op->barrier.open;
}

/*
 * A barrier is opened as late as possible: when something has to be heard from
 * init, which waits there.  So the HOST operations after it are done before.
 */
static int step(struct protocol *p, const struct op *op, struct error *e)
{
	int r;

	if (op->kind >= OP_KINDS)
		return fail(e, EPROTO, "operation %u is unknown to the host", op->kind);
	if (sides[op->kind] == SIDE_HOST)
		return p->operation(p->ctx, op, e);
	if (op->kind == OP_BARRIER && op->barrier.id == BARRIER_MAPPED) {
		p->owed = BARRIER_MAPPED;
		return protocol_open(p, e);
	}
	if (!answer_to(op) || is_open(op))
		return protocol_open(p, e);
	if (protocol_open(p, e) < 0)
		return -1;
	r = expect(p, op, e);
	if (r == 0 && op->kind == OP_BARRIER)
		p->owed = op->barrier.id;
	return r;
}

int protocol_walk(struct protocol *p, uint32_t barrier, struct error *e)
{
	while (p->barrier < barrier && p->next < p->plan->op_count) {
		const struct op *op = &p->plan->ops[p->next];
		int r = step(p, op, e);

		if (r != 0)
			return r;
		p->next++;
		if (op->kind == OP_BARRIER)
			p->barrier = op->barrier.id;
	}
	return p->barrier >= barrier ? 0 : fail(e, EPROTO, "the plan has no barrier %u", barrier);
}

int protocol_wait_listener(int sock, int interrupt, int *listener, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	struct message m;
	int r = receive(sock, interrupt, &m, &fd, e);

	if (r < 0)
		return -1;
	if (r == 0)
		return fail_at(e, "linux.seccomp", 0,
			       "the container's init could not send the seccomp listener "
			       "(the profile has to allow sendmsg)");
	if (m.kind != MSG_LISTENER || fd < 0)
		return fail(
			e, EPROTO,
			"the container's init said %u.%u instead of sending the seccomp listener",
			m.kind, m.value);
	*listener = TAKE_FD(fd);
	return 0;
}

int protocol_wait_exec(int sock, int interrupt, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	struct message m;
	int r = receive(sock, interrupt, &m, &fd, e);

	if (r > 0)
		return fail(e, EPROTO, "the container's init said %u.%u instead of starting",
			    m.kind, m.value);
	return r;
}
