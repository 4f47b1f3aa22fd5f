/* SPDX-License-Identifier: Apache-2.0 */
#include <net/if.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "sys/ns.h"

int net_loopback_up(struct error *e)
{
	/* Any socket will do for these requests: this kind is there without IPv4, too. */
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	/* That of a new namespace has no other flag that could be taken away. */
	const struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP};

	if (fd < 0 || ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		return fail_errno(e, "cannot set the loopback device up");
	return 0;
}
