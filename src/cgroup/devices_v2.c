/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The kernel runs the program at each open(2) and mknod(2) of a device.  It
 * reads the rules from the newest to the oldest; each takes its letters off
 * the access that is asked for.  A "deny" that finds one of its letters still
 * there refuses; when no letter is left, the access is allowed.
 */
#include "cgroup/devices.h"

#include <linux/bpf.h>

enum { R0, CTX, TYPE, ACCESS, MAJOR, MINOR }; /* registers */

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

/* struct bpf_cgroup_dev_ctx: access << 16 | type, major, minor */
static void emit_start(struct code *c)
{
	emit(c, BPF_LDX | BPF_MEM | BPF_W, TYPE, CTX,
	     offsetof(struct bpf_cgroup_dev_ctx, access_type), 0);
	emit(c, BPF_LDX | BPF_MEM | BPF_W, MAJOR, CTX, offsetof(struct bpf_cgroup_dev_ctx, major),
	     0);
	emit(c, BPF_LDX | BPF_MEM | BPF_W, MINOR, CTX, offsetof(struct bpf_cgroup_dev_ctx, minor),
	     0);
	emit(c, BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0, 0);
	emit(c, BPF_ALU64 | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
	emit(c, BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	jump_if(c, BPF_JEQ, ACCESS, 0, TO_ALLOW); /* access(2) asking whether it exists */
}

static void emit_rule(struct code *c, const struct device_access *r)
{
	unsigned int start = c->n;

	if (r->type != DEVICE_ANY)
		jump_if(c, BPF_JNE, TYPE, r->type, TO_NEXT);
	if (r->major >= 0)
		jump_if(c, BPF_JNE, MAJOR, r->major, TO_NEXT);
	if (r->minor >= 0)
		jump_if(c, BPF_JNE, MINOR, r->minor, TO_NEXT);
	if (r->access == DEVICE_RWM) {
		jump_if(c, BPF_JA, 0, 0, r->allow ? TO_ALLOW : TO_DENY);
	} else if (r->allow) {
		emit(c, BPF_ALU64 | BPF_AND | BPF_K, ACCESS, 0, 0, DEVICE_RWM & ~r->access);
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
	struct code c = {.v = ARENA_ARRAY(a, rules->n * 5 + 11, struct bpf_insn)};
	bool otherwise = rules->v[0].allow; /* the oldest rule is for everything */

	emit_start(&c);
	for (size_t i = rules->n; i-- > 1;)
		emit_rule(&c, &rules->v[i]);
	land(&c, otherwise ? TO_ALLOW : TO_DENY);
	emit_return(&c, otherwise);
	/* the kernel takes no instruction that cannot be reached */
	if (land(&c, otherwise ? TO_DENY : TO_ALLOW))
		emit_return(&c, !otherwise);
	*out = c.v;
	return c.n;
}
