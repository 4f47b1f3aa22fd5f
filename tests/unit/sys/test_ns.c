/* SPDX-License-Identifier: Apache-2.0 */
#include "sys_test.h"

#include <net/if.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <sys/socket.h>

#include "sys/ns.h"
#include "sys/spawn.h"

static void a_namespace_of_another_kind_is_refused(void **state)
{
	struct error e;
	int fd;

	(void)state;
	assert_true((fd = ns_open("/proc/self/ns/net", CLONE_NEWNET, &e)) >= 0);
	assert_true(fcntl(fd, F_GETFD) & FD_CLOEXEC);
	close(fd);
	assert_int_equal(ns_open("/proc/self/ns/net", CLONE_NEWUTS, &e), -1);
	assert_int_equal(e.code, 0);
	assert_non_null(strstr(e.text, "network"));
	assert_int_equal(ns_open("/etc/passwd", CLONE_NEWNET, &e), -1);
	assert_int_equal(e.code, 0);
	assert_int_equal(ns_open("/no/such", CLONE_NEWNET, &e), -1);
	assert_int_equal(e.code, ENOENT);
}

static void a_fifo_in_place_of_a_namespace_does_not_block(void **state)
{
	char base[64], path[80];
	struct error e;

	(void)state;
	scratch_make(base);
	snprintf(path, sizeof(path), "%s/fifo", base);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(ns_open(path, CLONE_NEWNET, &e), -1);
	scratch_remove(base);
}

static void namespaces_have_the_names_of_the_spec(void **state)
{
	(void)state;
	assert_string_equal(ns_name(CLONE_NEWNS), "mount");
	assert_string_equal(ns_name(CLONE_NEWTIME), "time");
	assert_string_equal(ns_name(CLONE_NEWPID | CLONE_NEWNET), "?");
}

static void join(const void *unused)
{
	struct error e;
	int before;

	(void)unused;
	own_mounts();
	CHECK_OK(before = ns_open("/proc/self/ns/uts", CLONE_NEWUTS, &e));
	CHECK_OK(ns_unshare(CLONE_NEWUTS, &e));
	CHECK(sethostname("elsewhere", 9) == 0);
	CHECK(ns_join(before, CLONE_NEWNET, &e) < 0 && e.code == EINVAL);
	if (getuid() == 0 && ns_join(before, CLONE_NEWUTS, &e) == 0) {
		char name[100] = "";

		CHECK(gethostname(name, sizeof(name)) == 0 && strcmp(name, "elsewhere"));
	}
}

static void a_namespace_is_joined(void **state)
{
	(void)state;
	in_child(join, NULL);
}

static void loopback(const void *unused)
{
	struct ifreq r = {.ifr_name = "lo"};
	struct error e;
	int fd;

	(void)unused;
	own_mounts();
	CHECK(unshare(CLONE_NEWNET) == 0);
	CHECK_OK(net_loopback_up(&e));
	CHECK_OK(net_loopback_up(&e));
	fd = socket(AF_UNIX, SOCK_DGRAM, 0);
	CHECK(ioctl(fd, SIOCGIFFLAGS, &r) == 0 && (r.ifr_flags & IFF_UP));
}

static void the_loopback_device_is_set_up(void **state)
{
	(void)state;
	in_child(loopback, NULL);
}

/* ---- id maps ---- */

static void read_map(pid_t pid, const char *name, char out[300])
{
	char path[60];
	int fd;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, name);
	fd = open(path, O_RDONLY);
	n = read(fd, out, 299);
	CHECK(n >= 0);
	out[n] = '\0';
	close(fd);
}

static pid_t waiting_child(int *pidfd)
{
	struct error e;
	pid_t parent = getpid();
	pid_t pid = spawn(CLONE_NEWUSER, -1, pidfd, &e);

	if (pid < 0)
		skip_child("needs user namespaces");
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		while (getppid() == parent)
			pause();
		_exit(0);
	}
	return pid;
}

static void map_several(const void *unused)
{
	struct error e;
	char text[300];
	unsigned int a, b, c;
	int pidfd;
	pid_t pid = waiting_child(&pidfd);

	(void)unused;
	if (getuid() != 0)
		skip_child("needs root, to map several ids");
	CHECK_OK(idmap_write(pid, "0 100000 5\n5 7 1\n", "0 0 4294967295\n", false, false, &e));
	read_map(pid, "uid_map", text);
	CHECK(sscanf(text, "%u %u %u", &a, &b, &c) == 3 && a == 0 && b == 100000 && c == 5);
	CHECK(sscanf(strchr(text, '\n'), "%u %u %u", &a, &b, &c) == 3 && a == 5 && b == 7 &&
	      c == 1);
	read_map(pid, "gid_map", text);
	CHECK(strstr(text, "4294967295"));
	CHECK(idmap_write(pid, "0 0 1\n", "0 0 1\n", false, false, &e) < 0 &&
	      e.code == EPERM); /* only once */
}

static void map_own(const void *unused)
{
	struct error e;
	char text[300], uids[40], gids[40];
	int pidfd;
	pid_t pid;

	(void)unused;
	if (getuid() == 0)
		CHECK(setresgid(12345, 12345, 12345) == 0 && setresuid(12345, 12345, 12345) == 0 &&
		      prctl(PR_SET_DUMPABLE, 1) == 0);
	pid = waiting_child(&pidfd);
	snprintf(uids, sizeof(uids), "0 %u 1\n", getuid());
	snprintf(gids, sizeof(gids), "0 %u 1\n", getgid());
	CHECK(idmap_write(pid, "0 0 1\n", gids, true, false, &e) < 0 && e.code == EPERM);
	signal_process(pid, pidfd, SIGKILL);
	pid = waiting_child(&pidfd);
	CHECK_OK(idmap_write(pid, uids, gids, true, false, &e));
	read_map(pid, "setgroups", text);
	CHECK(!strcmp(text, "deny\n"));
}

static void map_by_helpers(const void *unused)
{
	static char many[40000];
	struct error e;
	int pidfd;
	pid_t pid = waiting_child(&pidfd);

	(void)unused;
	if (access("/usr/bin/newuidmap", X_OK) < 0)
		skip_child("needs newuidmap(1)");
	setenv("PATH", "/nowhere", 1);
	/* not a range of ours: it says so itself */
	CHECK(idmap_write(pid, "0 4000000000 1\n", "0 0 1\n", false, true, &e) < 0);
	CHECK(e.code == 0 && strstr(e.text, "newuidmap") && strstr(e.text, "4000000000"));
	for (int i = 0; i < 341; i++)
		snprintf(many + strlen(many), sizeof(many) - strlen(many), "%d %d 1\n", i, i + 5);
	CHECK(idmap_write(pid, many, "0 0 1\n", false, true, &e) < 0 && e.code == E2BIG);
}

static void hold(const void *unused)
{
	struct error e;
	int fd, type;

	(void)unused;
	if (getuid() != 0)
		skip_child("needs root, to map several ids");
	CHECK_OK(fd = idmap_userns("0 1000 10\n", "0 1000 10\n", &e));
	type = ioctl(fd, ABI_NS_GET_NSTYPE);
	CHECK(type == CLONE_NEWUSER && (fcntl(fd, F_GETFD) & FD_CLOEXEC));
	CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD); /* nobody holds it but we */
	CHECK(idmap_userns("nonsense", "0 1000 10\n", &e) < 0 && e.code == EINVAL);
	CHECK(waitpid(-1, NULL, WNOHANG) < 0 && errno == ECHILD);
}

static void several_ranges_are_mapped(void **state)
{
	(void)state;
	in_child(map_several, NULL);
}

static void who_has_no_privilege_maps_himself(void **state)
{
	(void)state;
	in_child(map_own, NULL);
}

static void helpers_are_found_without_a_path_and_say_why_they_refuse(void **state)
{
	(void)state;
	in_child(map_by_helpers, NULL);
}

static void a_user_namespace_lives_by_its_descriptor_alone(void **state)
{
	(void)state;
	in_child(hold, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_namespace_of_another_kind_is_refused),
		cmocka_unit_test(a_fifo_in_place_of_a_namespace_does_not_block),
		cmocka_unit_test(namespaces_have_the_names_of_the_spec),
		cmocka_unit_test(a_namespace_is_joined),
		cmocka_unit_test(the_loopback_device_is_set_up),
		cmocka_unit_test(several_ranges_are_mapped),
		cmocka_unit_test(who_has_no_privilege_maps_himself),
		cmocka_unit_test(helpers_are_found_without_a_path_and_say_why_they_refuse),
		cmocka_unit_test(a_user_namespace_lives_by_its_descriptor_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
