/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A directory stands for the resctrl file system.  What the kernel does there with a directory is
 * done here: the files of a group come with it and go with it.
 */
#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "host/intelrdt.h"
#include "host/schemata.h"
#include "plan/build.h"

static char path[64];
static int root;
static int full;	   /* errno that mkdir(2) answers, or 0 */
static bool no_monitoring; /* the kernel has no such groups */
static int written = -1;   /* what is written to the schemata of a group that was made */
static bool is_directory;  /* ... which cannot be written to */

static void put(int dir, const char *name, const char *text)
{
	int fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static const char *got(const char *name)
{
	static char text[512];
	int fd = openat(root, name, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof(text) - 1);

	close(fd);
	if (n < 0)
		return "(cannot be read)";
	text[n] = '\0';
	return text;
}

/* These two are libc's functions for the code under test. */
int mkdirat(int dir, const char *name, mode_t mode)
{
	int group;

	if (full) {
		errno = full;
		return -1;
	}
	if (syscall(SYS_mkdirat, dir, name, mode) < 0)
		return -1;
	group = openat(dir, name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	put(group, "tasks", "");
	if (!strstr(name, "mon_groups")) {
		if (!no_monitoring)
			assert_int_equal(syscall(SYS_mkdirat, group, "mon_groups", 0755), 0);
		if (is_directory) {
			assert_int_equal(syscall(SYS_mkdirat, group, "schemata", 0755), 0);
		} else {
			assert_int_equal(mkfifoat(group, "schemata", 0644), 0);
			written = openat(group, "schemata", O_RDWR | O_NONBLOCK | O_CLOEXEC);
		}
	}
	close(group);
	return 0;
}

int unlinkat(int dir, const char *name, int flags)
{
	static const char *const files[] = {"tasks", "schemata"};
	char file[700];

	for (size_t i = 0; i < 2 && flags == AT_REMOVEDIR; i++) {
		snprintf(file, sizeof(file), "%s/%s", name, files[i]);
		(void)syscall(SYS_unlinkat, dir, file, is_directory && i ? AT_REMOVEDIR : 0);
	}
	snprintf(file, sizeof(file), "%s/mon_groups", name);
	(void)syscall(SYS_unlinkat, dir, file, AT_REMOVEDIR);
	return (int)syscall(SYS_unlinkat, dir, name, flags);
}

static int setup(void **state)
{
	scratch_make(path);
	root = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	full = 0;
	is_directory = no_monitoring = false;
	put(root, "tasks", "");
	put(root, "schemata", "    L3:0=fff;1=fff\n    MB:0=100;1=100\n");
	assert_int_equal(syscall(SYS_mkdirat, root, "mon_groups", 0755), 0);
	assert_int_equal(syscall(SYS_mkdirat, root, "info", 0755), 0);
	put(root, "info/last_cmd_status", "ok\n");
	return 0;
}

static int teardown(void **state)
{
	close(root);
	close(written);
	written = -1;
	scratch_remove(path);
	return 0;
}

/* A group that was there before. */
static void there_is(const char *name, const char *schemata)
{
	char file[64];

	assert_int_equal(syscall(SYS_mkdirat, root, name, 0755), 0);
	snprintf(file, sizeof(file), "%s/mon_groups", name);
	assert_int_equal(syscall(SYS_mkdirat, root, file, 0755), 0);
	snprintf(file, sizeof(file), "%s/tasks", name);
	put(root, file, "");
	snprintf(file, sizeof(file), "%s/schemata", name);
	put(root, file, schemata);
}

static bool exists(const char *name)
{
	return faccessat(root, name, F_OK, 0) == 0;
}

struct wish {
	const char *clos_id, *l3, *mb, *lines[3];
	bool monitoring;
};

/* As the plan of container "web1" has it. */
static int make(struct rdt_group *g, struct wish w, struct error *e)
{
	struct builder b = builder_new(arena_main());
	struct plan p;
	size_t n = 0;

	while (w.lines[n])
		n++;
	BUILD(&b, INTEL_RDT, intel_rdt, "linux.intelRdt",
	      .clos_id = build_str(&b, w.clos_id ? w.clos_id : "web1"),
	      .clos_given = w.clos_id != NULL, .l3 = build_str(&b, w.l3), .mb = build_str(&b, w.mb),
	      .schemata = build_vec(&b, w.lines, n), .monitoring = w.monitoring,
	      .id = build_str(&b, "web1"));
	builder_finish(&b, &p);
	*e = (struct error){0};
	return rdt_make(g, root, &p, &p.ops[0].intel_rdt, e);
}

static struct rdt_group made(struct wish w)
{
	struct rdt_group g;
	struct error e;

	if (make(&g, w, &e) < 0)
		fail_msg("%s: %s", e.at, e.text);
	return g;
}

static struct error refused(struct wish w)
{
	struct rdt_group g;
	struct error e;

	assert_int_equal(make(&g, w, &e), -1);
	assert_int_equal(rdt_remove(root, &g, false, &(struct error){0}), 0);
	return e;
}

static void joined(const struct rdt_group *g)
{
	struct error e;

	if (rdt_join(root, g, 4422, &e) < 0)
		fail_msg("%s", e.text);
}

static void removed(const struct rdt_group *g, bool deleted)
{
	struct error e;

	if (rdt_remove(root, g, deleted, &e) < 0)
		fail_msg("%s", e.text);
}

/* What was written to the schemata of the group that was made. */
static const char *schemata(void)
{
	static char text[512];
	ssize_t n = read(written, text, sizeof(text) - 1);

	text[n < 0 ? 0 : n] = '\0';
	return text;
}

/* ---- */

static void without_a_name_the_group_is_the_containers_own(void **state)
{
	struct rdt_group g = made((struct wish){.l3 = "L3:0=f"});

	assert_true(g.made);
	assert_false(g.shared);
	assert_string_equal(g.name, "web1");
	assert_string_equal(schemata(), "L3:0=f\n");
	joined(&g);
	assert_string_equal(got("web1/tasks"), "4422");
	assert_string_equal(got("tasks"), "");
	removed(&g, true);
	assert_false(exists("web1"));
}

static void without_any_schema_none_is_written(void **state)
{
	struct rdt_group g = made((struct wish){0});

	assert_true(exists("web1"));
	assert_string_equal(schemata(), "");
	joined(&g);
	removed(&g, true);
}

static void schemata_are_written_in_the_order_of_the_specification(void **state)
{
	struct wish w = {
		.clos_id = "gold", .l3 = "L3:0=f", .mb = "MB:0=20", .lines = {"L2:0=1", "L3:1=7"}};

	made(w);
	assert_string_equal(schemata(), "L3:0=f\nMB:0=20\nL2:0=1\nL3:1=7\n");
}

static void a_group_with_a_name_stays_when_the_container_goes(void **state)
{
	struct rdt_group g = made((struct wish){.clos_id = "gold", .mb = "MB:0=20"});

	assert_true(g.made && g.shared);
	removed(&g, true);
	assert_true(exists("gold"));
	/* but not when it cannot be made at all */
	removed(&g, false);
	assert_false(exists("gold"));
	removed(&g, false);
}

static void a_group_that_was_there_stays_in_any_case(void **state)
{
	struct rdt_group g;

	there_is("web1", "L3:0=f\n");
	g = made((struct wish){.l3 = "L3:0=f"});
	assert_false(g.made);
	removed(&g, false);
	removed(&g, true);
	assert_true(exists("web1"));
}

static void without_a_schema_the_group_must_be_there(void **state)
{
	struct rdt_group g;
	struct error e = refused((struct wish){.clos_id = "gold"});

	assert_int_equal(e.code, ENOENT);
	assert_string_equal(e.at, "linux.intelRdt.closID");
	assert_false(exists("gold"));

	there_is("gold", "L3:0=f\n");
	g = made((struct wish){.clos_id = "gold"});
	joined(&g);
	assert_string_equal(got("gold/tasks"), "4422");
	assert_string_equal(got("gold/schemata"), "L3:0=f\n");
}

static void a_group_that_is_there_must_have_what_is_asked_for(void **state)
{
	static const char is[] = "    L3:0=00f;1=fff\n    MB:0= 20;1=100\n";
	struct error e;

	there_is("gold", is);
	made((struct wish){.clos_id = "gold", .l3 = "L3:0=F", .mb = "MB:0=20"});
	put(root, "gold/schemata", is); /* a file is overwritten */

	e = refused((struct wish){.clos_id = "gold", .l3 = "L3:0=7"});
	assert_string_equal(e.at, "linux.intelRdt.l3CacheSchema");
	assert_non_null(strstr(e.text, "\"gold\" is there already, with a schema other than"));
	e = refused((struct wish){.clos_id = "gold", .l3 = "L3:0=f", .mb = "MB:1=20"});
	assert_string_equal(e.at, "linux.intelRdt.memBwSchema");
	assert_true(exists("gold"));
}

/* Only the two older properties are compared. */
static void lines_of_schemata_are_written_over_what_is_there(void **state)
{
	there_is("gold", "    L3:0=f\n");
	made((struct wish){.clos_id = "gold", .lines = {"L3:0=1"}});
	assert_string_equal(got("gold/schemata"), "L3:0=1\n0=f\n");
}

static void a_refused_comparison_writes_nothing(void **state)
{
	there_is("gold", "L3:0=f\nMB:0=10\n");
	refused((struct wish){
		.clos_id = "gold", .l3 = "L3:0=f", .mb = "MB:0=20", .lines = {"L2:0=1"}});
	assert_string_equal(got("gold/schemata"), "L3:0=f\nMB:0=10\n");
}

static void the_root_group_is_joined_and_never_made(void **state)
{
	struct rdt_group g = made((struct wish){.clos_id = "", .monitoring = true});

	assert_false(g.made);
	joined(&g);
	assert_string_equal(got("tasks"), "4422");
	assert_string_equal(got("mon_groups/web1/tasks"), "4422");
	removed(&g, true);
	assert_false(exists("mon_groups/web1"));
	assert_true(exists("tasks"));
}

static void a_monitoring_group_is_the_containers_own(void **state)
{
	struct rdt_group g;

	there_is("gold", "");
	g = made((struct wish){.clos_id = "gold", .monitoring = true});
	joined(&g);
	assert_string_equal(got("gold/tasks"), "4422");
	assert_string_equal(got("gold/mon_groups/web1/tasks"), "4422");
	removed(&g, true);
	assert_false(exists("gold/mon_groups/web1"));
	assert_true(exists("gold"));
}

static void a_monitoring_group_of_another_is_not_taken(void **state)
{
	struct error e;

	there_is("gold", "");
	assert_int_equal(syscall(SYS_mkdirat, root, "gold/mon_groups/web1", 0755), 0);
	e = refused((struct wish){.clos_id = "gold", .monitoring = true});
	assert_int_equal(e.code, EEXIST);
	assert_string_equal(e.at, "linux.intelRdt.enableMonitoring");
	assert_true(exists("gold/mon_groups/web1"));
}

static void when_monitoring_fails_the_group_goes_again(void **state)
{
	struct rdt_group g;
	struct error e;

	no_monitoring = true;
	assert_int_equal(make(&g, (struct wish){.monitoring = true}, &e), -1);
	assert_string_equal(e.at, "linux.intelRdt.enableMonitoring");
	assert_null(g.monitoring);
	assert_true(exists("web1"));
	removed(&g, false);
	assert_false(exists("web1"));
}

static void the_kernels_own_words_are_in_the_error(void **state)
{
	struct error e;

	full = ENOSPC;
	put(root, "info/last_cmd_status", "Out of CLOSIDs\n");
	e = refused((struct wish){.l3 = "L3:0=f"});
	assert_int_equal(e.code, ENOSPC);
	assert_string_equal(e.at, "linux.intelRdt");
	assert_non_null(strstr(e.text, "cannot make resctrl group \"web1\": Out of CLOSIDs"));

	full = 0;
	is_directory = true;
	put(root, "info/last_cmd_status", "Mask out of range\n");
	e = refused((struct wish){.l3 = "L3:0=f0000"});
	assert_string_equal(e.at, "linux.intelRdt.l3CacheSchema");
	assert_non_null(strstr(e.text, "\"L3:0=f0000\": Mask out of range"));
	assert_false(exists("web1"));
	e = refused((struct wish){.lines = {"L2:0=0"}});
	assert_string_equal(e.at, "linux.intelRdt.schemata[0]");

	/* there is nothing to add when it says nothing */
	put(root, "info/last_cmd_status", "ok\n");
	e = refused((struct wish){.l3 = "L3:0=f"});
	assert_null(strstr(e.text, "ok"));
}

static void a_pid_that_cannot_join_is_an_error(void **state)
{
	struct rdt_group g = {.name = "gone"};
	struct error e;

	assert_int_equal(rdt_join(root, &g, 4422, &e), -1);
	assert_int_equal(e.code, ENOENT);
	assert_string_equal(e.at, "linux.intelRdt");
}

static void update_writes_both_schemas_and_puts_them_back(void **state)
{
	struct intel_rdt r = {.l3_cache_schema = "L3:0=1"};
	struct rdt_group g = {.name = "web1"};
	struct rdt_schemata before;
	struct error e;

	there_is("web1", "L3:0=f\nMB:0=10\n");
	assert_int_equal(rdt_update(&before, root, &g, &r, &e), 0);
	assert_string_equal(got("web1/schemata"), "L3:0=1\nMB:0=10\n");
	rdt_put_back(&before, root, &g);
	assert_string_equal(got("web1/schemata"), "L3:0=f\nMB:0=10\n");

	r = (struct intel_rdt){.mem_bw_schema = "MB:0=5"};
	assert_int_equal(rdt_update(&before, root, &g, &r, &e), 0);
	assert_string_equal(got("web1/schemata"), "MB:0=5\nMB:0=10\n");

	g.name = "gone";
	assert_int_equal(rdt_update(&before, root, &g, &r, &e), -1);
	assert_int_equal(e.code, ENOENT);
}

static void schemata_are_compared_by_what_they_mean(void **state)
{
	static const char text[] = "    MB:0= 20;1=100\n"
				   "    L3:0=7f0;1=01f;10=fff\n"
				   "L3CODE:0=3;1=0\n";
	static const char *const same[] = {
		"L3:0=7f0;1=1f", "L3:1=1F;0=07F0;", "L3:10=fff",  "L3:00=7f0",	  "MB:0=20",
		"MB:1=100;0=20", "L3CODE:0=3",	    "L3CODE:1=0", "L3CODE:1=000",
	};
	static const char *const other[] = {
		"L3:0=7f1",   "L3:0=7f", "L3:0=7f00",  "L3:2=f",	"L3:1=fff", "L2:0=7f0",
		"MB:0=200",   "MB:0=2",	 "MB:1=20",    "L3:0=7f0;1=1e", "L3",	    "0=7f0",
		"L3DATA:0=3", "L3:0",	 "L3:0=7f0;2", "L3CODE:1=1",
	};

	for (size_t i = 0; i < ARRAY_SIZE(same); i++)
		if (!schemata_have(text, same[i]))
			fail_msg("%s", same[i]);
	for (size_t i = 0; i < ARRAY_SIZE(other); i++)
		if (schemata_have(text, other[i]))
			fail_msg("%s", other[i]);
	assert_false(schemata_have("", "L3:0=f"));
}

static void where_it_is_not_mounted_that_is_the_error(void **state)
{
	struct rdt_group g = {.name = "web1", .made = true};
	struct state s = {.intel_rdt = &g};
	struct error e;
	int fd = rdt_open(&e);

	if (fd >= 0) {
		close(fd);
		skip();
	}
	assert_int_equal(e.code, ENODEV);
	assert_string_equal(e.text, "no resctrl file system is mounted");
	/* so there is nothing to remove or join */
	assert_int_equal(rdt_remove_recorded(&s, true, &e), 0);
	assert_int_equal(rdt_join_recorded(&s, 1, &e), 0);
	s.intel_rdt = NULL;
	assert_int_equal(rdt_join_recorded(&s, 1, &e), 0);
}

int main(void)
{
#define EACH(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		EACH(without_a_name_the_group_is_the_containers_own),
		EACH(without_any_schema_none_is_written),
		EACH(schemata_are_written_in_the_order_of_the_specification),
		EACH(a_group_with_a_name_stays_when_the_container_goes),
		EACH(a_group_that_was_there_stays_in_any_case),
		EACH(without_a_schema_the_group_must_be_there),
		EACH(a_group_that_is_there_must_have_what_is_asked_for),
		EACH(lines_of_schemata_are_written_over_what_is_there),
		EACH(a_refused_comparison_writes_nothing),
		EACH(the_root_group_is_joined_and_never_made),
		EACH(a_monitoring_group_is_the_containers_own),
		EACH(a_monitoring_group_of_another_is_not_taken),
		EACH(when_monitoring_fails_the_group_goes_again),
		EACH(the_kernels_own_words_are_in_the_error),
		EACH(a_pid_that_cannot_join_is_an_error),
		EACH(update_writes_both_schemas_and_puts_them_back),
		EACH(schemata_are_compared_by_what_they_mean),
		EACH(where_it_is_not_mounted_that_is_the_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
