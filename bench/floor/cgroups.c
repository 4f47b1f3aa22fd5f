/* SPDX-License-Identifier: Apache-2.0 */
#include "floor.h"

#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

void open_cgroups(void)
{
	char path[512];

	for (int i = 0; i < o.dir_count; i++) {
		snprintf(path, sizeof(path), o.v2 ? "%s" : "%s/tasks", o.dirs[i]);
		o.tasks[i] = openat(AT_FDCWD, path,
				    (o.v2 ? O_RDONLY | O_DIRECTORY : O_WRONLY) | O_CLOEXEC);
		check(o.tasks[i], path);
	}
}

void join_cgroups(void)
{
	for (int i = 0; !o.v2 && i < o.dir_count; i++)
		check(write(o.tasks[i], "0", 1), "tasks");
}
