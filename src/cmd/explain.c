/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "cgroup/explain.h"
#include "cgroup/systemd.h"
#include "cmd/create.h"
#include "cmd/output.h"
#include "host/probe.h"
#include "plan/print.h"

struct explain_options {
	struct create_options create;
	const char *facts;
	bool json, host_facts;
};

static int read_facts(struct facts *out, struct arena *a, const char *path, struct error *e)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t len;
	char *text;

	if (fd < 0 || fstat(fd, &st) < 0)
		return fail_errno(e, "cannot open \"%s\"", path);
	if (!S_ISREG(st.st_mode) || st.st_size > (off_t)JSON_SIZE_MAX)
		return fail(e, 0, "\"%s\" is no file of facts", path);
	text = arena_alloc(a, (size_t)st.st_size);
	len = file_read_all(fd, text, (size_t)st.st_size);
	if (len < 0)
		return fail_errno(e, "cannot read \"%s\"", path);
	if (table_read(&facts_table, out, a, text, (size_t)len, e) < 0)
		return error_context(e, "%s", path);
	return 0;
}

static int print_host_facts(struct invocation *inv, struct error *e)
{
	struct buf out = buf_new(inv->arena);
	struct json_writer w = json_writer(&out, 2);
	struct facts facts = {0};

	if (probe_facts(&facts, inv->arena, NULL, e) < 0)
		return -1;
	table_write(&facts_table, &facts, &w, NULL);
	buf_putc(&out, '\n');
	return output(&out, e);
}

static int run(struct invocation *inv, struct error *e)
{
	const struct explain_options *o = inv->options;
	struct create_options create = o->create;
	struct buf out = buf_new(inv->arena);
	struct json_writer w = json_writer(&out, 2);
	struct facts facts = {0};
	struct explanation x;

	if (o->host_facts)
		return print_host_facts(inv, e);
	create.id = inv->args.n ? inv->args.v[0] : NULL;
	if (o->facts && read_facts(&facts, inv->arena, o->facts, e) < 0)
		return -1;
	create_begin(inv, &create);
	if (container_explain(&inv->rt, &create, o->facts ? &facts : NULL, &x, e) < 0)
		return -1;
	if (o->json) {
		json_write_object(&w, NULL);
		plan_print_json(x.plan, &w);
		limits_print_json(&w, &x.limits);
		if (x.unit)
			unit_print_json(&w, x.cgroup, x.unit);
		json_write_object_end(&w);
		buf_putc(&out, '\n');
	} else {
		plan_print(x.plan, &out);
		limits_print(&out, &x.limits);
		if (x.unit)
			unit_print(&out, x.cgroup, x.unit);
	}
	return output(&out, e);
}

static const struct option options[] = {
	GROUP(struct explain_options, create, bundle_options),
	OPTION(struct explain_options, json, "json", .help = "print JSON"),
	OPTION(struct explain_options, facts, "facts", .argument = "FILE",
	       .help = "for a host that is as FILE says, not for this one"),
	OPTION(struct explain_options, host_facts, "host-facts",
	       .help = "print what this host is, as --facts reads it"),
};

const struct command cmd_explain = {
	.name = "explain",
	.arguments = "[ID]",
	.summary = "print what create would do, step by step",
	.about =
		"Prints what create would do with a bundle, in order, each step with the part of\n"
		"config.json that asks for it, and what is written to its cgroup.  Nothing is done.",
	.options = OPTIONS(struct explain_options, options),
	.max_args = 1,
	.run = run,
};
