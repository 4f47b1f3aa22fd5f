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

/* A copy of @fd, FD_CLOEXEC, not below @from; -1 with errno. */
int fd_copy(int fd, int from);

/* Closes *@fd unless it is negative; keeps errno, which is more useful than close's. */
void close_fd(int *fd);

/* All of it, with as many calls as that takes, whatever interrupts them. -1 with errno. */
int file_write_all(int fd, const void *data, size_t len);
ssize_t file_read_all(int fd, void *out, size_t size); /* up to @size; less: it ended */

#define AUTO_CLOSE __attribute__((cleanup(close_fd)))

#define TAKE_FD(fd)                \
	__extension__({            \
		int taken_ = (fd); \
		(fd) = -1;         \
		taken_;            \
	})

#endif
