/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel runs the program at each open(2) and mknod(2) of a device.  It
 * reads the rules from the newest to the oldest; each takes its letters off
 * the access that is asked for.  A "deny" that finds one of its letters still
 * there refuses; when no letter is left, the access is allowed.
 *
 * Loading it is the price: the verifier follows both ways of each branch, which costs it more
 * than anything else.  Neighbours that differ in their numbers only are one rule with
 * many numbers, compared without a branch.
 */
#include "cgroup/devices.h"

#include <linux/bpf.h>

enum { R0, CTX, TYPE, ACCESS, MAJOR, MINOR, NUMBERS, HIT, OTHER }; /* registers */

#define NUMBERS_OF(major, minor) ((unsigned int)(major) << 20 | (unsigned int)(minor))

/* Jump targets that are known only at the end, marked in .off until then. */
enum { TO_ALLOW = -1, TO_DENY = -2, TO_NEXT = -3 };

struct code {
	struct bpf_insn *v;
	unsigned int n;
};

static void emit(struct code *c, unsigned int op, unsigned int dst, unsigned int src, int off,
		 int imm)
{
	c->v[c->n++] = (struct bpf_insn){
		.code = (uint8_t)op,
		.dst_reg = (uint8_t)(dst & 0xf),
		.src_reg = (uint8_t)(src & 0xf),
		.off = (int16_t)off,
		.imm = imm,
	};
}

static void jump_if(struct code *c, unsigned int condition, unsigned int reg, int64_t value, int to)
{
	emit(c, BPF_JMP | condition | BPF_K, reg, 0, to, (int)value);
}

static void compute(struct code *c, unsigned int op, unsigned int reg, unsigned int value)
{
	emit(c, BPF_ALU64 | op | BPF_K, reg, 0, 0, (int)value);
}

static void copy(struct code *c, unsigned int to, unsigned int from)
{
	emit(c, BPF_ALU64 | BPF_MOV | BPF_X, to, from, 0, 0);
}

/* struct bpf_cgroup_dev_ctx: access << 16 | type, major, minor */
static void emit_start(struct code *c)
{
	emit(c, BPF_LDX | BPF_MEM | BPF_W, TYPE, CTX,
	     offsetof(struct bpf_cgroup_dev_ctx, access_type), 0);
	emit(c, BPF_LDX | BPF_MEM | BPF_W, MAJOR, CTX, offsetof(struct bpf_cgroup_dev_ctx, major),
	     0);
	emit(c, BPF_LDX | BPF_MEM | BPF_W, MINOR, CTX, offsetof(struct bpf_cgroup_dev_ctx, minor),
	     0);
	copy(c, ACCESS, TYPE);
	compute(c, BPF_RSH, ACCESS, 16);
	compute(c, BPF_AND, TYPE, 0xffff);
	copy(c, NUMBERS, MAJOR);
	compute(c, BPF_LSH, NUMBERS, 20);
	emit(c, BPF_ALU64 | BPF_OR | BPF_X, NUMBERS, MINOR, 0, 0);
	jump_if(c, BPF_JEQ, ACCESS, 0, TO_ALLOW); /* access(2) asking whether it exists */
}

/* Sets @reg to 1 when the device has the numbers of @r, to 0 when not: 0 - 1 alone has the highest bit. */
static void emit_match(struct code *c, unsigned int reg, const struct device_access *r)
{
	copy(c, reg, r->major < 0 ? MINOR : r->minor < 0 ? MAJOR : NUMBERS);
	emit(c, BPF_ALU | BPF_XOR | BPF_K, reg, 0, 0, /* 32 bits: the others become 0 */
	     (int)(r->major < 0	  ? (unsigned int)r->minor
		   : r->minor < 0 ? (unsigned int)r->major
				  : NUMBERS_OF(r->major, r->minor)));
	compute(c, BPF_SUB, reg, 1);
	compute(c, BPF_RSH, reg, 63);
}

static bool has_number(const struct device_access *r)
{
	return r->major >= 0 || r->minor >= 0;
}

/* How many rules from @r on to the older ones, at most @n, differ in their numbers only. */
static size_t alike(const struct device_access *r, size_t n)
{
	size_t i = 1;

	while (has_number(r) && i < n && has_number(r - i) && r[-i].type == r->type &&
	       r[-i].access == r->access && r[-i].allow == r->allow)
		i++;
	return i;
}

static void emit_numbers(struct code *c, const struct device_access *r, size_t n)
{
	if (n == 1) { /* shorter */
		if (r->major >= 0)
			jump_if(c, BPF_JNE, MAJOR, r->major, TO_NEXT);
		if (r->minor >= 0)
			jump_if(c, BPF_JNE, MINOR, r->minor, TO_NEXT);
		return;
	}
	emit_match(c, HIT, r);
	for (size_t i = 1; i < n; i++) {
		emit_match(c, OTHER, r - i);
		emit(c, BPF_ALU64 | BPF_OR | BPF_X, HIT, OTHER, 0, 0);
	}
	jump_if(c, BPF_JEQ, HIT, 0, TO_NEXT);
}

/* @n rules that are alike; @r is the newest. */
static void emit_rules(struct code *c, const struct device_access *r, size_t n)
{
	unsigned int start = c->n;

	if (r->type != DEVICE_ANY)
		jump_if(c, BPF_JNE, TYPE, r->type, TO_NEXT);
	emit_numbers(c, r, n);
	if (r->access == DEVICE_RWM) {
		jump_if(c, BPF_JA, 0, 0, r->allow ? TO_ALLOW : TO_DENY);
	} else if (r->allow) {
		compute(c, BPF_AND, ACCESS, DEVICE_RWM & ~r->access);
		jump_if(c, BPF_JEQ, ACCESS, 0, TO_ALLOW);
	} else {
		jump_if(c, BPF_JSET, ACCESS, r->access, TO_DENY);
	}
	for (unsigned int i = start; i < c->n; i++)
		if (c->v[i].off == TO_NEXT)
			c->v[i].off = (int16_t)(c->n - i - 1);
}

static void emit_return(struct code *c, int value)
{
	emit(c, BPF_ALU64 | BPF_MOV | BPF_K, R0, 0, 0, value);
	emit(c, BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

/* Points the jumps that wait for @to here; false when there are none. */
static bool land(struct code *c, int to)
{
	bool any = false;

	for (unsigned int i = 0; i < c->n; i++) {
		if (c->v[i].off != to)
			continue;
		c->v[i].off = (int16_t)(c->n - i - 1);
		any = true;
	}
	return any;
}

unsigned int devices_v2(struct bpf_insn **out, struct arena *a, const device_rules *rules)
{
	struct code c = {.v = ARENA_ARRAY(a, rules->n * 7 + 14, struct bpf_insn)};
	bool otherwise = rules->v[0].allow; /* the oldest rule is for everything */

	emit_start(&c);
	for (size_t left = rules->n - 1, n; left > 0; left -= n) {
		n = alike(&rules->v[left], left);
		emit_rules(&c, &rules->v[left], n);
	}
	land(&c, otherwise ? TO_ALLOW : TO_DENY);
	emit_return(&c, otherwise);
	/* the kernel takes no instruction that cannot be reached */
	if (land(&c, otherwise ? TO_DENY : TO_ALLOW))
		emit_return(&c, !otherwise);
	*out = c.v;
	return c.n;
}
