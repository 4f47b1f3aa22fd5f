/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_TESTS_PLAN_TEXT_H
#define YACR_TESTS_PLAN_TEXT_H

/* Plans of small configs, for looking into. JSON is written with single quotes. */

#include "unit.h"

#include <linux/sched.h>
#include <stdio.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "plan/build.h"
#include "plan/compile.h"
#include "plan/print.h"

#define PROCESS "'process': {'cwd': '/', 'args': ['sh'], 'user': {'uid': 0, 'gid': 0}}"
#define NAMESPACES                                                                 \
	"'namespaces': [{'type': 'mount'}, {'type': 'pid'}, {'type': 'network'}, " \
	"{'type': 'ipc'}, {'type': 'uts'}]"

/* Root on a machine of today. */
static inline struct facts facts_of_root(void)
{
	return (struct facts){
		.kernel = 6018,
		.privileged = true,
		.mount_api = true,
		.mount_setattr = true,
		.time_ns = true,
		.last_cap = 40,
		.cgroup = CGROUP_NONE,
	};
}

static inline struct config *config_of(const char *members)
{
	struct config *c = ARENA_NEW(arena_main(), struct config);
	char *text = arena_printf(
		arena_main(), "{'ociVersion': '1.3.0', 'root': {'path': 'rootfs'}, %s}", members);
	struct error e;

	for (char *s = text; *s; s++)
		if (*s == '\'')
			*s = '"';
	if (config_load(c, arena_main(), text, strlen(text), &e) < 0)
		fail_msg("refused, at %s: %s\n%s", e.at, e.text, members);
	return c;
}

static inline int compile_with(struct plan *p, const char *members, const struct facts *f,
			       const struct plan_options *extra, struct error *e)
{
	struct plan_options o = extra ? *extra : (struct plan_options){0};

	o.id = "web1";
	o.bundle = "/bundle";
	return plan_compile(p, arena_main(), config_of(members), &o, f, e);
}

static inline struct plan plan_of(const char *members)
{
	struct facts f = facts_of_root();
	struct error e;
	struct plan p;

	if (compile_with(&p, members, &f, NULL, &e) < 0)
		fail_msg("no plan, at %s: %s\n%s", e.at, e.text, members);
	return p;
}

static inline const char *text_of(const struct plan *p)
{
	struct buf out = buf_new(arena_main());

	plan_print(p, &out);
	return out.s;
}

/* The first operation of a kind; fails when there is none. */
static inline struct op *op_of(const struct plan *p, uint32_t kind)
{
	for (uint32_t i = 0; i < p->op_count; i++)
		if (p->ops[i].kind == kind)
			return &p->ops[i];
	fail_msg("no operation %s", op_name(kind));
	return NULL;
}

#endif
