/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_NOTIFY_H
#define YACR_HOST_NOTIFY_H

/*
 * sd_notify(3) through a container's wall.  The container gets a socket of ours in place of
 * the service manager's, and nothing that it says is handed on but READY=1: with all else
 * (MAINPID, FDSTORE ...) it could speak for others.
 */

#include <sys/types.h>

#include "host/caller.h"
#include "host/interrupt.h"

#define NOTIFY_DIR "notify" /* below ROOT/ID; in the container NOTIFY_INSIDE */
#define NOTIFY_INSIDE "/run/notify"
#define NOTIFY_NAME "notify.sock"

struct notify {
	const char *manager; /* where to: see struct caller */
	int sock;	     /* -1: nobody is to be told (any more) */
};

/* Makes the directory that is bound into the container. @dir: ROOT/ID */
int notify_make_dir(int dir, struct error *e);

/* Listens where there is such a directory and @c wants to hear; else n->sock is -1. */
int notify_listen(struct notify *n, int dir, const struct caller *c, struct error *e);
void notify_close(struct notify *n);

/*
 * Takes what the container has said.  When it is ready the manager is told so, with @pid as
 * the service's main process, and has taken note when this returns; n is closed then.
 * A manager that is not there is its own loss.
 */
void notify_attend(struct notify *n, pid_t pid);

/* Until the container is ready or @pid has ended (@pidfd may be -1); -1 when interrupted. */
int notify_wait(struct notify *n, pid_t pid, int pidfd, int interrupt, struct error *e);

#endif
