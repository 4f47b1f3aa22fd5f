/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/sched.h>

#include "base/list.h"
#include "plan/compile.h"
#include "plan/members.h"
#include "plan/verify.h"

/*
 * The rules are tables.  They are about any plan, not about how this compiler
 * makes one: what depends on the config is in compile.c and its parts.
 */

/* What the rules are about: each kind of operation, and some of a kind that have their own. */
enum {
	MARK_BARRIER = OP_KINDS, /* + its id */
	MARK_UNSHARE_CGROUP = MARK_BARRIER + BARRIER_KINDS,
	MARK_UNSHARE_NET,
	MARK_UNSHARE_TIME,
	MARK_JOIN_CGROUP,
	MARK_JOIN_USER,
	MARKS,
};

_Static_assert(MARKS <= UINT8_MAX, "a mark is a byte in the tables");

struct order {
	uint8_t first, then; /* marks */
	const char *why;
};

/* clang-format off */
#define ON(NAME) OP_##NAME
#define AT(which) (MARK_BARRIER + BARRIER_##which)
#define UNSHARE(TYPE) MARK_UNSHARE_##TYPE
#define JOIN(TYPE) MARK_JOIN_##TYPE
/* clang-format on */

static const struct order orders[] = {
	/* namespaces */
	{AT(USERNS), ON(ID_MAPS), "maps are written to a user namespace that exists"},
	{ON(ID_MAPS), AT(MAPPED), "the barrier says that they are written"},
	{AT(MAPPED), ON(USERNS_ROOT), "id 0 exists when it is mapped"},
	{AT(MAPPED), JOIN(USER), "until then its root could trace init"},
	{AT(MAPPED), ON(JOIN_CGROUP), "limits are applied before anything counts"},
	{ON(JOIN_CGROUP), UNSHARE(CGROUP), "its root is where the process is"},
	{ON(JOIN_CGROUP), JOIN(CGROUP), "its root hides the paths of the host"},
	{UNSHARE(CGROUP), ON(DELEGATED_CGROUP), "the namespace's root is above it"},
	{UNSHARE(TIME), ON(TIME_OFFSETS), "they belong to the new namespace"},
	{ON(TIME_OFFSETS), ON(REFORK), "with the first process they are final"},
	{ON(JOIN_NS), ON(REFORK), "a joined pid namespace is for children"},
	{ON(UNSHARE), ON(REFORK), "a new pid or time namespace is for children"},
	{ON(JOIN_CGROUP), ON(CPU_AFFINITY), "joining changes it"},
	{ON(JOIN_NS), ON(ENTER), "the root is that of the joined mount namespace"},
	{ON(REFORK), ON(ENTER), "descriptors are those of the process that stays"},
	{ON(ENTER), ON(CONSOLE), "its devpts is below the root"},
	{ON(ENTER), ON(CWD), "it is below the root"},
	{ON(ENTER), ON(STDIO), "the null device is below the root"},
	{ON(ENTER), ON(IDS), "changing the root takes privilege"},
	{ON(REFORK), ON(SESSION), "the session is that of the process that stays"},
	{JOIN(USER), ON(KEYRING), "keyrings belong to user namespaces"},
	{UNSHARE(NET), ON(LOOPBACK), "the device is in the new namespace"},
	{ON(SESSION), ON(CONSOLE), "a terminal belongs to a session"},

	/* the root file system */
	{ON(REFORK), ON(OPEN_SOURCE), "descriptors are those of the process that stays"},
	{ON(JOIN_NS), ON(OPEN_SOURCE),
	 "sources are seen from the mount namespace they are mounted in"},
	{ON(UNSHARE), ON(OPEN_SOURCE),
	 "sources are seen from the mount namespace they are mounted in"},
	{ON(OPEN_SOURCE), ON(ROOTFS), "a mount may cover the source of another"},
	{ON(USERNS_ROOT), ON(ROOTFS), "what is made belongs to the container's root"},
	{ON(UNSHARE), ON(ROOTFS), "nothing is mounted in the host's namespace"},
	{ON(JOIN_NS), ON(ROOTFS), "nothing is mounted in the host's namespace"},
	{ON(ROOTFS), ON(MOUNT), "mounts go below the root"},
	{ON(ROOTFS), ON(CGROUP_TREE), "mounts go below the root"},
	{ON(ROOTFS), ON(DEVICE), "devices go below the root"},
	{ON(ROOTFS), ON(SYMLINK), "links go below the root"},
	{ON(ROOTFS), ON(DIRECTORY), "directories go below the root"},
	{ON(DEVICE), AT(HOOKS), "hooks find the container complete"},
	{ON(SYMLINK), AT(HOOKS), "hooks find the container complete"},
	{ON(DEVICE), ON(PIVOT), "the host's devices are gone after it"},
	{ON(CONSOLE), ON(PIVOT), "the root may be read-only after it"},
	{ON(PIVOT), ON(STDIO), "the null device is below the root"},
	{ON(DIRECTORY), ON(READONLY_ROOT), "nothing can be made in it any more"},
	{AT(HOOKS), ON(NET_DEVICE), "the network namespace is the container's by then"},
	{AT(HOOKS), ON(HOST_HOOK), "they run when all is mounted"},
	{AT(HOOKS), ON(RLIMIT), "a small limit would hinder the mounts"},
	{ON(HOST_HOOK), ON(HOOK), "runtime.md \"Lifecycle\""},
	{ON(HOST_HOOK), ON(PIVOT), "they may still change the container's files"},
	{AT(HOOKS), ON(PIVOT), "hooks find the host's paths"},
	{ON(PIVOT), ON(PROPAGATION), "an unbindable root could not be moved"},
	{ON(PIVOT), ON(SYSCTL), "/proc is the container's"},
	{ON(PIVOT), ON(READONLY_ROOT), "the root may be part of the host's before"},
	{ON(PIVOT), ON(READONLY_PATH), "paths are the container's"},
	{ON(PIVOT), ON(MASKED_PATH), "paths are the container's"},
	{ON(MOUNT), ON(READONLY_PATH), "a mount would uncover it"},
	{ON(MOUNT), ON(MASKED_PATH), "a mount would uncover it"},
	{ON(CGROUP_TREE), ON(PIVOT), "its sources are the host's"},
	{ON(SYSCTL), ON(READONLY_PATH), "/proc/sys is often one of them"},
	{ON(SYSCTL), ON(MASKED_PATH), "/proc/sys may be one of them"},

	/* the process: keyring, namespaces, mounts, pivot, bounding, ids, capabilities, filter, execve */
	{ON(KEYRING), ON(IDS), "the keyring is the container's root's"},
	{ON(MASKED_PATH), ON(CWD), "the directory may be one of them"},
	{ON(READONLY_PATH), ON(CWD), "the directory may be one of them"},
	{ON(MASKED_PATH), ON(IDS), "mounting takes privilege"},
	{ON(READONLY_PATH), ON(IDS), "mounting takes privilege"},
	{ON(READONLY_ROOT), ON(IDS), "mounting takes privilege"},
	{ON(SYSCTL), ON(IDS), "writing takes privilege"},
	{ON(RLIMIT), ON(IDS), "the host may change who is still its own user"},
	{ON(SCHEDULER), ON(IDS), "a better priority takes privilege"},
	{ON(IO_PRIORITY), ON(IDS), "a better priority takes privilege"},
	{ON(STDIO), ON(IDS), "giving them away takes privilege"},
	{ON(BOUNDING), ON(IDS), "dropping takes CAP_SETPCAP"},
	{ON(IDS), ON(CAPABILITIES), "changing ids takes CAP_SETUID"},
	{ON(IDS), ON(NO_NEW_PRIVS), "nothing of the process is left to change"},
	{ON(IDS), ON(FIND_EXECUTABLE), "the container's user must be able to execute it"},
	{ON(IDS), AT(READY), "create reports what start could not"},
	{ON(FIND_EXECUTABLE), AT(READY), "a missing program is an error of create"},
	{ON(EXEC_LABEL), AT(READY), "an unknown label is an error of create"},
	{AT(READY), ON(START_GATE), "the state is committed before start can come"},
	{AT(BUILT), ON(START_GATE), "it waits for the barrier to open"},
	{ON(PROPAGATION), AT(BUILT), "who joins the container finds it complete"},
	{ON(SYSCTL), AT(BUILT), "who joins the container finds it complete"},
	{ON(READONLY_PATH), AT(BUILT), "who joins the container finds it complete"},
	{ON(MASKED_PATH), AT(BUILT), "who joins the container finds it complete"},
	{ON(READONLY_ROOT), AT(BUILT), "who joins the container finds it complete"},
	{ON(STDIO), AT(BUILT), "device rules come into force then"},
	{ON(START_GATE), ON(CLOSE_FDS), "start connects to one of them"},
	{ON(START_GATE), ON(SECCOMP), "a profile may refuse accept(2)"},
	{ON(CLOSE_FDS), ON(SECCOMP), "a profile may refuse close_range(2)"},
	{ON(NO_NEW_PRIVS), ON(SECCOMP), "then it takes no privilege"},

	{AT(MAPPED), AT(HOOKS), "the order of the protocol"},
	{AT(MAPPED), AT(READY), "the order of the protocol"},
	{AT(HOOKS), AT(READY), "the order of the protocol"},
	{AT(MAPPED), AT(BUILT), "the order of the protocol"},
	{AT(HOOKS), AT(BUILT), "the order of the protocol"},
};

struct count {
	uint8_t mark, least, most;
};

static const struct count counts[] = {
	{AT(MAPPED), 1, 1},
	{AT(HOOKS), 0, 1},
	{AT(READY), 0, 1},
	{AT(USERNS), 0, 1},
	{ON(BARRIER), 2, 4},
	{ON(ID_MAPS), 0, 1},
	{ON(USERNS_ROOT), 0, 1},
	{ON(JOIN_CGROUP), 0, 1},
	{ON(TIME_OFFSETS), 0, 1},
	{ON(REFORK), 0, 1},
	{ON(SESSION), 1, 1},
	{ON(KEYRING), 0, 1},
	{ON(ROOTFS), 1, 1},
	{ON(CONSOLE), 0, 1},
	{ON(PIVOT), 1, 1},
	{ON(PROPAGATION), 0, 1},
	{ON(READONLY_ROOT), 0, 1},
	{ON(BOUNDING), 0, 1},
	{ON(STDIO), 0, 1},
	{ON(IDS), 0, 1},
	{ON(CAPABILITIES), 0, 1},
	{ON(NO_NEW_PRIVS), 0, 1},
	{ON(START_GATE), 1, 1},
	{ON(CLOSE_FDS), 1, 1},
	{ON(SECCOMP), 0, 1},
	{ON(EXEC), 1, 1},
	{ON(ENTER), 0, 0},
	{ON(CPU_AFFINITY), 1, 1},
	{ON(DELEGATED_CGROUP), 0, 1},
	{AT(BUILT), 0, 1},
};

/* A process that is added to a container. What makes one is not in its plan. */
static const struct count exec_counts[] = {
	{ON(DELEGATED_CGROUP), 0, 0},
	{AT(MAPPED), 1, 1},
	{AT(HOOKS), 0, 1},
	{AT(READY), 1, 1},
	{AT(BUILT), 0, 0},
	{AT(USERNS), 0, 0},
	{ON(BARRIER), 2, 3},
	{ON(ID_MAPS), 0, 0},
	{ON(USERNS_ROOT), 0, 1},
	{ON(JOIN_CGROUP), 0, 1},
	{ON(CPU_AFFINITY), 0, 1},
	{ON(UNSHARE), 0, 0},
	{ON(TIME_OFFSETS), 0, 0},
	{ON(REFORK), 0, 1},
	{ON(SESSION), 1, 1},
	{ON(KEYRING), 0, 1},
	{ON(LOOPBACK), 0, 0},
	{ON(NET_DEVICE), 0, 0},
	{ON(INTEL_RDT), 0, 0},
	{ON(OPEN_SOURCE), 0, 0},
	{ON(ROOTFS), 0, 0},
	{ON(ENTER), 1, 1},
	{ON(MOUNT), 0, 0},
	{ON(CGROUP_TREE), 0, 0},
	{ON(DEVICE), 0, 0},
	{ON(DIRECTORY), 0, 0},
	{ON(SYMLINK), 0, 0},
	{ON(CONSOLE), 0, 1},
	{ON(HOST_HOOK), 0, 0},
	{ON(HOOK), 0, 0},
	{ON(PIVOT), 0, 0},
	{ON(PROPAGATION), 0, 0},
	{ON(HOSTNAME), 0, 0},
	{ON(DOMAINNAME), 0, 0},
	{ON(SYSCTL), 0, 0},
	{ON(READONLY_PATH), 0, 0},
	{ON(MASKED_PATH), 0, 0},
	{ON(READONLY_ROOT), 0, 0},
	{ON(STDIO), 1, 1},
	{ON(BOUNDING), 1, 1},
	{ON(IDS), 1, 1},
	{ON(CAPABILITIES), 1, 1},
	{ON(NO_NEW_PRIVS), 0, 1},
	{ON(START_GATE), 0, 0},
	{ON(CLOSE_FDS), 1, 1},
	{ON(SECCOMP), 0, 1},
	{ON(EXEC), 1, 1},
};

/* Each of these is there when there is a process. */
static const uint8_t process_ops[] = {OP_STDIO, OP_CWD,		 OP_BOUNDING,
				      OP_IDS,	OP_CAPABILITIES, OP_FIND_EXECUTABLE};

/* What the host does between two barriers. */
static const uint8_t halfway_ops[] = {OP_NET_DEVICE, OP_RLIMIT, OP_HOST_HOOK};

/* ---- order ---- */

/* Where the operations of each mark are, so that a rule need not look for them. */
struct places {
	const struct plan *p;
	uint32_t first[MARKS], last[MARKS]; /* op_count when there is none */
	uint32_t count[MARKS];
};

static void note(struct places *x, uint32_t mark, uint32_t i)
{
	if (!x->count[mark]++)
		x->first[mark] = i;
	x->last[mark] = i;
}

static void note_types(struct places *x, const struct op *op, uint32_t i)
{
	if (op->kind == OP_BARRIER && op->barrier.id < BARRIER_KINDS)
		note(x, MARK_BARRIER + op->barrier.id, i);
	if (op->kind == OP_UNSHARE && op->unshare.flags & CLONE_NEWCGROUP)
		note(x, MARK_UNSHARE_CGROUP, i);
	if (op->kind == OP_UNSHARE && op->unshare.flags & CLONE_NEWNET)
		note(x, MARK_UNSHARE_NET, i);
	if (op->kind == OP_UNSHARE && op->unshare.flags & CLONE_NEWTIME)
		note(x, MARK_UNSHARE_TIME, i);
	if (op->kind == OP_JOIN_NS && op->join_ns.type & CLONE_NEWCGROUP)
		note(x, MARK_JOIN_CGROUP, i);
	if (op->kind == OP_JOIN_NS && op->join_ns.type & CLONE_NEWUSER)
		note(x, MARK_JOIN_USER, i);
}

static void find_places(struct places *out, const struct plan *p)
{
	*out = (struct places){.p = p};
	for (uint32_t mark = 0; mark < MARKS; mark++)
		out->first[mark] = out->last[mark] = p->op_count;
	for (uint32_t i = 0; i < p->op_count; i++) {
		note(out, p->ops[i].kind, i);
		note_types(out, &p->ops[i], i);
	}
}

static bool has(const struct places *x, uint32_t mark)
{
	return x->count[mark] > 0;
}

static int check_orders(const struct places *x, struct error *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(orders); i++) {
		uint32_t then = x->first[orders[i].then];

		if (has(x, orders[i].first) && then < x->last[orders[i].first])
			return plan_broken(x->p, then, e, orders[i].why);
	}
	return 0;
}

static int check_counts(const struct places *x, struct error *e)
{
	bool exec = has(x, OP_ENTER);
	const struct count *rows = exec ? exec_counts : counts;
	size_t n_rows = exec ? ARRAY_SIZE(exec_counts) : ARRAY_SIZE(counts);

	for (size_t i = 0; i < n_rows; i++) {
		uint32_t mark = rows[i].mark, n = x->count[mark];

		if (n < rows[i].least || n > rows[i].most)
			return fail(e, 0, "the plan is wrong: %u operations \"%s\"", n,
				    op_infos[mark < OP_KINDS ? mark : OP_BARRIER].name);
	}
	return 0;
}

/* ---- what depends on each other ---- */

static int check_namespaces(const struct places *x, struct error *e)
{
	const struct plan *p = x->p;
	uint32_t late = CLONE_NEWCGROUP | CLONE_NEWTIME;
	uint32_t made = p->clone_flags;

	if (p->clone_flags & late)
		return fail(
			e, 0,
			"the plan is wrong: cgroup and time namespaces are not made by the clone");
	if (p->join_userns && p->clone_flags)
		return fail(
			e, 0,
			"the plan is wrong: namespaces would belong to the wrong user namespace");
	for (uint32_t i = 0; i < p->op_count; i++)
		if (p->ops[i].kind == OP_UNSHARE) {
			if (made & p->ops[i].unshare.flags)
				return plan_broken(p, i, e, "this namespace is made already");
			made |= p->ops[i].unshare.flags;
		}
	if (((made & CLONE_NEWUSER) != 0) != has(x, OP_ID_MAPS))
		return fail(e, 0,
			    "the plan is wrong: a new user namespace and id maps go together");
	if (((made & ~p->clone_flags) & (CLONE_NEWPID | CLONE_NEWTIME)) && !has(x, OP_REFORK))
		return fail(e, 0,
			    "the plan is wrong: nobody would be in the new pid or time namespace");
	return 0;
}

static int check_process(const struct places *x, struct error *e)
{
	const struct plan *p = x->p;
	const struct op *exec = &p->ops[p->op_count - 1];
	uint32_t seccomp = x->first[OP_SECCOMP], caps = x->first[OP_CAPABILITIES];

	if (exec->kind != OP_EXEC)
		return plan_broken(p, p->op_count - 1, e, "nothing comes after exec");
	for (size_t i = 0; i < ARRAY_SIZE(halfway_ops); i++)
		if (has(x, halfway_ops[i]) && !has(x, MARK_BARRIER + BARRIER_HOOKS))
			return plan_broken(p, x->first[halfway_ops[i]], e,
					   "init waits for it nowhere");
	for (uint32_t i = 0; i < p->op_count; i++)
		if (p->ops[i].kind == OP_BARRIER && p->ops[i].barrier.open &&
		    (p->ops[i].barrier.id != BARRIER_READY || has(x, OP_START_GATE)))
			return plan_broken(p, i, e,
					   "the host has something to do before init goes on");
	if (has(x, MARK_BARRIER + BARRIER_READY) == has(x, MARK_BARRIER + BARRIER_BUILT))
		return fail(e, 0, "the plan is wrong: the host commits once");
	if (p->terminal != has(x, OP_CONSOLE))
		return fail(e, 0, "the plan is wrong: a terminal and its console go together");
	if (exec->exec.no_process)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(process_ops); i++)
		if (!has(x, process_ops[i]))
			return fail(e, 0, "the plan is wrong: operation \"%s\" is missing",
				    op_infos[process_ops[i]].name);
	if (seccomp < p->op_count && !has(x, OP_NO_NEW_PRIVS) && caps < seccomp)
		return plan_broken(p, seccomp, e, "loading the filter takes CAP_SYS_ADMIN");
	if ((seccomp == p->op_count || has(x, OP_NO_NEW_PRIVS)) && caps > x->first[OP_START_GATE])
		return plan_broken(p, caps, e, "nothing needs them any more");
	return 0;
}

int plan_verify(const struct plan *p, struct error *e)
{
	struct places x;

	if (verify_data(p, e) < 0)
		return -1;
	find_places(&x, p);
	return check_counts(&x, e) < 0 || check_orders(&x, e) < 0 || check_namespaces(&x, e) < 0 ||
			       check_process(&x, e) < 0
		       ? -1
		       : 0;
}
