/* SPDX-License-Identifier: Apache-2.0 */
#include "plan_text.h"

static struct builder fresh(void)
{
	return builder_new(arena_main());
}

static void nothing_is_offset_zero(void **state)
{
	struct builder b = fresh();

	assert_int_equal(build_str(&b, ""), 0);
	assert_int_equal(build_str(&b, NULL), 0);
	assert_int_equal(b.heap[0], '\0');
}

static void equal_strings_are_kept_once(void **state)
{
	struct builder b = fresh();
	plan_str one = build_str(&b, "linux.namespaces"), other = build_str(&b, "mounts[0]");
	uint32_t size = b.heap_size;

	assert_int_not_equal(one, other);
	assert_int_equal(build_str(&b, "linux.namespaces"), one);
	assert_int_equal(build_printf(&b, "mounts[%d]", 0), other);
	assert_int_equal(b.heap_size, size);
}

static void many_strings_survive_a_full_table(void **state)
{
	struct builder b = fresh();
	plan_str at[5000];
	char wanted[32];

	for (int i = 0; i < 5000; i++)
		at[i] = build_printf(&b, "string %d", i);
	for (int i = 0; i < 5000; i++) {
		snprintf(wanted, sizeof(wanted), "string %d", i);
		assert_string_equal(b.heap + at[i], wanted);
	}
}

static void a_long_string_is_not_cut(void **state)
{
	char text[5000];
	struct builder b = fresh();
	plan_str at;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	at = build_printf(&b, "%s", text);
	assert_string_equal(b.heap + at, text);
}

static void a_vector_is_aligned_and_has_room_for_one_more_and_the_end(void **state)
{
	const char *words[] = {"a", "bc", "a"};
	struct builder b = fresh();
	struct plan_vec vec;
	uint64_t cells[5];

	build_str(&b, "odd");
	vec = build_vec(&b, words, 3);
	assert_int_equal(vec.at % 8, 0);
	assert_int_equal(vec.count, 3);
	memcpy(cells, b.heap + vec.at, sizeof(cells));
	assert_string_equal(b.heap + cells[0], "a");
	assert_string_equal(b.heap + cells[1], "bc");
	assert_int_equal(cells[2], cells[0]);
	assert_int_equal(cells[3], 0);
	assert_int_equal(cells[4], 0);
}

static void numbers_and_blobs_are_aligned(void **state)
{
	const uint32_t numbers[] = {7, 0, 4294967295u};
	struct builder b = fresh();
	struct plan_u32s list;
	uint32_t blob;

	build_str(&b, "xx");
	list = build_u32s(&b, numbers, 3);
	assert_int_equal(list.at % 4, 0);
	assert_memory_equal(b.heap + list.at, numbers, sizeof(numbers));
	build_str(&b, "y");
	blob = build_blob(&b, "12345678", 8);
	assert_int_equal(blob % 8, 0);
	assert_memory_equal(b.heap + blob, "12345678", 8);
}

static void operations_and_slots_keep_their_order_while_they_grow(void **state)
{
	struct builder b = fresh();
	struct plan p;

	for (uint32_t i = 0; i < 1000; i++) {
		BUILD(&b, CLOSE_FDS, close_fds, "", .keep = i);
		assert_int_equal(build_slot(&b, (struct slot){.kind = SLOT_TREE, .type = i}), i);
	}
	builder_finish(&b, &p);
	assert_int_equal(p.op_count, 1000);
	assert_int_equal(p.slot_count, 1000);
	for (uint32_t i = 0; i < 1000; i++) {
		assert_int_equal(p.ops[i].close_fds.keep, i);
		assert_int_equal(p.slots[i].type, i);
	}
}

static void hoisted_operations_come_first_and_both_groups_keep_their_order(void **state)
{
	struct builder b = fresh();
	static const uint32_t keep[] = {9, 11, 13, 10, 12};

	BUILD(&b, CLOSE_FDS, close_fds, "", .keep = 9);
	BUILD(&b, CLOSE_FDS, close_fds, "", .keep = 10);
	BUILD(&b, RLIMIT, rlimit, "", .resource = 11);
	BUILD(&b, CLOSE_FDS, close_fds, "", .keep = 12);
	BUILD(&b, RLIMIT, rlimit, "", .resource = 13);
	build_hoist(&b, 1, OP_RLIMIT);
	for (size_t i = 0; i < ARRAY_SIZE(keep); i++)
		assert_int_equal(b.ops[i].kind == OP_RLIMIT ? b.ops[i].rlimit.resource
							    : b.ops[i].close_fds.keep,
				 keep[i]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(nothing_is_offset_zero),
		cmocka_unit_test(equal_strings_are_kept_once),
		cmocka_unit_test(many_strings_survive_a_full_table),
		cmocka_unit_test(a_long_string_is_not_cut),
		cmocka_unit_test(a_vector_is_aligned_and_has_room_for_one_more_and_the_end),
		cmocka_unit_test(numbers_and_blobs_are_aligned),
		cmocka_unit_test(operations_and_slots_keep_their_order_while_they_grow),
		cmocka_unit_test(hoisted_operations_come_first_and_both_groups_keep_their_order),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
