/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Device rules: their order, the lines for v1 as the kernel would keep them, and the program
 * for cgroup2 run by an interpreter, against one plain reading of the rules.
 */
#include "layouts.h"

#include <linux/bpf.h>

#include "cgroup/devices.h"

static device_rules rules_of(const char *devices)
{
	const struct resources *r = resources_of(arena_printf(arena, "{'devices': %s}", devices));
	device_rules out = {0};
	struct error e = {0};

	if (devices_rules(&out, arena, r, &e) < 0)
		fail_msg("%s: %s", e.at, e.text);
	return out;
}

/* ---- the reference: the rules as the config has them, one letter at a time, the last match decides ---- */

static bool matches(const struct device_rule *r, char type, unsigned int major, unsigned int minor,
		    char letter)
{
	return (!r->type || r->type[0] == 'a' || r->type[0] == type) &&
	       (!r->major.set || r->major.v == -1 || r->major.v == major) &&
	       (!r->minor.set || r->minor.v == -1 || r->minor.v == minor) &&
	       (!r->access || !r->access[0] || strchr(r->access, letter));
}

static const struct device_rule *reference_defaults(size_t *n)
{
	static const struct resources *r;

	r = resources_of(
		"{'devices': ["
		"{'allow': true, 'type': 'c', 'access': 'm'}, {'allow': true, 'type': 'b', 'access': 'm'},"
		"{'allow': true, 'type': 'c', 'major': 1, 'minor': 3, 'access': 'rwm'},"
		"{'allow': true, 'type': 'c', 'major': 1, 'minor': 5, 'access': 'rwm'},"
		"{'allow': true, 'type': 'c', 'major': 1, 'minor': 7, 'access': 'rwm'},"
		"{'allow': true, 'type': 'c', 'major': 1, 'minor': 8, 'access': 'rwm'},"
		"{'allow': true, 'type': 'c', 'major': 1, 'minor': 9, 'access': 'rwm'},"
		"{'allow': true, 'type': 'c', 'major': 5, 'minor': 0, 'access': 'rwm'},"
		"{'allow': true, 'type': 'c', 'major': 5, 'minor': 2, 'access': 'rwm'},"
		"{'allow': true, 'type': 'c', 'major': 136, 'access': 'rwm'},"
		"{'allow': true, 'type': 'c', 'major': 10, 'minor': 200, 'access': 'rwm'}]}");
	*n = r->devices.n;
	return r->devices.v;
}

static bool reference_letter(const struct device_rule *v, size_t n, const struct device_rule *d,
			     size_t dn, char type, unsigned int major, unsigned int minor,
			     char letter)
{
	bool allowed = false;

	for (size_t i = 0; i < n; i++)
		if (matches(&v[i], type, major, minor, letter))
			allowed = v[i].allow.v;
	for (size_t i = 0; i < dn; i++)
		if (matches(&d[i], type, major, minor, letter))
			allowed = true;
	return allowed;
}

/* ---- extended BPF, as far as it is used ---- */

static int run(const struct bpf_insn *code, unsigned int n, const struct bpf_cgroup_dev_ctx *ctx)
{
	uint64_t r[11] = {0};

	for (unsigned int pc = 0, steps = 0; steps < n;
	     pc++, steps++) { /* no loops: each at most once */
		const struct bpf_insn *i = &code[pc];
		uint64_t imm = (uint64_t)(int64_t)i->imm;

		assert_in_range(pc, 0, n - 1);
		assert_in_range(i->dst_reg, 0, 9);
		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			assert_int_equal(i->src_reg, 1);
			assert_in_range(i->off, 0, 8);
			r[i->dst_reg] = *(const uint32_t *)((const char *)ctx + i->off);
			break;
		case BPF_ALU64 | BPF_MOV | BPF_X: r[i->dst_reg] = r[i->src_reg]; break;
		case BPF_ALU64 | BPF_MOV | BPF_K: r[i->dst_reg] = imm; break;
		case BPF_ALU64 | BPF_AND | BPF_K: r[i->dst_reg] &= imm; break;
		case BPF_ALU64 | BPF_RSH | BPF_K: r[i->dst_reg] >>= imm; break;
		case BPF_ALU64 | BPF_LSH | BPF_K: r[i->dst_reg] <<= imm; break;
		case BPF_ALU64 | BPF_SUB | BPF_K: r[i->dst_reg] -= imm; break;
		case BPF_ALU64 | BPF_OR | BPF_X: r[i->dst_reg] |= r[i->src_reg]; break;
		case BPF_ALU | BPF_XOR | BPF_K:
			r[i->dst_reg] = (uint32_t)r[i->dst_reg] ^ (uint32_t)i->imm;
			break;
		case BPF_JMP | BPF_JA: pc += i->off; break;
		case BPF_JMP | BPF_JEQ | BPF_K: pc += r[i->dst_reg] == imm ? i->off : 0; break;
		case BPF_JMP | BPF_JNE | BPF_K: pc += r[i->dst_reg] != imm ? i->off : 0; break;
		case BPF_JMP | BPF_JSET | BPF_K: pc += r[i->dst_reg] & imm ? i->off : 0; break;
		case BPF_JMP | BPF_EXIT: return (int)r[0];
		default: fail_msg("instruction %#x", i->code);
		}
	}
	fail_msg("the program does not end");
	return -1;
}

/* The kernel's verifier refuses what no path leads to. */
static void assert_all_reachable(const struct bpf_insn *code, unsigned int n)
{
	bool *reached = calloc(n + 1, sizeof(bool));

	reached[0] = true;
	for (unsigned int pc = 0; pc < n; pc++) { /* jumps lead forwards only */
		const struct bpf_insn *i = &code[pc];
		bool jump = BPF_CLASS(i->code) == BPF_JMP;

		if (!reached[pc])
			fail_msg("instruction %u of %u cannot be reached", pc, n);
		if (jump && BPF_OP(i->code) != BPF_EXIT) {
			assert_in_range(i->off, 0, n - pc - 2);
			reached[pc + 1 + i->off] = true;
		}
		if (!jump || (BPF_OP(i->code) != BPF_EXIT && BPF_OP(i->code) != BPF_JA))
			reached[pc + 1] = true;
	}
	assert_false(reached[n]);
	free(reached);
}

/* ---- v1 as the kernel does it (security/device_cgroup.c), from the lines ---- */

struct kernel {
	bool allow;
	struct {
		char type;
		long major, minor;
		unsigned int access;
	} x[256];
	size_t n;
};

static long number_at(const char **s)
{
	char *end;
	long n = -1;

	if (**s == '*')
		++*s;
	else {
		n = strtol(*s, &end, 10);
		*s = end;
	}
	++*s;
	return n;
}

static void kernel_write(struct kernel *k, const char *file, const char *value)
{
	bool allow = strcmp(file, "devices.allow") == 0;
	const char *s = value + 2;
	unsigned int access = 0;
	long major, minor;

	if (value[0] == 'a') {
		*k = (struct kernel){.allow = allow};
		return;
	}
	major = number_at(&s);
	minor = number_at(&s);
	for (; *s; s++)
		access |= *s == 'r' ? DEVICE_READ : *s == 'w' ? DEVICE_WRITE : DEVICE_MKNOD;
	assert_int_not_equal(allow,
			     k->allow); /* exceptions are never taken back: they are left out */
	for (size_t i = 0; i < k->n; i++)
		if (k->x[i].type == value[0] && k->x[i].major == major && k->x[i].minor == minor) {
			k->x[i].access |= access;
			return;
		}
	k->x[k->n].type = value[0];
	k->x[k->n].major = major;
	k->x[k->n].minor = minor;
	k->x[k->n++].access = access;
}

static bool kernel_letter(const struct kernel *k, char type, unsigned int major, unsigned int minor,
			  unsigned int bit)
{
	for (size_t i = 0; i < k->n; i++)
		if (k->x[i].type == type && (k->x[i].major < 0 || k->x[i].major == (long)major) &&
		    (k->x[i].minor < 0 || k->x[i].minor == (long)minor) && (k->x[i].access & bit))
			return !k->allow;
	return k->allow;
}

/* ---- comparing ---- */

static const unsigned int majors[] = {0, 1, 2, 5, 7, 10, 136, 4095};
static const unsigned int minors[] = {0, 1, 2, 3, 5, 7, 8, 9, 200, 1048575};
static unsigned long comparisons, v1_refusals, v1_lists;

static void compare(const struct device_rule *v, size_t n, const struct device_rule *d, size_t dn)
{
	struct resources r = {.devices = {(struct device_rule *)v, n}};
	device_rules rules;
	struct kernel kernel = {.allow = true};
	struct bpf_insn *code;
	limit_list lines;
	struct error e;
	unsigned int len;
	bool v1;

	assert_int_equal(devices_rules(&rules, arena, &r, &e), 0);
	len = devices_v2(&code, arena, &rules);
	assert_all_reachable(code, len);
	v1 = devices_v1(&lines, arena, &rules, &e) == 0;
	for (size_t i = 0; v1 && i < lines.n; i++)
		kernel_write(&kernel, lines.v[i].file, lines.v[i].value);
	v1_lists++;
	v1_refusals += !v1;
	for (int t = 0; t < 2; t++)
		for (size_t a = 0; a < ARRAY_SIZE(majors); a++)
			for (size_t b = 0; b < ARRAY_SIZE(minors); b++) {
				unsigned int type = t ? DEVICE_CHAR : DEVICE_BLOCK, allowed = 0;

				for (unsigned int bit = 1; bit < 8; bit <<= 1) {
					char letter = bit == DEVICE_MKNOD  ? 'm'
						      : bit == DEVICE_READ ? 'r'
									   : 'w';

					if (reference_letter(v, n, d, dn, t ? 'c' : 'b', majors[a],
							     minors[b], letter))
						allowed |= bit;
					if (v1 &&
					    kernel_letter(&kernel, t ? 'c' : 'b', majors[a],
							  minors[b], bit) != !!(allowed & bit))
						fail_msg("v1 differs: %c %u:%u %c", t ? 'c' : 'b',
							 majors[a], minors[b], letter);
				}
				for (unsigned int access = 0; access < 8; access++) {
					struct bpf_cgroup_dev_ctx ctx = {access << 16 | type,
									 majors[a], minors[b]};
					bool expected = (access & ~allowed) == 0;

					comparisons++;
					if (run(code, len, &ctx) != expected ||
					    devices_allow(&rules, type, majors[a], minors[b],
							  access) != expected)
						fail_msg("%u:%u type %u access %u: expected %d",
							 majors[a], minors[b], type, access,
							 expected);
				}
			}
}

static uint32_t seed = 1;

static unsigned int pick(unsigned int n)
{
	seed = seed * 1664525 + 1013904223;
	return (seed >> 8) % n;
}

static struct device_rule random_rule(void)
{
	static const char *const types[] = {NULL, "a", "b", "c", "c", "c"};
	static const char *const accesses[] = {NULL, "rwm", "rwm", "r", "w", "m", "rw", "wm", "mr"};
	struct device_rule r = {.allow = {true, pick(2)}};

	r.type = types[pick(ARRAY_SIZE(types))];
	r.access = accesses[pick(ARRAY_SIZE(accesses))];
	if (pick(3))
		r.major = (struct opt_i64){true, pick(8) ? (int64_t)majors[pick(ARRAY_SIZE(majors))]
							 : -1};
	if (pick(3))
		r.minor = (struct opt_i64){true, pick(8) ? (int64_t)minors[pick(ARRAY_SIZE(minors))]
							 : -1};
	return r;
}

static void program_lines_and_rules_agree_on_every_access_for_generated_lists(void **state)
{
	size_t dn;
	const struct device_rule *d = reference_defaults(&dn);
	struct device_rule list[12];

	for (int i = 0; i < 600; i++) {
		size_t n = pick(ARRAY_SIZE(list) + 1);

		for (size_t k = 0; k < n; k++)
			list[k] = random_rule();
		compare(list, n, d, dn);
	}
	print_message("%lu accesses; v1 took %lu of %lu lists\n", comparisons,
		      v1_lists - v1_refusals, v1_lists);
	assert_in_range(v1_refusals, 0, v1_lists / 2 + v1_lists / 3);
}

/* ---- examples ---- */

static const char *print_v1(device_rules rules)
{
	struct buf b = buf_new(arena);
	limit_list lines;
	struct error e;

	if (devices_v1(&lines, arena, &rules, &e) < 0)
		return arena_printf(arena, "%s: %s", e.at, e.text);
	FOR_EACH(l, lines)
		buf_printf(&b, "%s%s %s%s", b.len ? "; " : "", l->file + strlen("devices."),
			   l->value, l->neutral ? "~" : "");
	return b.s;
}

#define DEFAULT_LINES                                                                             \
	"allow c *:* m; allow b *:* m; allow c 1:3 rwm; allow c 1:5 rwm; allow c 1:7 rwm; "       \
	"allow c 1:8 rwm; allow c 1:9 rwm; allow c 5:0 rwm; allow c 5:2 rwm; allow c 136:* rwm; " \
	"allow c 10:200 rwm"

static void without_rules_only_the_default_devices_are_allowed(void **state)
{
	device_rules rules;
	struct error e;

	assert_int_equal(devices_rules(&rules, arena, NULL, &e), 0);
	assert_string_equal(print_v1(rules), "deny a *:* rwm; " DEFAULT_LINES);
	assert_true(devices_allow(&rules, DEVICE_CHAR, 1, 3, DEVICE_READ | DEVICE_WRITE));
	assert_true(devices_allow(&rules, DEVICE_BLOCK, 8, 0, DEVICE_MKNOD));
	assert_false(devices_allow(&rules, DEVICE_BLOCK, 8, 0, DEVICE_READ));
	assert_false(devices_allow(&rules, DEVICE_BLOCK, 8, 0, DEVICE_READ | DEVICE_MKNOD));
}

static void an_engine_s_list_with_the_defaults_in_it_is_not_written_twice(void **state)
{
	assert_string_equal(
		print_v1(rules_of(
			"[{'allow': false, 'access': 'rwm'},"
			"{'allow': true, 'type': 'c', 'major': 1, 'minor': 3, 'access': 'rwm'},"
			"{'allow': true, 'type': 'c', 'major': 10, 'minor': 229, 'access': 'rw'}]")),
		"deny a *:* rwm; allow c 10:229 rw; " DEFAULT_LINES);
}

static void a_privileged_container_needs_neither_lines_nor_program(void **state)
{
	device_rules rules = rules_of("[{'allow': false}, {'allow': true, 'access': 'rwm'}]");

	assert_int_equal(rules.n, 1);
	assert_string_equal(print_v1(rules), "allow a *:* rwm~");
}

static void everything_but_one_device_is_a_default_with_an_exception(void **state)
{
	device_rules rules = rules_of(
		"[{'allow': true}, {'allow': false, 'type': 'b', 'major': 8, 'access': 'rw'}]");

	assert_string_equal(print_v1(rules), "allow a *:* rwm~; deny b 8:* rw");
	assert_true(devices_allow(&rules, DEVICE_BLOCK, 8, 1, DEVICE_MKNOD));
	assert_false(devices_allow(&rules, DEVICE_BLOCK, 8, 1, DEVICE_WRITE));
}

static void all_types_with_a_number_are_not_everything_on_v1(void **state)
{
	assert_string_equal(
		print_v1(rules_of(
			"[{'allow': true, 'type': 'a', 'major': 42, 'minor': 1, 'access': 'r'}]")),
		"deny a *:* rwm; allow c 42:1 r; allow b 42:1 r; " DEFAULT_LINES);
}

static void a_hole_in_a_wildcard_is_refused_on_v1_and_works_on_v2(void **state)
{
	device_rules rules =
		rules_of("[{'allow': true, 'type': 'b', 'major': 8, 'access': 'rwm'},"
			 "{'allow': false, 'type': 'b', 'major': 8, 'minor': 3, 'access': 'w'}]");

	assert_non_null(strstr(print_v1(rules), "linux.resources.devices[1]: "));
	assert_true(devices_allow(&rules, DEVICE_BLOCK, 8, 3, DEVICE_READ));
	assert_false(devices_allow(&rules, DEVICE_BLOCK, 8, 3, DEVICE_READ | DEVICE_WRITE));
	assert_true(devices_allow(&rules, DEVICE_BLOCK, 8, 4, DEVICE_WRITE));
}

static void letters_of_one_device_add_up(void **state)
{
	device_rules rules =
		rules_of("[{'allow': true, 'type': 'c', 'major': 42, 'minor': 1, 'access': 'r'},"
			 "{'allow': true, 'type': 'c', 'major': 42, 'minor': 1, 'access': 'w'}]");

	assert_true(devices_allow(&rules, DEVICE_CHAR, 42, 1, DEVICE_READ | DEVICE_WRITE));
}

static void numbers_that_no_device_has_are_left_out(void **state)
{
	device_rules rules =
		rules_of("[{'allow': true, 'type': 'c', 'major': 4096, 'minor': 0, 'access': 'r'},"
			 "{'allow': true, 'type': 'c', 'major': 4294967295, 'access': 'r'}]");

	assert_string_equal(print_v1(rules), "deny a *:* rwm; " DEFAULT_LINES);
}

static void wrong_types_and_letters_are_refused_with_their_path(void **state)
{
	struct device_rule rule = {.allow = {true, true}, .type = "x"};
	struct resources r = {.devices = {&rule, 1}};
	device_rules out;
	struct error e;

	assert_int_equal(devices_rules(&out, arena, &r, &e), -1);
	assert_string_equal(e.at, "linux.resources.devices[0].type");
	rule = (struct device_rule){.access = "rwx"};
	assert_int_equal(devices_rules(&out, arena, &r, &e), -1);
	assert_string_equal(e.at, "linux.resources.devices[0].access");
	rule = (struct device_rule){.major = {true, -2}};
	assert_int_equal(devices_rules(&out, arena, &r, &e), -1);
}

static void the_longest_list_still_compiles_and_a_longer_one_is_refused(void **state)
{
	struct device_rule *v = calloc(4097, sizeof(*v));
	struct resources r = {.devices = {v, 4096}};
	struct bpf_cgroup_dev_ctx ctx = {DEVICE_READ << 16 | DEVICE_CHAR, 0, 0};
	struct bpf_insn *code;
	device_rules rules;
	struct error e;
	unsigned int n;

	for (int i = 0; i < 4097; i++)
		v[i] = (struct device_rule){.allow = {true, true},
					    .type = "c",
					    .major = {true, i % 4096},
					    .minor = {true, i},
					    .access = "r"};
	assert_int_equal(devices_rules(&rules, arena, &r, &e), 0);
	n = devices_v2(&code, arena, &rules);
	assert_int_equal(run(code, n, &ctx), 1);
	ctx.minor = 1;
	assert_int_equal(run(code, n, &ctx), 0);
	r.devices.n = 4097;
	assert_int_equal(devices_rules(&rules, arena, &r, &e), -1);
	free(v);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_rules_only_the_default_devices_are_allowed),
		TEST(an_engine_s_list_with_the_defaults_in_it_is_not_written_twice),
		TEST(a_privileged_container_needs_neither_lines_nor_program),
		TEST(everything_but_one_device_is_a_default_with_an_exception),
		TEST(all_types_with_a_number_are_not_everything_on_v1),
		TEST(a_hole_in_a_wildcard_is_refused_on_v1_and_works_on_v2),
		TEST(letters_of_one_device_add_up),
		TEST(numbers_that_no_device_has_are_left_out),
		TEST(wrong_types_and_letters_are_refused_with_their_path),
		TEST(the_longest_list_still_compiles_and_a_longer_one_is_refused),
		TEST(program_lines_and_rules_agree_on_every_access_for_generated_lists),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
