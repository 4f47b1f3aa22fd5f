/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/build.h"

#include <stdarg.h>
#include <string.h>

#include "base/arena.h"
#include "base/str.h"

/* Strings of a plan number some hundreds; a full table only means that equal strings appear twice. */
#define INTERN_SLOTS 1024u
#define INTERN_PROBES 8u

/* Most plans fit in these, so that the arena is not left with a trail of half-sized copies. */
#define OPS_AT_FIRST 128u
#define SLOTS_AT_FIRST 32u
#define HEAP_AT_FIRST 8192u

struct builder builder_new(struct arena *a)
{
	struct builder b = {
		.arena = a,
		.ops = ARENA_ARRAY(a, OPS_AT_FIRST, struct op),
		.op_room = OPS_AT_FIRST,
		.slots = ARENA_ARRAY(a, SLOTS_AT_FIRST, struct slot),
		.slot_room = SLOTS_AT_FIRST,
		.heap = arena_alloc(a, HEAP_AT_FIRST),
		.heap_room = HEAP_AT_FIRST,
		.heap_size = 1, /* offset 0 is the empty string */
		.interned = ARENA_ARRAY(a, INTERN_SLOTS, uint32_t),
	};

	return b;
}

/* @room grows by doubling until it holds @needed elements. */
static void *grow(struct arena *a, void *old, uint32_t used, uint32_t *room, size_t needed,
		  size_t size)
{
	size_t more = *room;

	if (needed <= more)
		return old;
	while (more < needed)
		more *= 2;
	/* Offsets are 32 bits; the config that could ask for more is larger than JSON_SIZE_MAX. */
	old = arena_grow(a, old, used, more, size);
	*room = (uint32_t)more;
	return old;
}

/* @size bytes at an offset that is a multiple of @align; zeroed. */
static uint32_t heap_take(struct builder *b, size_t size, uint32_t align)
{
	uint32_t at = (b->heap_size + align - 1) & ~(align - 1);

	b->heap = grow(b->arena, b->heap, b->heap_size, &b->heap_room, at + size, 1);
	b->heap_size = at + (uint32_t)size;
	return at;
}

/* Of both ends: paths differ in the last bytes, and "mounts[3]" does. */
static uint32_t hash_of(const char *s, size_t len)
{
	uint64_t first = 0, last = 0;

	if (len >= sizeof(first)) {
		memcpy(&first, s, sizeof(first));
		memcpy(&last, s + len - sizeof(last), sizeof(last));
	} else {
		for (size_t i = 0; i < len; i++)
			first = first << 8 | (unsigned char)s[i];
	}
	return (uint32_t)(((first ^ len) * 0x9e3779b97f4a7c15u ^ last) * 0xff51afd7ed558ccdu >> 32);
}

plan_str build_str(struct builder *b, const char *s)
{
	size_t len = s ? strlen(s) : 0;
	uint32_t *free_cell = NULL;
	uint32_t h, at;

	if (!len)
		return 0;
	h = hash_of(s, len);
	for (uint32_t i = 0; i < INTERN_PROBES; i++) {
		uint32_t *cell = &b->interned[(h + i) % INTERN_SLOTS];

		if (!*cell) {
			free_cell = cell;
			break;
		}
		if (*cell + len < b->heap_size && str_same(b->heap + *cell, s, len + 1))
			return *cell;
	}
	at = heap_take(b, len + 1, 1);
	memcpy(b->heap + at, s, len + 1);
	if (free_cell)
		*free_cell = at;
	return at;
}

plan_str build_printf(struct builder *b, const char *fmt, ...)
{
	va_list ap;
	char *text;

	va_start(ap, fmt);
	text = arena_vprintf(b->arena, fmt, ap);
	va_end(ap);
	return build_str(b, text);
}

struct plan_vec build_vec(struct builder *b, const char *const *v, size_t n)
{
	struct plan_vec out = {heap_take(b, (n + 2) * sizeof(uint64_t), 8), (uint32_t)n};

	for (size_t i = 0; i < n; i++) {
		uint64_t cell = build_str(b, v[i]); /* may move the heap */

		memcpy(b->heap + out.at + i * sizeof(cell), &cell, sizeof(cell));
	}
	return out;
}

struct plan_u32s build_u32s(struct builder *b, const uint32_t *v, size_t n)
{
	struct plan_u32s out = {heap_take(b, n * sizeof(*v), 4), (uint32_t)n};

	if (n)
		memcpy(b->heap + out.at, v, n * sizeof(*v));
	return out;
}

uint32_t build_blob(struct builder *b, const void *data, size_t size)
{
	uint32_t at = heap_take(b, size, 8);

	if (size)
		memcpy(b->heap + at, data, size);
	return at;
}

plan_slot build_slot(struct builder *b, struct slot slot)
{
	b->slots = grow(b->arena, b->slots, b->slot_count, &b->slot_room, b->slot_count + 1u,
			sizeof(slot));
	b->slots[b->slot_count] = slot;
	return (plan_slot)b->slot_count++;
}

void build_op(struct builder *b, struct op op)
{
	b->ops = grow(b->arena, b->ops, b->op_count, &b->op_room, b->op_count + 1u, sizeof(op));
	b->ops[b->op_count++] = op;
}

void build_hoist(struct builder *b, uint32_t from, enum op_kind kind)
{
	uint32_t front = from;

	for (uint32_t i = from; i < b->op_count; i++) {
		struct op op = b->ops[i];

		if (op.kind != kind)
			continue;
		memmove(&b->ops[front + 1], &b->ops[front], (i - front) * sizeof(op));
		b->ops[front++] = op;
	}
}

void builder_finish(struct builder *b, struct plan *out)
{
	heap_take(b, 1, 1); /* after it, every offset is that of a string with an end */
	*out = (struct plan){
		.ops = b->ops,
		.op_count = b->op_count,
		.slots = b->slots,
		.slot_count = b->slot_count,
		.heap = b->heap,
		.heap_size = b->heap_size,
	};
}
