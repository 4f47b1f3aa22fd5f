/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_PROCFS_H
#define YACR_SYS_PROCFS_H

/*
 * The only module that writes below /proc.  A write into the container's /proc
 * could be redirected by whoever mounted something there (CVE-2019-16884,
 * CVE-2025-52881), so it goes through a procfs of our own that nobody else can
 * reach: a detached instance (fsopen "proc"), or, where that is refused
 * (rootless without a pid namespace), the host's /proc opened before entering;
 * sysctls through the descriptor of the container's own, while it is new.
 * Every file is opened beneath it without symlinks and without crossing
 * mounts, checked to be on procfs, and written with one write(2).
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

/* Whether @fd is known to be on procfs. */
bool is_procfs(int fd);

/* It is to be the root of one, not a directory in it that somebody bound there. */
int procfs_check_root(int fd, struct error *e);

/*
 * Opens a procfs for this process's pid namespace.  @whole: with sysctl and
 * the rest, not only pids (subset=pid).  Returns a directory descriptor.
 */
int procfs_open(bool whole, struct error *e);

/* Opens @file ("self/attr/exec", "1234/uid_map", "sys/net/ipv4/ip_forward") beneath @proc. */
int procfs_open_file(int proc, const char *file, int flags, struct error *e);

/* One write of the whole of @value. */
int procfs_write(int proc, const char *file, const char *value, struct error *e);

/* Reads at most @size - 1 bytes and ends them with NUL; returns the length. */
ssize_t procfs_read(int proc, const char *file, char *out, size_t size, struct error *e);

/* State letter and start time (proc_pid_stat(5) fields 3 and 22) of @pid on the host's /proc. */
struct proc_stat {
	char state; /* 'Z' and 'X' are dead */
	uint64_t start_time;
};
int procfs_stat(pid_t pid, struct proc_stat *out); /* -1 with errno; ESRCH: no such process */

/* Which signals this process ignores and catches, bit 0 for the first; -1 without a /proc. On the host. */
int procfs_signals(uint64_t *ignored, uint64_t *caught);

/* The kernel's boot id, 36 characters; "" when it cannot be read. Asked for once. */
const char *procfs_boot_id(void);

#endif
