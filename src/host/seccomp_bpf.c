/* SPDX-License-Identifier: Apache-2.0 */
#include "host/seccomp_bpf.h"

#include <linux/filter.h>
#include <linux/seccomp.h>

#include "base/list.h"
#include "spec/names.h"

#define BRANCH_MAX 255u	  /* jt and jf are bytes: seccomp(2), BPF */
#define RETURN_REACH 200u /* a return nearer than this is shared; the rest is room for branches */

void bpf_begin(struct bpf *b, struct arena *a)
{
	*b = (struct bpf){.code = ARENA_ARRAY(a, BPF_MAXINSNS, struct sock_filter)};
}

static bpf_label emit(struct bpf *b, struct sock_filter insn)
{
	if (b->n == BPF_MAXINSNS) {
		b->overflow = true;
		return b->n - 1;
	}
	b->code[BPF_MAXINSNS - 1 - b->n] = insn;
	return b->n++;
}

/* Instructions between the one about to be emitted and @target. */
static uint32_t distance(const struct bpf *b, bpf_label target)
{
	return b->n - target - 1;
}

bpf_label bpf_return(struct bpf *b, uint32_t value)
{
	uint32_t slot = (value ^ value >> 16) % ARRAY_SIZE(b->returns);

	if (!b->returns[slot].there || b->returns[slot].value != value ||
	    b->n - b->returns[slot].at > RETURN_REACH) {
		b->returns[slot].there = true;
		b->returns[slot].value = value;
		b->returns[slot].at = emit(b, (struct sock_filter)BPF_STMT(BPF_RET | BPF_K, value));
	}
	return b->returns[slot].at;
}

/* Where a conditional jump can go to get to @target: there, or to a long jump before it. */
static bpf_label near(struct bpf *b, bpf_label target, uint32_t room)
{
	if (distance(b, target) + room <= BRANCH_MAX)
		return target;
	return emit(b, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, distance(b, target)));
}

bpf_label bpf_branch(struct bpf *b, uint16_t op, uint32_t k, bpf_label yes, bpf_label no)
{
	/* The first may be pushed away by a long jump for the second: one instruction of room. */
	if (distance(b, yes < no ? yes : no) >= BRANCH_MAX) {
		yes = near(b, yes, 1);
		no = near(b, no, 0);
	}
	return emit(b,
		    (struct sock_filter)BPF_JUMP(BPF_JMP | op | BPF_K, k, (uint8_t)distance(b, yes),
						 (uint8_t)distance(b, no)));
}

/* Falls through to @next, by a jump when it is not the instruction emitted last. */
static void fall_to(struct bpf *b, bpf_label next)
{
	if (distance(b, next) != 0)
		emit(b, (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, distance(b, next)));
}

static bpf_label load(struct bpf *b, uint32_t offset, bpf_label next)
{
	fall_to(b, next);
	return emit(b, (struct sock_filter)BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offset));
}

bpf_label bpf_load_number(struct bpf *b, bpf_label next)
{
	return load(b, offsetof(struct seccomp_data, nr), next);
}

bpf_label bpf_load_arch(struct bpf *b, bpf_label next)
{
	return load(b, offsetof(struct seccomp_data, arch), next);
}

/* One half of an argument; @half 1 is the more significant one. */
static bpf_label load_half(struct bpf *b, uint32_t index, int half, const struct arch_info *arch,
			   bpf_label next)
{
	uint32_t at = (uint32_t)offsetof(struct seccomp_data, args) + 8 * index;

	return load(b, at + ((half == 1) != arch->big_endian ? 4 : 0), next);
}

/*
 * (argument & mask) == (value & mask), as libseccomp has it; a half that the
 * mask leaves out is not looked at.
 */
static bpf_label masked_equal(struct bpf *b, uint32_t index, uint64_t mask, uint64_t value,
			      const struct arch_info *arch, bpf_label yes, bpf_label no)
{
	for (int half = 0; half < (arch->narrow ? 1 : 2); half++) {
		uint32_t m = (uint32_t)(half ? mask >> 32 : mask);
		uint32_t v = (uint32_t)(half ? value >> 32 : value) & m;

		if (m == 0)
			continue;
		yes = bpf_branch(b, BPF_JEQ, v, yes, no);
		if (m != UINT32_MAX) {
			fall_to(b, yes);
			yes = emit(b, (struct sock_filter)BPF_STMT(BPF_ALU | BPF_AND | BPF_K, m));
		}
		yes = load_half(b, index, half, arch, yes);
	}
	return yes;
}

/* argument > value (@low_op BPF_JGT) or >= value (BPF_JGE), unsigned, 64 bits. */
static bpf_label greater(struct bpf *b, uint32_t index, uint64_t value, uint16_t low_op,
			 const struct arch_info *arch, bpf_label yes, bpf_label no)
{
	uint32_t high = (uint32_t)(value >> 32);
	bpf_label low, equal;

	low = bpf_branch(b, low_op, (uint32_t)value, yes, no);
	low = load_half(b, index, 0, arch, low);
	if (arch->narrow)
		return low;
	equal = bpf_branch(b, BPF_JEQ, high, low, no);
	return load_half(b, index, 1, arch, bpf_branch(b, BPF_JGT, high, yes, equal));
}

static bpf_label compare(struct bpf *b, const struct seccomp_arg *arg, const struct arch_info *arch,
			 bpf_label yes, bpf_label no)
{
	uint32_t i = arg->index.v;
	uint64_t v = arg->value.v;

	switch ((enum seccomp_op)arg->op) {
	case SECCOMP_EQ: return masked_equal(b, i, UINT64_MAX, v, arch, yes, no);
	case SECCOMP_NE: return masked_equal(b, i, UINT64_MAX, v, arch, no, yes);
	case SECCOMP_GT: return greater(b, i, v, BPF_JGT, arch, yes, no);
	case SECCOMP_GE: return greater(b, i, v, BPF_JGE, arch, yes, no);
	case SECCOMP_LE: return greater(b, i, v, BPF_JGT, arch, no, yes);
	case SECCOMP_LT: return greater(b, i, v, BPF_JGE, arch, no, yes);
	case SECCOMP_MASKED_EQ: return masked_equal(b, i, v, arg->value_two, arch, yes, no);
	}
	return no; /* not reached: the config's check knows the operators */
}

bpf_label bpf_args(struct bpf *b, const struct seccomp_arg *args, size_t n,
		   const struct arch_info *arch, bpf_label yes, bpf_label no)
{
	while (n-- > 0)
		yes = compare(b, &args[n], arch, yes, no);
	return yes;
}

void bpf_finish(struct bpf *b, bpf_label entry, struct sock_filter **out, uint32_t *n)
{
	if (entry != b->n - 1) /* the program starts with what was emitted last */
		fall_to(b, entry);
	*out = &b->code[BPF_MAXINSNS - b->n];
	*n = b->n;
}
