/* SPDX-License-Identifier: Apache-2.0 */
#include "sys_test.h"

#include <linux/capability.h>
#include <signal.h>
#include <sys/personality.h>
#include <sys/resource.h>
#include <sys/syscall.h>

#include "sys/cred.h"
#include "sys/process.h"

static void limits(const void *unused)
{
	struct error e;
	struct rlimit r;

	(void)unused;
	CHECK_OK(process_rlimit(0, RLIMIT_NOFILE, 100, 200, &e));
	CHECK(getrlimit(RLIMIT_NOFILE, &r) == 0 && r.rlim_cur == 100 && r.rlim_max == 200);
	CHECK(process_rlimit(0, RLIMIT_NOFILE, 300, 200, &e) < 0 && e.code == EINVAL);
	CHECK_OK(process_rlimit(0, RLIMIT_CORE, 0, 0, &e));
}

static void a_limit_is_set_soft_and_hard(void **state)
{
	(void)state;
	in_child(limits, NULL);
}

static void no_signals(const void *unused)
{
	char text[4096], *p;
	struct error e;
	sigset_t set;
	int fd;

	(void)unused;
	(void)e;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGUSR2, SIG_IGN);
	signal(SIGRTMIN + 3, SIG_IGN);
	sigfillset(&set);
	sigprocmask(SIG_SETMASK, &set, NULL);
	CHECK(process_default_signals() == 0);
	fd = open("/proc/self/status", O_RDONLY);
	text[read(fd, text, sizeof(text) - 1)] = '\0';
	for (p = strstr(text, "SigBlk"); p && strncmp(p, "CapInh", 6) != 0; p = strchr(p, '\n') + 1)
		CHECK(strstr(p, "\t0000000000000000\n"));
}

static void all_signals_get_their_default_back(void **state)
{
	(void)state;
	in_child(no_signals, NULL);
}

static void caught(int sig)
{
	(void)sig;
}

static void no_ignored_signals(const void *unused)
{
	struct sigaction a;

	(void)unused;
	signal(SIGPIPE, SIG_IGN);
	signal(SIGRTMIN + 3, SIG_IGN);
	signal(SIGTERM, caught);
	CHECK(process_heed_signals() == 0);
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		CHECK(sigaction(sig, NULL, &a) < 0 || a.sa_handler != SIG_IGN);
}

static void no_signal_stays_ignored(void **state)
{
	(void)state;
	in_child(no_ignored_signals, NULL);
}

static void affinity(const void *unused)
{
	uint32_t far[257] = {0};
	struct error e;
	cpu_set_t set;

	(void)unused;
	CHECK_OK(process_cpu_affinity((const uint32_t[]){1}, 1, &e));
	CHECK(sched_getaffinity(0, sizeof(set), &set) == 0 && CPU_COUNT(&set) == 1 &&
	      CPU_ISSET(0, &set));
	CHECK_OK(process_cpu_affinity((const uint32_t[]){0x2f, 1}, 2, &e));
	far[255] = 1; /* not there */
	CHECK(process_cpu_affinity(far, 256, &e) < 0 && e.code == EINVAL);
	CHECK(process_cpu_affinity(far, 257, &e) < 0 && e.code == 0);
}

static void cpus_are_given_as_a_mask(void **state)
{
	(void)state;
	in_child(affinity, NULL);
}

static void attributes(const void *unused)
{
	const uint32_t node0[] = {1};
	struct process_scheduler s = {.policy = SCHED_BATCH, .nice = 5};
	struct error e;

	(void)unused;
	CHECK_OK(process_scheduler(&s, &e));
	CHECK(sched_getscheduler(0) == SCHED_BATCH && getpriority(PRIO_PROCESS, 0) == 5);
	s.policy = 77;
	CHECK(process_scheduler(&s, &e) < 0 && e.code == EINVAL);
	CHECK_OK(process_io_priority(2 << 13 | 6, &e));
	CHECK(syscall(SYS_ioprio_get, 1, 0) == (2 << 13 | 6));
	CHECK(process_io_priority(7 << 13, &e) < 0 && e.code == EINVAL);
	CHECK_OK(process_personality(PER_LINUX | ADDR_NO_RANDOMIZE, &e));
	CHECK(personality(0xffffffff) == (PER_LINUX | ADDR_NO_RANDOMIZE));
	if (process_memory_policy(1, node0, 1, &e) < 0)
		CHECK(e.code == ENOSYS);
	CHECK(process_memory_policy(1, node0, 1000, &e) < 0);
	CHECK_OK(process_dumpable(false, &e));
	CHECK(prctl(PR_GET_DUMPABLE) == 0);
	CHECK_OK(process_no_new_privs(&e));
	CHECK(prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0) == 1);
	CHECK_OK(process_parent_death_signal(SIGKILL, &e));
}

static void what_is_set_can_be_seen(void **state)
{
	(void)state;
	in_child(attributes, NULL);
}

static void keyring(const void *unused)
{
	struct error e;
	char text[200] = "";
	const int session = -3;
	long n;

	(void)unused;
	if (process_keyring("yacr-test", &e) < 0) {
		CHECK(e.code == ENOSYS || e.code == EPERM);
		skip_child("needs keyrings");
	}
	n = syscall(SYS_keyctl, 6, session, text, sizeof(text) - 1);
	CHECK(n > 0 && strstr(text, ";yacr-test"));
	CHECK(strstr(text, ";3f1b0000;") || strstr(text, ";3f0b0000;") || strstr(text, "b0000;"));
}

static void the_session_keyring_is_new_and_named(void **state)
{
	(void)state;
	in_child(keyring, NULL);
}

static void filter(const void *unused)
{
	const struct sock_filter f[] = {
		BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
		BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, SYS_getppid, 0, 1),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | 77),
		BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
	};
	struct error e;
	int listener;

	(void)unused;
	CHECK_OK(process_no_new_privs(&e));
	CHECK(process_seccomp(f, 5000, 0, &e) < 0 && e.code == E2BIG);
	CHECK(process_seccomp(f, 4, 1U << 30, &e) < 0 && e.code == EINVAL);
	CHECK_OK(process_seccomp(f, 4, 0, &e));
	CHECK(syscall(SYS_getppid) == -1 && errno == 77);
	CHECK_OK(listener = process_seccomp(f + 3, 1, SECCOMP_FILTER_FLAG_NEW_LISTENER, &e));
	CHECK(listener > 2 && (fcntl(listener, F_GETFD) & FD_CLOEXEC));
}

static void a_filter_holds_and_a_listener_is_returned(void **state)
{
	(void)state;
	in_child(filter, NULL);
}

/* ---- ids and capabilities ---- */

static void ids(const void *unused)
{
	const uint32_t groups[] = {5, 70000};
	struct caps c;
	struct error e;
	uid_t r, f, s;
	gid_t got[4];

	(void)unused;
	if (getuid() != 0)
		skip_child("needs root, to become another user");
	CHECK_OK(keep_caps(true, &e));
	CHECK_OK(ids_set(1234, 100000, groups, 2, &e));
	CHECK(getresuid(&r, &f, &s) == 0 && r == 1234 && f == 1234 && s == 1234 &&
	      getegid() == 100000);
	CHECK(getgroups(4, got) == 2 && got[0] == 5 && got[1] == 70000);
	CHECK(caps_get(&c) == 0 && c.permitted != 0 && c.effective == 0); /* kept */
	c = (struct caps){.permitted = 1 << CAP_CHOWN | 1 << CAP_KILL,
			  .inheritable = 1 << CAP_KILL};
	CHECK_OK(caps_set(&c, &e));
	CHECK_OK(caps_ambient_set(1 << CAP_KILL, &e));
	CHECK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0) == 1);
	CHECK(caps_ambient_set(1 << CAP_CHOWN, &e) < 0 && e.code == EPERM); /* not inheritable */
	CHECK(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, CAP_KILL, 0, 0) == 0);
	CHECK(ids_set(0, 0, NULL, 0, &e) < 0 && e.code == EPERM);
	c.permitted = ~0ULL;
	CHECK(caps_set(&c, &e) < 0 && e.code == EPERM);
}

static void ids_and_capabilities_are_exactly_those(void **state)
{
	(void)state;
	in_child(ids, NULL);
}

static void bounding(const void *unused)
{
	struct error e;

	(void)unused;
	if (getuid() != 0)
		skip_child("needs CAP_SETPCAP");
	CHECK(caps_last() >= CAP_CHECKPOINT_RESTORE && caps_last() < 64);
	CHECK(prctl(PR_CAPBSET_READ, caps_last(), 0, 0, 0) >= 0);
	CHECK_OK(caps_bounding_keep(1ULL << CAP_KILL | 1ULL << CAP_SETPCAP | 1ULL << 63, &e));
	for (unsigned int cap = 0; cap <= caps_last(); cap++)
		CHECK(prctl(PR_CAPBSET_READ, cap, 0, 0, 0) ==
		      (cap == CAP_KILL || cap == CAP_SETPCAP));
}

static void the_bounding_set_keeps_only_what_is_named(void **state)
{
	(void)state;
	in_child(bounding, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_limit_is_set_soft_and_hard),
		cmocka_unit_test(all_signals_get_their_default_back),
		cmocka_unit_test(no_signal_stays_ignored),
		cmocka_unit_test(cpus_are_given_as_a_mask),
		cmocka_unit_test(what_is_set_can_be_seen),
		cmocka_unit_test(the_session_keyring_is_new_and_named),
		cmocka_unit_test(a_filter_holds_and_a_listener_is_returned),
		cmocka_unit_test(ids_and_capabilities_are_exactly_those),
		cmocka_unit_test(the_bounding_set_keeps_only_what_is_named),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
