/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "floor.h"

#include <linux/sched.h>
#include <net/if.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

static void make_cgroups(void)
{
	for (int i = 0; i < o.dir_count; i++)
		check(mkdir(o.dirs[i], 0755), o.dirs[i]);
	for (int i = 0; i < o.write_count; i++) {
		char *file = strdup(o.writes[i]), *value = strchr(file, '=');

		*value++ = '\0';
		check(try_write(file, value), file);
	}
	open_cgroups();
	if (o.v2 && o.dir_count)
		limit_devices(o.tasks[0]);
}

/* A user's own id is what the new namespace's first process may map without help. */
static void map_ids(void)
{
	char map[32];

	snprintf(map, sizeof(map), "0 %s 1", o.user);
	check(try_write("/proc/self/setgroups", "deny"), "setgroups");
	check(try_write("/proc/self/uid_map", map), "uid_map");
	check(try_write("/proc/self/gid_map", map), "gid_map");
}

static void bring_loopback_up(void)
{
	struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	check(ioctl(fd, SIOCSIFFLAGS, &r), "lo");
	close(fd);
	try_write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
	try_write("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
}

static _Noreturn void be_container(void)
{
	if (o.user)
		map_ids();
	join_cgroups();
	setsid();
	check(sethostname("floor", 5), "hostname");
	if (!o.user)
		bring_loopback_up();
	make_mounts();
	drop_privileges();
	if (o.socket)
		wait_for_start();
	become_program();
}

static int make_container(void)
{
	unsigned long flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID;
	int pid;

	load_filter();
	make_cgroups();
	flags |= o.user ? CLONE_NEWUSER : CLONE_NEWNET;
	pid = clone_child(o.v2 && o.dir_count ? flags | CLONE_NEWCGROUP : flags);
	if (pid == 0)
		be_container();
	return pid;
}

int create(void)
{
	make_gate();
	make_container();
	wait_until_ready();
	return 0;
}

int run(void)
{
	int status = wait_for(make_container());

	for (int i = 0; i < o.dir_count; i++)
		check(rmdir(o.dirs[i]), o.dirs[i]);
	return status;
}
