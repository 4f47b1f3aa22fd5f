/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_TESTS_CGROUP_LAYOUTS_H
#define YACR_TESTS_CGROUP_LAYOUTS_H

/* Hosts that no test machine is all of at once, and configs written as JSON with single quotes. */

#include "unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroup/detect.h"
#include "cgroup/limits.h"

static struct arena *arena;

/* The hierarchies of @proc_cgroup, mounted as @mountinfo says. */
static struct facts host(const char *proc_cgroup, const char *mountinfo)
{
	struct facts f = {.euid = 0};
	struct error e = {0};

	if (hierarchies_parse(&f, arena, proc_cgroup, &e) < 0)
		fail_msg("%s", e.text);
	mountpoints_parse(&f, arena, mountinfo);
	layout_decide(&f);
	return f;
}

#define MOUNT_V1(names) \
	"30 29 0:26 / /sys/fs/cgroup/" names " rw,nosuid - cgroup cgroup rw," names "\n"
#define MOUNT_V2(where) "40 29 0:36 / " where " rw,nosuid - cgroup2 cgroup2 rw\n"

static inline struct facts host_v1(void)
{
	return host(
		"9:hugetlb:/\n8:net_cls,net_prio:/\n7:cpu,cpuacct:/user.slice\n6:cpuset:/\n5:memory:/user.slice\n"
		"4:devices:/\n3:freezer:/\n2:blkio:/\n1:pids:/user.slice\n",
		MOUNT_V1("hugetlb") MOUNT_V1("net_cls,net_prio") MOUNT_V1("cpu,cpuacct")
			MOUNT_V1("cpuset") MOUNT_V1("memory") MOUNT_V1("devices")
				MOUNT_V1("freezer") MOUNT_V1("blkio") MOUNT_V1("pids"));
}

static inline struct facts host_hybrid(void)
{
	return host(
		"3:memory:/a\n2:devices:/\n1:name=systemd:/a\n0::/a/b\n",
		MOUNT_V1("memory")
			MOUNT_V1("devices") "31 29 0:27 / /sys/fs/cgroup/systemd rw - cgroup systemd rw,xattr,name=systemd\n" MOUNT_V2(
				"/sys/fs/cgroup/unified"));
}

static inline struct facts host_v2(void)
{
	return host("0::/user.slice/user-1000.slice/session-1.scope\n", MOUNT_V2("/sys/fs/cgroup"));
}

static inline struct facts host_without(void)
{
	return host("1:memory:/\n0::/\n", "22 1 0:21 / /sys rw - sysfs sysfs rw\n");
}

static char *double_quotes(const char *text)
{
	char *out = arena_strdup(arena, text);

	for (char *c = out; *c; c++)
		if (*c == '\'')
			*c = '"';
	return out;
}

/* A config whose "linux" block is @text. */
static struct config *config_of(const char *text)
{
	struct config *c = ARENA_NEW(arena, struct config);
	struct error e = {0};
	char *json = double_quotes(arena_printf(
		arena, "{'ociVersion': '1.3.0', 'root': {'path': 'rootfs'}, 'linux': %s}", text));

	if (config_load(c, arena, json, strlen(json), &e) < 0)
		fail_msg("%s: %s", e.at, e.text);
	return c;
}

static inline const struct resources *resources_of(const char *text)
{
	return config_of(arena_printf(arena, "{'resources': %s}", text))->linux_.resources;
}

static int make_arena(void **state)
{
	(void)state;
	arena = calloc(1, sizeof(*arena));
	return 0;
}

static int free_arena(void **state)
{
	(void)state;
	arena_free(arena);
	free(arena);
	return 0;
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_arena, free_arena)

#endif
