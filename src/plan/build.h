/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_PLAN_BUILD_H
#define YACR_PLAN_BUILD_H

/*
 * A plan that grows: operations, slots and one heap of strings, all in an
 * arena.  Nothing here can fail: what is too large for the arena ends the
 * program (base/arena.h).
 */

#include "base/arena.h"
#include "base/list.h"
#include "plan/plan.h"

struct builder {
	struct arena *arena;
	struct op *ops;
	struct slot *slots;
	char *heap;
	uint32_t op_count, op_room;
	uint32_t slot_count, slot_room;
	uint32_t heap_size, heap_room;
	uint32_t *interned; /* open hash of heap offsets, 0 is free */
};

struct builder builder_new(struct arena *a);

/* Equal strings get the same offset. NULL and "" are 0, "absent". */
plan_str build_str(struct builder *b, const char *s);
plan_str build_printf(struct builder *b, const char *fmt, ...) PRINTF_LIKE(2, 3);

struct plan_vec build_vec(struct builder *b, const char *const *v, size_t n);
struct plan_u32s build_u32s(struct builder *b, const uint32_t *v, size_t n);
uint32_t build_blob(struct builder *b, const void *data, size_t size); /* aligned to 8 */

plan_slot build_slot(struct builder *b, struct slot slot);

void build_op(struct builder *b, struct op op);

/* Moves the operations of @kind to the front of those since @from; each group keeps its order. */
void build_hoist(struct builder *b, uint32_t from, enum op_kind kind);

/* BUILD(b, HOSTNAME, hostname, "hostname", .name = build_str(b, name)): @at is a const char *. */
#define BUILD(b, KIND, member_, at_, ...) \
	build_op(b, (struct op){          \
			    .kind = OP_##KIND, .at = build_str(b, at_), .member_ = {__VA_ARGS__}})

/* Hands the plan out; the builder is not used any more. */
void builder_finish(struct builder *b, struct plan *out);

#endif
