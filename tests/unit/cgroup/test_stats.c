/* SPDX-License-Identifier: Apache-2.0 */
/* Statistics from directories of plain files that hold what kernels print. */
#include "layouts.h"
#include "scratch.h"

#include <fcntl.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/knob.h"
#include "cgroup/stats.h"

struct file {
	const char *name, *text;
};

static char dir_name[64];

static int make_dir(const struct file *files, size_t n)
{
	int dir;

	scratch_make(dir_name);
	dir = open(dir_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	for (size_t i = 0; i < n; i++) {
		AUTO_CLOSE int fd = openat(dir, files[i].name, O_WRONLY | O_CREAT | O_EXCL, 0600);

		assert_int_equal(write(fd, files[i].text, strlen(files[i].text)),
				 strlen(files[i].text));
	}
	return dir;
}

/* All controllers in one directory, v1 or v2. */
static const char *stats_of(const char *hierarchy, const struct file *files, size_t n)
{
	struct cgroup_dir d = {.hierarchy = hierarchy, .mountpoint = dir_name, .path = ""};
	struct cgroup_place p = {.dirs = {&d, 1}};
	int dir = make_dir(files, n);
	struct cgroup g = {.place = &p, .dirs = &dir, .v2 = hierarchy[0] ? -1 : dir};
	struct buf out = buf_new(arena);
	struct json_writer w = json_writer(&out, 0);
	struct error e = {0};

	if (cgroup_stats_write(&g, &w, NULL, &e) < 0)
		fail_msg("%s", e.text);
	close(dir);
	scratch_remove(dir_name);
	return out.s;
}

#define V1 "cpu,cpuacct,cpuset,memory,pids,blkio,hugetlb"

static void assert_has(const char *json, const char *part)
{
	const char *wanted = double_quotes(part);

	if (!strstr(json, wanted))
		fail_msg("%s\n is not in\n%s", wanted, json);
}

static void v1_files_become_the_names_that_engines_decode(void **state)
{
	static const struct file files[] = {
		{"cgroup.procs", ""},
		{"cpuacct.usage", "123456\n"},
		{"cpuacct.usage_percpu", "100000 23456 \n"},
		{"cpuacct.stat", "user 3\nsystem 4\n"},
		{"cpu.stat", "nr_periods 5\nnr_throttled 6\nthrottled_time 7\n"},
		{"cpuset.cpus", "0-2,5\n"},
		{"cpuset.mems", "0\n"},
		{"cpuset.sched_relax_domain_level", "-1\n"},
		{"memory.usage_in_bytes", "1000\n"},
		{"memory.limit_in_bytes", "9223372036854771712\n"},
		{"memory.max_usage_in_bytes", "2000\n"},
		{"memory.failcnt", "1\n"},
		{"memory.memsw.usage_in_bytes", "1500\n"},
		{"memory.memsw.limit_in_bytes", "3000\n"},
		{"memory.stat", "cache 400\nrss 600\n"},
		{"pids.current", "3\n"},
		{"pids.max", "max\n"},
		{"blkio.bfq.io_service_bytes_recursive", "Total 0\n"},
		{"blkio.throttle.io_service_bytes_recursive",
		 "254:0 Read 4096\n254:0 Total 4096\nTotal 4096\n"},
		{"hugetlb.2MB.usage_in_bytes", "2097152\n"},
		{"hugetlb.2MB.failcnt", "9\n"},
	};
	const char *json = stats_of(V1, files, ARRAY_SIZE(files));

	assert_has(
		json,
		"'cpu':{'usage':{'total':123456,'percpu':[100000,23456],'kernel':40000000,'user':30000000},"
		"'throttling':{'periods':5,'throttledPeriods':6,'throttledTime':7}}");
	assert_has(json, "'cpuset':{'cpus':[0,1,2,5],'mems':[0],'sched_relax_domain_level':-1}");
	assert_has(
		json,
		"'memory':{'cache':400,'usage':{'limit':9223372036854771712,'usage':1000,'max':2000,'failcnt':1},"
		"'swap':{'limit':3000,'usage':1500,'max':0,'failcnt':0},'raw':{'cache':400,'rss':600}}");
	assert_has(json, "'pids':{'current':3}");
	assert_has(
		json,
		"'blkio':{'ioServiceBytesRecursive':[{'major':254,'minor':0,'op':'Read','value':4096},"
		"{'major':254,'minor':0,'op':'Total','value':4096}]}");
	assert_has(json, "'hugetlb':{'2MB':{'usage':2097152,'max':0,'failcnt':9}}");
	assert_has(json, "'intel_rdt':{},'network_interfaces':null}");
}

static void v2_files_become_the_same_names_and_units(void **state)
{
	static const struct file files[] = {
		{"cgroup.procs", ""},
		{"cpu.stat",
		 "usage_usec 7\nuser_usec 4\nsystem_usec 3\nnr_periods 5\nnr_throttled 6\nthrottled_usec 8\n"},
		{"cpu.pressure",
		 "some avg10=0.25 avg60=1.00 avg300=0.00 total=99\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=1\n"},
		{"cpuset.cpus.effective", "0-1\n"},
		{"memory.current", "1000\n"},
		{"memory.max", "max\n"},
		{"memory.peak", "2000\n"},
		{"memory.events", "low 0\nhigh 0\nmax 4\noom 0\noom_kill 0\n"},
		{"memory.swap.current", "500\n"},
		{"memory.swap.max", "700\n"},
		{"memory.stat", "anon 600\nfile 400\n"},
		{"pids.current", "3\n"},
		{"pids.max", "10\n"},
		{"io.stat", "8:16 rbytes=4096 wbytes=512 rios=2 wios=1 dbytes=0 dios=0\n8:0 \n"},
		{"hugetlb.1GB.current", "0\n"},
		{"hugetlb.1GB.events", "max 2\n"},
	};
	const char *json = stats_of("", files, ARRAY_SIZE(files));

	assert_has(json, "'cpu':{'usage':{'total':7000,'kernel':3000,'user':4000},"
			 "'throttling':{'periods':5,'throttledPeriods':6,'throttledTime':8000},"
			 "'psi':{'some':{'avg10':0.25,'avg60':1.00,'avg300':0.00,'total':99},"
			 "'full':{'avg10':0.00,'avg60':0.00,'avg300':0.00,'total':1}}}");
	assert_has(json, "'cpuset':{'cpus':[0,1]}");
	assert_has(
		json,
		"'memory':{'cache':400,'usage':{'limit':18446744073709551615,'usage':1000,'max':2000,'failcnt':4},"
		"'swap':{'limit':18446744073709551615,'usage':1500,'max':0,'failcnt':0},'raw':{'anon':600,'file':400}}");
	assert_has(json, "'pids':{'current':3,'limit':10}");
	assert_has(
		json,
		"'blkio':{'ioServiceBytesRecursive':[{'major':8,'minor':16,'op':'Read','value':4096},"
		"{'major':8,'minor':16,'op':'Write','value':512}],"
		"'ioServicedRecursive':[{'major':8,'minor':16,'op':'Read','value':2},"
		"{'major':8,'minor':16,'op':'Write','value':1}]}");
	assert_has(json, "'hugetlb':{'1GB':{'usage':0,'failcnt':2}}");
}

static void a_kernel_that_counts_nothing_gives_an_object_all_the_same(void **state)
{
	static const struct file files[] = {{"cgroup.procs", ""}};

	assert_has(stats_of("", files, 1), "'pids':{'current':0");
	assert_has(stats_of("name=systemd", files, 1), "'pids':{},'blkio':{},'hugetlb':{}");
}

static void a_file_that_does_not_fit_ends_with_a_whole_line(void **state)
{
	static const struct file files[] = {{"f", "a 1\nb 22\nc 333\n"}};
	int dir = make_dir(files, 1);
	char text[12];

	assert_int_equal(knob_read(dir, "f", text, sizeof(text)), 8);
	assert_string_equal(text, "a 1\nb 22");
	unlinkat(dir, "f", 0);
	close(dir);
	rmdir(dir_name);
}

static void words_and_fields_are_found_whole(void **state)
{
	uint64_t n = 0;

	assert_true(word_in("cpu,cpuacct", ',', "cpuacct"));
	assert_true(word_in("cpu,cpuacct", ',', "cpu"));
	assert_false(word_in("cpuacct", ',', "cpu"));
	assert_false(word_in("", ',', "cpu"));
	assert_true(knob_field("populated 1\nfrozen 0", "frozen", &n));
	assert_int_equal(n, 0);
	assert_false(knob_field("nr_throttled 1", "nr", &n));
	assert_false(knob_field("oom 18446744073709551616", "oom", &n));
	assert_false(knob_field("", "oom", &n));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(v1_files_become_the_names_that_engines_decode),
		TEST(v2_files_become_the_same_names_and_units),
		TEST(a_kernel_that_counts_nothing_gives_an_object_all_the_same),
		TEST(a_file_that_does_not_fit_ends_with_a_whole_line),
		TEST(words_and_fields_are_found_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
