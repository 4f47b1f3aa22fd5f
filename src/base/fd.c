/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"

#include <fcntl.h>
#include <sys/syscall.h>

/*
 * musl sets FD_CLOEXEC once more, for kernels that passed over the flag (2.6.23).  So does its
 * open(3), and therefore openat(2) is what the tree has.
 */
int fd_copy(int fd, int from)
{
	return (int)syscall(SYS_fcntl, fd, F_DUPFD_CLOEXEC, from);
}

void close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}
