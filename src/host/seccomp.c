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
 * A map from a call's place to what the profile says of it.  Most calls have the
 * same answer whatever their arguments, so the map holds the number of a leaf,
 * and calls that are answered alike share one.
 */
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
	uint32_t newest;	   /* highest number that the profile names */
	uint16_t leaf[PLACES + 2]; /* LEAF_TOO_NEW behind the last, and what ends that */
};

struct range {
	uint32_t first; /* call number; the range ends where the next begins */
	uint16_t leaf;
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
	const struct syscall_row *found; /* last */
	struct range *ranges;		 /* of one architecture after the other */
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

/* What a rule says of each of its calls. */
struct answer {
	const struct seccomp_rule *rule;
	const struct syscall_row **rows; /* the calls */
	size_t row_count;
	uint32_t ret;
	uint16_t always; /* its leaf, when the rule has no arguments; or 0 */
	bool nothing;	 /* only what holds anyway */
};

static void add_conditions(struct compiler *c, uint16_t *leaf, const struct answer *a)
{
	const struct seccomp_rule *rule = a->rule;

	if (!repeats_an_index(rule))
		add_arg_rule(c, leaf, rule->args.v, rule->args.n, a->ret);
	else
		FOR_EACH(arg, rule->args)
			add_arg_rule(c, leaf, arg, 1, a->ret);
}

/*
 * The same call through socketcall(2) or ipc(2): the first argument says which
 * call it is, so a condition on the call's own first argument (which is in
 * memory there) cannot be kept.  As libseccomp does.
 */
static void add_multiplexed(struct compiler *c, struct arch_map *m, uint32_t mux,
			    const struct answer *a)
{
	uint32_t place = mux > MUX_IPC ? arches[m->arch].ipc : arches[m->arch].socketcall;
	const struct seccomp_rule *rule = a->rule;
	struct seccomp_arg *args;
	size_t n = 0;

	if (!place)
		return;
	args = ARENA_ARRAY(c->arena, rule->args.n + 1, struct seccomp_arg);
	args[n++] = (struct seccomp_arg){
		.index = {true, 0}, .value = {true, mux % MUX_IPC}, .op = SECCOMP_EQ};
	FOR_EACH(arg, rule->args)
		if (arg->index.v != 0)
			args[n++] = *arg;
	add_arg_rule(c, &m->leaf[place], args, n, a->ret);
}

/* A rule without arguments covers every rule with them, before or after it; of two, the first holds. */
static void add_to_leaf(struct compiler *c, uint16_t *leaf, const struct answer *a)
{
	if (!a->always)
		add_conditions(c, leaf, a);
	else if (*leaf <= LEAF_TOO_NEW || !c->leaves[*leaf].always)
		*leaf = a->always;
}

static void add_rule(struct compiler *c, struct arch_map *m, const struct answer *a)
{
	const struct arch_info *arch = &arches[m->arch];

	for (size_t i = 0; i < a->row_count; i++) {
		const struct syscall_row *row = a->rows[i];
		int place = syscall_place(row, arch);

		if (place > (int)m->newest && place < (int)PLACES_ARM)
			m->newest = (uint32_t)place;
		if (a->nothing)
			continue;
		if (place >= 0)
			add_to_leaf(c, &m->leaf[place], a);
		if (row->mux)
			add_multiplexed(c, m, row->mux, a);
	}
}

static void find_calls(struct compiler *c, struct answer *a, const struct strs *names)
{
	a->rows = ARENA_ARRAY(c->arena, names->n, const struct syscall_row *);
	FOR_EACH(name, *names) {
		const struct syscall_row *row = syscall_find(*name, c->found);

		if (row)
			a->rows[a->row_count++] = c->found = row;
	}
}

static void add_profile(struct compiler *c)
{
	FOR_EACH(rule, c->profile->syscalls) {
		struct answer a = {.rule = rule};

		a.ret = action_return(rule->action, &rule->errno_ret);
		a.nothing = a.ret == c->leaves[LEAF_DEFAULT].ret;
		if (!rule->args.n)
			a.always = leaf_always(c, a.ret);
		find_calls(c, &a, &rule->names);
		for (size_t i = 0; i < c->wanted_count; i++)
			add_rule(c, c->wanted[i], &a);
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

static bpf_label emit_conditions(struct compiler *c, const struct arch_map *m, const struct leaf *l)
{
	bpf_label next;

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
			   size_t n);

/* Half of all the trees are leaves, and few of those have conditions. */
__attribute__((always_inline)) static inline bpf_label
emit_subtree(struct compiler *c, const struct arch_map *m, const struct range *r, size_t n)
{
	const struct leaf *l = &c->leaves[r->leaf];

	if (n > 1)
		return emit_tree(c, m, r, n);
	return l->always ? bpf_return(&c->bpf, l->ret) : emit_conditions(c, m, l);
}

static bpf_label emit_tree(struct compiler *c, const struct arch_map *m, const struct range *r,
			   size_t n)
{
	size_t half = n / 2;
	bpf_label high = emit_subtree(c, m, r + half, n - half);
	bpf_label low = emit_subtree(c, m, r, half);

	return bpf_branch(&c->bpf, BPF_JGE, r[half].first, high, low);
}

/* The places from @from on, up to an end of LEAF_TOO_NEW: neighbours with one answer joined. */
static struct range *add_ranges(struct range *r, const struct arch_map *m, uint32_t from)
{
	uint16_t leaf;

	do {
		leaf = m->leaf[from];
		*r++ = (struct range){syscall_number(from, m->arch), leaf};
		while (m->leaf[++from] == leaf)
			;
	} while (leaf != LEAF_TOO_NEW);
	return r;
}

/* Everything the architecture can be asked, in order. */
static bpf_label emit_calls(struct compiler *c, struct arch_map *m)
{
	struct range *end;

	m->leaf[m->newest + 1] = m->leaf[PLACES] = LEAF_TOO_NEW;
	end = add_ranges(c->ranges, m, 0);
	if (m->arch == ARCH_ARM)
		end = add_ranges(end, m, PLACES_ARM);
	return emit_tree(c, m, c->ranges, (size_t)(end - c->ranges));
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
	c.ranges = ARENA_ARRAY(a, PLACES + 2, struct range);
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
