/* SPDX-License-Identifier: Apache-2.0 */
/*
 * config.json to plan: every config that is accepted gets a plan that keeps
 * the rules of plan_verify(), on every kind of host, or a refusal with a reason.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "plan/compile.h"
#include "plan/print.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *cpu[] = {"cpu", "cpuacct", NULL};
static const char *named[] = {"name=systemd", NULL};
static struct cgroup_hierarchy trees[] = {
	{"/sys/fs/cgroup/cpu,cpuacct", {cpu, 2}, "/"},
	{"/sys/fs/cgroup/systemd", {named, 1}, "/init.scope"},
	{"/sys/fs/cgroup/unified", {NULL, 0}, "/"},
};
static struct pair range[] = {{"100000", "65536"}};

static const struct facts hosts[] = {
	{.privileged = true,
	 .mount_api = true,
	 .mount_setattr = true,
	 .time_ns = true,
	 .last_cap = 40,
	 .cgroup = CGROUP_V2,
	 .hierarchies = {trees + 2, 1}},
	{.privileged = true, .last_cap = 37, .cgroup = CGROUP_V1, .hierarchies = {trees, 2}},
	{.privileged = true,
	 .mount_api = true,
	 .mount_setattr = true,
	 .time_ns = true,
	 .selinux = true,
	 .apparmor = true,
	 .cgroup = CGROUP_HYBRID,
	 .hierarchies = {trees, 3}},
	{.privileged = true,
	 .in_userns = true,
	 .setgroups_denied = true,
	 .mount_api = true,
	 .mount_setattr = true,
	 .time_ns = true,
	 .cgroup = CGROUP_NONE},
	{.euid = 1000,
	 .egid = 1000,
	 .time_ns = true,
	 .mount_setattr = true,
	 .sub_uids = {range, 1},
	 .sub_gids = {range, 1},
	 .cgroup = CGROUP_V2,
	 .hierarchies = {trees + 2, 1}},
};

static void complain(const struct error *e)
{
	fprintf(stderr, "%s: %s (%d)\n", e->at, e->text, e->code);
	abort();
}

static void compile(struct arena *a, const struct config *c, const struct facts *f, bool seccomp)
{
	static const uint64_t program = 0x7fff000000000006;
	struct plan_options o = {
		.id = "fuzz",
		.bundle = "/bundle",
		.seccomp_program = seccomp ? &program : NULL,
		.seccomp_count = seccomp,
	};
	struct error e = {.code = -1};
	struct json_writer w;
	struct plan plan;
	struct buf out;

	if (plan_compile(&plan, a, c, &o, f, &e) < 0) {
		/* what plan_verify() finds is never the config's fault */
		if (e.code != 0 || e.text[0] == '\0' || str_starts(e.text, "the plan is"))
			complain(&e);
		return;
	}
	out = buf_new(a);
	plan_print(&plan, &out);
	w = json_writer(&out, 0);
	json_write_object(&w, NULL);
	plan_print_json(&plan, &w);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = {0};
	struct error e;
	struct config c;

	if (config_load(&c, &a, arena_strndup(&a, (const char *)data, size), size, &e) == 0)
		for (size_t i = 0; i < ARRAY_SIZE(hosts); i++) {
			compile(&a, &c, &hosts[i], false);
			compile(&a, &c, &hosts[i], true);
		}
	arena_free(&a);
	return 0;
}
