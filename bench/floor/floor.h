/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor: what the kernel has to do for a verb of a Docker-like container, and nothing else.  No config, no checks,
 * no state, no errors but the first, which ends it.  No runtime can be faster.
 *
 * floor run [-2] [-r ID] [-d DIR]... [-w FILE=VALUE]... [-f FILTER] ROOTFS FILES
 * floor create -s SOCKET [-2] [-d DIR]... [-w FILE=VALUE]... [-f FILTER] ROOTFS FILES
 * floor start SOCKET
 * floor delete -s SOCKET [-d DIR]...
 * floor exec [-2] [-d DIR]... [-f FILTER] PID
 *	-2  cgroup2: the child is born in the directory; otherwise it writes 0 to each "tasks"
 *	-r  without root: a user namespace in which this user and group are 0, and the host's network
 *	-d  the cgroup's directory, which run makes and removes
 *	-w  a file to write before the child goes on
 *	-f  a seccomp program, as an array of struct sock_filter
 *	-s  where the container waits for its start
 * FILES is a directory with what is bound: data, resolv.conf, hostname, hosts.
 * floor state FILE PID, floor kill FILE PID: what asking and signalling take; FILE is the state document.
 * floor list DIR: the state document of each entry, and whether its process lives.
 * floor exit: what starting a program takes.
 */
#ifndef FLOOR_H
#define FLOOR_H

#include <linux/filter.h>
#include <stdbool.h>

#define MAX 64

struct options {
	bool v2;
	const char *dirs[MAX], *writes[MAX], *filter, *user, *socket;
	int dir_count, write_count, tasks[MAX];
	const char *rootfs, *files;
	struct sock_fprog program;
};

extern struct options o;

_Noreturn void die(const char *what);
void check(long result, const char *what);
int try_write(const char *path, const char *value);

/* run.c */
int run(void);
int create(void);
/* gate.c */
void make_gate(void);
void wait_until_ready(void); /* the parent, until the child comes to wait_for_start() */
void wait_for_start(void);
int start(const char *path);
int delete (void);
/* exec.c */
int exec(const char *pid);
/* verbs.c */
int state(const char *file, const char *pid);
int deliver(const char *file, const char *pid);
int list(const char *dir);

/* mounts.c: makes the container's file system and the root of it the caller's. */
void make_mounts(void);

/* cgroups.c */
void open_cgroups(void);
void join_cgroups(void);

/* devices.c: the device program of a cgroup2 directory. */
void limit_devices(int cgroup);

/* process.c: what comes before the container's program, the same for run and exec. */
void load_filter(void);
/* clone3(2) with these flags, for cgroup2 into the cgroup. */
int clone_child(unsigned long flags);
int wait_for(int pid);
void drop_privileges(void);
_Noreturn void become_program(void);

#endif
