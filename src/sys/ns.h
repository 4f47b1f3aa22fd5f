/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_NS_H
#define YACR_SYS_NS_H

#include <stdint.h>

#include "base/error.h"

/* Opens a namespace file and checks that it is on nsfs and of @type (CLONE_NEW*, NS_GET_NSTYPE). */
int ns_open(const char *path, int type, struct error *e);

/*
 * A descriptor of the process @pid by which its namespaces can be joined: a pidfd or, where the
 * kernel has none, its directory in /proc.
 */
int ns_process(int pid, struct error *e);

/*
 * setns(2).  @fd is of a namespace, and @types what it is; or of ns_process(), and @types are any
 * of the process's: joined at once, each with the privilege of before or that in the user
 * namespace that is among them, whichever does.
 */
int ns_join(int fd, int types, struct error *e);

/* Those of @types in which the process @pid is not in our own namespace (Linux may lack some types): in *@out. */
int ns_foreign(uint32_t *out, int pid, uint32_t types, struct error *e);

int ns_unshare(int flags, struct error *e);
const char *ns_name(int type); /* "network", as in the spec; "?" */

/*
 * Writes the id maps of @pid, which waits in a new user namespace.  @helpers:
 * through newuidmap(1) and newgidmap(1), looked for in fixed places only.
 */
int idmap_write(int pid, const char *uid_map, const char *gid_map, bool deny_setgroups,
		bool helpers, struct error *e);

/* A user namespace with these maps, held by nothing but the descriptor returned (idmapped mounts).
 */
int idmap_userns(const char *uid_map, const char *gid_map, struct error *e);

/* That the maps of user namespace @ns, as seen from ours, are these (e->at: "uidMappings"), in whatever lines; "" is any. */
int idmap_check(int ns, const char *uid_map, const char *gid_map, struct error *e);

int net_loopback_up(struct error *e);

#endif
