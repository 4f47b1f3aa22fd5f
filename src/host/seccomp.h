/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_SECCOMP_H
#define YACR_HOST_SECCOMP_H

/*
 * From linux.seccomp to a BPF program.  Pure: it looks at nothing but its
 * arguments.
 *
 * Per architecture, the system calls are put in order of their number,
 * neighbours with the same answer become one range, and the ranges a balanced
 * search tree; rules with arguments are its leaves.  The kernel runs a filter
 * once per call number when it is loaded (its cache of calls that are always
 * allowed), so depth is what loading costs: the tree for Docker's profile loads
 * in a tenth of the time of a linear program.
 *
 * What it answers is what libseccomp's program answers (tests compare the two),
 * and, as runc does: calls newer than every call of the profile get ENOSYS
 * instead of the default action, so that libc's fallbacks work.
 */

#include "base/arena.h"
#include "spec/config.h"

struct sock_filter;

struct seccomp_program {
	struct sock_filter *v;
	uint32_t n;
	uint32_t flags; /* SECCOMP_FILTER_FLAG_* */
	bool notify;	/* has SCMP_ACT_NOTIFY */
};

/* AUDIT_ARCH_* of the machine that yacr was built for. */
uint32_t seccomp_native_arch(void);

/* A rule has SCMP_ACT_NOTIFY. */
bool seccomp_notifies(const struct seccomp *s);

/*
 * @native is always part of the program, whether the profile names it or not.
 * e->at is below "linux.seccomp".
 */
int seccomp_compile(struct seccomp_program *out, struct arena *a, const struct seccomp *s,
		    uint32_t native, struct error *e);

#endif
