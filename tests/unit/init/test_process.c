/* SPDX-License-Identifier: Apache-2.0 */
#include "init/world.h"

#include <sys/un.h>

#define ENV "PATH=/usr/bin:/bin"

/* A world with the host's programs, proc, and /dev/null, as far as the pivot. */
static struct world *world_with_programs(void)
{
	struct world *w = new_world();

	add_root(w);
	add_programs(w);
	add_mount(w, "proc", "/proc", "");
	ADD(w, DEVICE, device, .path = text(w, "/dev/null"), .type = S_IFCHR, .major = 1,
	    .minor = 3, .mode = 0666);
	ADD(w, SESSION, session, 0);
	add_pivot(w);
	return w;
}

static void add_shell(struct world *w, const char *script)
{
	ADD(w, FIND_EXECUTABLE, find_executable, .file = text(w, "sh"),
	    .path = text(w, "/nonexistent:/usr/bin:/bin"));
	add_exec(w, VEC(w, "sh", "-c", script), VEC(w, ENV));
}

static void expect_output(struct world *w, const char *expected)
{
	run_world(w);
	if (w->failed)
		print_error("%s: %s (%d)\n", w->error.at, w->error.text, w->error.code);
	assert_false(w->failed);
	assert_string_equal(w->output, expected);
}

static void the_program_runs_and_its_exit_status_arrives(void **state)
{
	struct world *w = world_with_programs();

	(void)state;
	add_shell(w, "echo $$; exit 7");
	expect_output(w, "1\n");
	assert_int_equal(WEXITSTATUS(w->status), 7);
	end_world(w);
}

static void the_program_begins_in_the_golden_state(void **state)
{
	struct world *w = world_with_programs();

	(void)state;
	ADD(w, KEYRING, keyring, .name = text(w, "_ses.test"));
	ADD(w, CWD, cwd, .path = text(w, "/"));
	ADD(w, BOUNDING, bounding, .keep = 0x21);
	ADD(w, IDS, ids, .uid = 1000, .gid = 1001, .umask = 022);
	ADD(w, CAPABILITIES, capabilities, .effective = 0x20, .permitted = 0x21);
	ADD(w, NO_NEW_PRIVS, no_new_privs, 0);
	ADD(w, CWD, cwd, .path = text(w, "/"), .again = 1);
	add_shell(
		w,
		"grep -E '^(Umask|Uid|Gid|Groups|Sig(Blk|Ign)|Cap(Inh|Bnd|Amb)|NoNewPrivs)' /proc/self/status;"
		"echo /proc/self/fd/*; cut -d' ' -f4-6 /proc/self/stat >/dev/null;"
		"pwd; umask");
	expect_output(
		w,
		"Umask:\t0022\n"
		"Uid:\t1000\t1000\t1000\t1000\nGid:\t1001\t1001\t1001\t1001\nGroups:\t \n"
		"SigBlk:\t0000000000000000\nSigIgn:\t0000000000000000\n"
		"CapInh:\t0000000000000000\nCapBnd:\t0000000000000021\nCapAmb:\t0000000000000000\n"
		"NoNewPrivs:\t1\n"
		"/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n" /* 3: the shell's own */
		"/\n0022\n");
	end_world(w);
}

static void groups_and_ambient_capabilities_are_exactly_those_asked_for(void **state)
{
	struct world *w = world_with_programs();
	uint32_t at;

	(void)state;
	at = cells(w, 16);
	((uint32_t *)(void *)(w->heap + at))[0] = 5;
	((uint32_t *)(void *)(w->heap + at))[1] = 77;
	ADD(w, IDS, ids, .uid = 1000, .gid = 1000, .umask = 077, .groups = {at, 2});
	ADD(w, CAPABILITIES, capabilities, .effective = 0x401, .permitted = 0x401,
	    .inheritable = 0x400, .ambient = 0x400);
	add_shell(w, "grep -E '^(Groups|Cap(Inh|Prm|Eff|Amb))' /proc/self/status; umask");
	expect_output(w, "Groups:\t5 77 \nCapInh:\t0000000000000400\nCapPrm:\t0000000000000400\n"
			 "CapEff:\t0000000000000400\nCapAmb:\t0000000000000400\n0077\n");
	end_world(w);
}

static void a_capability_that_cannot_be_given_is_left_out_with_a_warning(void **state)
{
	struct world *w = world_with_programs();

	(void)state;
	ADD(w, CAPABILITIES, capabilities, .effective = 1ULL << 62 | 1,
	    .permitted = 1ULL << 62 | 1);
	add_shell(w, "grep -E '^CapPrm' /proc/self/status");
	run_world(w);
	assert_false(w->failed);
	assert_non_null(strstr(w->warning.text, "capabilities"));
	end_world(w);
}

static void home_comes_from_the_containers_passwd(void **state)
{
	static const struct {
		const char *passwd, *env, *expected;
	} cases[] = {
		{"root:x:0:0:root:/root:/bin/sh\nu:x:1000:1000:U:/home/u:/bin/sh\n", NULL,
		 "/home/u\n"},
		{"u:x:1000:1000:U:/home/u", NULL, "/home/u\n"},
		{"u:x:1000:1000:U:relative:/bin/sh\n", NULL, "/\n"},
		{"u:x:4294968296:1000:U:/home/u:/bin/sh\n", NULL, "/\n"},
		{"garbage\n:::\n\n\nu:x:1000\n", NULL, "/\n"},
		{NULL, NULL, "/\n"},
		{"u:x:1000:1000:U:/home/u:/bin/sh\n", "HOME=/given", "/given\n"},
		{"u:x:1000:1000:U:/home/u:/bin/sh\n", "HOME=", "/home/u\n"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world *w = world_with_programs();

		make(w->root, "/etc", NULL);
		if (cases[i].passwd)
			make(w->root, "/etc/passwd", cases[i].passwd);
		ADD(w, IDS, ids, .uid = 1000, .gid = 1000, .umask = 022);
		ADD(w, FIND_EXECUTABLE, find_executable, .file = text(w, "/bin/sh"));
		add_exec(w, VEC(w, "/bin/sh", "-c", "echo $HOME"),
			 cases[i].env ? VEC(w, ENV, cases[i].env) : VEC(w, ENV));
		expect_output(w, cases[i].expected);
		end_world(w);
	}
}

static void a_program_that_cannot_be_found_is_told_in_runcs_words(void **state)
{
	static const struct {
		const char *file, *expected;
	} cases[] = {
		{"nonexistent", "exec: \"nonexistent\": executable file not found in $PATH"},
		{"/nonexistent", "exec: \"/nonexistent\": no such file or directory"},
		{"./nonexistent", "exec: \"./nonexistent\": no such file or directory"},
		{"/etc", "exec: \"/etc\": is a directory: permission denied"},
		{"/etc/plain", "exec: \"/etc/plain\": permission denied"},
		{"/etc/plain/x", "exec: \"/etc/plain/x\": not a directory"},
		{"plain", "exec: \"plain\": permission denied"},
		{"", "exec: \"\": executable file not found in $PATH"},
		{"/link-to-self", "exec: \"/link-to-self\": too many levels of symbolic links"},
		{"/proc/self/exe", "exec: \"/proc/self/exe\": too many levels of symbolic links"},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world *w = world_with_programs();
		char *c;

		make(w->root, "/etc", NULL);
		make(w->root, "/etc/plain", "x");
		link_to(w->root, "/link-to-self", "/proc/self/exe");
		ADD(w, FIND_EXECUTABLE, find_executable, .file = text(w, cases[i].file),
		    .path = text(w, "/usr/bin:/etc:/bin"))
			->at = text(w, "process.args[0]");
		add_exec(w, VEC(w, cases[i].file), VEC(w, ENV));
		run_world(w);
		assert_true(w->failed);
		for (c = w->error.text; *c; c++) /* musl and glibc differ in capitals */
			if (*c >= 'A' && *c <= 'Z' && strncmp(c, "PATH", 4) && c[-1] == ' ')
				*c = (char)(*c + 32);
		assert_string_equal(w->error.text, cases[i].expected);
		assert_string_equal(w->error.at, "process.args[0]");
		assert_false(w->ready);
		end_world(w);
	}
}

static void relative_names_begin_at_the_working_directory_and_absolute_ones_do_not(void **state)
{
	static const struct {
		const char *file, *path;
		bool found;
	} cases[] = {
		{"/bin/sh", "", true},	       {"./sh", "", true}, {"../bin/sh", "", true},
		{"sh", ":/nonexistent", true}, {"sh", ".", true},  {"sh", "/nonexistent", false},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world *w = world_with_programs();

		ADD(w, CWD, cwd, .path = text(w, "/bin"));
		ADD(w, FIND_EXECUTABLE, find_executable, .file = text(w, cases[i].file),
		    .path = text(w, cases[i].path));
		add_exec(w, VEC(w, cases[i].file, "-c", "exit 7"), VEC(w, ENV));
		run_world(w);
		assert_int_equal(w->failed, !cases[i].found);
		if (cases[i].found)
			assert_int_equal(WEXITSTATUS(w->status), 7);
		end_world(w);
	}
}

static void what_execve_says_arrives_after_start(void **state)
{
	static const struct {
		const char *file, *content, *expected;
	} cases[] = {
		{"/script", "no shebang\n", "exec: \"/script\": "},
		{"/script", "#!/nonexistent\n", "exec: \"/script\": "},
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		struct world *w = world_with_programs();
		char path[PATH_MAX];

		make(w->root, cases[i].file, cases[i].content);
		snprintf(path, sizeof(path), "%s%s", w->root, cases[i].file);
		assert_int_equal(chmod(path, 0755), 0);
		ADD(w, FIND_EXECUTABLE, find_executable, .file = text(w, cases[i].file));
		add_exec(w, VEC(w, cases[i].file), VEC(w, ENV));
		run_world(w);
		assert_true(w->ready);
		assert_true(w->failed);
		assert_memory_equal(w->error.text, cases[i].expected, strlen(cases[i].expected));
		end_world(w);
	}
}

static void the_working_directory_is_made_and_stays_inside(void **state)
{
	struct world *w = world_with_programs();

	(void)state;
	ADD(w, DIRECTORY, directory, .path = text(w, "/made/for/it"), .mode = 0755);
	ADD(w, CWD, cwd, .path = text(w, "/made/for/it"));
	ADD(w, IDS, ids, .uid = 1000, .gid = 1000, .umask = 022);
	ADD(w, CWD, cwd, .path = text(w, "/made/for/it"), .again = 1);
	add_shell(w, "pwd");
	expect_output(w, "/made/for/it\n");
	end_world(w);
}

static void a_working_directory_only_for_the_user_is_entered_by_the_user(void **state)
{
	struct world *w = world_with_programs();

	(void)state;
	/* What root may not enter: here it gives up the capability to ignore permissions first. */
	make(w->root, "/home", NULL);
	assert_int_equal(chown(w->root, 0, 0), 0);
	{
		char path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/home", w->root);
		assert_int_equal(chown(path, 1000, 1000), 0);
		assert_int_equal(chmod(path, 0700), 0);
	}
	ADD(w, CAPABILITIES, capabilities, .effective = 0xc0, .permitted = 0xc0);
	ADD(w, CWD, cwd, .path = text(w, "/home"));
	ADD(w, IDS, ids, .uid = 1000, .gid = 1000, .umask = 022, .keep_groups = 1);
	ADD(w, CWD, cwd, .path = text(w, "/home"), .again = 1);
	add_shell(w, "pwd");
	expect_output(w, "/home\n");
	end_world(w);
}

/* CVE-2024-21626 */
static void a_working_directory_through_a_magic_link_is_refused(void **state)
{
	static const char *const paths[] = {
		"/proc/self/cwd",  "/proc/1/root",    "/proc/self/fd/0", "/proc/self/fd/3",
		"/proc/self/fd/4", "/proc/self/fd/5", "/proc/self/fd/6", "/proc/self/fd/7",
		"/proc/self/fd/8", "/link",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(paths); i++) {
		struct world *w = world_with_programs();

		link_to(w->root, "/link", "/proc/self/fd/7");
		ADD(w, CWD, cwd, .path = text(w, paths[i]));
		add_shell(w, "ls");
		run_world(w);
		assert_true(w->failed);
		assert_non_null(strstr(w->error.text, paths[i]));
		end_world(w);
	}
}

static void until_it_is_ready_nobody_may_trace_it_and_it_dies_with_the_host(void **state)
{
	struct world *w = world_with_programs();
	struct stat st;

	(void)state;
	ADD(w, IDS, ids, .uid = 1000, .gid = 1000, .umask = 022);
	add_shell(w, "true");
	launch_ready(w);
	/* what is not dumpable belongs to root */
	assert_int_equal(stat(seen(w, "/../status"), &st), -1);
	{
		char path[64];

		snprintf(path, sizeof(path), "/proc/%d/status", w->pid);
		assert_int_equal(stat(path, &st), 0);
		assert_int_equal(st.st_uid, 0);
	}
	/* the host is gone without GO */
	close(w->sock);
	w->sock = -1;
	finish(w);
	assert_true(WIFEXITED(w->status));
	assert_string_equal(w->output, "");
	end_world(w);
}

static void unknown_messages_end_it(void **state)
{
	struct world *w = world_with_programs();
	struct message m = {.kind = MSG_START};

	(void)state;
	add_shell(w, "true");
	launch_ready(w);
	message_send(w->sock, &m, -1);
	walk_along(w);
	assert_true(w->failed);
	assert_int_equal(w->error.code, EPROTO);
	close(w->sock);
	w->sock = -1;
	finish(w);
	end_world(w);
}

/* ---- the gate ---- */

static int listen_somewhere(struct sockaddr_un *a, socklen_t *len)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	*a = (struct sockaddr_un){.sun_family = AF_UNIX};
	*len = sizeof(sa_family_t);
	assert_int_equal(bind(fd, (struct sockaddr *)a, *len), 0); /* a free abstract address */
	*len = sizeof(*a);
	assert_int_equal(getsockname(fd, (struct sockaddr *)a, len), 0);
	assert_int_equal(listen(fd, 8), 0);
	return fd;
}

static int connect_to(const struct sockaddr_un *a, socklen_t len)
{
	int fd = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);

	assert_int_equal(connect(fd, (const struct sockaddr *)a, len), 0);
	return fd;
}

static void start_opens_the_gate_and_hears_nothing_when_all_is_well(void **state)
{
	struct world *w = world_with_programs();
	struct message m = {.kind = MSG_START};
	struct sockaddr_un a;
	socklen_t len;
	int start, fd, conn;

	(void)state;
	add_shell(w, "echo started");
	start = listen_somewhere(&a, &len);
	launch(w, start);
	close(start);
	assert_true(w->ready);
	go(w, BARRIER_READY);
	assert_int_equal(message_receive(w->sock, &(struct message){0}, &fd),
			 0); /* init has closed it */
	close(w->sock);
	w->sock = -1;

	close(connect_to(&a, len)); /* one that changed its mind */
	conn = connect_to(&a, len);
	assert_int_equal(message_send(conn, &m, -1), 0);
	assert_int_equal(message_receive(conn, &m, &fd), 0);
	close(conn);
	finish(w);
	assert_string_equal(w->output, "started\n");
	end_world(w);
}

static void start_hears_why_it_did_not_work(void **state)
{
	struct world *w = world_with_programs();
	struct message m = {.kind = MSG_START};
	struct sockaddr_un a;
	socklen_t len;
	int start, fd, conn;

	(void)state;
	add_end(w);
	ADD(w, EXEC, exec, .argv = VEC(w, "/gone"), .env = VEC(w, ENV));
	start = listen_somewhere(&a, &len);
	launch(w, start);
	close(start);
	go(w, BARRIER_READY);
	conn = connect_to(&a, len);
	assert_int_equal(message_send(conn, &m, -1), 0);
	assert_int_equal(message_receive(conn, &m, &fd), 1);
	assert_int_equal(m.kind, MSG_ERROR);
	assert_non_null(strstr(m.error.text, "exec: \"/gone\": "));
	close(conn);
	close(w->sock);
	w->sock = -1;
	finish(w);
	assert_int_equal(WEXITSTATUS(w->status), 1);
	end_world(w);
}

static void add_built(struct world *w, const char *file)
{
	add_barrier(w, BARRIER_BUILT);
	ADD(w, FIND_EXECUTABLE, find_executable, .file = text(w, file), .path = text(w, "/bin"));
	ADD(w, START_GATE, start_gate, 0);
	ADD(w, CLOSE_FDS, close_fds, .keep = 3);
	ADD(w, EXEC, exec, .argv = VEC(w, file, "-c", "echo runs"), .env = VEC(w, ENV));
}

static void without_start_init_goes_on_while_the_host_commits(void **state)
{
	struct world *w = world_with_programs();

	(void)state;
	add_built(w, "sh");
	run_world(w);
	assert_string_equal(w->output, "runs\n");
	end_world(w);

	w = world_with_programs();
	w->hold = BARRIER_BUILT;
	add_built(w, "/gone");
	launch(w, -1);
	assert_false(w->failed);
	walk_along(w);
	assert_true(w->failed);
	assert_non_null(strstr(w->error.text, "exec: \"/gone\": "));
	end_world(w);
}

static void but_its_program_does_not_run_before(void **state)
{
	struct world *w = world_with_programs();

	(void)state;
	w->hold = BARRIER_BUILT;
	add_built(w, "sh");
	launch(w, -1);
	close(w->sock); /* the host could not */
	w->sock = -1;
	finish(w);
	assert_string_equal(w->output, "");
	assert_int_equal(WEXITSTATUS(w->status), 1);
	end_world(w);
}

static void a_config_without_process_is_created_and_cannot_be_started(void **state)
{
	struct world *w = world_with_programs();

	(void)state;
	add_end(w);
	ADD(w, EXEC, exec, .no_process = 1);
	run_world(w);
	assert_true(w->ready);
	assert_true(w->failed);
	assert_string_equal(w->error.at, "process");
	end_world(w);
}

static void a_created_container_can_be_ended_by_sigterm(void **state)
{
	struct world *w = world_with_programs();
	struct sockaddr_un a;
	socklen_t len;
	int start, fd;

	(void)state;
	add_shell(w, "echo never");
	start = listen_somewhere(&a, &len);
	launch(w, start);
	close(start);
	/* The first process of a pid namespace gets no other signals: it may come right after `create`. */
	assert_true(strtoull(status_line(w, "SigCgt"), NULL, 16) >> (SIGTERM - 1) & 1);
	go(w, BARRIER_READY);
	message_receive(w->sock, &(struct message){0}, &fd);
	close(w->sock);
	w->sock = -1;
	kill(w->pid, SIGTERM);
	finish(w);
	assert_int_equal(WEXITSTATUS(w->status), 128 + SIGTERM);
	assert_string_equal(w->output, "");
	end_world(w);
}

static void the_waiting_init_is_small(void **state)
{
	struct world *w = world_with_programs();

	(void)state;
	add_shell(w, "true");
	launch_ready(w);
	print_message("created: RssAnon %s, RssFile %s\n", status_line(w, "RssAnon"),
		      status_line(w, "RssFile"));
	end_world(w);
}

/* ---- namespaces ---- */

static void
a_joined_or_unshared_pid_namespace_is_entered_by_a_fork_that_the_host_hears_of(void **state)
{
	struct world *w = new_world();
	pid_t first;
	int status;

	(void)state;
	w->plan.clone_flags = CLONE_NEWNS;
	add_barrier(w, BARRIER_MAPPED);
	ADD(w, UNSHARE, unshare, .flags = CLONE_NEWPID | 0x80 /* CLONE_NEWTIME */);
	ADD(w, TIME_OFFSETS, time_offsets, .text = text(w, "monotonic 100000 0\nboottime 7 0\n"));
	ADD(w, REFORK, refork, 0);
	{
		plan_slot slot = add_slot(w, SLOT_BY_INIT, -1);

		ADD(w, OPEN_SOURCE, open_source, .path = text(w, w->root), .slot = slot,
		    .directory = 1);
		ADD(w, ROOTFS, rootfs, .path = text(w, w->root), .slot = slot,
		    .propagation = MS_REC | MS_SLAVE);
	}
	add_programs(w);
	add_mount(w, "proc", "/proc", "");
	add_pivot(w);
	add_shell(w, "echo $$; cat /proc/self/timens_offsets | tr -s ' '");
	launch(w, -1);
	if (w->failed)
		print_error("%s (%d)\n", w->error.text, w->error.code);
	assert_true(w->ready);
	first = waitpid(-1, &status, __WALL); /* who told us has ended */
	assert_int_not_equal(first, w->pid);
	go(w, BARRIER_READY);
	walk_along(w);
	close(w->sock);
	w->sock = -1;
	finish(w);
	assert_string_equal(w->output, "1\nmonotonic 100000 0\nboottime 7 0\n");
	end_world(w);
}

static void joined_namespaces_are_joined(void **state)
{
	struct world *w = new_world();
	struct error e;
	char name[65] = "", path[64];
	int pipes[2];
	pid_t other;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	other = fork();
	if (other == 0) {
		unshare(CLONE_NEWUTS);
		sethostname("the-other", 9);
		write(pipes[1], "x", 1);
		pause();
		_exit(0);
	}
	assert_int_equal(read(pipes[0], name, 1), 1);
	snprintf(path, sizeof(path), "/proc/%d/ns/uts", other);
	w->plan.clone_flags = CLONE_NEWNS | CLONE_NEWPID;
	{
		int fd = ns_open(path, CLONE_NEWUTS, &e);
		plan_slot slot = add_slot(w, SLOT_NAMESPACE, fd);

		ADD(w, JOIN_NS, join_ns, .type = CLONE_NEWUTS, .slot = slot, .path = text(w, path));
	}
	add_root(w);
	add_programs(w);
	add_pivot(w);
	add_shell(w, "uname -n");
	expect_output(w, "the-other\n");
	kill(other, SIGKILL);
	waitpid(other, NULL, 0);
	close(w->fds[0]);
	end_world(w);
}

static void what_the_host_has_open_is_closed(void **state)
{
	struct world *w = world_with_programs();
	int leak = open("/", O_RDONLY); /* not O_CLOEXEC */
	int far = dup2(leak, 200);

	(void)state;
	add_shell(w, "echo /proc/self/fd/*");
	expect_output(w, "/proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 /proc/self/fd/3\n");
	close(leak);
	close(far);
	end_world(w);
}

static void preserved_descriptors_stay(void **state)
{
	struct world *w = world_with_programs();
	int kept = fcntl(3, F_GETFD) < 0 ? open("/", O_RDONLY) : -1;

	(void)state;
	if (kept != 3) {
		end_world(w);
		skip();
	}
	add_shell(w, "readlink /proc/self/fd/3");
	w->ops[w->plan.op_count - 2].close_fds.keep = 4;
	expect_output(w, "/\n");
	close(kept);
	end_world(w);
}

static void only_pipes_and_terminals_are_given_to_the_user(void **state)
{
	struct world *w = world_with_programs();

	(void)state;
	ADD(w, STDIO, stdio, .uid = 1000);
	ADD(w, IDS, ids, .uid = 1000, .gid = 1000, .umask = 022);
	add_shell(w, "echo reopened >/dev/../proc/self/fd/1");
	expect_output(w, "reopened\n");
	end_world(w);
}

/* CVE-2026-88265: what the image calls /dev/null gets neither the output nor a new owner. */
static void a_false_null_device_gets_nothing(void **state)
{
	struct world *w = new_world();
	struct stat st;
	char path[PATH_MAX];
	int null = open("/dev/null", O_RDWR), saved = dup(0);

	(void)state;
	make(w->root, "/dev", NULL);
	make(w->root, "/victim", "intact");
	link_to(w->root, "/dev/null", "/victim");
	add_root(w);
	add_programs(w);
	add_pivot(w);
	ADD(w, STDIO, stdio, .uid = 1234);
	ADD(w, IDS, ids, .uid = 1234, .gid = 1234, .umask = 022);
	add_shell(w, "echo x >&0; echo ok");
	dup2(null, 0);
	expect_output(w, "ok\n");
	dup2(saved, 0);
	snprintf(path, sizeof(path), "%s/victim", w->root);
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_size, 6);
	assert_int_equal(st.st_uid, 0);
	close(null);
	close(saved);
	end_world(w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(preserved_descriptors_stay),
		cmocka_unit_test(the_program_runs_and_its_exit_status_arrives),
		cmocka_unit_test(the_program_begins_in_the_golden_state),
		cmocka_unit_test(groups_and_ambient_capabilities_are_exactly_those_asked_for),
		cmocka_unit_test(a_capability_that_cannot_be_given_is_left_out_with_a_warning),
		cmocka_unit_test(home_comes_from_the_containers_passwd),
		cmocka_unit_test(a_program_that_cannot_be_found_is_told_in_runcs_words),
		cmocka_unit_test(
			relative_names_begin_at_the_working_directory_and_absolute_ones_do_not),
		cmocka_unit_test(what_execve_says_arrives_after_start),
		cmocka_unit_test(the_working_directory_is_made_and_stays_inside),
		cmocka_unit_test(a_working_directory_only_for_the_user_is_entered_by_the_user),
		cmocka_unit_test(a_working_directory_through_a_magic_link_is_refused),
		cmocka_unit_test(until_it_is_ready_nobody_may_trace_it_and_it_dies_with_the_host),
		cmocka_unit_test(unknown_messages_end_it),
		cmocka_unit_test(start_opens_the_gate_and_hears_nothing_when_all_is_well),
		cmocka_unit_test(start_hears_why_it_did_not_work),
		cmocka_unit_test(without_start_init_goes_on_while_the_host_commits),
		cmocka_unit_test(but_its_program_does_not_run_before),
		cmocka_unit_test(a_config_without_process_is_created_and_cannot_be_started),
		cmocka_unit_test(a_created_container_can_be_ended_by_sigterm),
		cmocka_unit_test(the_waiting_init_is_small),
		cmocka_unit_test(
			a_joined_or_unshared_pid_namespace_is_entered_by_a_fork_that_the_host_hears_of),
		cmocka_unit_test(joined_namespaces_are_joined),
		cmocka_unit_test(what_the_host_has_open_is_closed),
		cmocka_unit_test(only_pipes_and_terminals_are_given_to_the_user),
		cmocka_unit_test(a_false_null_device_gets_nothing),
	};

	if (geteuid())
		return 77; /* skipped: these make namespaces as root */
	/* As a caller may have left it. What is ignored is noted once, before the first fork. */
	signal(SIGUSR2, SIG_IGN);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
