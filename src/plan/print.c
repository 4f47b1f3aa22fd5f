/* SPDX-License-Identifier: Apache-2.0 */
#include "plan/print.h"

#include <linux/ioprio.h>
#include <string.h>

#include "base/list.h"
#include "plan/members.h"
#include "spec/names.h"

/* Where the path in config.json begins, after a line that is not longer. */
#define AT_COLUMN 88u

static const char *const side_names[] = {
	[SIDE_INIT] = "init", [SIDE_HOST] = "host", [SIDE_BOTH] = "both"};

static const struct name plan_flag_names[] = {
	{"terminal", 1}, {"own-mount-ns", 2}, {"join-userns", 4}, {NULL}};

const char *op_name(uint32_t kind)
{
	return kind > OP_NONE && kind < OP_KINDS ? op_infos[kind].name : "?";
}

static uint32_t plan_flags(const struct plan *p)
{
	return (p->terminal ? 1u : 0) | (p->own_mount_ns ? 2u : 0) | (p->join_userns ? 4u : 0);
}

/* ---- reading members ---- */

/* A number of any width; 0 for what is none. */
static uint64_t number_of(const struct member *m, const void *p)
{
	uint8_t u8;
	uint16_t u16;
	uint32_t u32;
	uint64_t u64;

	switch ((enum member_kind)m->kind) {
	case MEMBER_SWITCH: memcpy(&u8, p, sizeof(u8)); return u8;
	case MEMBER_U16:
	case MEMBER_BITS16:
	case MEMBER_SLOT: memcpy(&u16, p, sizeof(u16)); return u16;
	case MEMBER_U64:
	case MEMBER_I64:
	case MEMBER_LIMIT:
	case MEMBER_CAPS:
	case MEMBER_BITS64: memcpy(&u64, p, sizeof(u64)); return u64;
	default: memcpy(&u32, p, sizeof(u32)); return u32;
	}
}

static bool is_absent(const struct member *m, const void *p)
{
	struct plan_vec vec;
	uint8_t first;

	switch ((enum member_kind)m->kind) {
	case MEMBER_VEC:
	case MEMBER_U32S: memcpy(&vec, p, sizeof(vec)); return vec.count == 0;
	case MEMBER_PROPAGATION: memcpy(&first, p, sizeof(first)); return first == 0;
	case MEMBER_SLOT: return number_of(m, p) == SLOT_NONE;
	default: return number_of(m, p) == 0;
	}
}

static const char *vec_item(const struct plan *p, struct plan_vec vec, uint32_t i)
{
	return plan_text(p, plan_item(p, vec, i));
}

static uint32_t u32s_item(const struct plan *p, struct plan_u32s list, uint32_t i)
{
	uint32_t v;

	memcpy(&v, p->heap + list.at + i * sizeof(v), sizeof(v));
	return v;
}

/* "ro,nosuid"; bits without a name as a number. */
static void add_bits(struct buf *out, const struct name *names, uint64_t bits)
{
	const char *comma = "";

	for (const struct name *n = names; n && n->name; n++) {
		uint64_t value = (uint64_t)n->value;

		if (!value || (bits & value) != value)
			continue;
		buf_printf(out, "%s%s", comma, n->name);
		comma = ",";
		bits &= ~value;
	}
	if (bits || !*comma)
		buf_printf(out, "%s0x%llx", comma, (unsigned long long)bits);
}

/* "CHOWN,KILL" */
static void add_caps(struct buf *out, uint64_t caps)
{
	const char *comma = "";

	if (!caps)
		buf_puts(out, "none");
	for (int i = 0; i < 64; i++) {
		const char *name = name_of(capability_names, i);

		if (!(caps >> i & 1))
			continue;
		if (name)
			buf_printf(out, "%s%s", comma, name + strlen("CAP_"));
		else
			buf_printf(out, "%s%d", comma, i);
		comma = ",";
	}
}

static void add_propagation(struct buf *out, const uint8_t *list)
{
	static const char *const names[] = {"?", "private", "shared", "slave", "unbindable"};

	for (int i = 0; i < 4 && list[i]; i++) {
		uint8_t kind = list[i] & (uint8_t)~PROPAGATE_RECURSIVE;

		buf_printf(out, "%s%s%s", i ? "," : "", list[i] & PROPAGATE_RECURSIVE ? "r" : "",
			   names[kind < ARRAY_SIZE(names) ? kind : 0]);
	}
}

static void add_limit(struct buf *out, uint64_t limit)
{
	if (limit == UINT64_MAX)
		buf_puts(out, "unlimited");
	else
		buf_printf(out, "%llu", (unsigned long long)limit);
}

static void add_io_priority(struct buf *out, uint32_t value)
{
	const char *class = name_of(io_class_names, IOPRIO_PRIO_CLASS(value));

	buf_printf(out, "%s:%u", class ? class : "?", (uint32_t)IOPRIO_PRIO_DATA(value));
}

static void add_policy(struct buf *out, uint32_t value)
{
	const char *mode;
	uint32_t flags = 0;

	for (const struct name *n = memory_policy_flag_names; n->name; n++)
		flags |= value & (uint32_t)n->value;
	mode = name_of(memory_policy_names, (int64_t)(value & ~flags) + 1);
	buf_puts(out, mode ? mode : "?");
	if (flags) {
		buf_putc(out, ',');
		add_bits(out, memory_policy_flag_names, flags);
	}
}

/* What JSON and text have in common. Returns false for kinds that are no words or numbers. */
static bool add_word(struct buf *out, const struct member *m, const void *p)
{
	uint64_t v = number_of(m, p);
	const char *name;

	switch ((enum member_kind)m->kind) {
	case MEMBER_ENUM:
		name = name_of(m->names, (int64_t)v + m->plus_one);
		if (name)
			buf_puts(out, name);
		else
			buf_printf(out, "%llu", (unsigned long long)v);
		return true;
	case MEMBER_BITS:
	case MEMBER_BITS16:
	case MEMBER_BITS64: add_bits(out, m->names, v); return true;
	case MEMBER_CAPS: add_caps(out, v); return true;
	case MEMBER_PROPAGATION: add_propagation(out, p); return true;
	case MEMBER_LIMIT: add_limit(out, v); return true;
	case MEMBER_IO_PRIORITY: add_io_priority(out, (uint32_t)v); return true;
	case MEMBER_POLICY: add_policy(out, (uint32_t)v); return true;
	case MEMBER_OCTAL: buf_printf(out, "%04llo", (unsigned long long)v); return true;
	default: return false;
	}
}

/* ---- text ---- */

static bool is_plain(const char *s)
{
	for (const char *c = s; *c; c++)
		if ((unsigned char)*c <= ' ' || (unsigned char)*c == 0x7f || *c == '"' ||
		    *c == '\\')
			return false;
	return *s != '\0';
}

/* Quoted only where it has to be, and always on one line. */
static void add_text(struct buf *out, const char *s)
{
	if (is_plain(s)) {
		buf_puts(out, s);
		return;
	}
	buf_putc(out, '"');
	buf_put_visible(out, s, "\"\\");
	buf_putc(out, '"');
}

/* The lines of an id map, joined by commas. */
static void add_lines(struct buf *out, const char *s)
{
	buf_putc(out, '"');
	for (; *s; s++) {
		if (*s != '\n')
			buf_putc(out, *s);
		else if (s[1])
			buf_puts(out, ", ");
	}
	buf_putc(out, '"');
}

static void text_value(struct buf *out, const struct plan *plan, const struct member *m,
		       const void *p)
{
	struct plan_vec vec;
	struct plan_u32s list;
	uint32_t count;

	switch ((enum member_kind)m->kind) {
	case MEMBER_STR: add_text(out, plan_text(plan, (plan_str)number_of(m, p))); return;
	case MEMBER_LINES: add_lines(out, plan_text(plan, (plan_str)number_of(m, p))); return;
	case MEMBER_VEC:
		memcpy(&vec, p, sizeof(vec));
		for (uint32_t i = 0; i < vec.count; i++) {
			buf_putc(out, i ? ' ' : '[');
			add_text(out, vec_item(plan, vec, i));
		}
		buf_putc(out, ']');
		return;
	case MEMBER_U32S:
		memcpy(&list, p, sizeof(list));
		for (uint32_t i = 0; i < list.count; i++)
			buf_printf(out, "%s%u", i ? "," : "", u32s_item(plan, list, i));
		return;
	case MEMBER_FILTER:
		memcpy(&count, (const char *)p + sizeof(uint32_t), sizeof(count));
		buf_printf(out, "%u instructions", count);
		return;
	case MEMBER_I32: buf_printf(out, "%d", (int32_t)number_of(m, p)); return;
	case MEMBER_I64: buf_printf(out, "%lld", (long long)number_of(m, p)); return;
	default:
		if (!add_word(out, m, p))
			buf_printf(out, "%llu", (unsigned long long)number_of(m, p));
	}
}

static void text_members(struct buf *out, const struct plan *plan, const struct op_info *info,
			 const void *base)
{
	for (uint32_t i = 0; i < info->count; i++) {
		const struct member *m = &info->members[i];
		const void *p = (const char *)base + m->offset;

		if (!m->always && is_absent(m, p))
			continue;
		buf_putc(out, ' ');
		if (m->kind == MEMBER_SWITCH) {
			buf_puts(out, m->name);
			continue;
		}
		if (!m->bare)
			buf_printf(out, "%s=", m->name);
		text_value(out, plan, m, p);
	}
}

/* Ends the line that began at @start with @at in its column. */
static void end_line(struct buf *out, size_t start, const char *at)
{
	while (out->len > start && out->s[out->len - 1] == ' ')
		out->s[--out->len] = '\0'; /* the padding of a name without members */
	if (*at) {
		while (out->len - start < AT_COLUMN)
			buf_putc(out, ' ');
		buf_printf(out, "  %s", at);
	}
	buf_putc(out, '\n');
}

void plan_print(const struct plan *p, struct buf *out)
{
	if (p->clone_flags) {
		buf_puts(out, "clone  ");
		add_bits(out, namespace_names, p->clone_flags);
		buf_putc(out, '\n');
	}
	if (plan_flags(p)) {
		buf_puts(out, "plan   ");
		add_bits(out, plan_flag_names, plan_flags(p));
		buf_putc(out, '\n');
	}
	for (uint32_t i = 0; i < p->slot_count; i++) {
		size_t start = out->len;
		const char *kind = name_of(slot_kind_names, p->slots[i].kind);

		buf_printf(out, "slot %-2u %-9s", i, kind ? kind : "?");
		text_members(out, p, &slot_info, &p->slots[i]);
		end_line(out, start, plan_text(p, p->slots[i].at));
	}
	for (uint32_t i = 0; i < p->op_count; i++) {
		const struct op *op = &p->ops[i];
		size_t start = out->len;

		if (op->kind <= OP_NONE || op->kind >= OP_KINDS) {
			buf_printf(out, "%3u ?    kind %u\n", i, op->kind);
			continue;
		}
		buf_printf(out, "%3u %s %-15s", i, side_names[op_infos[op->kind].side],
			   op_infos[op->kind].name);
		text_members(out, p, &op_infos[op->kind], op);
		end_line(out, start, plan_text(p, op->at));
	}
}

/* ---- JSON ---- */

static void json_value(struct json_writer *w, const struct plan *plan, const struct member *m,
		       const void *p)
{
	struct buf word;
	struct plan_vec vec;
	struct plan_u32s list;
	uint32_t count;

	switch ((enum member_kind)m->kind) {
	case MEMBER_STR:
	case MEMBER_LINES:
		json_write_string(w, m->name, plan_text(plan, (plan_str)number_of(m, p)));
		return;
	case MEMBER_SWITCH: json_write_bool(w, m->name, number_of(m, p)); return;
	case MEMBER_VEC:
		memcpy(&vec, p, sizeof(vec));
		json_write_array(w, m->name);
		for (uint32_t i = 0; i < vec.count; i++)
			json_write_string(w, NULL, vec_item(plan, vec, i));
		json_write_array_end(w);
		return;
	case MEMBER_U32S:
		memcpy(&list, p, sizeof(list));
		json_write_array(w, m->name);
		for (uint32_t i = 0; i < list.count; i++)
			json_write_u64(w, NULL, u32s_item(plan, list, i));
		json_write_array_end(w);
		return;
	case MEMBER_FILTER:
		memcpy(&count, (const char *)p + sizeof(uint32_t), sizeof(count));
		json_write_u64(w, "instructions", count);
		return;
	case MEMBER_I32: json_write_i64(w, m->name, (int32_t)number_of(m, p)); return;
	case MEMBER_I64: json_write_i64(w, m->name, (int64_t)number_of(m, p)); return;
	default:
		word = buf_new(w->out->arena);
		if (add_word(&word, m, p))
			json_write_string(w, m->name, word.s);
		else
			json_write_u64(w, m->name, number_of(m, p));
	}
}

static void json_members(struct json_writer *w, const struct plan *plan, const struct op_info *info,
			 const void *base)
{
	for (uint32_t i = 0; i < info->count; i++) {
		const struct member *m = &info->members[i];
		const void *p = (const char *)base + m->offset;

		if (m->always || !is_absent(m, p))
			json_value(w, plan, m, p);
	}
}

static void json_bits(struct json_writer *w, const char *key, const struct name *names,
		      uint64_t bits)
{
	json_write_array(w, key);
	for (; names->name; names++)
		if (names->value && (bits & (uint64_t)names->value) == (uint64_t)names->value)
			json_write_string(w, NULL, names->name);
	json_write_array_end(w);
}

void plan_print_json(const struct plan *p, struct json_writer *w)
{
	json_bits(w, "clone", namespace_names, p->clone_flags);
	json_bits(w, "flags", plan_flag_names, plan_flags(p));

	json_write_array(w, "slots");
	for (uint32_t i = 0; i < p->slot_count; i++) {
		const char *kind = name_of(slot_kind_names, p->slots[i].kind);

		json_write_object(w, NULL);
		json_write_string(w, "kind", kind ? kind : "?");
		json_members(w, p, &slot_info, &p->slots[i]);
		json_write_string(w, "config", plan_text(p, p->slots[i].at));
		json_write_object_end(w);
	}
	json_write_array_end(w);

	json_write_array(w, "operations");
	for (uint32_t i = 0; i < p->op_count; i++) {
		const struct op *op = &p->ops[i];
		bool known = op->kind > OP_NONE && op->kind < OP_KINDS;

		json_write_object(w, NULL);
		json_write_string(w, "operation", op_name(op->kind));
		if (known) {
			json_write_string(w, "side", side_names[op_infos[op->kind].side]);
			json_members(w, p, &op_infos[op->kind], op);
		}
		json_write_string(w, "config", plan_text(p, op->at));
		json_write_object_end(w);
	}
	json_write_array_end(w);
}
