/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_PROTOCOL_H
#define YACR_HOST_PROTOCOL_H

/*
 * The host's walk of the plan, beside init's.  The plan says what init may send
 * when: a REFORK its new pid, a CONSOLE the terminal, a barrier that it has come
 * there.  Anything else, in kind or in order, is an error of which init dies.
 */

#include "init/message.h"
#include "plan/plan.h"

struct protocol {
	const struct plan *plan;
	int sock;
	int interrupt; /* see interrupt.h; -1: none */
	void *ctx;
	/* An operation of side HOST. */
	int (*operation)(void *ctx, const struct op *op, struct error *e);
	/* What init sent for @op: MSG_PID, MSG_CONSOLE. @fd is the callee's. */
	int (*received)(void *ctx, const struct op *op, const struct message *m, int fd,
			struct error *e);
	uint32_t next;	  /* operation */
	uint32_t barrier; /* the last one that init has come to; 0: none */
	uint32_t owed;	  /* barrier that init waits at and that is not open yet; 0: none */
};

/* What `protocol_*` return when init is gone without a word: then its end says more. */
#define PROTOCOL_EOF 1

/*
 * Walks until init has come to @barrier, or to a later one when the plan has no such; it
 * stays closed.  0, PROTOCOL_EOF, -1.
 */
int protocol_walk(struct protocol *p, uint32_t barrier, struct error *e);

/* Opens the barrier that the walk has stopped at. */
int protocol_open(struct protocol *p, struct error *e);

/*
 * When something of the host's has failed, as *@e says: if init has said by then what it failed of,
 * *@e is that.  Init goes on while barriers are open, and its end may be the reason: systemd takes
 * away the cgroup of a unit that nobody is in.
 */
void protocol_hear(int sock, struct error *e);

/*
 * Waits on @sock for MSG_LISTENER, which init sends when it has loaded a filter
 * that notifies. *@listener is the caller's. 0, or -1.
 */
int protocol_wait_listener(int sock, int interrupt, int *listener, struct error *e);

/*
 * Waits on @sock for the end of the connection, which is what execve does to
 * it, or for MSG_ERROR.  0, or -1.
 */
int protocol_wait_exec(int sock, int interrupt, struct error *e);

#endif
