/* SPDX-License-Identifier: Apache-2.0 */
#include "base/fd.h"

void close_fd(int *fd)
{
	int saved = errno;

	if (*fd >= 0)
		close(*fd);
	errno = saved;
}
