/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_INIT_MESSAGE_H
#define YACR_INIT_MESSAGE_H

/*
 * What host and init say to each other over one SOCK_SEQPACKET pair.  One
 * message is one packet: this struct and nothing else; descriptors ride along
 * as SCM_RIGHTS.
 *
 *     host                                              init
 *      │ clone3(namespaces, CLONE_INTO_CGROUP, PIDFD)    │
 *      │ ── GO (mapped) ───────────────────────────────► │  after id maps; init does not ask for it
 *      │   (meanwhile: limits, device program)           │  ... mounts ...
 *      │ ◄─────────────────────────────── PID fd(pidfd)  │  only after a REFORK
 *      │ ◄──────────────────────────── BARRIER (hooks) ──│
 *      │ prestart and createRuntime hooks, net devices   │
 *      │ ── GO (hooks) ────────────────────────────────► │  createContainer hooks, pivot, ...
 *      │ ◄──────────────────────────── CONSOLE fd(master)│  when process.terminal
 *      │ ◄─────────────────────────── WARNING text       │  any time
 *      │ ◄──────────────────────────── BARRIER (ready) ──│  everything done but execve
 *      │ state file, pid file                            │
 *      │ ── GO (ready) ────────────────────────────────► │  closes the socket, waits in accept()
 *      │                                                 │
 *  run: BARRIER (built) comes instead, before what the process itself needs; init waits for its
 *      GO later, where it would wait in accept().
 *      │                                                 │
 *  start: connect to start.sock, START ────────────────► │  startContainer hooks, seccomp
 *      │ ◄──────────────────────────── LISTENER fd       │  when the filter notifies; execve
 *      │ ◄──────────── EOF: execve closed the connection │  or ERROR: it did not happen
 *
 * A plan with nothing to do at barrier (hooks) leaves it out; one that says that (ready) is open
 * (exec, mostly) has init pass it without a word.  Without start.sock (run) LISTENER, EOF or ERROR
 * come over the first socket.  Either connection ends with EOF also when init was killed: whoever
 * cares looks at its pidfd.
 *
 * The host accepts at any time only what the plan says comes next, besides
 * WARNING and ERROR; anything else kills init.  Init ends without a word when
 * the host is gone: before it waits for GO (ready) or (built), by PR_SET_PDEATHSIG too.
 */

#include <stdint.h>

#include "base/error.h"

enum message_kind {
	MSG_GO = 1,   /* host: barrier .value is open */
	MSG_BARRIER,  /* init: has come to barrier .value */
	MSG_PID,      /* init: goes on in process .value (host's view), its pidfd rides along */
	MSG_CONSOLE,  /* init: the master of the container's terminal rides along */
	MSG_LISTENER, /* init: the seccomp listener rides along; after START, or after GO (ready) */
	MSG_WARNING,  /* init: .error, at any time; work goes on */
	MSG_ERROR,    /* init: .error; init exits after it. .value is the operation's index */
	MSG_START,    /* `start`: run the program */
};

struct message {
	uint32_t kind; /* enum message_kind */
	uint32_t value;
	struct error error; /* zero but for WARNING and ERROR */
};

/* At most 1 KiB, so that a packet is never split or refused. */
_Static_assert(sizeof(struct message) <= 1024, "message is too large");

/* 0, or -1 with errno. @fd < 0: none. Never raises SIGPIPE. */
int message_send(int sock, const struct message *m, int fd);

/*
 * 1, 0 at the end of the stream, -1 with errno.  A short packet is EPROTO.
 * *@fd gets the descriptor that rode along, or -1; the caller closes it.
 */
int message_receive(int sock, struct message *m, int *fd);

#endif
