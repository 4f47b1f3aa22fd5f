/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The seccomp compiler beside libseccomp: both compile the same profile, and an
 * interpreter runs the two programs on every call number of every architecture.
 */
#include "unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/arena.h"
#include "host/seccomp.h"
#include "host/seccomp_arch.h"
#include "spec/names.h"

/* ---- classic BPF as seccomp(2) runs it ---- */

static uint32_t load_word(const struct seccomp_data *d, uint32_t offset)
{
	uint32_t word;

	assert_true(offset + 4 <= sizeof(*d) && offset % 4 == 0);
	memcpy(&word, (const char *)d + offset, 4);
	return word;
}

/*
 * Some programs of libseccomp 2.5 for two architectures forget to load the call
 * number in the block of the second one, and compare the architecture with it.
 */
static bool forgot_to_load;

static uint32_t bpf_run(const struct sock_filter *code, uint32_t n, const struct seccomp_data *d)
{
	uint32_t a = 0, x = 0, mem[16] = {0}, from = 0;

	for (uint32_t pc = 0; pc < n; pc++) {
		const struct sock_filter *i = &code[pc];

		switch (i->code) {
		case BPF_LD | BPF_W | BPF_ABS: a = load_word(d, from = i->k); break;
		case BPF_LD | BPF_MEM: a = mem[i->k]; break;
		case BPF_ST: mem[i->k] = a; break;
		case BPF_LDX | BPF_W | BPF_IMM: x = i->k; break;
		case BPF_ALU | BPF_AND | BPF_K: a &= i->k; break;
		case BPF_ALU | BPF_AND | BPF_X: a &= x; break;
		case BPF_JMP | BPF_JA: pc += i->k; break;
		case BPF_JMP | BPF_JEQ | BPF_K:
			if (from == offsetof(struct seccomp_data, arch) && arch_find(i->k) < 0)
				forgot_to_load = true;
			pc += a == i->k ? i->jt : i->jf;
			break;
		case BPF_JMP | BPF_JGT | BPF_K: pc += a > i->k ? i->jt : i->jf; break;
		case BPF_JMP | BPF_JGE | BPF_K: pc += a >= i->k ? i->jt : i->jf; break;
		case BPF_JMP | BPF_JSET | BPF_K: pc += a & i->k ? i->jt : i->jf; break;
		case BPF_RET | BPF_K: return i->k;
		default: fail_msg("instruction %#x", i->code);
		}
	}
	fail_msg("fell off the end");
	return 0;
}

/* ---- random profiles ---- */

static uint64_t seed = 88172645463325252u;

static uint32_t random_below(uint32_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (uint32_t)(seed >> 16) % n;
}

static const struct {
	enum arch arch;
	uint32_t lib;
} pairs[] = {
	{ARCH_X86_64, SCMP_ARCH_X86_64},   {ARCH_I386, SCMP_ARCH_X86},
	{ARCH_X32, SCMP_ARCH_X32},	   {ARCH_AARCH64, SCMP_ARCH_AARCH64},
	{ARCH_ARM, SCMP_ARCH_ARM},	   {ARCH_RISCV64, SCMP_ARCH_RISCV64},
	{ARCH_PPC64LE, SCMP_ARCH_PPC64LE}, {ARCH_S390X, SCMP_ARCH_S390X},
};

/* As the kernel reports it; -1: none. */
static int64_t number_of(const char *name, enum arch arch)
{
	int place = syscall_place(syscall_find(name, NULL), &arches[arch]);

	return place < 0 ? -1 : (int64_t)syscall_number((uint32_t)place, arch);
}

/* libseccomp's numbers below zero: none, or reached by a multiplexer. */
static bool libseccomp_agrees(const char *name)
{
	const struct syscall_row *row = syscall_find(name, NULL);

	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++) {
		int theirs = seccomp_syscall_resolve_name_arch(pairs[i].lib, name);

		if (theirs == __NR_SCMP_ERROR)
			return false;
		if (theirs >= 0 && theirs != number_of(name, pairs[i].arch))
			return false;
		if (theirs < 0 && theirs > -1000 && !row->mux)
			return false;
		if (theirs < -1000 && number_of(name, pairs[i].arch) >= 0)
			return false;
	}
	return true;
}

/* Names that both know and number alike (libseccomp may be older than the table). */
static const char *common[1024];
static size_t common_count;

static bool is_common(const char *name)
{
	for (size_t i = 0; i < common_count; i++)
		if (str_eq(common[i], name))
			return true;
	return false;
}

static int collect_common(void **state)
{
	(void)state;
	if (common_count)
		return 0;
	for (int n = 0; n < 1000; n++) {
		char *name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86_64, n);

		if (!name)
			name = seccomp_syscall_resolve_num_arch(SCMP_ARCH_X86, n);
		if (name && !is_common(name) && syscall_find(name, NULL) && libseccomp_agrees(name))
			common[common_count++] = name; /* stays until the end */
		else
			free(name);
	}
	assert_true(common_count > 300);
	return 0;
}

static const uint64_t interesting[] = {0,	    1,
				       2,	    7,
				       40,	    0x7e020000,
				       0xffffffff,  0x100000000,
				       0x100000007, 0x8000000000000000,
				       UINT64_MAX,  0xdeadbeefcafe};

/* Profiles for architectures of 32 bits have conditions of 32 bits. */
static bool narrow;

/* What the conditions of an engine's profile speak of. */
static uint64_t spoken_of[256];
static uint32_t spoken_of_count;

static uint64_t sample(void)
{
	uint64_t v = interesting[random_below(ARRAY_SIZE(interesting))];

	if (spoken_of_count && random_below(4)) /* the value, or one bit beside it */
		v = spoken_of[random_below(spoken_of_count)] ^
		    (random_below(2) ? 1ull << random_below(64) : 0);
	return narrow ? (uint32_t)v : v;
}

/*
 * Several rules with conditions for one call are left to the other reference:
 * libseccomp 2.5 merges "arg0 > 1 and arg2 > 7" with "arg0 < 1 and arg2 <= 1"
 * to a tree that lets (0, 0x17) through.  The same goes for its multiplexed calls.
 */
static bool simple; /* make profiles that libseccomp gets right */
static bool has_conditions[1024];

static size_t random_name(bool conditions)
{
	size_t i;

	do
		i = random_below((uint32_t)common_count);
	while (simple && conditions && (has_conditions[i] || syscall_find(common[i], NULL)->mux));
	if (conditions)
		has_conditions[i] = true;
	return i;
}

/* No empty masks; of values outside of the mask libseccomp makes one thing here and another there. */
static struct seccomp_arg random_condition(uint32_t index)
{
	uint64_t value = sample() | 1;

	return (struct seccomp_arg){
		.index = {true, index},
		.value = {true, value},
		.value_two = sample() & value,
		.op = 1 + (int)random_below(7),
	};
}

static struct seccomp_rule random_rule(struct arena *a, int action)
{
	struct seccomp_rule r = {.action = action};
	bool conditions = random_below(3) == 0;

	r.names.n = 1 + random_below(12);
	r.names.v = ARENA_ARRAY(a, r.names.n + 1, const char *);
	for (size_t i = 0; i < r.names.n; i++)
		r.names.v[i] = common[random_name(conditions)];
	if (conditions) {
		r.args.n = 1 + random_below(3);
		r.args.v = ARENA_ARRAY(a, r.args.n, struct seccomp_arg);
		for (size_t i = 0; i < r.args.n; i++)
			r.args.v[i] = random_condition((uint32_t)i * 2 % 6);
	}
	return r;
}

/* The sets that exist on real machines, the native one first. */
static const struct machine {
	enum arch arches[3];
	size_t n;
} machines[] = {
	{{ARCH_X86_64, ARCH_I386, ARCH_X32}, 3},
	{{ARCH_X86_64, ARCH_I386}, 2},
	{{ARCH_X86_64}, 1},
	{{ARCH_AARCH64, ARCH_ARM}, 2},
	{{ARCH_RISCV64}, 1},
	{{ARCH_PPC64LE}, 1},
	{{ARCH_S390X}, 1},
};

static struct seccomp random_profile(struct arena *a, const struct machine *m)
{
	struct seccomp s = {.default_action = SECCOMP_ERRNO,
			    .default_errno_ret = {true, 1 + random_below(30)}};

	narrow = false;
	memset(has_conditions, 0, sizeof(has_conditions));
	s.architectures.v = ARENA_ARRAY(a, m->n, int);
	for (size_t i = 0; i < m->n; i++) {
		s.architectures.v[s.architectures.n++] = (int)arches[m->arches[i]].audit;
		narrow |= arches[m->arches[i]].narrow;
	}
	s.syscalls.n = 1 + random_below(20);
	s.syscalls.v = ARENA_ARRAY(a, s.syscalls.n, struct seccomp_rule);
	for (size_t i = 0; i < s.syscalls.n; i++)
		s.syscalls.v[i] = random_rule(a, SECCOMP_ALLOW);
	return s;
}

/* ---- the same profile in libseccomp ---- */

static const enum scmp_compare lib_op[] = {
	[SECCOMP_NE] = SCMP_CMP_NE,
	[SECCOMP_LT] = SCMP_CMP_LT,
	[SECCOMP_LE] = SCMP_CMP_LE,
	[SECCOMP_EQ] = SCMP_CMP_EQ,
	[SECCOMP_GE] = SCMP_CMP_GE,
	[SECCOMP_GT] = SCMP_CMP_GT,
	[SECCOMP_MASKED_EQ] = SCMP_CMP_MASKED_EQ,
};

static uint32_t lib_arch(int audit)
{
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		if (arches[pairs[i].arch].audit == (uint32_t)audit)
			return pairs[i].lib;
	fail_msg("arch %#x", (unsigned)audit);
	return 0;
}

static uint32_t lib_action(int action, struct opt_u32 errno_ret)
{
	switch (action) {
	case SECCOMP_ALLOW: return SCMP_ACT_ALLOW;
	case SECCOMP_ERRNO: return SCMP_ACT_ERRNO(errno_ret.set ? errno_ret.v : EPERM);
	default: fail_msg("action %d", action); return 0;
	}
}

static void lib_add_rule(scmp_filter_ctx ctx, const struct seccomp_rule *r)
{
	FOR_EACH(name, r->names) {
		struct scmp_arg_cmp args[6];
		unsigned int n = 0;
		int rc;

		FOR_EACH(arg, r->args)
			args[n++] = (struct scmp_arg_cmp){arg->index.v, lib_op[arg->op],
							  arg->value.v, arg->value_two};
		rc = seccomp_rule_add_array(ctx, lib_action(r->action, r->errno_ret),
					    seccomp_syscall_resolve_name(*name), n, args);
		if (rc != 0 && rc != -EEXIST && rc != -EDOM)
			fail_msg("libseccomp refuses %s: %d", *name, rc);
	}
}

/* libseccomp writes a program for a big-endian machine in its byte order. */
static void swap_bytes(struct sock_filter *code, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++) {
		code[i].code = __builtin_bswap16(code[i].code);
		code[i].k = __builtin_bswap32(code[i].k);
	}
}

static struct sock_filter *lib_compile(const struct seccomp *s, uint32_t native, uint32_t *n)
{
	scmp_filter_ctx ctx = seccomp_init(lib_action(s->default_action, s->default_errno_ret));
	int fd = memfd_create("bpf", MFD_CLOEXEC);
	struct sock_filter *code;
	off_t size;

	assert_int_equal(seccomp_arch_remove(ctx, SCMP_ARCH_NATIVE), 0);
	for (size_t i = 0; i < s->architectures.n; i++)
		seccomp_arch_add(ctx, lib_arch(s->architectures.v[i]));
	FOR_EACH(rule, s->syscalls)
		lib_add_rule(ctx, rule);
	assert_int_equal(seccomp_export_bpf(ctx, fd), 0);
	size = lseek(fd, 0, SEEK_END);
	code = malloc((size_t)size);
	assert_int_equal(pread(fd, code, (size_t)size, 0), size);
	*n = (uint32_t)((size_t)size / sizeof(*code));
	if (native == AUDIT_ARCH_S390X)
		swap_bytes(code, *n);
	close(fd);
	seccomp_release(ctx);
	return code;
}

/* ---- comparison ---- */

static uint64_t comparisons;

static bool wants(const struct seccomp *s, enum arch arch)
{
	for (size_t i = 0; i < s->architectures.n; i++)
		if ((uint32_t)s->architectures.v[i] == arches[arch].audit)
			return true;
	return false;
}

/* Above this number yacr answers ENOSYS on purpose. */
static uint32_t newest_named(const struct seccomp *s, enum arch arch)
{
	uint32_t newest = 0;

	FOR_EACH(rule, s->syscalls)
		FOR_EACH(name, rule->names) {
			int64_t n = number_of(*name, arch);
			uint32_t bare = (uint32_t)n & ~X32_BIT;

			if (n >= 0 && bare < 0xf0000 && bare > newest)
				newest = bare;
		}
	return newest;
}

/* What the profile says, read off it rule by rule. */
static bool holds(const struct seccomp_arg *arg, const struct seccomp_data *d)
{
	uint64_t v = d->args[arg->index.v], w = arg->value.v;

	switch ((enum seccomp_op)arg->op) {
	case SECCOMP_NE: return v != w;
	case SECCOMP_LT: return v < w;
	case SECCOMP_LE: return v <= w;
	case SECCOMP_EQ: return v == w;
	case SECCOMP_GE: return v >= w;
	case SECCOMP_GT: return v > w;
	case SECCOMP_MASKED_EQ: return (v & w) == (arg->value_two & w);
	}
	return false;
}

static bool rule_applies(const struct seccomp_rule *rule, const struct seccomp_data *d)
{
	FOR_EACH(arg, rule->args)
		if (!holds(arg, d))
			return false;
	return true;
}

static uint32_t returned(int action, struct opt_u32 errno_ret)
{
	return action == SECCOMP_ALLOW ? SECCOMP_RET_ALLOW
				       : SECCOMP_RET_ERRNO | (errno_ret.set ? errno_ret.v : EPERM);
}

static uint32_t meaning(const struct seccomp *s, const struct seccomp_data *d)
{
	FOR_EACH(rule, s->syscalls)
		FOR_EACH(name, rule->names)
			if (number_of(*name, ARCH_X86_64) == d->nr && rule_applies(rule, d))
				return returned(rule->action, rule->errno_ret);
	return returned(s->default_action, s->default_errno_ret);
}

static void compare_call(const struct seccomp_program *ours, const struct sock_filter *theirs,
			 uint32_t n, struct seccomp_data *d, const char *what)
{
	uint32_t a = bpf_run(ours->v, ours->n, d), b = bpf_run(theirs, n, d);

	if (forgot_to_load)
		return;
	comparisons++;
	if (a != b)
		fail_msg("%s arch %#x call %#x args %#llx %#llx %#llx: %#x, libseccomp %#x", what,
			 d->arch, d->nr, (unsigned long long)d->args[0],
			 (unsigned long long)d->args[2], (unsigned long long)d->args[4], a, b);
}

static void fill_args(struct seccomp_data *d, bool big_endian)
{
	for (int i = 0; i < 6; i++) {
		uint64_t v = random_below(4) ? sample() : random_below(30);

		d->args[i] =
			big_endian ? v << 32 | v >> 32 : v; /* as the words stand in memory there */
	}
}

static void compare_arch(const struct seccomp *s, const struct seccomp_program *ours,
			 const struct sock_filter *theirs, uint32_t n, enum arch arch,
			 uint32_t samples)
{
	uint32_t last = newest_named(s, arch);
	struct seccomp_data d = {0};

	if (!wants(s, arch))
		last = 100; /* a foreign architecture: every call is killed */
	for (uint32_t nr = 0; nr <= last; nr++)
		for (uint32_t i = 0; i < samples; i++) {
			d.nr = (int)(arch == ARCH_X32 ? nr | X32_BIT : nr);
			d.arch = arch == ARCH_X32 ? AUDIT_ARCH_X86_64 : arches[arch].audit;
			fill_args(&d, arches[arch].big_endian);
			compare_call(ours, theirs, n, &d, "compared");
		}
}

static void compare_profile(struct arena *a, const struct seccomp *s, uint32_t native,
			    uint32_t samples)
{
	struct seccomp_program ours;
	struct sock_filter *theirs;
	struct error e;
	uint32_t n;

	assert_int_equal(seccomp_compile(&ours, a, s, native, &e), 0);
	theirs = lib_compile(s, native, &n);
	forgot_to_load = false;
	for (size_t i = 0; i < ARRAY_SIZE(pairs); i++)
		compare_arch(s, &ours, theirs, n, pairs[i].arch, samples);
	free(theirs);
}

static void a_thousand_random_profiles_answer_as_libseccomp_does(void **state)
{
	const char *count = getenv("YACR_SECCOMP_PROFILES");
	int profiles = count ? atoi(count) : 1000, broken = 0;

	(void)state;
	simple = true;
	for (int i = 0; i < profiles; i++) {
		struct arena a = {0};
		const struct machine *m = &machines[random_below(ARRAY_SIZE(machines))];
		struct seccomp s = random_profile(&a, m);

		compare_profile(&a, &s, arches[m->arches[0]].audit, 8);
		broken += forgot_to_load;
		arena_free(&a);
	}
	assert_true(broken * 10 < profiles); /* the rest of those profiles was not compared */
	print_message("%llu comparisons\n", (unsigned long long)comparisons);
}

static void check_meaning(struct arena *a, const struct seccomp *s, uint32_t samples)
{
	struct seccomp_data d = {.arch = AUDIT_ARCH_X86_64};
	struct seccomp_program p;
	struct error e;

	assert_int_equal(seccomp_compile(&p, a, s, AUDIT_ARCH_X86_64, &e), 0);
	for (uint32_t nr = 0; nr <= newest_named(s, ARCH_X86_64); nr++)
		for (uint32_t i = 0; i < samples; i++) {
			d.nr = (int)nr;
			fill_args(&d, false);
			assert_int_equal(bpf_run(p.v, p.n, &d), meaning(s, &d));
		}
}

/* ---- the profiles of engines: `test_seccomp CONFIG` (tests/engines) ---- */

/*
 * Conditions on several arguments in several rules: of Podman's "socket" (arg0 is not 16, or
 * arg2 is not 9) libseccomp 2.5 refuses (9, 9).  The meaning of the rules is the reference.
 */
static bool is_beyond_libseccomp(const struct seccomp *s, const char *name)
{
	unsigned int arguments = 0;

	FOR_EACH(rule, s->syscalls)
		FOR_EACH(other, rule->names)
			if (str_eq(*other, name))
				FOR_EACH(arg, rule->args)
					arguments |= 1u << arg->index.v;
	return arguments & (arguments - 1);
}

static bool is_known(const struct seccomp *s, const char *name)
{
	(void)s;
	return syscall_find(name, NULL);
}

/* libseccomp may be older than the table, or than the engine. */
static bool is_comparable(const struct seccomp *s, const char *name)
{
	return is_common(name) && !is_beyond_libseccomp(s, name);
}

/* The profile without the names that are not @wanted. */
static struct seccomp only(struct arena *a, const struct seccomp *s,
			   bool (*wanted)(const struct seccomp *, const char *))
{
	struct seccomp kept = *s;

	kept.syscalls.v = ARENA_ARRAY(a, s->syscalls.n, struct seccomp_rule);
	for (size_t i = 0; i < s->syscalls.n; i++) {
		struct seccomp_rule *rule = &kept.syscalls.v[i];

		*rule = s->syscalls.v[i];
		rule->names = (struct strs){.v = ARENA_ARRAY(a, rule->names.n + 1, const char *)};
		FOR_EACH(name, s->syscalls.v[i].names)
			if (wanted(s, *name))
				rule->names.v[rule->names.n++] = *name;
	}
	return kept;
}

static void keep_what_is_spoken_of(const struct seccomp_rule *rule)
{
	FOR_EACH(arg, rule->args) {
		assert_true(spoken_of_count + 2 <= ARRAY_SIZE(spoken_of));
		spoken_of[spoken_of_count++] = arg->value.v;
		spoken_of[spoken_of_count++] = arg->value_two;
	}
}

static const char *profile_path;

static void an_engines_profile_answers_as_libseccomp_does(void **state)
{
	static char text[1 << 20];
	struct arena a = {0};
	struct seccomp known, comparable;
	struct config c;
	struct error e;
	int fd = open(profile_path, O_RDONLY | O_CLOEXEC);
	ssize_t len = read(fd, text, sizeof(text));

	(void)state;
	assert_true(len > 0);
	close(fd);
	assert_int_equal(config_load(&c, &a, text, (size_t)len, &e), 0);
	assert_non_null(c.linux_.seccomp);
	known = only(&a, c.linux_.seccomp, is_known);
	FOR_EACH(rule, known.syscalls)
		keep_what_is_spoken_of(rule);
	check_meaning(&a, &known, 500);
	comparable = only(&a, &known, is_comparable);
	compare_profile(&a, &comparable, AUDIT_ARCH_X86_64, 500);
	assert_false(forgot_to_load);
	print_message("%llu comparisons\n", (unsigned long long)comparisons);
	arena_free(&a);
}

static void any_profile_answers_as_its_rules_say(void **state)
{
	(void)state;
	simple = false;
	for (int i = 0; i < 300; i++) {
		struct arena a = {0};
		struct seccomp s = random_profile(&a, &machines[2]);

		check_meaning(&a, &s, 8);
		arena_free(&a);
	}
}

/* ---- what libseccomp does not do ---- */

static struct seccomp_rule rule_of(struct arena *a, const char *name, int action)
{
	struct seccomp_rule r = {.action = action};

	r.names.n = 1;
	r.names.v = ARENA_ARRAY(a, 2, const char *);
	r.names.v[0] = name;
	return r;
}

static uint32_t answer(const struct seccomp *s, struct arena *a, uint32_t arch, uint32_t nr)
{
	struct seccomp_data d = {.arch = arch, .nr = (int)nr};
	struct seccomp_program p;
	struct error e;

	assert_int_equal(seccomp_compile(&p, a, s, AUDIT_ARCH_X86_64, &e), 0);
	return bpf_run(p.v, p.n, &d);
}

static void a_call_newer_than_the_profile_does_not_exist(void **state)
{
	struct arena a = {0};
	struct seccomp_rule rules[] = {rule_of(&a, "read", SECCOMP_ALLOW),
				       rule_of(&a, "openat2", SECCOMP_ALLOW)};
	struct seccomp s = {.default_action = SECCOMP_ERRNO, .syscalls = {rules, 2}};

	(void)state;
	assert_int_equal(answer(&s, &a, AUDIT_ARCH_X86_64, 437), SECCOMP_RET_ALLOW);
	assert_int_equal(answer(&s, &a, AUDIT_ARCH_X86_64, 436), SECCOMP_RET_ERRNO | EPERM);
	assert_int_equal(answer(&s, &a, AUDIT_ARCH_X86_64, 438), SECCOMP_RET_ERRNO | ENOSYS);
	assert_int_equal(answer(&s, &a, AUDIT_ARCH_X86_64, 1000), SECCOMP_RET_ERRNO | ENOSYS);
	assert_int_equal(answer(&s, &a, AUDIT_ARCH_X86_64, X32_BIT), SECCOMP_RET_KILL_THREAD);
	assert_int_equal(answer(&s, &a, AUDIT_ARCH_I386, 3), SECCOMP_RET_KILL_THREAD);
	s.default_action = SECCOMP_ALLOW;
	assert_int_equal(answer(&s, &a, AUDIT_ARCH_X86_64, 1000), SECCOMP_RET_ALLOW);
	arena_free(&a);
}

static void two_conditions_on_one_argument_are_alternatives(void **state)
{
	struct arena a = {0};
	struct seccomp_arg args[] = {{.index = {true, 0}, .value = {true, 1}, .op = SECCOMP_EQ},
				     {.index = {true, 0}, .value = {true, 2}, .op = SECCOMP_EQ}};
	struct seccomp_rule rule = rule_of(&a, "personality", SECCOMP_ALLOW);
	struct seccomp s = {.default_action = SECCOMP_ERRNO, .syscalls = {&rule, 1}};
	struct seccomp_data d = {.arch = AUDIT_ARCH_X86_64, .nr = 135};
	struct seccomp_program p;
	struct error e;

	(void)state;
	rule.args.v = args;
	rule.args.n = 2;
	assert_int_equal(seccomp_compile(&p, &a, &s, AUDIT_ARCH_X86_64, &e), 0);
	for (d.args[0] = 0; d.args[0] < 4; d.args[0]++)
		assert_int_equal(bpf_run(p.v, p.n, &d) == SECCOMP_RET_ALLOW,
				 d.args[0] == 1 || d.args[0] == 2);
	arena_free(&a);
}

static void an_unknown_name_is_passed_over(void **state)
{
	struct arena a = {0};
	struct seccomp_rule rule = rule_of(&a, "no_such_call", SECCOMP_KILL_PROCESS);
	struct seccomp s = {.default_action = SECCOMP_ALLOW, .syscalls = {&rule, 1}};

	(void)state;
	assert_int_equal(answer(&s, &a, AUDIT_ARCH_X86_64, 0), SECCOMP_RET_ALLOW);
	arena_free(&a);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest of_an_engine[] = {
		{"an_engines_profile", an_engines_profile_answers_as_libseccomp_does,
		 collect_common, NULL, NULL},
	};
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(a_thousand_random_profiles_answer_as_libseccomp_does,
				       collect_common),
		cmocka_unit_test_setup(any_profile_answers_as_its_rules_say, collect_common),
		cmocka_unit_test(a_call_newer_than_the_profile_does_not_exist),
		cmocka_unit_test(two_conditions_on_one_argument_are_alternatives),
		cmocka_unit_test(an_unknown_name_is_passed_over),
	};

	if (argc > 1) {
		profile_path = argv[1];
		return cmocka_run_group_tests(of_an_engine, NULL, NULL);
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
