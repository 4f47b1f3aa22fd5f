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
	struct ifreq r = {.ifr_name = "lo"};

	if (fd < 0 || ioctl(fd, SIOCGIFFLAGS, &r) < 0)
		return fail(e, errno, "cannot find the loopback device");
	if (r.ifr_flags & IFF_UP)
		return 0;
	r.ifr_flags = (short)(r.ifr_flags | IFF_UP);
	if (ioctl(fd, SIOCSIFFLAGS, &r) < 0)
		return fail(e, errno, "cannot set the loopback device up");
	return 0;
}
