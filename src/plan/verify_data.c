/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/sched.h>
#include <string.h>

#include "base/str.h"
#include "plan/members.h"
#include "plan/verify.h"

int plan_broken(const struct plan *p, uint32_t i, struct error *e, const char *why)
{
	return fail_at(e, plan_text(p, p->ops[i].at), 0,
		       "the plan is wrong at operation %u (%s): %s", i,
		       op_infos[p->ops[i].kind].name, why);
}

/* ---- offsets ---- */

static bool is_string(const struct plan *p, uint64_t at)
{
	return at < p->heap_size; /* check_offsets() has seen that the heap ends with a NUL */
}

static bool fits(const struct plan *p, uint64_t at, uint64_t size, uint32_t align)
{
	return at % align == 0 && at <= p->heap_size && size <= p->heap_size - at;
}

static bool is_vec(const struct plan *p, struct plan_vec vec)
{
	uint64_t cell;

	if (vec.at == 0 && vec.count == 0)
		return true;
	if (!fits(p, vec.at, ((uint64_t)vec.count + 2) * sizeof(cell), 8))
		return false;
	for (uint32_t i = 0; i < vec.count + 2; i++) {
		memcpy(&cell, p->heap + vec.at + i * sizeof(cell), sizeof(cell));
		if (i < vec.count ? !is_string(p, cell) : cell != 0)
			return false;
	}
	return true;
}

static bool member_is_sound(const struct plan *p, const struct member *m, const void *at)
{
	uint32_t u32[2] = {0};
	struct plan_vec vec;
	plan_slot slot;

	switch ((enum member_kind)m->kind) {
	case MEMBER_STR:
	case MEMBER_LINES: memcpy(u32, at, sizeof(u32[0])); return is_string(p, u32[0]);
	case MEMBER_VEC: memcpy(&vec, at, sizeof(vec)); return is_vec(p, vec);
	case MEMBER_U32S:
		memcpy(u32, at, sizeof(u32));
		return fits(p, u32[0], (uint64_t)u32[1] * 4, 4);
	case MEMBER_FILTER:
		memcpy(u32, at, sizeof(u32));
		return u32[1] > 0 && fits(p, u32[0], (uint64_t)u32[1] * 8, 8);
	case MEMBER_SLOT:
		memcpy(&slot, at, sizeof(slot));
		return slot == SLOT_NONE || slot < p->slot_count;
	default: return true;
	}
}

/* The name of a member that leads out of the plan; NULL: none. */
static const char *unsound(const struct plan *p, const struct op_info *info, const void *base)
{
	for (uint32_t i = 0; i < info->count; i++) {
		const struct member *m = &info->members[i];

		if (!member_is_sound(p, m, (const char *)base + m->offset))
			return m->name;
	}
	return NULL;
}

static int check_offsets(const struct plan *p, struct error *e)
{
	const char *bad;

	if (!p->op_count || !p->heap_size || p->heap[0] != '\0')
		return fail(e, 0, "the plan is empty");
	if (p->heap[p->heap_size - 1] != '\0')
		return fail(e, 0, "the plan is wrong: its last string has no end");
	for (uint32_t i = 0; i < p->op_count; i++) {
		const struct op *op = &p->ops[i];

		if (op->kind <= OP_NONE || op->kind >= OP_KINDS)
			return fail(e, 0, "the plan is wrong: operation %u is of no known kind", i);
		bad = is_string(p, op->at) ? unsound(p, &op_infos[op->kind], op) : "at";
		if (bad)
			return fail(e, 0, "the plan is wrong at operation %u (%s): bad %s", i,
				    op_infos[op->kind].name, bad);
	}
	for (uint32_t i = 0; i < p->slot_count; i++)
		if (unsound(p, &slot_info, &p->slots[i]) || !is_string(p, p->slots[i].at))
			return fail(e, 0, "the plan is wrong: slot %u leads nowhere", i);
	return 0;
}

/* ---- slots ---- */

static int check_slot(const struct plan *p, uint32_t i, struct error *e)
{
	const struct slot *s = &p->slots[i], *userns;

	if (s->kind < SLOT_NAMESPACE || s->kind > SLOT_PROCESS)
		return fail(e, 0, "the plan is wrong: slot %u is of no known kind", i);
	if (s->born_in && s->kind != SLOT_PROCESS &&
	    (s->kind != SLOT_NAMESPACE || s->type != CLONE_NEWPID))
		return fail(e, 0, "the plan is wrong: slot %u is not for being born in", i);
	if (s->userns == SLOT_NONE)
		return 0;
	userns = &p->slots[s->userns];
	if (s->userns >= i || s->kind != SLOT_TREE ||
	    (userns->kind != SLOT_IDMAP &&
	     !(userns->kind == SLOT_NAMESPACE && userns->type == CLONE_NEWUSER)))
		return fail(e, 0, "the plan is wrong: slot %u is not mapped by a user namespace",
			    i);
	return 0;
}

/* What is mounted, of a mount or a tree of them; NULL: @op is no such operation. */
static const struct op_mount *mount_of(const struct op *op)
{
	return op->kind == OP_MOUNT	    ? &op->mount
	       : op->kind == OP_CGROUP_TREE ? &op->cgroup_tree.mount
					    : NULL;
}

/* Operations before @i that fill the slot, of those that init fills. */
static uint32_t fillers(const struct plan *p, plan_slot slot, uint32_t i)
{
	uint32_t n = 0;

	while (i-- > 0) {
		const struct op_mount *m = mount_of(&p->ops[i]);

		n += (p->ops[i].kind == OP_OPEN_SOURCE && p->ops[i].open_source.slot == slot) ||
		     (m && m->keep == slot);
	}
	return n;
}

static bool is_kind(const struct plan *p, plan_slot slot, uint32_t kinds)
{
	return slot < p->slot_count && (1u << p->slots[slot].kind & kinds);
}

static bool is_log(const struct plan *p, plan_slot slot)
{
	return slot == SLOT_NONE || is_kind(p, slot, 1u << SLOT_LOG);
}

static bool is_filled(const struct plan *p, plan_slot slot, uint32_t i)
{
	return is_kind(p, slot, 1u << SLOT_TREE) ||
	       (is_kind(p, slot, 1u << SLOT_BY_INIT) && fillers(p, slot, i) == 1);
}

static bool is_kept_well(const struct plan *p, const struct op_mount *m)
{
	return m->keep == SLOT_NONE || is_kind(p, m->keep, 1u << SLOT_BY_INIT);
}

static bool tree_is_filled(const struct plan *p, const struct op_cgroup_tree *t, uint32_t i)
{
	uint32_t n = 0;

	while (n < t->targets.count && is_filled(p, (plan_slot)(t->slot + n), i))
		n++;
	return n == t->targets.count && t->links.count % 2 == 0 && is_kept_well(p, &t->mount);
}

static bool slots_are_used_well(const struct plan *p, uint32_t i)
{
	const struct op *op = &p->ops[i];
	const struct op_mount *m = &op->mount;

	switch (op->kind) {
	case OP_JOIN_NS:
		return is_kind(p, op->join_ns.slot, 1u << SLOT_PROCESS) ||
		       (is_kind(p, op->join_ns.slot, 1u << SLOT_NAMESPACE) &&
			p->slots[op->join_ns.slot].type == op->join_ns.type);
	case OP_OPEN_SOURCE: return is_kind(p, op->open_source.slot, 1u << SLOT_BY_INIT);
	case OP_ROOTFS:
		return is_filled(p, op->rootfs.slot, i) ||
		       (!p->own_mount_ns && is_kind(p, op->rootfs.slot, 1u << SLOT_ROOTFS));
	case OP_HOOK: return is_log(p, op->hook.out) && is_log(p, op->hook.err);
	case OP_ENTER:
		return op->enter.root == SLOT_NONE ||
		       (!p->own_mount_ns && is_kind(p, op->enter.root, 1u << SLOT_ROOTFS));
	case OP_CGROUP_TREE: return tree_is_filled(p, &op->cgroup_tree, i);
	case OP_MOUNT:
		if (!is_kept_well(p, m))
			return false;
		if (m->userns != SLOT_NONE &&
		    !is_kind(p, m->userns, 1u << SLOT_IDMAP | 1u << SLOT_NAMESPACE))
			return false;
		if (m->flags & MOUNT_REMOUNT)
			return m->slot == SLOT_NONE || is_filled(p, m->slot, i);
		return m->flags & MOUNT_BIND ? is_filled(p, m->slot, i) : m->slot == SLOT_NONE;
	default: return true;
	}
}

static int check_slots(const struct plan *p, struct error *e)
{
	for (uint32_t i = 0; i < p->slot_count; i++)
		if (check_slot(p, i, e) < 0)
			return -1;
	for (uint32_t i = 0; i < p->op_count; i++)
		if (!slots_are_used_well(p, i))
			return plan_broken(p, i, e, "its slot holds something else, or nothing");
	return 0;
}

/* ---- targets ---- */

static int check_targets(const struct plan *p, struct error *e)
{
	for (uint32_t i = 0; i < p->op_count; i++) {
		const struct op_mount *m = mount_of(&p->ops[i]);
		const char *target;

		if (!m)
			continue;
		target = plan_text(p, m->target);
		if (target[0] != '/')
			return plan_broken(p, i, e, "its target is not absolute");
		if (str_starts(target, "/proc/") && !(m->flags & MOUNT_ON_PROC))
			return plan_broken(p, i, e, "nothing may be mounted inside /proc");
	}
	return 0;
}

int verify_data(const struct plan *p, struct error *e)
{
	return check_offsets(p, e) < 0 || check_slots(p, e) < 0 ? -1 : check_targets(p, e);
}
