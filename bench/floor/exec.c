/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "floor.h"

#include <linux/sched.h>
#include <sched.h>
#include <stdlib.h>
#include <sys/syscall.h>
#include <unistd.h>

int exec(const char *pid)
{
	int container = (int)syscall(SYS_pidfd_open, atoi(pid), 0), child;

	check(container, "pidfd_open");
	load_filter();
	open_cgroups();
	check(setns(container, CLONE_NEWPID), "setns");
	child = clone_child(0);
	if (child == 0) {
		join_cgroups();
		check(setns(container, CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWNET |
					       (o.v2 ? CLONE_NEWCGROUP : 0)),
		      "setns");
		drop_privileges();
		become_program();
	}
	return wait_for(child);
}
