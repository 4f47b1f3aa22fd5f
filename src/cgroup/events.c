/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/events.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/knob.h"
#include "sys/clock.h"

static int value_of(int fd, const char *key)
{
	char text[128];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	uint64_t value;

	if (n < 0)
		return -1;
	text[n] = '\0';
	if (!knob_field(text, key, &value)) {
		errno = ENOENT;
		return -1;
	}
	return value != 0;
}

int events_value_of(int file, const char *key)
{
	AUTO_CLOSE int fd = file;

	return fd < 0 ? -1 : value_of(fd, key);
}

int events_value(int dir, const char *key)
{
	return events_value_of(openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC), key);
}

int events_wait(int dir, const char *key, int value, int64_t ms)
{
	AUTO_CLOSE int fd = openat(dir, "cgroup.events", O_RDONLY | O_CLOEXEC);
	int64_t end = now_ms() + ms;

	if (fd < 0)
		return -1;
	for (;;) {
		struct pollfd p = {.fd = fd, .events = POLLPRI};
		int now = value_of(fd, key); /* reading re-arms the event */
		int64_t left = end - now_ms();

		if (now < 0 || now == value)
			return now < 0 ? -1 : 0;
		if (left <= 0) {
			errno = ETIMEDOUT;
			return -1;
		}
		if (poll(&p, 1, (int)left) < 0 && errno != EINTR)
			return -1;
	}
}
