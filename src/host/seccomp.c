/* SPDX-License-Identifier: Apache-2.0 */
#include "host/seccomp.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#include "base/list.h"
#include "host/seccomp_arch.h"
#include "host/seccomp_bpf.h"
#include "spec/names.h"

#ifndef SECCOMP_FILTER_FLAG_SPEC_ALLOW
#define SECCOMP_FILTER_FLAG_SPEC_ALLOW (1UL << 2) /* Linux 4.17 */
#endif
#ifndef SECCOMP_RET_USER_NOTIF
#define SECCOMP_RET_USER_NOTIF 0x7fc00000U /* Linux 5.0 */
#endif

/*
 * A map from call number to what the profile says of it.  Most calls have the
 * same answer whatever their arguments, so the map holds the number of a leaf,
 * and calls that are answered alike share one.
 */
#define NUMBERS 1024 /* above the highest call number of any architecture */
#define ARM_PRIVATE 0xf0000u
#define ARM_PRIVATE_COUNT 16
#define LEAF_DEFAULT 0 /* not in the profile */
#define LEAF_TOO_NEW 1 /* above everything in the profile */
#define LEAVES_MAX 4096

/* One rule with arguments: all of them hold, then @ret. */
struct arg_rule {
	const struct arg_rule *next;
	const struct seccomp_arg *args;
	size_t arg_count;
	uint32_t ret;
};

struct leaf {
	bool always; /* @ret, whatever the arguments */
	uint32_t ret;
	struct arg_rule *first, *last; /* in the profile's order; then the default */
};

struct arch_map {
	enum arch arch;
	uint16_t leaf[NUMBERS + ARM_PRIVATE_COUNT];
	uint32_t newest; /* highest number that the profile names */
};

struct compiler {
	struct arena *arena;
	const struct seccomp *profile;
	struct leaf *leaves;
	uint16_t leaf_count;
	bool full;
	struct arch_map *maps[ARCHES];	 /* NULL: not asked for */
	struct arch_map *wanted[ARCHES]; /* the others, one after the other */
	size_t wanted_count;
	struct bpf bpf;
};

uint32_t seccomp_native_arch(void)
{
#if defined(__x86_64__)
	return AUDIT_ARCH_X86_64;
#elif defined(__aarch64__)
	return AUDIT_ARCH_AARCH64;
#elif defined(__riscv) && __riscv_xlen == 64
	return AUDIT_ARCH_RISCV64;
#elif defined(__powerpc64__) && defined(__LITTLE_ENDIAN__)
	return AUDIT_ARCH_PPC64LE;
#elif defined(__s390x__)
	return AUDIT_ARCH_S390X;
#elif defined(__loongarch64)
	return 0xc0000102u;
#else
#error "the seccomp compiler does not know this architecture: add it to host/seccomp_arch.c"
#endif
}

/* ---- what an action returns ---- */

static uint32_t action_return(int action, const struct opt_u32 *errno_ret)
{
	uint32_t data = (errno_ret->set ? errno_ret->v : EPERM) & SECCOMP_RET_DATA;

	switch ((enum seccomp_action)action) {
	case SECCOMP_KILL_PROCESS: return SECCOMP_RET_KILL_PROCESS;
	case SECCOMP_KILL_THREAD: return SECCOMP_RET_KILL_THREAD;
	case SECCOMP_TRAP: return SECCOMP_RET_TRAP;
	case SECCOMP_ERRNO: return SECCOMP_RET_ERRNO | data;
	case SECCOMP_TRACE: return SECCOMP_RET_TRACE | data;
	case SECCOMP_ALLOW: return SECCOMP_RET_ALLOW;
	case SECCOMP_LOG: return SECCOMP_RET_LOG;
	case SECCOMP_NOTIFY: return SECCOMP_RET_USER_NOTIF;
	}
	return SECCOMP_RET_KILL_PROCESS; /* not reached: the config's check knows the actions */
}

static uint32_t default_return(const struct seccomp *s)
{
	return action_return(s->default_action, &s->default_errno_ret);
}

/*
 * A call that did not exist when the profile was written is best told so: libc
 * falls back to an older call on ENOSYS, and fails on EPERM.  A profile that
 * lets unknown calls through needs no such help.
 */
static uint32_t too_new_return(const struct seccomp *s)
{
	if (s->default_action == SECCOMP_ALLOW || s->default_action == SECCOMP_LOG)
		return default_return(s);
	return SECCOMP_RET_ERRNO | ENOSYS;
}

/* ---- the profile into the maps ---- */

static uint16_t *leaf_of_number(struct arch_map *m, int64_t number)
{
	uint32_t n = (uint32_t)number & ~X32_BIT;

	if (n >= ARM_PRIVATE)
		return &m->leaf[NUMBERS + (n - ARM_PRIVATE)];
	return &m->leaf[n];
}

static uint16_t leaf_new(struct compiler *c)
{
	if (c->leaf_count == LEAVES_MAX) {
		c->full = true;
		return LEAF_DEFAULT;
	}
	return c->leaf_count++;
}

static uint16_t leaf_always(struct compiler *c, uint32_t ret)
{
	uint16_t i;

	for (i = LEAF_TOO_NEW + 1; i < c->leaf_count; i++)
		if (c->leaves[i].always && c->leaves[i].ret == ret)
			return i;
	i = leaf_new(c);
	c->leaves[i].always = true;
	c->leaves[i].ret = ret;
	return i;
}

/* A rule without arguments covers every rule with them, before or after it; of two, the first holds. */
static void set_always(struct compiler *c, uint16_t *leaf, uint32_t ret)
{
	if (!c->leaves[*leaf].always || *leaf <= LEAF_TOO_NEW)
		*leaf = leaf_always(c, ret);
}

static void add_arg_rule(struct compiler *c, uint16_t *leaf, const struct seccomp_arg *args,
			 size_t n, uint32_t ret)
{
	struct arg_rule *rule;
	struct leaf *l;

	if (*leaf <= LEAF_TOO_NEW)
		*leaf = leaf_new(c);
	l = &c->leaves[*leaf];
	if (l->always || c->full)
		return;
	rule = ARENA_NEW(c->arena, struct arg_rule);
	*rule = (struct arg_rule){.args = args, .arg_count = n, .ret = ret};
	if (l->last)
		l->last->next = rule;
	else
		l->first = rule;
	l->last = rule;
}

/* Two conditions on one argument are alternatives (runc, crun: each becomes a rule of its own). */
static bool repeats_an_index(const struct seccomp_rule *rule)
{
	uint32_t seen = 0;

	FOR_EACH(arg, rule->args) {
		if (seen & 1u << arg->index.v)
			return true;
		seen |= 1u << arg->index.v;
	}
	return false;
}

static void add_rule(struct compiler *c, uint16_t *leaf, const struct seccomp_rule *rule,
		     uint32_t ret)
{
	if (rule->args.n == 0)
		set_always(c, leaf, ret);
	else if (!repeats_an_index(rule))
		add_arg_rule(c, leaf, rule->args.v, rule->args.n, ret);
	else
		FOR_EACH(arg, rule->args)
			add_arg_rule(c, leaf, arg, 1, ret);
}

/*
 * The same call through socketcall(2) or ipc(2): the first argument says which
 * call it is, so a condition on the call's own first argument (which is in
 * memory there) cannot be kept.  As libseccomp does.
 */
static void add_multiplexed(struct compiler *c, uint16_t *leaf, const struct seccomp_rule *rule,
			    uint64_t code, uint32_t ret)
{
	struct seccomp_arg *args = ARENA_ARRAY(c->arena, rule->args.n + 1, struct seccomp_arg);
	size_t n = 0;

	args[n++] =
		(struct seccomp_arg){.index = {true, 0}, .value = {true, code}, .op = SECCOMP_EQ};
	FOR_EACH(arg, rule->args)
		if (arg->index.v != 0)
			args[n++] = *arg;
	add_arg_rule(c, leaf, args, n, ret);
}

static void note_newest(struct arch_map *m, int64_t number)
{
	uint32_t n = (uint32_t)number & ~X32_BIT;

	if (n < NUMBERS && n > m->newest)
		m->newest = n;
}

static void add_call(struct compiler *c, struct arch_map *m, const struct syscall_row *row,
		     const struct seccomp_rule *rule, uint32_t ret)
{
	const struct arch_info *info = &arches[m->arch];
	int64_t number = syscall_number(row, m->arch);
	uint16_t mux = row->mux >= 200 ? info->ipc : info->socketcall;

	if (number >= 0)
		note_newest(m, number);
	if (ret == c->leaves[LEAF_DEFAULT].ret) /* says what holds anyway */
		return;
	if (number >= 0)
		add_rule(c, leaf_of_number(m, number), rule, ret);
	if (row->mux && mux)
		add_multiplexed(c, leaf_of_number(m, mux), rule, row->mux % 100, ret);
}

static void add_profile(struct compiler *c)
{
	FOR_EACH(rule, c->profile->syscalls) {
		uint32_t ret = action_return(rule->action, &rule->errno_ret);

		FOR_EACH(name, rule->names) {
			const struct syscall_row *row = syscall_find(*name);

			for (size_t i = 0; row && i < c->wanted_count; i++)
				add_call(c, c->wanted[i], row, rule, ret);
		}
	}
}

static void want_arch(struct compiler *c, int arch)
{
	if (c->maps[arch])
		return;
	c->maps[arch] = ARENA_NEW(c->arena, struct arch_map);
	c->maps[arch]->arch = (enum arch)arch;
	c->wanted[c->wanted_count++] = c->maps[arch];
}

static int choose_arches(struct compiler *c, int native, struct error *e)
{
	want_arch(c, native);
	for (size_t i = 0; i < c->profile->architectures.n; i++) {
		uint32_t audit = (uint32_t)c->profile->architectures.v[i];
		int arch = arch_find(audit);

		if (arch < 0) {
			const char *name = name_of(seccomp_arch_names,
						   (int64_t)c->profile->architectures.v[i]);

			return fail_at(e, "linux.seccomp.architectures", 0,
				       "seccomp filters for %s are not supported",
				       name ? name : "?");
		}
		want_arch(c, arch);
	}
	return 0;
}

/* ---- the maps into a program ---- */

struct range {
	uint32_t first; /* call number; the range ends where the next begins */
	uint16_t leaf;
};

static bpf_label emit_leaf(struct compiler *c, const struct arch_map *m, uint16_t index)
{
	const struct leaf *l = &c->leaves[index];
	bpf_label next;

	if (l->always)
		return bpf_return(&c->bpf, l->ret);
	/* Emitted back to front, so the list is walked from its end. */
	next = bpf_return(&c->bpf, default_return(c->profile));
	for (const struct arg_rule *last = NULL; last != l->first;) {
		const struct arg_rule *rule = l->first;

		while (rule->next != last)
			rule = rule->next;
		next = bpf_args(&c->bpf, rule->args, rule->arg_count, &arches[m->arch],
				bpf_return(&c->bpf, rule->ret), next);
		last = rule;
	}
	return next;
}

static bpf_label emit_tree(struct compiler *c, const struct arch_map *m, const struct range *r,
			   size_t n)
{
	size_t half = n / 2;
	bpf_label high, low;

	if (n == 1)
		return emit_leaf(c, m, r->leaf);
	high = emit_tree(c, m, r + half, n - half);
	low = emit_tree(c, m, r, half);
	return bpf_branch(&c->bpf, BPF_JGE, r[half].first, high, low);
}

static void add_range(struct range *r, size_t *n, uint32_t first, uint16_t leaf)
{
	if (*n && r[*n - 1].leaf == leaf)
		return;
	if (*n && r[*n - 1].first == first)
		(*n)--;
	r[(*n)++] = (struct range){first, leaf};
}

/* Everything the architecture can be asked, in order, neighbours with one answer joined. */
static size_t make_ranges(const struct arch_map *m, struct range *r)
{
	uint32_t base = m->arch == ARCH_X32 ? X32_BIT : 0;
	size_t n = 0;

	for (uint32_t i = 0, next; i <= m->newest; i = next) {
		for (next = i + 1; next <= m->newest && m->leaf[next] == m->leaf[i];)
			next++;
		add_range(r, &n, base + i, m->leaf[i]);
	}
	add_range(r, &n, base + m->newest + 1, LEAF_TOO_NEW);
	if (m->arch == ARCH_ARM) {
		for (uint32_t i = 0; i < ARM_PRIVATE_COUNT; i++)
			add_range(r, &n, ARM_PRIVATE + i, m->leaf[NUMBERS + i]);
		add_range(r, &n, ARM_PRIVATE + ARM_PRIVATE_COUNT, LEAF_TOO_NEW);
	}
	return n;
}

static bpf_label emit_calls(struct compiler *c, const struct arch_map *m)
{
	struct range *r = ARENA_ARRAY(c->arena, NUMBERS + ARM_PRIVATE_COUNT + 2, struct range);
	size_t n = make_ranges(m, r);

	return emit_tree(c, m, r, n);
}

/*
 * x86-64 and x32 share an AUDIT_ARCH.  x32 calls, when the profile does not ask
 * for x32, are calls of a foreign architecture.  The number -1 is no x32 call:
 * it is how a tracer has a call skipped.
 */
static bpf_label emit_x86_64(struct compiler *c)
{
	bpf_label native, x32;

	if (c->maps[ARCH_X32])
		x32 = emit_calls(c, c->maps[ARCH_X32]);
	else
		x32 = bpf_return(&c->bpf, SECCOMP_RET_KILL_THREAD);
	native = emit_calls(c, c->maps[ARCH_X86_64]);
	x32 = bpf_branch(&c->bpf, BPF_JEQ, UINT32_MAX,
			 bpf_return(&c->bpf, default_return(c->profile)), x32);
	return bpf_branch(&c->bpf, BPF_JGE, X32_BIT, x32, native);
}

/* The block of one architecture in front of @next, which is where other architectures go. */
static bpf_label emit_arch(struct compiler *c, int arch, bpf_label next)
{
	bpf_label block;

	if (arch == ARCH_X86_64)
		block = emit_x86_64(c);
	else
		block = emit_calls(c, c->maps[arch]);
	return bpf_branch(&c->bpf, BPF_JEQ, arches[arch].audit, bpf_load_number(&c->bpf, block),
			  next);
}

static void emit_program(struct compiler *c, int native, struct seccomp_program *out)
{
	bpf_label next;

	bpf_begin(&c->bpf, c->arena);
	next = bpf_return(&c->bpf,
			  SECCOMP_RET_KILL_THREAD); /* libseccomp's answer to foreign calls */
	if (c->maps[ARCH_X32])
		want_arch(c, ARCH_X86_64);
	for (int i = 0; i < ARCHES; i++)
		if (c->maps[i] && i != native && i != ARCH_X32)
			next = emit_arch(c, i, next);
	next = emit_arch(c, native, next); /* emitted last: tested first */
	bpf_finish(&c->bpf, bpf_load_arch(&c->bpf, next), &out->v, &out->n);
}

static uint32_t filter_flags(const struct seccomp *s)
{
	uint32_t flags = 0;

	/* Not in the spec, but what runc and crun do: the mitigation costs more than it brings. */
	if (!s->has_flags)
		return SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	for (size_t i = 0; i < s->flags.n; i++)
		flags |= (uint32_t)s->flags.v[i];
	return flags;
}

/* As seccomp(2) wants them together: TSYNC and a listener both have something to return. */
static uint32_t listener_flags(uint32_t flags, bool notify)
{
	if (!notify)
		return flags & ~(uint32_t)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	return flags & SECCOMP_FILTER_FLAG_TSYNC ? flags | SECCOMP_FILTER_FLAG_TSYNC_ESRCH : flags;
}

bool seccomp_notifies(const struct seccomp *s)
{
	FOR_EACH(rule, s->syscalls)
		if (rule->action == SECCOMP_NOTIFY)
			return true;
	return s->default_action == SECCOMP_NOTIFY;
}

/* bench/budgets counts what is in it, so it is not to dissolve in its caller. */
__attribute__((noinline)) int seccomp_compile(struct seccomp_program *out, struct arena *a,
					      const struct seccomp *s, uint32_t native,
					      struct error *e)
{
	struct compiler c = {.arena = a, .profile = s, .leaf_count = LEAF_TOO_NEW + 1};
	struct seccomp_program program = {.flags = filter_flags(s), .notify = seccomp_notifies(s)};
	int arch = arch_find(native);

	if (arch < 0)
		return fail_at(e, "linux.seccomp", 0,
			       "seccomp filters for this machine are not supported");
	c.leaves = ARENA_ARRAY(a, LEAVES_MAX, struct leaf);
	c.leaves[LEAF_DEFAULT] = (struct leaf){.always = true, .ret = default_return(s)};
	c.leaves[LEAF_TOO_NEW] = (struct leaf){.always = true, .ret = too_new_return(s)};
	if (choose_arches(&c, arch, e) < 0)
		return -1;
	add_profile(&c);
	emit_program(&c, arch, &program);
	if (c.full || c.bpf.overflow)
		return fail_at(
			e, "linux.seccomp.syscalls", E2BIG,
			"the seccomp profile needs more than the %d instructions the kernel takes",
			BPF_MAXINSNS);
	program.flags = listener_flags(program.flags, program.notify);
	*out = program;
	return 0;
}
