/* SPDX-License-Identifier: Apache-2.0 */
/* CGROUP_TREE, with directories of the host in place of cgroups. */
#include "init/world.h"

#include <linux/mount.h>

#include "sys/abi.h"

#define TOP "/sys/fs/cgroup"
#define LIMITED (MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC)

static const char *const names[] = {"/cpu,cpuacct", "/pids"};

/* The slots: detached mounts, as the host makes them; or what init opens. */
static plan_slot add_sources(struct world *w, bool detached)
{
	plan_slot first = (plan_slot)w->plan.slot_count;

	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[128], file[PATH_MAX];
		plan_slot slot = add_slot(w, detached ? SLOT_TREE : SLOT_BY_INIT, -1);

		snprintf(path, sizeof(path), "/host%s", names[i]);
		snprintf(file, sizeof(file), "%s/tasks", path);
		make(w->root, path, NULL);
		make(w->root, file, names[i]);
		snprintf(path, sizeof(path), "%s/host%s", w->root, names[i]);
		w->slots[slot].path = text(w, path);
		w->slots[slot].as_is = detached;
		if (detached) {
			w->fds[slot] = abi_open_tree(AT_FDCWD, path, ABI_OPEN_TREE_CLONE);
			assert_true(w->fds[slot] >= 0);
		} else {
			ADD(w, OPEN_SOURCE, open_source, .path = text(w, path), .slot = slot);
		}
	}
	return first;
}

static struct op *add_tree(struct world *w, plan_slot first)
{
	struct op *op = ADD(w, CGROUP_TREE, cgroup_tree, .slot = first);
	struct op_cgroup_tree *t = &op->cgroup_tree;

	t->mount = (struct op_mount){.target = text(w, TOP),
				     .type = text(w, "tmpfs"),
				     .source = text(w, "tmpfs"),
				     .data = text(w, "mode=755"),
				     .set = LIMITED,
				     .slot = SLOT_NONE,
				     .keep = SLOT_NONE,
				     .userns = SLOT_NONE};
	t->targets = VEC(w, TOP "/cpu,cpuacct", TOP "/pids");
	t->links = VEC(w, TOP "/cpu", "cpu,cpuacct", TOP "/cpuacct", "cpu,cpuacct");
	return op;
}

static struct world *tree_world(bool detached, struct op **tree)
{
	struct world *w = new_world();
	plan_slot first;

	make(w->root, "/host", NULL);
	make(w->root, "/sys", NULL);
	if (detached)
		first = add_sources(w, true);
	add_root(w);
	if (!detached) {
		/* sources are opened before the root file system covers them */
		struct op root = w->ops[w->plan.op_count - 1];

		w->plan.op_count--;
		first = add_sources(w, false);
		add_op(w, root);
	}
	*tree = add_tree(w, first);
	return w;
}

static void content_is(struct world *w, const char *path, const char *expected)
{
	char buf[64] = "";
	int fd = open(seen(w, path), O_RDONLY);

	assert_true(fd >= 0);
	assert_true(read(fd, buf, sizeof(buf) - 1) >= 0);
	close(fd);
	assert_string_equal(buf, expected);
}

static bool has_all(const char *line)
{
	return strstr(line, " ro,nosuid,nodev,noexec,") != NULL;
}

static void assert_is_there(struct world *w)
{
	content_is(w, TOP "/cpu,cpuacct/tasks", "/cpu,cpuacct");
	content_is(w, TOP "/cpu/tasks", "/cpu,cpuacct");
	content_is(w, TOP "/cpuacct/tasks", "/cpu,cpuacct");
	content_is(w, TOP "/pids/tasks", "/pids");
	for (size_t i = 0; i < ARRAY_SIZE(names); i++) {
		char path[64];

		snprintf(path, sizeof(path), TOP "%s", names[i]);
		assert_true(has_all(mount_line(w, path)));
		assert_null(strstr(mount_line(w, path), "shared:"));
	}
}

static struct world *ready_tree(bool detached)
{
	struct op *tree;
	struct world *w = tree_world(detached, &tree);

	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_is_there(w);
	assert_true(has_all(mount_line(w, TOP)));
	return w;
}

static void the_tree_is_attached_as_a_whole_and_all_of_it_is_limited(void **state)
{
	struct world *w = ready_tree(true);

	(void)state;
	assert_int_equal(mkdir(seen(w, TOP "/more"), 0755), -1);
	assert_int_equal(errno, EROFS);
	end_world(w);
}

static void what_the_host_could_not_detach_is_bound_one_by_one(void **state)
{
	struct world *w = ready_tree(false);

	(void)state;
	end_world(w);
}

/* @detached: as above. */
static void room_for_more(bool detached)
{
	struct op *tree;
	struct world *w = tree_world(detached, &tree);
	plan_slot keep = add_slot(w, SLOT_BY_INIT, -1);

	tree->cgroup_tree.mount.keep = keep;
	add_mount(w, "tmpfs", TOP "/more", "size=4k");
	add_pivot(w);
	ADD(w, MOUNT, mount, .target = text(w, TOP), .flags = MOUNT_REMOUNT,
	    .set = MOUNT_ATTR_RDONLY, .slot = keep, .keep = SLOT_NONE, .userns = SLOT_NONE);
	add_end(w);
	launch_ready(w);
	assert_is_there(w);
	assert_true(has_all(mount_line(w, TOP)));
	assert_non_null(strstr(mount_line(w, TOP "/more"), " rw,"));
	end_world(w);
}

static void what_is_mounted_below_it_later_finds_room(void **state)
{
	(void)state;
	room_for_more(true);
	room_for_more(false);
}

static void in_a_user_namespace_it_is_the_same(void **state)
{
	struct op *tree;
	struct world *w = tree_world(true, &tree);

	(void)state;
	w->plan.clone_flags |= CLONE_NEWUSER;
	w->ops[0] = (struct op){.kind = OP_BARRIER, .barrier = {.id = BARRIER_MAPPED}};
	add_pivot(w);
	add_end(w);
	launch_ready(w);
	assert_is_there(w);
	assert_true(has_all(mount_line(w, TOP)));
	end_world(w);
}

static void nothing_covers_what_is_no_directory(void **state)
{
	struct op *tree;
	struct world *w = tree_world(true, &tree);

	(void)state;
	make(w->root, "/sys/fs", "a file");
	add_pivot(w);
	add_end(w);
	launch(w, -1);
	assert_true(w->failed);
	assert_non_null(strstr(w->error.text, "\"" TOP "\": not a directory"));
	end_world(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_tree_is_attached_as_a_whole_and_all_of_it_is_limited),
		cmocka_unit_test(what_the_host_could_not_detach_is_bound_one_by_one),
		cmocka_unit_test(what_is_mounted_below_it_later_finds_room),
		cmocka_unit_test(in_a_user_namespace_it_is_the_same),
		cmocka_unit_test(nothing_covers_what_is_no_directory),
	};

	if (geteuid())
		return 77; /* skipped: these make namespaces as root */
	return cmocka_run_group_tests(tests, NULL, NULL);
}
