/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_SOCKET_H
#define YACR_SYS_SOCKET_H

/* Unix sockets and descriptors over them. Long paths work: they go through the directory's
 * descriptor. */

#include <sys/types.h>

#include "base/error.h"

int socket_pair(int pair[2], struct error *e);				 /* SOCK_SEQPACKET */
int socket_listen(int dir, const char *name, int type, struct error *e); /* mode 0600 */
int socket_connect(int dir, const char *name, int type, struct error *e);
int socket_connect_path(const char *path, int type, struct error *e); /* any length */

/* One message with one descriptor; 0 or -1 with errno. @fd -1: none. */
int socket_send_fd(int sock, const void *data, size_t len, int fd);
/* Length, 0 at the end, -1. *@fd is -1 when none came; more than one is EPROTO and all are closed.
 */
ssize_t socket_receive_fd(int sock, void *data, size_t size, int *fd);

#endif
