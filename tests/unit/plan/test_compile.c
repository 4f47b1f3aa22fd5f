/* SPDX-License-Identifier: Apache-2.0 */
/* What golden plans do not say: that the compiler is pure, warns, and leaves outputs alone. */
#include "plan_text.h"

#include <linux/capability.h>

static char warned[1024];

static void remember(const char *at, const char *text)
{
	size_t len = strlen(warned);

	snprintf(warned + len, sizeof(warned) - len, "%s: %s\n", at, text);
}

static void the_same_input_gives_the_same_plan(void **state)
{
	const char *config = PROCESS ", 'linux': {" NAMESPACES "}";
	struct plan one = plan_of(config), two = plan_of(config);

	assert_int_equal(one.op_count, two.op_count);
	assert_memory_equal(one.ops, two.ops, one.op_count * sizeof(*one.ops));
	assert_int_equal(one.heap_size, two.heap_size);
	assert_memory_equal(one.heap, two.heap, one.heap_size);
}

static void a_failure_leaves_the_output_alone(void **state)
{
	struct facts f = facts_of_root();
	struct plan p = {.op_count = 77};
	struct error e;

	assert_int_equal(compile_with(&p,
				      PROCESS
				      ", 'mounts': [{'destination': '/proc/1', 'type': 'tmpfs'}]",
				      &f, NULL, &e),
			 -1);
	assert_int_equal(p.op_count, 77);
	assert_string_equal(e.at, "mounts[0].destination");
}

static void a_warning_names_what_it_is_about(void **state)
{
	struct facts f = facts_of_root();
	struct plan_options o = {.warn = remember};
	struct error e;
	struct plan p;

	f.last_cap = 37;
	warned[0] = '\0';
	assert_int_equal(
		compile_with(
			&p,
			"'process': {'cwd': '/', 'args': ['x'], 'user': {'uid': 0, 'gid': 0},"
			"'capabilities': {'bounding': ['CAP_KILL', 'CAP_BPF']}},"
			"'mounts': [{'destination': '/b', 'source': 's', 'options': ['bind', 'size=1']}]",
			&f, &o, &e),
		0);
	assert_non_null(strstr(warned, "process.capabilities.bounding[1]: "));
	assert_non_null(strstr(warned, "\"CAP_BPF\""));
	assert_non_null(strstr(warned, "mounts[0]: "));
	assert_int_equal(op_of(&p, OP_BOUNDING)->bounding.keep, 1ull << CAP_KILL);
}

static void all_capabilities_of_a_kernel_that_is_not_known_are_kept(void **state)
{
	struct facts f = facts_of_root();
	struct error e;
	struct plan p;

	f.last_cap = 0;
	assert_int_equal(
		compile_with(&p,
			     "'process': {'cwd': '/', 'args': ['x'], 'user': {'uid': 0, 'gid': 0},"
			     "'capabilities': {'bounding': ['CAP_CHECKPOINT_RESTORE']}}",
			     &f, NULL, &e),
		0);
	assert_int_equal(op_of(&p, OP_BOUNDING)->bounding.keep, 1ull << 40);
}

static void what_the_kernel_would_refuse_is_taken_out_of_the_sets(void **state)
{
	struct plan p = plan_of(
		"'process': {'cwd': '/', 'args': ['x'], 'user': {'uid': 0, 'gid': 0},"
		"'capabilities': {'bounding': ['CAP_KILL'], 'permitted': ['CAP_KILL'],"
		"'effective': ['CAP_KILL', 'CAP_CHOWN'], 'inheritable': ['CAP_KILL', 'CAP_CHOWN'],"
		"'ambient': ['CAP_KILL', 'CAP_CHOWN']}}");
	struct op_capabilities *caps = &op_of(&p, OP_CAPABILITIES)->capabilities;

	assert_int_equal(caps->effective, 1ull << CAP_KILL);
	assert_int_equal(caps->inheritable, 1ull << CAP_KILL);
	assert_int_equal(caps->ambient, 1ull << CAP_KILL);
}

static void the_filter_is_copied_into_the_plan(void **state)
{
	uint64_t program[] = {1, 2, 3};
	struct plan_options o = {
		.seccomp_program = program, .seccomp_count = 3, .seccomp_flags = 4};
	struct facts f = facts_of_root();
	struct op_seccomp *seccomp;
	struct error e;
	struct plan p;

	assert_int_equal(compile_with(&p, PROCESS, &f, &o, &e), 0);
	seccomp = &op_of(&p, OP_SECCOMP)->seccomp;
	assert_int_equal(seccomp->count, 3);
	assert_int_equal(seccomp->flags, 4);
	assert_int_equal(seccomp->program % 8, 0);
	assert_memory_equal(p.heap + seccomp->program, program, sizeof(program));
}

static void thousands_of_mounts_and_variables_are_no_problem(void **state)
{
	struct buf text = buf_new(arena_main());
	struct plan p;

	buf_puts(&text,
		 "'process': {'cwd': '/', 'args': ['x'], 'user': {'uid': 0, 'gid': 0}, 'env': [");
	for (int i = 0; i < 5000; i++)
		buf_printf(&text, "%s'V%d=%d'", i ? "," : "", i / 2, i);
	buf_puts(&text, "]}, 'mounts': [");
	for (int i = 0; i < 2000; i++)
		buf_printf(&text, "%s{'destination': '/m%d', 'source': '/s', 'options': ['bind']}",
			   i ? "," : "", i);
	buf_puts(&text, "]");
	p = plan_of(text.s);
	assert_int_equal(p.slot_count, 2001);
	assert_int_equal(op_of(&p, OP_EXEC)->exec.env.count, 2500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_input_gives_the_same_plan),
		cmocka_unit_test(a_failure_leaves_the_output_alone),
		cmocka_unit_test(a_warning_names_what_it_is_about),
		cmocka_unit_test(all_capabilities_of_a_kernel_that_is_not_known_are_kept),
		cmocka_unit_test(what_the_kernel_would_refuse_is_taken_out_of_the_sets),
		cmocka_unit_test(the_filter_is_copied_into_the_plan),
		cmocka_unit_test(thousands_of_mounts_and_variables_are_no_problem),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
