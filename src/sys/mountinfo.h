/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_MOUNTINFO_H
#define YACR_SYS_MOUNTINFO_H

/* The mounts of a process's mount namespace, one after the other: proc_pid_mountinfo(5). */

#include <limits.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct mountinfo {
	uint64_t id, parent;
	const char *root;  /* what of its file system is mounted; "/" is all of it */
	const char *point; /* as seen from the process's "/", unescaped */
	const char *type;  /* "proc" */

	int fd;
	size_t have, used;
	char buf[3 * PATH_MAX];
};

/* @pid 0: this process. e->code ENOSYS when there is no procfs on /proc. */
int mountinfo_open(struct mountinfo *m, pid_t pid, struct error *e);
int mountinfo_next(struct mountinfo *m, struct error *e); /* 1, 0 at the end, -1 */
void mountinfo_close(struct mountinfo *m);

#endif
