/* SPDX-License-Identifier: Apache-2.0 */
/*
 * On this host's own hierarchies, below a directory of our own that is gone at the end: as they
 * are mounted, and in mount namespaces that show only cgroup2 or only v1.  Needs root and
 * cgroups that may be written, and controllers; where they are missing the tests are skipped.
 */
#include "layouts.h"

#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/devices.h"
#include "cgroup/dir.h"
#include "cgroup/hierarchy.h"
#include "cgroup/knob.h"
#include "cgroup/stats.h"
#include "cgroup/walk.h"
#include "sys/bpf.h"
#include "sys/spawn.h"

static struct facts here;
static const char *top; /* "/yacr-unit-PID" */

static void ok(int r, const struct error *e)
{
	if (r < 0)
		fail_msg("%s: %s (%d)", e->at, e->text, e->code);
}

static int set_up(void **state)
{
	struct error e;

	make_arena(state);
	here = (struct facts){.euid = geteuid()};
	ok(cgroup_detect(&here, arena, &e), &e);
	top = arena_printf(arena, "/yacr-unit-%d", getpid());
	return 0;
}

static bool can_run(void)
{
	if (geteuid() == 0 && here.cgroup != CGROUP_NONE &&
	    access(here.hierarchies.v[0].mountpoint, W_OK) == 0)
		return true;
	print_message("needs root and writable cgroups\n");
	return false;
}

#define NEEDS_CGROUPS()         \
	do {                    \
		if (!can_run()) \
			skip(); \
	} while (0)

/* In a v1 hierarchy, or to be had from cgroup2's root. */
static bool has_controller(const char *name)
{
	const struct cgroup_hierarchy *v2 = hierarchy_v2(&here);
	char list[512] = "";

	if (hierarchy_v1(&here, name))
		return true;
	if (v2)
		knob_read(AT_FDCWD, arena_printf(arena, "%s/cgroup.controllers", v2->mountpoint),
			  list, sizeof(list));
	return word_in(list, ' ', name);
}

#define NEEDS(controller)                                                       \
	do {                                                                    \
		NEEDS_CGROUPS();                                                \
		if (!has_controller(controller)) {                              \
			print_message("needs the controller " controller "\n"); \
			skip();                                                 \
		}                                                               \
	} while (0)

static struct config *config_at(const char *path, const char *resources)
{
	return config_of(arena_printf(arena, "{'cgroupsPath': '%s/%s', 'resources': %s}", top, path,
				      resources));
}

static int try_create(struct cgroup *g, struct cgroup_place *p, const struct config *c,
		      struct error *e)
{
	ok(cgroup_place(p, arena, c, &here, "x", CGROUP_DRIVER_FS, e), e);
	return cgroup_create(g, arena, p, c, &here, e);
}

static void create(struct cgroup *g, struct cgroup_place *p, const struct config *c)
{
	struct error e = {0};

	ok(try_create(g, p, c, &e), &e);
	ok(cgroup_limit(g, arena, c->linux_.resources, &here, &e), &e);
	ok(devices_apply(g, arena, c->linux_.resources, &here, false, &e), &e);
}

static void take_away(struct cgroup *g, struct cgroup_place *p)
{
	struct error e = {0};

	cgroup_close(g);
	ok(cgroup_remove(p, arena, &e), &e);
}

/* Nothing of ours is in any hierarchy. */
static void assert_clean(void)
{
	for (size_t i = 0; i < here.hierarchies.n; i++) {
		const char *path =
			arena_printf(arena, "%s%s", here.hierarchies.v[i].mountpoint, top);

		if (here.hierarchies.v[i].mountpoint[0] && access(path, F_OK) == 0)
			fail_msg("%s is left", path);
	}
}

/* A process born in the cgroup as a container's init is; runs @body, or waits for ever. */
static pid_t enter(const struct cgroup *g, int (*body)(void))
{
	struct error e = {0};
	int pidfd = -1, ready[2];
	char c = 0;
	pid_t pid;

	assert_int_equal(pipe(ready), 0);
	pid = spawn(0, g->v2, &pidfd, &e);
	ok(pid, &e);
	if (pid == 0) {
		for (unsigned int i = 0; i < g->task_count; i++)
			if (write(g->tasks[i], "0", 1) != 1)
				_exit(99);
		if (write(ready[1], "x", 1) != 1)
			_exit(98);
		if (body)
			_exit(body());
		for (;;)
			pause();
	}
	close(ready[1]);
	if (read(ready[0], &c, 1) != 1)
		fail_msg("the process could not join");
	close(ready[0]);
	close(pidfd);
	return pid;
}

static int result_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static const char *value_in(const struct cgroup *g, const char *controller, const char *file)
{
	static char text[256];
	int i = place_index(g->place, controller);

	if (i < 0 || knob_read(cgroup_dir(g, (size_t)i), file, text, sizeof(text)) < 0)
		return NULL;
	return text;
}

static void a_process_is_born_into_every_hierarchy_and_listed_once(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct pid_list pids;
	struct error e;
	char text[4096];
	pid_t pid;

	NEEDS_CGROUPS();
	create(&g, &p, config_at("born", "{}"));
	pid = enter(&g, NULL);
	knob_read(AT_FDCWD, arena_printf(arena, "/proc/%d/cgroup", pid), text, sizeof(text));
	for (size_t i = 0; i < p.dirs.n; i++)
		assert_non_null(strstr(
			text, arena_printf(arena, ":%s:%s/born", p.dirs.v[i].hierarchy, top)));
	ok(cgroup_pids(&pids, arena, &g, &e), &e);
	assert_int_equal(pids.n, 1);
	assert_int_equal(pids.v[0], pid);
	take_away(&g, &p);
	assert_int_equal(result_of(pid), 128 + SIGKILL);
	assert_clean();
}

static void the_parents_that_were_made_go_and_those_that_were_there_stay(void **state)
{
	struct cgroup_place outer, inner;
	struct cgroup g, h;

	NEEDS_CGROUPS();
	create(&g, &outer, config_at("a", "{}"));
	assert_string_equal(outer.dirs.v[0].made, top);
	create(&h, &inner, config_at("a/b/c", "{}"));
	assert_string_equal(inner.dirs.v[0].made, arena_printf(arena, "%s/a/b", top));
	if (hierarchy_v1(&here, "cpuset")) /* or nobody could join it */
		assert_string_not_equal(value_in(&h, "cpuset", "cpuset.cpus"), "");
	take_away(&h, &inner);
	assert_int_equal(access(dir_path(arena, &outer.dirs.v[0]), F_OK), 0);
	assert_int_not_equal(
		access(arena_printf(arena, "%s/b", dir_path(arena, &outer.dirs.v[0])), F_OK), 0);
	take_away(&g, &outer);
	assert_clean();
}

static const char *foreseen(const char *path)
{
	struct cgroup_place p;
	struct error e;

	ok(cgroup_place(&p, arena, config_at(path, "{}"), &here, "x", CGROUP_DRIVER_FS, &e), &e);
	cgroup_foresee(&p, arena);
	for (size_t i = 1; i < p.dirs.n; i++)
		assert_int_equal(!p.dirs.v[i].made, !p.dirs.v[0].made);
	return p.dirs.v[0].made;
}

static void what_will_be_made_on_the_way_is_foreseen(void **state)
{
	struct cgroup_place p;
	struct cgroup g;

	NEEDS_CGROUPS();
	assert_string_equal(foreseen("a/b/c"), top);
	create(&g, &p, config_at("a", "{}"));
	assert_string_equal(foreseen("a/b/c"), arena_printf(arena, "%s/a/b", top));
	assert_null(foreseen("a/b"));
	take_away(&g, &p);
	assert_clean();
}

static size_t open_dirs(const struct cgroup *g)
{
	size_t n = 0;

	for (size_t i = 0; i < g->place->dirs.n; i++)
		n += g->dirs[i] >= 0;
	return n;
}

static void directories_are_opened_when_they_are_asked_for(void **state)
{
	struct pid_list pids;
	struct cgroup_place p;
	struct cgroup g, h;
	struct error e;

	NEEDS_CGROUPS();
	create(&g, &p, config_at("lazy", "{}"));
	ok(cgroup_open(&h, arena, &p, &e), &e);
	assert_int_equal(open_dirs(&h), h.v2 >= 0);
	ok(cgroup_pids(&pids, arena, &h, &e), &e);
	assert_int_equal(open_dirs(&h), 1);
	assert_int_equal(fcntl(cgroup_dir(&h, 0), F_GETFL) & O_PATH, O_PATH);
	assert_int_equal(cgroup_dir(&h, 0), h.dirs[0]);
	cgroup_close(&h);
	take_away(&g, &p);
	ok(cgroup_open(&h, arena, &p, &e), &e);
	ok(cgroup_pids(&pids, arena, &h, &e), &e); /* gone is no error */
	assert_int_equal(pids.n, 0);
	assert_int_equal(open_dirs(&h), 0);
	assert_clean();
}

static void removing_what_is_gone_is_no_error(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct error e;

	NEEDS_CGROUPS();
	create(&g, &p, config_at("gone/deep", "{}"));
	take_away(&g, &p);
	ok(cgroup_remove(&p, arena, &e), &e);
	ok(cgroup_open(&g, arena, &p, &e), &e);
	assert_int_equal(cgroup_dir(&g, 0), -1);
	cgroup_close(&g);
}

static void a_cgroup_that_others_live_in_is_refused_and_left_alone(void **state)
{
	struct cgroup_place p, q;
	struct cgroup g, h;
	struct error e = {0};
	pid_t pid;

	NEEDS_CGROUPS();
	create(&g, &p, config_at("busy", "{}"));
	pid = enter(&g, NULL);
	assert_int_equal(try_create(&h, &q, config_at("busy", "{}"), &e), -1);
	assert_non_null(strstr(e.text, "container's cgroup is not empty: 1 process(es) found"));
	assert_int_equal(kill(pid, 0), 0);
	take_away(&g, &p);
	result_of(pid);
	assert_clean();
}

static void an_empty_cgroup_that_was_there_is_used(void **state)
{
	struct cgroup_place p, q;
	struct cgroup g, h;

	NEEDS_CGROUPS();
	create(&g, &p, config_at("empty", "{}"));
	assert_true(g.fresh);
	create(&h, &q, config_at("empty", "{'memory': {'disableOOMKiller': false}}"));
	assert_false(h.fresh);
	assert_null(q.dirs.v[0].made);
	take_away(&h, &q);
	take_away(&g, &p);
	assert_clean();
}

static void a_frozen_cgroup_is_refused(void **state)
{
	struct cgroup_place p, q;
	struct cgroup g, h;
	struct error e = {0};

	NEEDS_CGROUPS();
	create(&g, &p, config_at("cold", "{}"));
	ok(cgroup_freeze(&g, true, &e), &e);
	assert_int_equal(try_create(&h, &q, config_at("cold", "{}"), &e), -1);
	assert_non_null(strstr(e.text, "container's cgroup unexpectedly frozen"));
	take_away(&g, &p);
	assert_clean();
}

static void limits_arrive_in_their_files(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	bool v1;

	NEEDS("memory");
	NEEDS("pids");
	NEEDS("cpu");
	NEEDS("cpuset");
	v1 = hierarchy_v1(&here, "memory");
	create(&g, &p,
	       config_at(
		       "limits",
		       "{'memory': {'limit': 33554432, 'reservation': 16777216}, 'pids': {'limit': 20},"
		       "'cpu': {'shares': 512, 'quota': 50000, 'period': 100000, 'cpus': '0'}}"));
	assert_string_equal(value_in(&g, "memory", v1 ? "memory.limit_in_bytes" : "memory.max"),
			    "33554432");
	assert_string_equal(value_in(&g, "pids", "pids.max"), "20");
	assert_string_equal(value_in(&g, "cpuset", "cpuset.cpus"), "0");
	if (hierarchy_v1(&here, "cpu"))
		assert_string_equal(value_in(&g, "cpu", "cpu.cfs_quota_us"), "50000");
	else
		assert_string_equal(value_in(&g, "cpu", "cpu.max"), "50000 100000");
	take_away(&g, &p);
	assert_clean();
}

static void memory_and_swap_can_be_raised_and_lowered_together(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct error e = {0};

	NEEDS("memory");
	create(&g, &p, config_at("swap", "{'memory': {'limit': 16777216, 'swap': 16777216}}"));
	g.fresh = false;
	ok(cgroup_update(&g, arena,
			 resources_of("{'memory': {'limit': 67108864, 'swap': 134217728}}"), &here,
			 NULL, &e),
	   &e);
	ok(cgroup_update(&g, arena,
			 resources_of("{'memory': {'limit': 16777216, 'swap': 16777216}}"), &here,
			 NULL, &e),
	   &e);
	if (hierarchy_v1(&here, "memory"))
		assert_string_equal(value_in(&g, "memory", "memory.limit_in_bytes"), "16777216");
	ok(cgroup_update(&g, arena, resources_of("{'memory': {'limit': -1}}"), &here, NULL, &e),
	   &e);
	take_away(&g, &p);
	assert_clean();
}

static void an_update_enables_controllers_that_nobody_asked_for_before(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct error e = {0};

	NEEDS("hugetlb");
	if (hierarchy_v1(&here, "hugetlb"))
		skip();
	create(&g, &p, config_at("later/x", "{}"));
	ok(cgroup_update(
		   &g, arena,
		   resources_of("{'hugepageLimits': [{'pageSize': '2MB', 'limit': 4194304}]}"),
		   &here, NULL, &e),
	   &e);
	assert_string_equal(value_in(&g, "hugetlb", "hugetlb.2MB.max"), "4194304");
	take_away(&g, &p);
	assert_clean();
}

static void a_value_that_the_kernel_refuses_names_file_value_and_path(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct config *c;
	struct error e = {0};

	NEEDS("cpuset");
	c = config_at("wrong", "{'cpu': {'cpus': '4000'}}");
	ok(try_create(&g, &p, c, &e), &e);
	assert_int_equal(cgroup_limit(&g, arena, c->linux_.resources, &here, &e), -1);
	assert_string_equal(e.at, "linux.resources.cpu.cpus");
	assert_non_null(strstr(e.text, "cannot set cpuset.cpus to \"4000\""));
	take_away(&g, &p);
	assert_clean();
}

static void a_controller_that_cannot_be_had_leaves_nothing_behind(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct error e = {0};

	NEEDS_CGROUPS();
	if (!hierarchy_v2(&here))
		skip();
	assert_int_equal(
		try_create(&g, &p, config_at("a/b", "{'unified': {'nosuch.max': '1'}}"), &e), -1);
	assert_string_equal(e.at, "linux.resources.unified.nosuch.max");
	assert_non_null(strstr(e.text, "\"nosuch\" is not available"));
	assert_clean();
}

static void an_unknown_file_is_an_error_with_words_that_no_engine_misreads(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct config *c;
	struct error e = {0};

	NEEDS_CGROUPS();
	if (!hierarchy_v2(&here))
		skip();
	c = config_at("a", "{'unified': {'cgroup.nosuch': '1'}}");
	ok(try_create(&g, &p, c, &e), &e);
	assert_int_equal(cgroup_limit(&g, arena, c->linux_.resources, &here, &e), -1);
	assert_int_equal(e.code, ENOENT);
	assert_null(strstr(e.text, "no such file"));
	/* nor has it been made */
	assert_int_equal(faccessat(g.v2, "cgroup.nosuch", F_OK, 0), -1);
	take_away(&g, &p);
	assert_clean();
}

static int try_devices(void)
{
	int null = open("/dev/null", O_RDWR), kmsg = open("/dev/kmsg", O_RDONLY | O_NONBLOCK);

	return (null >= 0 ? 1 : 0) + (kmsg >= 0 ? 2 : 0);
}

static void a_container_opens_the_devices_it_may_and_no_others(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct error e = {0};

	NEEDS_CGROUPS();
	create(&g, &p, config_at("dev", "{'devices': [{'allow': false, 'access': 'rwm'}]}"));
	assert_int_equal(result_of(enter(&g, try_devices)), 1);
	ok(cgroup_update(
		   &g, arena,
		   resources_of(
			   "{'devices': [{'allow': true, 'type': 'c', 'major': 1, 'minor': 11, 'access': 'r'}]}"),
		   &here, NULL, &e),
	   &e);
	assert_int_equal(result_of(enter(&g, try_devices)), 3);
	take_away(&g, &p);
	assert_clean();
}

/* The program, also where v1 has the devices controller: it is attached to the cgroup2 directory by hand. */
static void attach(int cgroup, const char *devices, bool replace)
{
	AUTO_CLOSE int dir = openat(cgroup, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC), program = -1;
	struct bpf_insn *code;
	device_rules rules;
	struct error e = {0};
	unsigned int n;

	ok(devices_rules(&rules, arena,
			 resources_of(arena_printf(arena, "{'devices': %s}", devices)), &e),
	   &e);
	n = devices_v2(&code, arena, &rules);
	program = bpf_device_load(code, n, &e);
	ok(program, &e);
	ok(bpf_device_attach(dir, program, replace, &e), &e);
}

static void the_kernel_takes_the_device_program_and_obeys_it(void **state)
{
	struct cgroup_place p;
	struct cgroup g;

	NEEDS_CGROUPS();
	if (!hierarchy_v2(&here))
		skip();
	create(&g, &p, config_at("bpf", "{'devices': [{'allow': true}]}"));
	assert_int_equal(result_of(enter(&g, try_devices)), 3);
	attach(g.v2, "[{'allow': false}]", false);
	assert_int_equal(result_of(enter(&g, try_devices)), 1);
	attach(g.v2, "[{'allow': true, 'type': 'c', 'major': 1, 'minor': 11, 'access': 'rw'}]",
	       true);
	assert_int_equal(result_of(enter(&g, try_devices)), 3);
	attach(g.v2,
	       "[{'allow': true}, {'allow': false, 'type': 'c', 'major': 1, 'minor': 11, 'access': 'r'}]",
	       true);
	assert_int_equal(result_of(enter(&g, try_devices)), 1);
	attach(g.v2, "[{'allow': true}]", true);
	assert_int_equal(result_of(enter(&g, try_devices)), 3);
	take_away(&g, &p);
	assert_clean();
}

static void statistics_are_one_valid_object_with_the_limits_in_it(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct error e = {0};
	struct buf out = buf_new(arena);
	struct json_writer w = json_writer(&out, 0);
	struct json j;
	pid_t pid;

	NEEDS("pids");
	create(&g, &p,
	       config_at("stats", "{'memory': {'limit': 33554432}, 'pids': {'limit': 21}}"));
	pid = enter(&g, NULL);
	ok(cgroup_stats_write(&g, &w, NULL, &e), &e);
	ok(json_begin(&j, arena, out.s, out.len, &e), &e);
	ok(json_skip(&j, &e), &e);
	ok(json_end(&j, &e), &e);
	assert_non_null(strstr(out.s, "\"pids\":{\"current\":1,\"limit\":21}"));
	assert_non_null(strstr(out.s, "\"usage\":{\"limit\":33554432,"));
	take_away(&g, &p);
	result_of(pid);
	ok(cgroup_open(&g, arena, &p, &e), &e);
	assert_int_equal(cgroup_stats_write(&g, &w, NULL, &e), -1);
	assert_int_equal(e.code, ENODEV);
	cgroup_close(&g);
	assert_clean();
}

static int hog(void)
{
	for (size_t i = 0; i < 64; i++)
		memset(malloc(1 << 20), 1, 1 << 20);
	return 0;
}

static void the_oom_killer_is_noticed_and_so_is_the_end(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct oom_watch watch;
	struct error e = {0};
	struct pollfd wait;

	NEEDS("memory");
	create(&g, &p, config_at("oom", "{'memory': {'limit': 16777216, 'swap': 16777216}}"));
	ok(oom_watch_open(&watch, &g, &e), &e);
	assert_int_equal(oom_watch_read(&watch), 0);
	assert_int_equal(result_of(enter(&g, hog)), 128 + SIGKILL);
	wait = (struct pollfd){.fd = watch.fd, .events = watch.events};
	assert_int_equal(poll(&wait, 1, 3000), 1);
	assert_int_equal(oom_watch_read(&watch), 1);
	assert_int_equal(oom_watch_read(&watch), 0);
	ok(cgroup_remove(&p, arena, &e), &e);
	assert_int_equal(poll(&wait, 1, 3000), 1);
	assert_int_equal(oom_watch_read(&watch), -1);
	oom_watch_close(&watch);
	cgroup_close(&g);
	assert_clean();
}

static void a_paused_container_stands_still_and_runs_again(void **state)
{
	struct cgroup_roots roots = {0};
	struct cgroup_place p;
	struct cgroup g;
	struct error e = {0};
	pid_t pid;

	NEEDS_CGROUPS();
	create(&g, &p, config_at("pause", "{}"));
	pid = enter(&g, NULL);
	assert_int_equal(cgroup_is_frozen(&p, NULL), 0);
	ok(cgroup_freeze(&g, true, &e), &e);
	assert_int_equal(cgroup_is_frozen(&p, NULL), 1);
	for (int i = 0; i < 2; i++)
		assert_int_equal(cgroup_is_frozen(&p, &roots), 1);
	cgroup_roots_close(&roots);
	ok(cgroup_freeze(&g, true, &e), &e); /* twice is harmless */
	ok(cgroup_freeze(&g, false, &e), &e);
	assert_int_equal(cgroup_is_frozen(&p, NULL), 0);
	ok(cgroup_freeze(&g, true, &e), &e);
	assert_int_equal(cgroup_signal(&g, SIGKILL, &e), 1);
	assert_int_equal(result_of(pid), 128 + SIGKILL);
	take_away(&g, &p);
	assert_clean();
}

static void a_paused_container_is_removed(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct error e = {0};
	pid_t pid;

	NEEDS_CGROUPS();
	create(&g, &p, config_at("pause", "{}"));
	pid = enter(&g, NULL);
	ok(cgroup_freeze(&g, true, &e), &e);
	take_away(&g, &p);
	assert_int_equal(result_of(pid), 128 + SIGKILL);
	assert_clean();
}

static int bomb(void)
{
	for (;;)
		if (fork() < 0)
			usleep(1000);
	return 0;
}

static void a_fork_bomb_is_removed(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	pid_t pid;

	NEEDS("pids");
	create(&g, &p, config_at("bomb", "{'pids': {'limit': 60}}"));
	pid = enter(&g, bomb);
	usleep(50000);
	take_away(&g, &p);
	assert_int_equal(result_of(pid), 128 + SIGKILL);
	assert_clean();
}

static void a_fork_bomb_is_killed_without_cgroup_kill_too(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct error e = {0};
	pid_t pid;
	int v2;

	NEEDS("pids");
	if (!hierarchy_v1(&here, "freezer"))
		skip();
	create(&g, &p, config_at("bomb", "{'pids': {'limit': 60}}"));
	pid = enter(&g, bomb);
	usleep(50000);
	v2 = g.v2;
	g.v2 = -1; /* as if there were no cgroup2 */
	assert_true(cgroup_signal(&g, SIGKILL, &e) >= 1);
	g.v2 = v2;
	assert_int_equal(result_of(pid), 128 + SIGKILL);
	assert_int_equal(pids_count(cgroup_dir(&g, 0)), 0);
	take_away(&g, &p);
	assert_clean();
}

static void other_signals_reach_every_process(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct error e = {0};
	pid_t one, two;

	NEEDS_CGROUPS();
	create(&g, &p, config_at("term", "{}"));
	one = enter(&g, NULL);
	two = enter(&g, NULL);
	assert_int_equal(cgroup_signal(&g, SIGTERM, &e), 2);
	assert_int_equal(result_of(one), 128 + SIGTERM);
	assert_int_equal(result_of(two), 128 + SIGTERM);
	assert_int_equal(cgroup_signal(&g, SIGTERM, &e), 0);
	take_away(&g, &p);
	assert_clean();
}

/* @depth cgroups inside each other, with a process in the last and one half way. */
static void nest(int dir, const char *name, int depth, pid_t pids[2])
{
	int here_fd = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (int i = 0; i < depth; i++) {
		int next;

		assert_int_equal(mkdirat(here_fd, name, 0755), 0);
		next = openat(here_fd, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
		close(here_fd);
		here_fd = next;
		if (i == depth / 2 || i == depth - 1) {
			pid_t pid = fork();

			if (pid == 0)
				for (;;)
					pause();
			pids[i == depth - 1] = pid;
			assert_int_equal(
				knob_write(here_fd, "cgroup.procs", arena_printf(arena, "%d", pid)),
				0);
		}
	}
	close(here_fd);
}

static void nested_cgroups_are_removed_however_deep(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct pid_list pids;
	struct error e = {0};
	pid_t in_pids[2], in_freezer[2];
	int i;

	NEEDS_CGROUPS();
	create(&g, &p, config_at("nested", "{}"));
	i = place_index(&p, "freezer");
	nest(cgroup_dir(&g, (size_t)i), "f", 40, in_freezer);
	i = g.v2 >= 0 ? g.v2 : cgroup_dir(&g, (size_t)place_index(&p, "pids"));
	nest(i, "p", 300, in_pids);
	ok(cgroup_pids(&pids, arena, &g, &e), &e);
	assert_int_equal(pids.n, dir_is_v2(&p.dirs.v[place_index(&p, "freezer")]) ? 4 : 2);
	take_away(&g, &p);
	for (int k = 0; k < 2; k++) {
		result_of(in_pids[k]);
		result_of(in_freezer[k]);
	}
	assert_clean();
}

static void a_threaded_cgroup_is_removed(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	pid_t pid;
	int child;

	NEEDS_CGROUPS();
	if (!hierarchy_v2(&here))
		skip();
	create(&g, &p, config_at("threads", "{}"));
	pid = enter(&g, NULL);
	assert_int_equal(mkdirat(g.v2, "t", 0755), 0);
	child = openat(g.v2, "t", O_PATH | O_DIRECTORY | O_CLOEXEC);
	assert_int_equal(knob_write(child, "cgroup.type", "threaded"), 0);
	assert_int_equal(knob_write(child, "cgroup.threads", arena_printf(arena, "%d", pid)), 0);
	close(child);
	assert_int_equal(pids_count(g.v2), 1);
	take_away(&g, &p);
	assert_int_equal(result_of(pid), 128 + SIGKILL);
	assert_clean();
}

static void parents_that_vanish_while_a_cgroup_is_made_are_made_again(void **state)
{
	struct cgroup_dir d = {.hierarchy = "", .mountpoint = here.hierarchies.v[0].mountpoint};
	const char *parent = arena_printf(arena, "%s%s", d.mountpoint, top);
	pid_t pid;

	NEEDS_CGROUPS();
	d.path = arena_printf(arena, "%s/a", top);
	pid = fork();
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL); /* a failing test must not leave it behind */
		for (;; usleep(50)) /* others delete containers; they do nothing else all day */
			rmdir(parent);
	}
	for (int i = 0; i < 300; i++) {
		struct error e = {0};
		int existing;
		int r = dir_make(&d, arena, &existing, &e);

		ok(r, &e);
		close_fd(&existing);
		d.made = NULL;
		assert_int_equal(dir_unmake(&d), 0);
	}
	kill(pid, SIGKILL);
	result_of(pid);
	rmdir(parent);
	assert_clean();
}

/* As nobody else: exits with 0 when @resources lead to a container without cgroup, 1 to an error. */
static int as_nobody(const char *resources, char *text)
{
	int status, pipes[2];
	pid_t pid;

	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0) {
		struct cgroup_place p;
		struct error e = {0};
		struct cgroup g;
		int r;

		if (setresuid(65534, 65534, 65534) < 0)
			_exit(99);
		here.euid = 65534;
		r = try_create(&g, &p, config_at("nobody", resources), &e);
		if (r < 0 && write(pipes[1], e.text, strlen(e.text) + 1) < 0)
			_exit(98);
		if (r == 0 && (p.dirs.n != 0 || p.driver != CGROUP_DRIVER_DISABLED || g.v2 != -1 ||
			       g.task_count))
			_exit(97);
		if (r == 0 && cgroup_limit(&g, arena, NULL, &here, &e) < 0)
			_exit(96);
		_exit(r < 0);
	}
	close(pipes[1]);
	if (read(pipes[0], text, 640) < 0)
		text[0] = '\0';
	close(pipes[0]);
	waitpid(pid, &status, 0);
	return WEXITSTATUS(status);
}

static void who_may_not_make_cgroups_does_without_unless_limits_are_asked(void **state)
{
	char text[640] = "";

	NEEDS_CGROUPS();
	assert_int_equal(as_nobody("{}", text), 0);
	assert_int_equal(
		as_nobody("{'pids': {'limit': -1}, 'memory': {}, 'devices': [{'allow': false}]}",
			  text),
		0);
	assert_int_equal(as_nobody("{'pids': {'limit': 10}}", text), 1);
	assert_non_null(strstr(text, "pids.max needs: user 65534 may not use cgroups here"));
	assert_non_null(strstr(text, "Delegate=yes"));
	assert_clean();
}

static void a_disabled_place_refuses_limits_only(void **state)
{
	struct cgroup_place p = {.driver = CGROUP_DRIVER_DISABLED};
	struct cgroup g;
	struct error e = {0};

	ok(cgroup_create(&g, arena, &p, config_of("{'resources': {'memory': {'limit': -1}}}"),
			 &here, &e),
	   &e);
	ok(cgroup_limit(&g, arena, NULL, &here, &e), &e);
	assert_int_equal(cgroup_signal(&g, SIGKILL, &e), 0);
	assert_int_equal(cgroup_is_frozen(&p, NULL), 0);
	assert_int_equal(cgroup_freeze(&g, true, &e), -1);
	cgroup_close(&g);
	ok(cgroup_remove(&p, arena, &e), &e);
	assert_int_equal(cgroup_create(&g, arena, &p,
				       config_of("{'resources': {'pids': {'limit': 1}}}"), &here,
				       &e),
			 -1);
	assert_string_equal(e.at, "linux.resources.pids.limit");
}

static void everybody_may_look_into_a_cgroup_made_under_a_narrow_umask(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct stat st;

	NEEDS_CGROUPS();
	umask(077);
	create(&g, &p, config_at("mode", "{}"));
	assert_int_equal(umask(022), 077);
	assert_int_equal(stat(dir_path(arena, &p.dirs.v[0]), &st), 0);
	assert_int_equal(st.st_mode & 0777, 0755);
	take_away(&g, &p);
	assert_clean();
}

static void a_container_that_mounts_its_cgroup_writable_owns_it(void **state)
{
	struct cgroup_place p;
	struct cgroup g;
	struct config *c;
	struct error e = {0};
	struct stat st;

	NEEDS_CGROUPS();
	if (!hierarchy_v2(&here))
		skip();
	c = config_at("own", "{}");
	c->linux_.namespaces.v = ARENA_ARRAY(arena, 1, struct namespace);
	c->linux_.namespaces.v[0].type = CLONE_NEWCGROUP;
	c->linux_.namespaces.n = 1;
	c->mounts.v = ARENA_NEW(arena, struct mount);
	c->mounts.v[0] = (struct mount){
		.destination = "/sys/fs/cgroup", .source = "cgroup", .type = "cgroup"};
	c->mounts.n = 1;
	c->process = ARENA_NEW(arena, struct process);
	c->process->user.uid = 12345;
	ok(try_create(&g, &p, c, &e), &e);
	assert_int_equal(fstatat(g.v2, "cgroup.procs", &st, 0), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(fstat(g.v2, &st), 0);
	assert_int_equal(st.st_uid, 12345);
	assert_int_equal(fstatat(g.v2, "cgroup.max.depth", &st, 0), 0);
	assert_int_equal(st.st_uid, 0);
	assert_int_equal(fstat(cgroup_dir(&g, 0), &st), 0);
	assert_int_equal(st.st_uid, dir_is_v2(&p.dirs.v[0]) ? 12345 : 0);
	take_away(&g, &p);
	assert_clean();
}

/* What a test that failed half way left. */
static int tear_down(void **state)
{
	struct cgroup_place p = {0};
	struct error e;

	p.dirs.v = ARENA_ARRAY(arena, here.hierarchies.n, struct cgroup_dir);
	for (size_t i = 0; i < here.hierarchies.n; i++)
		if (here.hierarchies.v[i].mountpoint[0])
			p.dirs.v[p.dirs.n++] = (struct cgroup_dir){
				.hierarchy = here.hierarchies.v[i].controllers.n ? "v1" : "",
				.mountpoint = here.hierarchies.v[i].mountpoint,
				.path = top,
			};
	if (geteuid() == 0)
		cgroup_remove(&p, arena, &e);
	return free_arena(state);
}

#define LIVE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

static const char *const layouts[] = {"as mounted", "cgroup2 alone", "v1 alone"};

/* Gives this process another view of /sys/fs/cgroup; false when that cannot be or changes nothing. */
static bool see_only(const char *layout)
{
	struct facts f = {0};
	struct arena scratch = {0};
	struct error e;

	if (layout == layouts[0])
		return true;
	if (cgroup_detect(&f, &scratch, &e) < 0 || f.cgroup == CGROUP_NONE ||
	    unshare(CLONE_NEWNS) < 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return false;
	if (layout == layouts[1])
		return f.cgroup != CGROUP_V2 && umount2("/sys/fs/cgroup", MNT_DETACH) == 0 &&
		       mount("none", "/sys/fs/cgroup", "cgroup2", 0, NULL) == 0;
	return f.cgroup == CGROUP_HYBRID && umount2(hierarchy_v2(&f)->mountpoint, MNT_DETACH) == 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE(a_process_is_born_into_every_hierarchy_and_listed_once),
		LIVE(the_parents_that_were_made_go_and_those_that_were_there_stay),
		LIVE(what_will_be_made_on_the_way_is_foreseen),
		LIVE(directories_are_opened_when_they_are_asked_for),
		LIVE(removing_what_is_gone_is_no_error),
		LIVE(a_cgroup_that_others_live_in_is_refused_and_left_alone),
		LIVE(an_empty_cgroup_that_was_there_is_used),
		LIVE(a_frozen_cgroup_is_refused),
		LIVE(limits_arrive_in_their_files),
		LIVE(memory_and_swap_can_be_raised_and_lowered_together),
		LIVE(an_update_enables_controllers_that_nobody_asked_for_before),
		LIVE(a_value_that_the_kernel_refuses_names_file_value_and_path),
		LIVE(a_controller_that_cannot_be_had_leaves_nothing_behind),
		LIVE(an_unknown_file_is_an_error_with_words_that_no_engine_misreads),
		LIVE(a_container_opens_the_devices_it_may_and_no_others),
		LIVE(the_kernel_takes_the_device_program_and_obeys_it),
		LIVE(statistics_are_one_valid_object_with_the_limits_in_it),
		LIVE(the_oom_killer_is_noticed_and_so_is_the_end),
		LIVE(a_paused_container_stands_still_and_runs_again),
		LIVE(a_paused_container_is_removed),
		LIVE(a_fork_bomb_is_removed),
		LIVE(a_fork_bomb_is_killed_without_cgroup_kill_too),
		LIVE(other_signals_reach_every_process),
		LIVE(nested_cgroups_are_removed_however_deep),
		LIVE(a_threaded_cgroup_is_removed),
		LIVE(parents_that_vanish_while_a_cgroup_is_made_are_made_again),
		LIVE(who_may_not_make_cgroups_does_without_unless_limits_are_asked),
		LIVE(a_disabled_place_refuses_limits_only),
		LIVE(everybody_may_look_into_a_cgroup_made_under_a_narrow_umask),
		LIVE(a_container_that_mounts_its_cgroup_writable_owns_it),
	};

	int result = 0;

	for (size_t i = 0; i < ARRAY_SIZE(layouts); i++) {
		int status;
		pid_t pid;

		fflush(NULL);
		pid = fork();
		if (pid == 0) {
			if (!see_only(layouts[i]))
				_exit(0);
			print_message("---- %s\n", layouts[i]);
			exit(_cmocka_run_group_tests(layouts[i], tests, ARRAY_SIZE(tests), NULL,
						     NULL));
		}
		waitpid(pid, &status, 0);
		result |= status != 0;
	}
	return result;
}
