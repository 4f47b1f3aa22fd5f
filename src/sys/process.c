/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/process.h"

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/prctl.h>

#include "base/str.h"
#include "sys/abi.h"
#include "sys/procfs.h"

int process_rlimit(pid_t pid, uint32_t resource, uint64_t soft, uint64_t hard, struct error *e)
{
	const struct {
		uint64_t soft, hard;
	} limit = {soft, hard};

	if (syscall(SYS_prlimit64, pid, resource, &limit, NULL) < 0)
		return fail_errno(e, "cannot set a resource limit");
	return 0;
}

/*
 * A session keyring of its own, which other processes of the same user id may
 * search: a second process in the container joins it by name.
 */
int process_keyring(const char *name, struct error *e)
{
	enum { JOIN_SESSION = 1, SETPERM = 5, DESCRIBE = 6 };
	const unsigned long user_search = 0x00080000;
	char text[256], *field = text;
	unsigned long perm = 0;
	long id = syscall(SYS_keyctl, JOIN_SESSION, name);

	if (id < 0)
		return fail_errno(e, "cannot join a new session keyring");
	if (syscall(SYS_keyctl, DESCRIBE, id, text, sizeof(text)) < 0)
		return fail_errno(e, "cannot examine the session keyring");
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; field && i < 3; i++) /* type;uid;gid;perm;name */
		field = strchr(field, ';') ? strchr(field, ';') + 1 : NULL;
	for (; field && *field && *field != ';'; field++)
		perm = perm << 4 |
		       (unsigned long)(*field <= '9' ? *field - '0' : (*field | 32) - 'a' + 10);
	if (syscall(SYS_keyctl, SETPERM, id, perm | user_search) < 0)
		return fail_errno(e, "cannot set the permissions of the session keyring");
	return 0;
}

int process_personality(uint32_t domain, struct error *e)
{
	if (personality(domain) < 0)
		return fail_errno(e, "cannot set the personality");
	return 0;
}

int process_io_priority(uint32_t value, struct error *e)
{
	enum { WHO_PROCESS = 1 };

	if (syscall(SYS_ioprio_set, WHO_PROCESS, 0, value) < 0)
		return fail_errno(e, "cannot set the I/O priority");
	return 0;
}

enum { LONG_BITS = 8 * sizeof(unsigned long), MASK_BITS = 8192 };

/* A mask in the kernel's words. */
struct mask {
	unsigned long words[MASK_BITS / LONG_BITS];
};

static int widen(struct mask *out, const uint32_t *from, uint32_t count, struct error *e)
{
	if (count > MASK_BITS / 32)
		return fail(e, 0, "a number beyond %d is in the list", MASK_BITS - 1);
	*out = (struct mask){0};
	for (uint32_t i = 0; i < count; i++)
		out->words[i * 32 / LONG_BITS] |= (unsigned long)from[i] << (i * 32 % LONG_BITS);
	return 0;
}

int process_memory_policy(uint32_t mode, const uint32_t *nodes, uint32_t count, struct error *e)
{
	struct mask mask;

	if (widen(&mask, nodes, count, e) < 0)
		return -1;
	/* The kernel takes one bit less than it is told. */
	if (syscall(SYS_set_mempolicy, mode, count ? &mask : NULL, count ? count * 32 + 1 : 0) < 0)
		return fail_errno(e, "cannot set the memory policy");
	return 0;
}

int process_cpu_affinity(const uint32_t *cpus, uint32_t count, struct error *e)
{
	struct mask mask;

	if (widen(&mask, cpus, count, e) < 0)
		return -1;
	if (syscall(SYS_sched_setaffinity, 0, sizeof(mask), &mask) < 0)
		return fail_errno(e, "cannot run on these processors");
	return 0;
}

void process_any_cpu(void)
{
	uint8_t mask[1024]; /* 8192 processors are what a kernel can be built for */

	memset(mask, 0xff, sizeof(mask));
	(void)syscall(SYS_sched_setaffinity, 0, sizeof(mask), mask);
}

int process_no_new_privs(struct error *e)
{
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		return fail_errno(e, "cannot set no_new_privs");
	return 0;
}

int process_dumpable(bool on, struct error *e)
{
	if (prctl(PR_SET_DUMPABLE, on ? 1 : 0, 0, 0, 0) < 0)
		return fail_errno(e, "cannot set whether the process is dumpable");
	return 0;
}

int process_parent_death_signal(int sig, struct error *e)
{
	if (prctl(PR_SET_PDEATHSIG, sig, 0, 0, 0) < 0)
		return fail_errno(e, "cannot set the parent death signal");
	return 0;
}

#define BIT(sig) (UINT64_C(1) << ((sig)-1))

/* What is not ignored, and what is as it was born: none for certain, unless process_note_signals() knows better. */
static uint64_t heeded_signals, untouched_signals;

void process_note_signals(void)
{
	static bool noted;
	uint64_t ignored, caught;

	if (noted)
		return;
	noted = true;
	if (procfs_signals(&ignored, &caught) < 0)
		return;
	/* and what we may come to ignore or to catch */
	ignored |= BIT(SIGPIPE);
	caught |= BIT(SIGHUP) | BIT(SIGINT) | BIT(SIGQUIT) | BIT(SIGTERM);
	heeded_signals = ~ignored;
	untouched_signals = ~(ignored | caught);
}

/*
 * By the kernel's own calls: a libc keeps signals for itself and refuses to
 * touch them, but one that our caller ignored would be ignored in the container.
 */
enum { SIGSET_BYTES = 8, SIGNALS = 64 };

static int give_default(uint64_t signals)
{
	const uint64_t action[8] = {
		0}; /* struct sigaction of the kernel: SIG_DFL, no flags, empty mask */

	signals &= ~(BIT(SIGKILL) | BIT(SIGSTOP));
	for (int sig = 1; sig <= SIGNALS; sig++)
		if ((signals >> (sig - 1) & 1) &&
		    syscall(SYS_rt_sigaction, sig, action, NULL, SIGSET_BYTES) < 0)
			return -1;
	return 0;
}

int process_default_signals(void)
{
	const uint64_t none = 0;

	if (give_default(~untouched_signals) < 0)
		return -1;
	return (int)syscall(SYS_rt_sigprocmask, SIG_SETMASK, &none, NULL, SIGSET_BYTES);
}

int process_heed_signals(void)
{
	return give_default(~heeded_signals);
}

int process_scheduler(const struct process_scheduler *s, struct error *e)
{
	const struct {
		uint32_t size, policy;
		uint64_t flags;
		int32_t nice;
		uint32_t priority;
		uint64_t runtime, deadline, period;
		uint32_t util_min, util_max;
	} attr = {
		.size = sizeof(attr),
		.policy = s->policy,
		.flags = s->flags,
		.nice = s->nice,
		.priority = s->priority,
		.runtime = s->runtime,
		.deadline = s->deadline,
		.period = s->period,
	};

	_Static_assert(sizeof(attr) == 56, "sched_attr as of 5.3");
	if (syscall(SYS_sched_setattr, 0, &attr, 0) < 0)
		return fail_errno(e, "cannot set the scheduler");
	return 0;
}

int process_seccomp(const struct sock_filter *program, uint32_t count, uint32_t flags,
		    struct error *e)
{
	const struct sock_fprog prog = {
		.len = (unsigned short)count,
		.filter = (struct sock_filter *)(uintptr_t)program,
	};
	int rc;

	if (count > BPF_MAXINSNS)
		return fail(e, E2BIG, "the seccomp filter has %u instructions, more than %d", count,
			    BPF_MAXINSNS);
	rc = (int)syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, flags, &prog);
	if (rc < 0 && errno == ENOSYS && flags == 0) /* before 3.17 */
		rc = prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &prog, 0, 0);
	if (rc < 0)
		return fail_errno(e, "cannot install the seccomp filter");
	if (rc > 0 && (flags & SECCOMP_FILTER_FLAG_TSYNC) &&
	    !(flags & SECCOMP_FILTER_FLAG_NEW_LISTENER))
		return fail(e, EBUSY, "cannot install the seccomp filter for thread %d", rc);
	return rc;
}
