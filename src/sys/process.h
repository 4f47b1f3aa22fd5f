/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_PROCESS_H
#define YACR_SYS_PROCESS_H

/* One attribute of this (or a named) process per function; thin, with the kernel's limits checked.
 */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/error.h"

struct sock_filter;

int process_rlimit(pid_t pid, uint32_t resource, uint64_t soft, uint64_t hard, struct error *e);
int process_keyring(const char *name, struct error *e); /* a new session keyring */
int process_personality(uint32_t domain, struct error *e);
int process_io_priority(uint32_t value, struct error *e); /* inherited by its children */
/* Bit masks: @count words, lowest 32 nodes or processors first. */
int process_memory_policy(uint32_t mode, const uint32_t *nodes, uint32_t count, struct error *e);
int process_cpu_affinity(const uint32_t *cpus, uint32_t count, struct error *e);
/* Every processor that the cgroup has, now and later.  What cannot be had is no error. */
void process_any_cpu(void);
int process_no_new_privs(struct error *e);
int process_dumpable(bool on, struct error *e);
int process_parent_death_signal(int sig, struct error *e);
int process_default_signals(void); /* all dispositions default, mask empty */
int process_heed_signals(void); /* none is ignored: of those that are caught execve(2) takes care */
void process_note_signals(void); /* on the host, before the first fork: less to do for the two */

struct process_scheduler {
	uint64_t flags, runtime, deadline, period;
	uint32_t policy, priority;
	int32_t nice;
};
int process_scheduler(const struct process_scheduler *s, struct error *e);

/* Returns the listener with SECCOMP_FILTER_FLAG_NEW_LISTENER, else 0. */
int process_seccomp(const struct sock_filter *program, uint32_t count, uint32_t flags,
		    struct error *e);

#endif
