/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_DEVICES_H
#define YACR_CGROUP_DEVICES_H

/*
 * Which devices a container may use.  The rules of linux.resources.devices are
 * applied in order, a later one overriding an earlier one for what both name,
 * starting from "nothing"; behind them come the devices that every container
 * has.  v1 keeps the list in the kernel (devices.allow, devices.deny); for
 * cgroup2 it is compiled to a program.
 */

#include "cgroup/cgroup.h"

struct bpf_insn;

/* As in the kernel (linux/bpf.h, BPF_DEVCG_*). */
enum { DEVICE_BLOCK = 1, DEVICE_CHAR = 2, DEVICE_ANY = 3 };
enum { DEVICE_MKNOD = 1, DEVICE_READ = 2, DEVICE_WRITE = 4, DEVICE_RWM = 7 };

struct device_access {
	bool allow;
	uint8_t type;	      /* DEVICE_BLOCK, _CHAR or _ANY */
	uint8_t access;	      /* DEVICE_MKNOD | ... */
	int64_t major, minor; /* -1: any */
	const char *at;	      /* path in config.json */
};
typedef LIST(struct device_access) device_rules;

/*
 * devices.c, pure: the rules that count, oldest first.  Always begins with a rule for
 * everything (usually "deny"); what a later rule covers entirely is left out.
 */
int devices_rules(device_rules *out, struct arena *a, const struct resources *r, struct error *e);

/* What the rules say about one access: the meaning the other two forms must have. */
bool devices_allow(const device_rules *rules, unsigned int type, unsigned int major,
		   unsigned int minor, unsigned int access);

/*
 * The lines for devices.deny and devices.allow.  v1 knows one default and exceptions from it,
 * but no exceptions from exceptions: rules that need those are refused.
 */
int devices_v1(limit_list *out, struct arena *a, const device_rules *rules, struct error *e);

/*
 * devices_v2.c, pure: a program for BPF_CGROUP_DEVICE that returns 1 for what the rules allow,
 * with at most 7 instructions per rule.  Returns its length.
 */
unsigned int devices_v2(struct bpf_insn **out, struct arena *a, const device_rules *rules);

/* "c 1:3 rwm", as v1's files have it; "a" is both kinds. */
const char *device_text(struct arena *a, const struct device_access *x);

/*
 * Who has no privilege needs none of it: without CAP_MKNOD over the host's devices there is
 * nothing to refuse, and the kernel refuses us.
 */
bool devices_wanted(const struct facts *f);

/*
 * Rules made ready for a cgroup, which takes long on cgroup2, where the kernel examines the program;
 * then enforced, which does not.
 */
struct device_limit {
	int dir, program; /* cgroup2: that of the rules, and what they were made; else -1 */
	limit_list lines; /* v1 */
};
#define DEVICE_LIMIT_NONE ((struct device_limit){.dir = -1, .program = -1})

/* @replace: rules are in force already.  On failure there is nothing to close. */
int devices_prepare(struct device_limit *out, const struct cgroup *g, struct arena *a,
		    const struct resources *r, const struct facts *f, bool replace,
		    struct error *e);
int devices_enforce(const struct device_limit *d, const struct cgroup *g, bool replace,
		    struct error *e);
void devices_close(struct device_limit *d);

/* All three at once. */
int devices_apply(const struct cgroup *g, struct arena *a, const struct resources *r,
		  const struct facts *f, bool replace, struct error *e);

#endif
