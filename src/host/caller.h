/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_CALLER_H
#define YACR_HOST_CALLER_H

/*
 * What a service manager says by the environment: sd_notify(3), sd_listen_fds(3).  It is read
 * here alone, and is about what the caller wants; what the host can do is asked of the host.
 */

#include <stdint.h>

struct caller {
	const char *notify_socket; /* NOTIFY_SOCKET: a path, or "@" and an abstract name; or NULL */
	uint32_t listen_fds;	  /* LISTEN_FDS: so many from 3 on, when LISTEN_PID is us; else 0 */
	const char *listen_names; /* LISTEN_FDNAMES, or NULL */
};

struct caller caller_of(void);

/*
 * Sets what the container of @p gets of it: p->env, p->listen_pid, p->notify_dir.  @root: --root.
 * Engines that do this themselves have said so in the environment of the program.
 */
struct prepared;
struct arena;
void caller_serve(struct prepared *p, struct arena *a, const char *root);

#endif
