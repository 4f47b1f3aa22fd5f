/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_INIT_INIT_H
#define YACR_INIT_INIT_H

/*
 * The small program inside: walks a plan in the container's namespaces.  It
 * runs in the process that the host forked, uses the plan in place, and
 * allocates nothing, parses nothing and knows no options.
 */

#include "plan/plan.h"

struct init_task {
	struct plan *plan;
	int *fds; /* fds[slot], -1 where init opens it itself; the host's are open before the fork */
	int sock;	 /* SEQPACKET pair to the host */
	int start_sock;	 /* listening; `start` connects to it. -1: foreground run without a gate */
	int *cgroup_fds; /* "tasks" files to write 0 to (v1, hybrid); see cgroup/join */
	unsigned int cgroup_fd_count;
};

/* Does not return: execs the container's program or exits after MSG_ERROR. */
_Noreturn void init_run(const struct init_task *t);

#endif
