/* SPDX-License-Identifier: Apache-2.0 */
/* Whom the container's cgroup belongs to, by config-linux.md "Cgroup ownership". */
#include "layouts.h"

#include <fcntl.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cgroup/owner.h"

#define NEW "[{'type': 'cgroup'}]"
#define NEW_USER "[{'type': 'cgroup'}, {'type': 'user'}]"
#define MAPS                                                               \
	"'uidMappings': [{'containerID': 0, 'hostID': 1000, 'size': 10}, " \
	"{'containerID': 10, 'hostID': 90000, 'size': 10}], "              \
	"'gidMappings': [{'containerID': 0, 'hostID': 1000, 'size': 10}]"

/* Of a process of this @uid, whose cgroup is mounted with this source, destination and option. */
static int64_t owner(const char *namespaces, uint32_t uid, struct mount mount, const char *option)
{
	struct config *c =
		config_of(arena_printf(arena, "{'namespaces': %s%s}", namespaces,
				       strstr(namespaces, "{'type': 'user'}") ? ", " MAPS : ""));

	c->mounts.v = ARENA_ARRAY(arena, 1, struct mount);
	c->mounts.v[c->mounts.n++] = mount;
	c->mounts.v[0].options = (struct strs){&option, 1};
	c->process = ARENA_NEW(arena, struct process);
	c->process->user.uid = uid;
	return owner_wanted(c);
}

static void only_its_own_writable_cgroup_changes_its_owner(void **state)
{
	struct mount good = {.destination = "/sys/fs/cgroup", .source = "cgroup"};

	assert_int_equal(owner(NEW, 7, good, "nosuid"), 7);
	assert_int_equal(owner(NEW, 7, good, "ro"), -1);
	assert_int_equal(owner("[]", 7, good, "rw"), -1);
	assert_int_equal(owner("[{'type': 'cgroup', 'path': '/a'}]", 7, good, "rw"), -1);
	assert_int_equal(
		owner(NEW, 7, (struct mount){.destination = "/cgroup", .source = "cgroup"}, "rw"),
		-1);
	assert_int_equal(owner(NEW, 7,
			       (struct mount){.destination = "/sys/fs/cgroup", .source = "cgroup2"},
			       "rw"),
			 -1);
}

static void it_is_the_user_as_the_host_sees_him(void **state)
{
	struct mount good = {.destination = "/sys/fs/cgroup", .source = "cgroup"};

	assert_int_equal(owner(NEW_USER, 0, good, "rw"), 1000);
	assert_int_equal(owner(NEW_USER, 12, good, "rw"), 90002);
	assert_int_equal(owner(NEW_USER, 20, good, "rw"), -1);
	/* whose mappings nobody here knows */
	assert_int_equal(
		owner("[{'type': 'cgroup'}, {'type': 'user', 'path': '/a'}]", 0, good, "rw"), -1);
}

static const char *const files[] = {"cgroup.procs", "cgroup.subtree_control", "cgroup.threads",
				    "memory.reclaim", "cgroup.max.depth"};

/* In a directory of a tmpfs with @files, where the kernel says @delegate, or nothing. Bits: who is 7's now. */
static int handed_over(const char *delegate)
{
	const struct mount m = {.destination = "/sys/fs/cgroup", .source = "cgroup"};
	struct config *c = config_of("{'namespaces': " NEW "}");
	struct error e = {0};
	struct stat st;
	int dir, fd, bits = 0;

	c->mounts.v = ARENA_ARRAY(arena, 1, struct mount);
	c->mounts.v[c->mounts.n++] = m;
	c->process = ARENA_NEW(arena, struct process);
	c->process->user.uid = 7;
	if (unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount("none", "/sys/kernel/cgroup", "tmpfs", 0, NULL) < 0)
		return -1;
	if (delegate) {
		fd = open("/sys/kernel/cgroup/delegate", O_CREAT | O_WRONLY, 0644);
		if (write(fd, delegate, strlen(delegate)) < 0)
			return -1;
	}
	mkdir("/sys/kernel/cgroup/dir", 0755);
	dir = open("/sys/kernel/cgroup/dir", O_DIRECTORY);
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		close(openat(dir, files[i], O_CREAT | O_WRONLY, 0644));
	if (owner_set(dir, c, &e) < 0 || fstat(dir, &st) < 0 || st.st_uid != 7)
		return -1;
	for (size_t i = 0; i < ARRAY_SIZE(files); i++)
		if (fstatat(dir, files[i], &st, 0) == 0 && st.st_uid == 7)
			bits |= 1 << i;
	return bits;
}

static void the_files_are_those_the_kernel_names_or_else_the_text(void **state)
{
	static const struct {
		const char *delegate;
		int bits;
	} rows[] = {
		{NULL, 1 | 2 | 4},
		{"cgroup.procs\ncgroup.threads\nmemory.reclaim\nno.such.file\n", 1 | 4 | 8},
	};

	if (geteuid() != 0) {
		print_message("needs root\n");
		skip();
	}
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			_exit(handed_over(rows[i].delegate) & 0xff);
		waitpid(pid, &status, 0);
		assert_int_equal(WEXITSTATUS(status), rows[i].bits);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(only_its_own_writable_cgroup_changes_its_owner),
		TEST(it_is_the_user_as_the_host_sees_him),
		TEST(the_files_are_those_the_kernel_names_or_else_the_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
