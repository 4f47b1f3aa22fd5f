/* SPDX-License-Identifier: Apache-2.0 */
/* Between create and start, and the end. */
#define _GNU_SOURCE
#include "floor.h"

#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

static int gate, ready[2];

static int socket_of(const char *path, struct sockaddr_un *a)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	strncpy(a->sun_path, path, sizeof(a->sun_path) - 1);
	check(fd, path);
	return fd;
}

void make_gate(void)
{
	struct sockaddr_un a;

	gate = socket_of(o.socket, &a);
	check(bind(gate, (struct sockaddr *)&a, sizeof(a)), "bind");
	check(listen(gate, 1), "listen");
	check(pipe(ready), "pipe");
}

void wait_until_ready(void)
{
	char c;

	check(read(ready[0], &c, 1) == 1 ? 0 : -1, "create");
}

void wait_for_start(void)
{
	int start;
	char c;

	check(write(ready[1], "", 1), "ready");
	start = accept4(gate, NULL, NULL, SOCK_CLOEXEC);
	check(read(start, &c, 1), "start");
}

int start(const char *path)
{
	struct sockaddr_un a;
	int fd = socket_of(path, &a);
	char c;

	check(connect(fd, (struct sockaddr *)&a, sizeof(a)), "connect");
	check(write(fd, "", 1), "start");
	return read(fd, &c, 1) != 0; /* closed by execve */
}

int delete (void)
{
	check(unlink(o.socket), o.socket);
	for (int i = 0; i < o.dir_count; i++)
		check(rmdir(o.dirs[i]), o.dirs[i]);
	return 0;
}
