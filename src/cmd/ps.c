/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/cgroup.h"
#include "cmd/command.h"
#include "cmd/output.h"
#include "cmd/ps_table.h"

struct ps_options {
	int format; /* enum output_format */
};

static void write_json(const struct pid_list *pids, struct buf *out)
{
	struct json_writer w = json_writer(out, 0);

	json_write_array(&w, NULL);
	FOR_EACH(pid, *pids)
		json_write_i64(&w, NULL, *pid);
	json_write_array_end(&w);
	buf_putc(out, '\n');
}

/* What ps(1) says, with its own options, of the processes in @pids. */
static int write_table(struct invocation *inv, const struct pid_list *pids, struct buf *out,
		       struct error *e)
{
	static const char *const all[] = {"ps", "-ef", NULL};
	const char **argv = inv->args.v; /* the id's place is that of argv[0] */
	struct buf text = buf_new(inv->arena);

	argv[0] = "ps";
	if (ps_run(argv[1] ? argv : (const char **)all, &text, e) < 0)
		return -1;
	return ps_filter(text.s, pids, out, e);
}

static int run(struct invocation *inv, struct error *e)
{
	const struct ps_options *o = inv->options;
	const char *id = inv->args.v[0];
	struct buf out = buf_new(inv->arena);
	struct pid_list pids;
	int r = 0;

	if (container_ps(&inv->rt, id, &pids, e) < 0)
		return -1;
	if (o->format == FORMAT_JSON)
		write_json(&pids, &out);
	else
		r = write_table(inv, &pids, &out, e);
	inv->args.v[0] = id;
	return r < 0 ? -1 : output(&out, e);
}

static const struct option options[] = {
	OPTION(struct ps_options, format, "format", .letter = 'f', .argument = "FORMAT",
	       .names = format_names, .help = "table or json"),
};

const struct command cmd_ps = {
	.name = "ps",
	.arguments = "ID [PS-OPTION]...",
	.summary = "print the processes of a container",
	.about =
		"Prints the processes of a container as ps(1) shows them on the host, with options\n"
		"of ps(1) if any follow (-ef by default), or as JSON: their pids.",
	.options = OPTIONS(struct ps_options, options),
	.min_args = 1,
	.max_args = 1000,
	.takes_id = true,
	.trailing = true,
	.run = run,
};
