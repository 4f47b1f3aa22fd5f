/* SPDX-License-Identifier: Apache-2.0 */
/*
 * plan_verify() against good plans that were made wrong in one way each: a rule
 * that no mistake breaks is no rule.
 */
#include "plan_text.h"

/* Everything that has a rule, in one plan. */
#define BUSY                                                                                             \
	"'hostname': 'h', 'domainname': 'd',"                                                            \
	"'process': {'cwd': '/srv', 'args': ['sh'], 'user': {'uid': 5, 'gid': 5}, 'terminal': true,"     \
	" 'noNewPrivileges': true, 'apparmorProfile': 'p', 'oomScoreAdj': 1,"                            \
	" 'rlimits': [{'type': 'RLIMIT_CORE', 'soft': 0, 'hard': 0}],"                                   \
	" 'scheduler': {'policy': 'SCHED_OTHER'},"                                                       \
	" 'ioPriority': {'class': 'IOPRIO_CLASS_BE', 'priority': 1}},"                                   \
	"'mounts': [{'destination': '/proc', 'type': 'proc'},"                                           \
	" {'destination': '/t', 'type': 'tmpfs', 'options': ['ro']},"                                    \
	" {'destination': '/b', 'source': '/srv', 'options': ['bind']}],"                                \
	"'hooks': {'prestart': [{'path': '/h'}], 'createContainer': [{'path': '/h'}],"                   \
	" 'startContainer': [{'path': '/h'}]},"                                                          \
	"'linux': {'namespaces': [{'type': 'mount'}, {'type': 'pid'}, {'type': 'uts'}, {'type': 'ipc'}," \
	" {'type': 'network'}, {'type': 'cgroup'}, {'type': 'time'}, {'type': 'user'}],"                 \
	" 'uidMappings': [{'containerID': 0, 'hostID': 1000, 'size': 10}],"                              \
	" 'gidMappings': [{'containerID': 0, 'hostID': 1000, 'size': 10}],"                              \
	" 'timeOffsets': {'monotonic': {'secs': 5}}, 'sysctl': {'net.core.somaxconn': '9'},"             \
	" 'netDevices': {'eth9': {}}, 'rootfsPropagation': 'slave',"                                     \
	" 'maskedPaths': ['/proc/kcore'], 'readonlyPaths': ['/proc/sys']}"

static const uint64_t allow = 0x7fff000000000006;

static struct plan busy_with(struct plan_options o)
{
	struct facts f = facts_of_root();
	struct error e;
	struct plan p;

	o.seccomp_program = &allow;
	o.seccomp_count = 1;
	f.apparmor = true;
	f.cgroup = CGROUP_V1;
	f.mount_api = false; /* for OPEN_SOURCE */
	if (compile_with(&p, BUSY, &f, &o, &e) < 0)
		fail_msg("no plan, at %s: %s", e.at, e.text);
	return p;
}

static struct plan busy(void)
{
	return busy_with((struct plan_options){0});
}

static void fails(const struct plan *p, const char *text)
{
	struct error e = {0};

	if (plan_verify(p, &e) == 0)
		fail_msg("this plan should be refused: %s\n%s", text, text_of(p));
	if (!strstr(e.text, text))
		fail_msg("\"%s\" has nothing of \"%s\"", e.text, text);
}

static uint32_t index_of(const struct plan *p, uint32_t kind)
{
	return (uint32_t)(op_of(p, kind) - p->ops);
}

/* Moves the first operation of @kind to where the first of @before is. */
static void move_before(struct plan *p, uint32_t kind, uint32_t before)
{
	uint32_t from = index_of(p, kind), to = index_of(p, before);
	struct op op = p->ops[from];

	assert_true(to < from);
	memmove(&p->ops[to + 1], &p->ops[to], (from - to) * sizeof(op));
	p->ops[to] = op;
}

static void drop(struct plan *p, uint32_t kind)
{
	uint32_t i = index_of(p, kind);

	memmove(&p->ops[i], &p->ops[i + 1], (p->op_count - i - 1) * sizeof(*p->ops));
	p->op_count--;
}

static void repeat(struct plan *p, uint32_t kind)
{
	struct op *ops = ARENA_ARRAY(arena_main(), p->op_count + 1, struct op);
	uint32_t i = index_of(p, kind);

	memcpy(ops, p->ops, (i + 1) * sizeof(*ops));
	memcpy(ops + i + 1, p->ops + i, (p->op_count - i) * sizeof(*ops));
	p->ops = ops;
	p->op_count++;
}

static void the_busy_plan_is_good(void **state)
{
	struct plan p = busy();
	struct error e;

	assert_int_equal(plan_verify(&p, &e), 0);
}

static void what_comes_too_early_is_found(void **state)
{
	static const struct {
		uint32_t kind, before;
	} moves[] = {
		{OP_USERNS_ROOT, OP_BARRIER},  {OP_JOIN_CGROUP, OP_BARRIER},
		{OP_TIME_OFFSETS, OP_UNSHARE}, {OP_REFORK, OP_TIME_OFFSETS},
		{OP_SESSION, OP_REFORK},       {OP_OPEN_SOURCE, OP_REFORK},
		{OP_ROOTFS, OP_OPEN_SOURCE},   {OP_MOUNT, OP_ROOTFS},
		{OP_DEVICE, OP_ROOTFS},	       {OP_SYMLINK, OP_ROOTFS},
		{OP_HOST_HOOK, OP_MOUNT},      {OP_NET_DEVICE, OP_ROOTFS},
		{OP_RLIMIT, OP_MOUNT},	       {OP_HOOK, OP_HOST_HOOK},
		{OP_PIVOT, OP_HOST_HOOK},      {OP_PIVOT, OP_DEVICE},
		{OP_PIVOT, OP_CONSOLE},	       {OP_PROPAGATION, OP_PIVOT},
		{OP_SYSCTL, OP_PIVOT},	       {OP_READONLY_PATH, OP_PIVOT},
		{OP_MASKED_PATH, OP_MOUNT},    {OP_READONLY_PATH, OP_SYSCTL},
		{OP_MASKED_PATH, OP_SYSCTL},   {OP_CWD, OP_MASKED_PATH},
		{OP_IDS, OP_MASKED_PATH},      {OP_IDS, OP_SCHEDULER},
		{OP_IDS, OP_IO_PRIORITY},      {OP_IDS, OP_BOUNDING},
		{OP_CAPABILITIES, OP_IDS},     {OP_NO_NEW_PRIVS, OP_IDS},
		{OP_FIND_EXECUTABLE, OP_IDS},  {OP_START_GATE, OP_EXEC_LABEL},
		{OP_CLOSE_FDS, OP_START_GATE}, {OP_SECCOMP, OP_START_GATE},
		{OP_SECCOMP, OP_CLOSE_FDS},    {OP_EXEC, OP_SECCOMP},
	};

	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		struct plan p = busy();
		struct error e = {0};

		move_before(&p, moves[i].kind, moves[i].before);
		if (plan_verify(&p, &e) == 0)
			fail_msg("%s may come before %s\n%s", op_name(moves[i].kind),
				 op_name(moves[i].before), text_of(&p));
		assert_true(str_starts(e.text, "the plan is wrong"));
	}
}

static void the_loopback_device_is_that_of_the_new_namespace(void **state)
{
	struct plan p = busy();
	struct error e;

	(void)state;
	move_before(&p, OP_LOOPBACK, OP_UNSHARE); /* clone(2) has made its namespace */
	assert_int_equal(plan_verify(&p, &e), 0);
	p.clone_flags &= ~(uint32_t)CLONE_NEWNET;
	p.ops[index_of(&p, OP_UNSHARE)].unshare.flags |= CLONE_NEWNET;
	fails(&p, "the device is in the new namespace");
}

/* Moves the first operation of @kind to behind BARRIER_BUILT. */
static void postpone(struct plan *p, uint32_t kind)
{
	uint32_t i = index_of(p, kind);
	struct op op;

	do {
		op = p->ops[i];
		p->ops[i] = p->ops[i + 1];
		p->ops[++i] = op;
	} while (p->ops[i - 1].kind != OP_BARRIER || p->ops[i - 1].barrier.id != BARRIER_BUILT);
}

static void without_start_what_the_host_commits_is_built(void **state)
{
	static const struct {
		uint32_t kind;
		const char *why;
	} moves[] = {
		{OP_PROPAGATION, "complete"},	{OP_SYSCTL, "complete"},
		{OP_READONLY_PATH, "complete"}, {OP_MASKED_PATH, "complete"},
		{OP_STDIO, "device rules"},
	};

	for (size_t i = 0; i < ARRAY_SIZE(moves); i++) {
		struct plan p = busy_with((struct plan_options){.at_once = true});

		for (size_t later = i + 1; later < ARRAY_SIZE(moves); later++)
			drop(&p, moves[later].kind);
		postpone(&p, moves[i].kind);
		fails(&p, moves[i].why);
	}
}

static void without_start_the_root_is_read_only_by_then(void **state)
{
	struct plan p = busy_with((struct plan_options){.at_once = true});
	struct error e;

	*op_of(&p, OP_MASKED_PATH) = (struct op){.kind = OP_READONLY_ROOT};
	assert_int_equal(plan_verify(&p, &e), 0);
	postpone(&p, OP_READONLY_ROOT);
	fails(&p, "complete");
}

static void the_host_commits_once(void **state)
{
	struct plan p = busy_with((struct plan_options){.at_once = true});
	struct op *built = op_of(&p, OP_START_GATE);

	while (built->kind != OP_BARRIER)
		built--;
	assert_int_equal(built->barrier.id, BARRIER_BUILT);
	built->barrier.id = BARRIER_USERNS;
	fails(&p, "the plan is wrong");
	built->barrier.id = BARRIER_READY;
	fails(&p, "create reports what start could not");
}

static void what_is_missing_is_found(void **state)
{
	static const uint32_t kinds[] = {
		OP_BARRIER,	    OP_SESSION, OP_ROOTFS,  OP_PIVOT,	 OP_START_GATE,
		OP_CLOSE_FDS,	    OP_EXEC,	OP_IDS,	    OP_BOUNDING, OP_CAPABILITIES,
		OP_FIND_EXECUTABLE, OP_CONSOLE, OP_ID_MAPS, OP_REFORK,	 OP_OPEN_SOURCE,
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct plan p = busy();
		struct error e;

		drop(&p, kinds[i]);
		if (plan_verify(&p, &e) == 0)
			fail_msg("%s may be missing\n%s", op_name(kinds[i]), text_of(&p));
	}
}

static void what_is_there_twice_is_found(void **state)
{
	static const uint32_t kinds[] = {
		OP_BARRIER,   OP_SESSION, OP_ROOTFS,	  OP_PIVOT,	   OP_START_GATE,
		OP_CLOSE_FDS, OP_EXEC,	  OP_IDS,	  OP_CAPABILITIES, OP_SECCOMP,
		OP_REFORK,    OP_ID_MAPS, OP_OPEN_SOURCE, OP_UNSHARE,
	};

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		struct plan p = busy();
		struct error e;

		repeat(&p, kinds[i]);
		if (plan_verify(&p, &e) == 0)
			fail_msg("%s may be there twice\n%s", op_name(kinds[i]), text_of(&p));
	}
}

static void without_no_new_privs_capabilities_are_dropped_after_the_filter(void **state)
{
	struct plan p = busy();

	drop(&p, OP_NO_NEW_PRIVS);
	fails(&p, "loading the filter takes CAP_SYS_ADMIN");
}

static void with_no_new_privs_capabilities_do_not_outlive_the_gate(void **state)
{
	struct plan p = busy();
	uint32_t caps = index_of(&p, OP_CAPABILITIES), exec = index_of(&p, OP_EXEC);
	struct op op = p.ops[caps];

	memmove(&p.ops[caps], &p.ops[caps + 1], (exec - caps - 1) * sizeof(op));
	p.ops[exec - 1] = op;
	fails(&p, "nothing needs them any more");
}

static void late_namespaces_are_not_made_by_the_clone(void **state)
{
	struct plan p = busy();

	p.clone_flags |= CLONE_NEWTIME;
	fails(&p, "not made by the clone");
}

static void a_joined_user_namespace_goes_before_all_that_are_made(void **state)
{
	struct plan p = busy();

	p.join_userns = 1;
	fails(&p, "wrong user namespace");
}

static void a_container_waits_until_its_state_is_committed(void **state)
{
	struct plan p = busy();

	for (uint32_t i = 0; i < p.op_count; i++)
		if (p.ops[i].kind == OP_BARRIER) {
			p.ops[i].barrier.open = true;
			fails(&p, "before init goes on");
			p.ops[i].barrier.open = false;
		}
}

static void a_user_namespace_is_not_joined_while_init_can_be_traced(void **state)
{
	struct facts f = facts_of_root();
	struct plan_options o = {0};
	struct error e;
	struct plan p;

	assert_int_equal(compile_with(&p,
				      PROCESS ","
					      "'linux': {'namespaces': [{'type': 'mount'},"
					      " {'type': 'user', 'path': '/n'}]}",
				      &f, &o, &e),
			 0);
	assert_int_equal(plan_verify(&p, &e), 0);
	move_before(&p, OP_JOIN_NS, OP_BARRIER);
	fails(&p, "trace init");
}

static void offsets_outside_of_the_heap_are_found(void **state)
{
	struct plan p = busy();

	op_of(&p, OP_HOSTNAME)->hostname.name = p.heap_size;
	fails(&p, "hostname): bad name");

	p = busy();
	op_of(&p, OP_EXEC)->exec.argv.count = p.heap_size;
	fails(&p, "exec): bad argv");

	p = busy();
	op_of(&p, OP_EXEC)->exec.env.at = 4;
	op_of(&p, OP_EXEC)->exec.env.count = 1;
	fails(&p, "exec): bad env");

	p = busy();
	op_of(&p, OP_SECCOMP)->seccomp.count = UINT32_MAX;
	fails(&p, "seccomp): bad program");

	p = busy();
	op_of(&p, OP_SECCOMP)->seccomp.count = 0;
	fails(&p, "seccomp): bad program");

	p = busy();
	op_of(&p, OP_IDS)->ids.groups = (struct plan_u32s){p.heap_size & ~3u, 1};
	fails(&p, "ids): bad groups");

	p = busy();
	op_of(&p, OP_PIVOT)->at = UINT32_MAX;
	fails(&p, "pivot): bad at");
}

static void a_string_without_an_end_is_found(void **state)
{
	struct plan p = busy();
	plan_str name = op_of(&p, OP_HOSTNAME)->hostname.name;

	p.heap_size = name + 1; /* "h", and no NUL */
	fails(&p, "its last string has no end");
}

static void an_unknown_operation_is_found(void **state)
{
	struct plan p = busy();

	p.ops[3].kind = OP_KINDS;
	fails(&p, "operation 3 is of no known kind");
	p.ops[3].kind = OP_NONE;
	fails(&p, "operation 3 is of no known kind");
}

static void a_slot_that_nobody_filled_is_found(void **state)
{
	struct plan p = busy();

	op_of(&p, OP_ROOTFS)->rootfs.slot = SLOT_NONE;
	fails(&p, "its slot holds something else");

	p = busy();
	op_of(&p, OP_ROOTFS)->rootfs.slot = (plan_slot)p.slot_count;
	fails(&p, "rootfs): bad slot");

	p = busy();
	p.slots[op_of(&p, OP_ROOTFS)->rootfs.slot].kind = SLOT_NAMESPACE;
	fails(&p, "its slot holds something else");

	p = busy();
	op_of(&p, OP_MOUNT)->mount.slot = 0; /* a new procfs comes from nowhere */
	fails(&p, "its slot holds something else");
}

/* A tree of two hierarchies, on v1. */
static struct plan with_cgroups(void)
{
	struct cgroup_hierarchy hierarchies[] = {
		{"/sys/fs/cgroup/pids", {(const char *[]){"pids", NULL}, 1}, "/"},
		{"/sys/fs/cgroup/cpu,cpuacct", {(const char *[]){"cpu", "cpuacct", NULL}, 2}, "/"},
	};
	struct facts f = facts_of_root();
	struct error e;
	struct plan p;

	f.cgroup = CGROUP_V1;
	f.hierarchies.v = hierarchies;
	f.hierarchies.n = ARRAY_SIZE(hierarchies);
	if (compile_with(&p,
			 "'mounts': [{'destination': '/c', 'type': 'cgroup', 'options': ['ro']},"
			 " {'destination': '/c/d', 'type': 'tmpfs'}], 'linux': {" NAMESPACES "}",
			 &f, NULL, &e) < 0)
		fail_msg("no plan, at %s: %s", e.at, e.text);
	return p;
}

static void a_tree_of_cgroups_has_a_slot_for_each_and_whole_links(void **state)
{
	struct plan p = with_cgroups();
	struct op_cgroup_tree *t = &op_of(&p, OP_CGROUP_TREE)->cgroup_tree;
	struct op_cgroup_tree good = *t;
	struct error e;

	assert_int_equal(plan_verify(&p, &e), 0);
	t->slot++; /* the second is the one that the tree is kept in */
	fails(&p, "its slot holds something else");
	*t = good;
	p.slots[t->slot + 1].kind = SLOT_NAMESPACE;
	fails(&p, "its slot holds something else");
	p.slots[t->slot + 1].kind = SLOT_TREE;
	t->mount.keep = t->slot;
	fails(&p, "its slot holds something else");
	*t = good;
	t->links.count--;
	fails(&p, "bad links");
	*t = good;
	t->mount.target = 0;
	fails(&p, "its target is not absolute");
}

static void a_slot_is_mapped_by_an_earlier_user_namespace_only(void **state)
{
	struct plan p = busy();

	p.slots[0].userns = 0;
	fails(&p, "not mapped by a user namespace");
	p.slots[0].userns = (plan_slot)p.slot_count;
	fails(&p, "slot 0 leads nowhere");
}

static void nothing_is_mounted_inside_of_proc(void **state)
{
	struct builder b = builder_new(arena_main());
	struct plan p = busy();
	struct op_mount *m = &op_of(&p, OP_MOUNT)->mount;
	plan_str inside;

	b.heap_size = p.heap_size;
	b.heap_room = p.heap_size;
	b.heap = p.heap;
	inside = build_str(&b, "/proc/self/attr");
	p.heap = b.heap;
	p.heap_size = b.heap_size;
	m->target = inside;
	m->flags &= (uint16_t)~MOUNT_ON_PROC;
	fails(&p, "nothing may be mounted inside /proc");
	m->target = 0;
	fails(&p, "not absolute");
}

static void an_empty_plan_is_refused(void **state)
{
	struct plan p = {0};

	fails(&p, "empty");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_busy_plan_is_good),
		cmocka_unit_test(what_comes_too_early_is_found),
		cmocka_unit_test(the_loopback_device_is_that_of_the_new_namespace),
		cmocka_unit_test(without_start_what_the_host_commits_is_built),
		cmocka_unit_test(without_start_the_root_is_read_only_by_then),
		cmocka_unit_test(the_host_commits_once),
		cmocka_unit_test(what_is_missing_is_found),
		cmocka_unit_test(what_is_there_twice_is_found),
		cmocka_unit_test(without_no_new_privs_capabilities_are_dropped_after_the_filter),
		cmocka_unit_test(with_no_new_privs_capabilities_do_not_outlive_the_gate),
		cmocka_unit_test(late_namespaces_are_not_made_by_the_clone),
		cmocka_unit_test(a_joined_user_namespace_goes_before_all_that_are_made),
		cmocka_unit_test(a_container_waits_until_its_state_is_committed),
		cmocka_unit_test(a_user_namespace_is_not_joined_while_init_can_be_traced),
		cmocka_unit_test(offsets_outside_of_the_heap_are_found),
		cmocka_unit_test(a_string_without_an_end_is_found),
		cmocka_unit_test(an_unknown_operation_is_found),
		cmocka_unit_test(a_slot_that_nobody_filled_is_found),
		cmocka_unit_test(a_tree_of_cgroups_has_a_slot_for_each_and_whole_links),
		cmocka_unit_test(a_slot_is_mapped_by_an_earlier_user_namespace_only),
		cmocka_unit_test(nothing_is_mounted_inside_of_proc),
		cmocka_unit_test(an_empty_plan_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
