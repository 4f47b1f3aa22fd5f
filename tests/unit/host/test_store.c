/* SPDX-License-Identifier: Apache-2.0 */
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "host/store.h"
#include "sys/file.h"
#include "sys/procfs.h"
#include "sys/socket.h"
#include "sys/spawn.h"

static char root[64];
static struct store store;
static struct arena *arena;

static int setup(void **state)
{
	struct error e;

	scratch_make(root);
	arena = arena_main();
	return store_open(&store, root, false, &e);
}

static int teardown(void **state)
{
	scratch_remove(root);
	close(store.root);
	return 0;
}

static struct state intent(const char *id)
{
	struct proc_stat self;

	assert_int_equal(procfs_stat(getpid(), &self), 0);
	return (struct state){
		.format = STATE_FORMAT,
		.oci_version = OCI_VERSION,
		.id = id,
		.status = STATUS_CREATING,
		.creator = getpid(),
		.creator_start = self.start_time,
		.boot_id = procfs_boot_id(),
		.bundle = "/bundle",
		.rootfs = "/bundle/rootfs",
		.created = "2026-11-23T09:08:07.123456789Z",
		.has_process = true,
		.cgroup = {.driver = CGROUP_DRIVER_DISABLED},
	};
}

/* A record of a container whose init is @pid with @start_time, and with @inode if there is one. */
static void make_known(const char *id, pid_t pid, uint64_t start_time, uint64_t inode)
{
	struct state s = intent(id);
	struct container c;
	struct error e;

	s.status = STATUS_CREATED;
	s.pid = pid;
	s.start_time = start_time;
	s.pidfd_inode = inode;
	assert_int_equal(store_claim(&c, &store, arena, &s, &e), 0);
	store_close(&c);
}

static void make_created(const char *id, pid_t pid, uint64_t start_time)
{
	make_known(id, pid, start_time, 0);
}

/* Skips where the kernel has none. */
static uint64_t identity_of(pid_t pid)
{
	int pidfd = pidfd_of(pid);
	uint64_t inode = pidfd_identity(pidfd);

	close(pidfd);
	if (!inode)
		skip();
	return inode;
}

/* By who means to do something, and by who only looks. */
static void assert_status(const char *id, int status)
{
	struct container c;
	struct error e;

	assert_int_equal(store_load(&c, &store, arena, id, false, &e), 0);
	assert_int_equal(c.status, status);
	assert_int_equal(c.pidfd >= 0, status == STATUS_RUNNING);
	store_close(&c);
	assert_int_equal(store_peek(&c, &store, arena, id, &e), 1);
	store_glance(&c, &store);
	assert_int_equal(c.status, status);
	assert_int_equal(c.dir, -1);
	store_close(&c);
}

static unsigned int names_below_root(void)
{
	char command[128];
	unsigned int n;
	FILE *f;

	snprintf(command, sizeof(command), "ls -A %s | wc -l", root);
	f = popen(command, "r");
	assert_non_null(f);
	assert_int_equal(fscanf(f, "%u", &n), 1);
	pclose(f);
	return n;
}

static void ids_are_of_the_form_that_file_and_cgroup_names_can_have(void **state)
{
	static const char *const good[] = {"a", "web-1", "_x", "+", "A.b.c", "0"};
	static const char *const bad[] = {"",	".",   "..",  "../x", "a/b",
					  ".h", "a:b", "a\n", "a b",  "\xc3\xa4"};
	char longest[257];
	struct error e;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(store_check_id(good[i], &e), 0);
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		assert_int_equal(store_check_id(bad[i], &e), -1);
		assert_non_null(strstr(e.text, "invalid container ID format"));
	}
	memset(longest, 'a', sizeof(longest));
	longest[255] = '\0';
	assert_int_equal(store_check_id(longest, &e), 0);
	longest[255] = 'a';
	longest[256] = '\0';
	assert_int_equal(store_check_id(longest, &e), -1);
}

static void a_root_that_is_missing_has_no_containers(void **state)
{
	struct container c;
	struct store none;
	struct strs ids;
	struct error e;

	assert_int_equal(store_open(&none, "/nonexistent/yacr", false, &e), 0);
	assert_int_equal(store_ids(&ids, &none, arena, &e), 0);
	assert_int_equal(ids.n, 0);
	assert_int_equal(store_load(&c, &none, arena, "x", false, &e), -1);
	assert_string_equal(e.text, "container \"x\" does not exist");
}

static void a_root_is_made_with_its_parents_for_its_owner_only(void **state)
{
	char path[128];
	struct store made;
	struct stat st;
	struct error e;

	snprintf(path, sizeof(path), "%s/a/b", root);
	assert_int_equal(store_open(&made, path, true, &e), 0);
	assert_int_equal(fstat(made.root, &st), 0);
	assert_int_equal(st.st_mode & 0777, 0700);
	close(made.root);
}

static void a_root_that_others_could_write_to_is_refused(void **state)
{
	struct store s;
	struct error e;

	assert_int_equal(chmod(root, 0777), 0);
	assert_int_equal(store_open(&s, root, false, &e), -1);
	assert_non_null(strstr(e.text, "writable by others"));
	assert_int_equal(chmod(root, 0700), 0);

	assert_int_equal(store_open(&s, "/", false, &e), -1);
	assert_non_null(strstr(e.text, "must not be \"/\""));
}

static void a_root_that_is_a_link_or_a_file_is_refused(void **state)
{
	char path[128];
	struct store s;
	struct error e;

	snprintf(path, sizeof(path), "%s/link", root);
	assert_int_equal(symlink("/tmp", path), 0);
	assert_int_equal(store_open(&s, path, true, &e), -1);
	snprintf(path, sizeof(path), "%s/file", root);
	close(open(path, O_CREAT | O_WRONLY, 0600));
	assert_int_equal(store_open(&s, path, true, &e), -1);
	assert_non_null(strstr(e.text, "is no directory"));
}

static void a_root_of_somebody_else_is_refused(void **state)
{
	struct store s;
	struct error e;

	if (geteuid() != 0)
		skip();
	assert_int_equal(chown(root, 12345, 12345), 0);
	assert_int_equal(store_open(&s, root, false, &e), -1);
	assert_non_null(strstr(e.text, "belongs to uid 12345"));
}

static void an_id_can_be_claimed_once(void **state)
{
	struct state s = intent("web1");
	struct container c, again;
	struct error e;

	assert_int_equal(store_claim(&c, &store, arena, &s, &e), 0);
	assert_int_equal(store_claim(&again, &store, arena, &s, &e), -1);
	assert_non_null(strstr(e.text, "container with given ID already exists"));
	store_close(&c);
	assert_int_equal(store_remove(&store, "web1", -1, &e), 0);
	assert_int_equal(names_below_root(), 0);
	assert_int_equal(store_claim(&c, &store, arena, &s, &e), 0);
	assert_int_equal(mkdirat(c.dir, "more", 0700), 0);
	assert_int_equal(store_remove(&store, "web1", c.dir, &e), 0);
	assert_int_equal(names_below_root(), 0);
	store_close(&c);
}

static void what_a_killed_process_of_our_number_left_is_not_in_the_way(void **state)
{
	struct state s = intent("web1");
	struct container c;
	struct error e;
	char path[128];

	snprintf(path, sizeof(path), "%s/.%d", root, getpid());
	assert_int_equal(mkdir(path, 0700), 0);
	strcat(path, "/state.json");
	assert_int_equal(mkdir(path, 0700), 0);
	assert_int_equal(store_claim(&c, &store, arena, &s, &e), 0);
	assert_int_equal(names_below_root(), 1);
	store_close(&c);
}

/* In another pid namespace somebody has our number, and the same directory of states. */
static void what_another_process_of_our_number_is_at_work_on_stays(void **state)
{
	struct state s = intent("web1"), t = intent("web2");
	struct container c, d;
	struct error e;
	char path[128];
	int fd;

	assert_int_equal(store_claim(&c, &store, arena, &s, &e), 0);
	snprintf(path, sizeof(path), "%s/.%d", root, getpid());
	assert_int_equal(mkdir(path, 0700), 0);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(mkdirat(fd, "x", 0700), 0);
	assert_int_equal(flock(fd, LOCK_EX | LOCK_NB), 0);
	assert_int_equal(store_claim(&d, &store, arena, &t, &e), -1);
	assert_int_equal(store_remove(&store, "web1", c.dir, &e), -1);
	assert_int_equal(faccessat(fd, "x", F_OK, 0), 0);
	close(fd);
	assert_int_equal(store_remove(&store, "web1", c.dir, &e), 0);
	store_close(&c);
	assert_int_equal(names_below_root(), 0);
}

static void of_sixteen_that_claim_an_id_at_once_one_gets_it(void **state)
{
	int gate[2], status, winners = 0;

	assert_int_equal(pipe(gate), 0);
	for (int i = 0; i < 16; i++) {
		if (fork() == 0) {
			struct state s = intent("same");
			struct container c;
			struct error e;
			char byte;

			close(gate[1]);
			(void)!read(gate[0], &byte, 1);
			_exit(store_claim(&c, &store, arena, &s, &e) == 0);
		}
	}
	close(gate[0]);
	close(gate[1]);
	while (wait(&status) > 0)
		winners += WEXITSTATUS(status);
	assert_int_equal(winners, 1);
	assert_int_equal(names_below_root(), 1);
}

static void what_a_killed_creator_left_is_swept_away(void **state)
{
	char path[128];
	pid_t dead = fork();

	if (dead == 0)
		_exit(0);
	waitpid(dead, NULL, 0);
	snprintf(path, sizeof(path), "%s/.%d", root, dead);
	assert_int_equal(mkdir(path, 0700), 0);
	snprintf(path, sizeof(path), "%s/.%d", root, getppid());
	assert_int_equal(mkdir(path, 0700), 0);

	store_sweep(&store);
	assert_int_equal(names_below_root(), 1); /* that of a living process */
}

static void the_ids_come_sorted_and_without_what_is_no_id(void **state)
{
	struct strs ids;
	struct error e;

	make_created("b", 0, 0);
	make_created("c", 0, 0);
	make_created("a", 0, 0);
	assert_int_equal(mkdirat(store.root, ".99999999", 0700), 0);
	assert_int_equal(store_ids(&ids, &store, arena, &e), 0);
	assert_int_equal(ids.n, 3);
	assert_string_equal(ids.v[0], "a");
	assert_string_equal(ids.v[2], "c");
}

static void what_was_recorded_is_read_again(void **state)
{
	struct state s = intent("web1");
	struct pair note = {"k", "v"};
	struct container c, d;
	struct error e;

	s.annotations.v = &note;
	s.annotations.n = 1;
	assert_int_equal(store_claim(&c, &store, arena, &s, &e), 0);
	c.state.status = STATUS_CREATED;
	c.state.pid = 0;
	assert_int_equal(store_save(&c, &e), 0);
	store_close(&c);

	assert_int_equal(store_load(&d, &store, arena, "web1", true, &e), 0);
	assert_int_equal(d.state.status, STATUS_CREATED);
	assert_string_equal(d.state.created, s.created);
	assert_string_equal(d.state.annotations.v[0].value, "v");
	store_close(&d);
}

static void a_draft_is_nothing_before_it_becomes_the_record(void **state)
{
	struct container c;
	struct state s = intent("web1"), next = s;
	struct error e;

	next.status = STATUS_CREATED;
	next.pid = getpid();
	next.start_time = s.creator_start;
	assert_int_equal(store_claim(&c, &store, arena, &s, &e), 0);
	assert_int_equal(store_draft(&c, &next, &e), 0);
	assert_status("web1", STATUS_CREATING);
	assert_int_equal(c.state.status, STATUS_CREATING);

	assert_int_equal(store_commit(&c, &e), 0);
	assert_null(c.draft);
	assert_int_equal(c.state.status, STATUS_CREATED);
	assert_status("web1", STATUS_RUNNING);
	assert_int_equal(store_remove(&store, "web1", c.dir, &e), 0);
	store_close(&c);
}

static void what_is_saved_after_a_draft_makes_it_void(void **state)
{
	struct container c;
	struct state s = intent("web1"), next = s;
	struct error e;

	next.status = STATUS_CREATED;
	assert_int_equal(store_claim(&c, &store, arena, &s, &e), 0);
	assert_int_equal(store_draft(&c, &next, &e), 0);
	c.state.bundle = "/other";
	assert_int_equal(store_save(&c, &e), 0);
	assert_null(c.draft);
	next = c.state;
	next.status = STATUS_CREATED;
	assert_int_equal(store_draft(&c, &next, &e), 0);
	assert_int_equal(store_commit(&c, &e), 0);
	assert_string_equal(c.state.bundle, "/other");
	store_close(&c);
}

static void the_boot_is_recorded_where_the_root_may_outlive_it(void **state)
{
	struct store disk = {.root = open("/sys", O_RDONLY | O_DIRECTORY)};
	struct store memory = {.root = open("/dev/shm", O_RDONLY | O_DIRECTORY)};

	assert_string_equal(store_boot_id(&disk), procfs_boot_id());
	assert_null(store_boot_id(&memory));
	close(disk.root);
	close(memory.root);
}

static void a_container_is_creating_while_its_creator_lives_and_stopped_afterwards(void **state)
{
	struct container c, seen;
	struct state s = intent("web1");
	struct error e;

	assert_int_equal(store_claim(&c, &store, arena, &s, &e), 0);
	assert_int_equal(store_load(&seen, &store, arena, "web1", false, &e), 0);
	assert_int_equal(seen.status, STATUS_CREATING);
	store_close(&seen);

	c.state.creator_start++; /* another process of that number */
	assert_int_equal(store_save(&c, &e), 0);
	assert_int_equal(store_load(&seen, &store, arena, "web1", false, &e), 0);
	assert_int_equal(seen.status, STATUS_STOPPED);
	store_close(&seen);
	store_close(&c);
}

static void a_process_that_got_the_pid_later_is_not_the_container(void **state)
{
	struct proc_stat self;

	assert_int_equal(procfs_stat(getpid(), &self), 0);
	make_created("mine", getpid(), self.start_time);
	make_created("reused", getpid(), self.start_time + 1);

	assert_status("mine", STATUS_RUNNING);
	assert_status("reused", STATUS_STOPPED);
}

static void where_the_kernel_has_it_a_process_is_known_by_the_inode_of_its_pidfd(void **state)
{
	uint64_t inode = identity_of(getpid());
	struct proc_stat self;

	assert_int_equal(procfs_stat(getpid(), &self), 0);
	make_known("mine", getpid(), self.start_time + 1, inode);
	assert_status("mine", STATUS_RUNNING);
	/* started within the same tick, so that nothing else tells it from ours */
	make_known("reused", getpid(), self.start_time, inode + 1);
	assert_status("reused", STATUS_STOPPED);
}

/* A created container whose process waits to be killed. */
static pid_t make_waiting(const char *id)
{
	struct proc_stat st;
	pid_t pid = fork();

	if (pid == 0)
		pause();
	assert_int_equal(procfs_stat(pid, &st), 0);
	make_created(id, pid, st.start_time);
	return pid;
}

static void a_zombie_counts_as_stopped(void **state)
{
	struct container c;
	struct error e;
	pid_t pid = make_waiting("web1");

	kill(pid, SIGKILL);
	waitid(P_PID, pid, &(siginfo_t){0}, WEXITED | WNOWAIT);
	assert_int_equal(store_load(&c, &store, arena, "web1", false, &e), 0);
	assert_int_equal(c.status, STATUS_STOPPED);
	store_close(&c);
	waitpid(pid, NULL, 0);
}

static void so_does_one_that_is_known_by_its_inode(void **state)
{
	uint64_t own = identity_of(getpid());
	pid_t pid = fork();

	if (pid == 0)
		pause();
	make_known("web1", pid, 1, identity_of(pid));
	assert_int_not_equal(own, identity_of(pid));
	assert_status("web1", STATUS_RUNNING);
	kill(pid, SIGKILL);
	waitid(P_PID, pid, &(siginfo_t){0}, WEXITED | WNOWAIT);
	assert_status("web1", STATUS_STOPPED);
	waitpid(pid, NULL, 0);
	assert_status("web1", STATUS_STOPPED);
}

static void who_is_known_by_a_descriptor_is_asked_by_it(void **state)
{
	struct container c;
	struct error e;
	pid_t pid = make_waiting("web1");

	assert_int_equal(store_load(&c, &store, arena, "web1", false, &e), 0);
	assert_int_equal(c.status, STATUS_RUNNING);
	c.state.start_time++; /* what /proc says of the number is not looked at again */
	assert_true(store_alive(&c));
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	assert_false(store_alive(&c));
	assert_int_equal(c.pidfd, -1);
	store_close(&c);
}

static void a_container_is_created_while_somebody_listens_and_is_not_called_for_that(void **state)
{
	struct proc_stat self;
	struct container c, seen;
	struct error e;
	int gate;

	assert_int_equal(procfs_stat(getpid(), &self), 0);
	make_created("web1", getpid(), self.start_time);
	assert_int_equal(store_load(&c, &store, arena, "web1", false, &e), 0);
	gate = socket_listen(c.dir, START_SOCKET, SOCK_SEQPACKET | SOCK_NONBLOCK, &e);
	assert_true(gate >= 0);
	store_status(&c);
	assert_int_equal(c.status, STATUS_CREATED);
	assert_int_equal(store_peek(&seen, &store, arena, "web1", &e), 1);
	store_glance(&seen, &store);
	assert_int_equal(seen.status, STATUS_CREATED);
	assert_int_equal(accept4(gate, NULL, NULL, SOCK_CLOEXEC), -1);
	assert_int_equal(errno, EAGAIN);
	store_status_before_gate(&c);
	assert_int_equal(c.status, STATUS_CREATED);
	close(gate); /* the socket's file is still there */
	store_status(&c);
	assert_int_equal(c.status, STATUS_RUNNING);
	store_close(&c);
}

static void of_what_was_started_the_record_says_so_and_no_socket_is_asked(void **state)
{
	struct proc_stat self;
	struct container c;
	struct error e;
	int gate;

	assert_int_equal(procfs_stat(getpid(), &self), 0);
	make_created("web1", getpid(), self.start_time);
	assert_int_equal(store_load(&c, &store, arena, "web1", false, &e), 0);
	assert_false(c.started);
	store_started(&c);
	gate = socket_listen(c.dir, START_SOCKET, SOCK_SEQPACKET, &e);
	assert_true(gate >= 0);
	store_close(&c);
	assert_status("web1", STATUS_RUNNING);

	/* and so does one that was written at once */
	assert_int_equal(store_load(&c, &store, arena, "web1", false, &e), 0);
	assert_true(c.started);
	c.started = false;
	assert_int_equal(store_save(&c, &e), 0);
	store_status(&c);
	assert_int_equal(c.status, STATUS_CREATED);
	c.started = true;
	assert_int_equal(store_save(&c, &e), 0);
	store_close(&c);
	close(gate);
	assert_status("web1", STATUS_RUNNING);
}

static void a_record_of_another_boot_says_nothing_about_the_processes_of_this_one(void **state)
{
	struct state s = intent("web1");
	int own = pidfd_of(getpid());
	struct proc_stat self;
	struct container c;
	struct error e;

	assert_int_equal(procfs_stat(getpid(), &self), 0);
	s.status = STATUS_CREATED;
	s.pid = getpid();
	s.start_time = self.start_time;
	s.boot_id = "00000000-0000-0000-0000-000000000000";
	for (int i = 0; i < 2; i++) {
		assert_int_equal(store_claim(&c, &store, arena, &s, &e), 0);
		store_close(&c);
		assert_status(s.id, STATUS_STOPPED);
		s.id = "web2"; /* inodes are counted anew by each boot */
		s.pidfd_inode = pidfd_identity(own);
	}
	close(own);
}

/* ---- records that are not what we wrote ---- */

static int record_directory(const char *id)
{
	assert_int_equal(mkdirat(store.root, id, 0700), 0);
	return openat(store.root, id, O_RDONLY | O_DIRECTORY);
}

static void expect_broken(const char *id)
{
	struct container c;
	struct error e;

	assert_int_equal(store_load(&c, &store, arena, id, false, &e), -1);
	assert_null(strstr(e.text, "does not exist"));
	assert_int_equal(c.dir, -1);
	assert_int_equal(store_peek(&c, &store, arena, id, &e), -1);
	assert_null(strstr(e.text, "does not exist"));
}

static void a_record_that_is_a_fifo_or_a_link_or_nonsense_is_an_error_at_once(void **state)
{
	static const char *const nonsense[] = {"", "{", "[]", "{\"format\":1}", "null", "\xff"};
	char id[16];
	int dir;

	alarm(5);
	dir = record_directory("fifo");
	assert_int_equal(mkfifoat(dir, "state.json", 0600), 0);
	close(dir);
	expect_broken("fifo");

	dir = record_directory("link");
	assert_int_equal(symlinkat("/etc/passwd", dir, "state.json"), 0);
	close(dir);
	expect_broken("link");

	close(record_directory("empty"));
	expect_broken("empty");

	assert_int_equal(symlinkat("n0", store.root, "elsewhere"), 0);
	expect_broken("elsewhere");

	for (size_t i = 0; i < ARRAY_SIZE(nonsense); i++) {
		snprintf(id, sizeof(id), "n%zu", i);
		dir = record_directory(id);
		int fd = openat(dir, "state.json", O_CREAT | O_WRONLY, 0600);
		assert_int_equal(file_write_all(fd, nonsense[i], strlen(nonsense[i])), 0);
		close(fd);
		close(dir);
		expect_broken(id);
	}

	dir = record_directory("huge");
	int fd = openat(dir, "state.json", O_CREAT | O_WRONLY, 0600);
	assert_int_equal(ftruncate(fd, 100 << 20), 0);
	close(fd);
	close(dir);
	expect_broken("huge");
	alarm(0);
}

static void a_record_under_another_id_is_not_believed(void **state)
{
	make_created("one", 0, 0);
	assert_int_equal(renameat(store.root, "one", store.root, "two"), 0);
	expect_broken("two");
}

static void who_wants_to_change_a_container_waits_for_who_does(void **state)
{
	struct state s = intent("web1");
	struct container c, mine;
	struct error e;
	int ready[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	assert_int_equal(store_claim(&c, &store, arena, &s, &e), 0);
	pid = fork();
	if (pid == 0) {
		store_close(&c); /* the lock stays with the parent's descriptor */
		int r = store_load(&mine, &store, arena, "web1", true, &e);
		(void)!write(ready[1], r < 0 && strstr(e.text, "does not exist") ? "y" : "n", 1);
		_exit(0);
	}
	usleep(50000);
	assert_int_equal(store_remove(&store, "web1", -1, &e), 0);
	store_close(&c);
	assert_int_equal(read(ready[0], &byte, 1), 1);
	assert_int_equal(byte, 'y'); /* and then sees that it is gone */
	waitpid(pid, NULL, 0);
	close(ready[0]);
	close(ready[1]);
}

int main(void)
{
#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(ids_are_of_the_form_that_file_and_cgroup_names_can_have),
		TEST(a_root_that_is_missing_has_no_containers),
		TEST(a_root_is_made_with_its_parents_for_its_owner_only),
		TEST(a_root_that_others_could_write_to_is_refused),
		TEST(a_root_that_is_a_link_or_a_file_is_refused),
		TEST(a_root_of_somebody_else_is_refused),
		TEST(an_id_can_be_claimed_once),
		TEST(what_a_killed_process_of_our_number_left_is_not_in_the_way),
		TEST(what_another_process_of_our_number_is_at_work_on_stays),
		TEST(of_sixteen_that_claim_an_id_at_once_one_gets_it),
		TEST(what_a_killed_creator_left_is_swept_away),
		TEST(the_ids_come_sorted_and_without_what_is_no_id),
		TEST(what_was_recorded_is_read_again),
		TEST(a_draft_is_nothing_before_it_becomes_the_record),
		TEST(what_is_saved_after_a_draft_makes_it_void),
		TEST(the_boot_is_recorded_where_the_root_may_outlive_it),
		TEST(a_container_is_creating_while_its_creator_lives_and_stopped_afterwards),
		TEST(a_process_that_got_the_pid_later_is_not_the_container),
		TEST(where_the_kernel_has_it_a_process_is_known_by_the_inode_of_its_pidfd),
		TEST(a_zombie_counts_as_stopped),
		TEST(so_does_one_that_is_known_by_its_inode),
		TEST(who_is_known_by_a_descriptor_is_asked_by_it),
		TEST(a_container_is_created_while_somebody_listens_and_is_not_called_for_that),
		TEST(of_what_was_started_the_record_says_so_and_no_socket_is_asked),
		TEST(a_record_of_another_boot_says_nothing_about_the_processes_of_this_one),
		TEST(a_record_that_is_a_fifo_or_a_link_or_nonsense_is_an_error_at_once),
		TEST(a_record_under_another_id_is_not_believed),
		TEST(who_wants_to_change_a_container_waits_for_who_does),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
