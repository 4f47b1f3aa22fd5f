/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_FD_H
#define YACR_BASE_FD_H

/*
 * Descriptors belong to the variable that holds them:
 *
 *	AUTO_CLOSE int fd = openat(...);
 *	...
 *	return TAKE_FD(fd);
 */

#include <errno.h>
#include <unistd.h>

static inline void close_fd(int *fd)
{
	int saved = errno; /* the error being reported is more useful than close's */

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}

#define AUTO_CLOSE __attribute__((cleanup(close_fd)))

#define TAKE_FD(fd)                \
	__extension__({            \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

#endif
