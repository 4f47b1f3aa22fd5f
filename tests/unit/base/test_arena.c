/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/arena.h"
#include "base/buf.h"

static bool is_zero(const char *p, size_t size)
{
	for (size_t i = 0; i < size; i++)
		if (p[i])
			return false;
	return true;
}

static void memory_is_zeroed_aligned_and_apart(void **state)
{
	struct arena a = {0};
	char *last = NULL;

	for (size_t size = 0; size < 3000; size += 7) {
		char *p = arena_alloc(&a, size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % 16, 0);
		assert_true(is_zero(p, size));
		assert_ptr_not_equal(p, last);
		memset(p, 'x', size);
		last = p;
	}
	arena_free(&a);
}

static void what_is_larger_than_a_block_gets_its_own(void **state)
{
	struct arena a = {0};
	char *small = arena_alloc(&a, 16), *large = arena_alloc(&a, 5u << 20), *next;

	large[(5u << 20) - 1] = 1;
	next = arena_alloc(&a, 16);
	assert_ptr_equal(next, small + 16); /* the block before it is still in use */
	arena_free(&a);
}

static void the_last_array_grows_where_it_is(void **state)
{
	struct arena a = {0};
	int *v = ARENA_ARRAY(&a, 4, int), *grown;

	v[3] = 7;
	grown = arena_grow(&a, v, 4, 8, sizeof(int));
	assert_ptr_equal(grown, v);
	assert_int_equal(grown[3], 7);
	assert_int_equal(grown[7], 0);
	arena_alloc(&a, 1);
	grown = arena_grow(&a, v, 8, 16, sizeof(int));
	assert_ptr_not_equal(grown, v);
	assert_int_equal(grown[3], 7);
	arena_free(&a);
}

static void an_array_may_begin_as_nothing(void **state)
{
	struct arena a = {0};
	int *v = arena_grow(&a, NULL, 0, 4, sizeof(int));

	assert_int_equal(v[3], 0);
	arena_free(&a);
}

static void an_array_is_made_one_by_one(void **state)
{
	struct arena a = {0};
	int *v = NULL;

	for (int i = 0; i < 1000; i++) {
		v = arena_more(&a, v, (size_t)i, sizeof(*v));
		v[i] = i;
		if (i % 7 == 0) /* it is not always the last */
			memset(arena_alloc(&a, 16), 0xff, 16);
	}
	for (int i = 0; i < 1000; i++)
		assert_int_equal(v[i], i);
	arena_free(&a);
}

static void strings_are_copied_and_ended(void **state)
{
	struct arena a = {0};

	assert_string_equal(arena_strdup(&a, "abc"), "abc");
	assert_string_equal(arena_strndup(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_strndup(&a, "", 0), "");
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 7), "x-7");
	arena_free(&a);
}

static void the_commands_arena_begins_without_the_kernel(void **state)
{
	struct arena *a = arena_main();

	arena_free(a);
	memset(arena_alloc(a, 1000), 'x', 1000);
	assert_null(a->blocks);
	arena_free(a);
	assert_true(is_zero(arena_alloc(a, 1000), 1000));
}

static int exit_code_of(void (*run)(void))
{
	int status;
	pid_t pid = fork();

	if (pid == 0) {
		close(STDERR_FILENO);
		run();
		_exit(0);
	}
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static void ask_for_all_memory(void)
{
	struct arena a = {0};

	arena_alloc(&a, SIZE_MAX - 4096);
}

static void ask_for_more_than_a_size_can_be(void)
{
	struct arena a = {0};

	arena_array(&a, SIZE_MAX / 8, 16);
}

static void out_of_memory_is_the_end_with_code_1(void **state)
{
	assert_int_equal(exit_code_of(ask_for_all_memory), 1);
	assert_int_equal(exit_code_of(ask_for_more_than_a_size_can_be), 1);
}

static void a_buffer_grows_and_stays_a_string(void **state)
{
	struct arena a = {0};
	struct buf b = buf_new(&a);
	char *expected = arena_alloc(&a, 30001);

	assert_string_equal(b.s, "");
	for (int i = 0; i < 10000; i++)
		buf_add(&b, "abc", 3);
	for (int i = 0; i < 30000; i++)
		expected[i] = "abc"[i % 3];
	assert_int_equal(b.len, 30000);
	assert_string_equal(b.s, expected);
	arena_free(&a);
}

static void a_buffer_formats_what_does_not_fit_yet(void **state)
{
	struct arena a = {0};
	struct buf b = buf_new(&a);

	for (int len = 240; len < 270; len++) { /* around its first size */
		b.len = 0;
		buf_printf(&b, "%*d", len, 7);
		assert_int_equal(b.len, len);
		assert_int_equal(strlen(b.s), len);
	}
	buf_putc(&b, '!');
	buf_puts(&b, "");
	assert_int_equal(b.s[b.len - 1], '!');
	arena_free(&a);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_aligned_and_apart),
		cmocka_unit_test(what_is_larger_than_a_block_gets_its_own),
		cmocka_unit_test(the_last_array_grows_where_it_is),
		cmocka_unit_test(an_array_may_begin_as_nothing),
		cmocka_unit_test(an_array_is_made_one_by_one),
		cmocka_unit_test(strings_are_copied_and_ended),
		cmocka_unit_test(the_commands_arena_begins_without_the_kernel),
		cmocka_unit_test(out_of_memory_is_the_end_with_code_1),
		cmocka_unit_test(a_buffer_grows_and_stays_a_string),
		cmocka_unit_test(a_buffer_formats_what_does_not_fit_yet),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
