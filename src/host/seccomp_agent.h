/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_SECCOMP_AGENT_H
#define YACR_HOST_SECCOMP_AGENT_H

/*
 * The program that answers the calls for which the filter says SCMP_ACT_NOTIFY.
 * It listens on linux.seccomp.listenerPath and gets, over a connection for each
 * process, the listener and a ContainerProcessState, once.
 *
 * The connection is made before init is let go: an agent that is not there is
 * found out while the program has not been started yet.
 */

#include "spec/config.h"
#include "spec/state.h"

/* Refuses a profile under which init could not send the listener. e->at is below "linux.seccomp". */
int seccomp_agent_check(const struct seccomp *profile, struct error *e);

/* *@sock is the connection, -1 when the filter has no use for an agent. */
int seccomp_agent_connect(int *sock, const struct state *s, struct error *e);

/* Takes the listener from init (@init), hands it to the agent, and closes *@sock. */
int seccomp_agent_serve(int *sock, int init, int interrupt, struct arena *a, const struct state *s,
			enum status status, int64_t pid, struct error *e);

/* Where a failure of the agent's is said to be, after which the program must not go on. */
#define SECCOMP_AGENT_AT "linux.seccomp.listenerPath"

#endif
