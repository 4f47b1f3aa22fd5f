/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>
#include <unistd.h>

#include "base/log.h"
#include "cmd/command.h"
#include "cmd/output.h"
#include "host/report.h"

struct list_options {
	bool quiet;
	int format; /* enum output_format */
};

/* A container that cannot be read is passed over, and is no failure of the others. */
static void on_broken(const char *id, const struct error *e)
{
	struct buf text = buf_new(arena_main());

	report_error(&text, e, NULL);
	log_stderr("list: container %s: %s", id, text.s);
}

static void write_ids(const struct container_list *list, struct buf *out)
{
	FOR_EACH(c, *list)
		buf_printf(out, "%s\n", c->state.id);
}

static void write_json(const struct container_list *list, struct buf *out)
{
	struct json_writer w = json_writer(out, 2);

	json_write_array(&w, NULL);
	FOR_EACH(c, *list)
		state_write_oci(&c->state, c->status, c->state.pid, true, &w);
	json_write_array_end(&w);
	buf_putc(out, '\n');
}

/* Kept with nanoseconds, shown without. */
static const char *in_seconds(struct arena *a, const char *created)
{
	return arena_printf(a, "%.*sZ", (int)strcspn(created, ".Z"), created);
}

static void write_table(struct arena *a, const struct container_list *list, struct buf *out)
{
	static const char *const titles[] = {"ID", "STATUS", "CREATED", "PID", "BUNDLE"};
	struct columns table = columns_new(a, ARRAY_SIZE(titles));

	for (size_t i = 0; i < ARRAY_SIZE(titles); i++)
		columns_add(&table, titles[i]);
	FOR_EACH(c, *list) {
		columns_add(&table, c->state.id);
		columns_add(&table, name_of(status_names, c->status));
		columns_add(&table, in_seconds(a, c->state.created));
		columns_add(&table, arena_printf(a, "%jd", (intmax_t)c->state.pid));
		columns_add(&table, c->state.bundle);
	}
	columns_write(&table, out);
}

static int run(struct invocation *inv, struct error *e)
{
	const struct list_options *o = inv->options;
	struct buf out = buf_new(inv->arena);
	struct container_list list;

	if (container_list(&inv->rt, !o->quiet, &list, on_broken, e) < 0)
		return -1;
	if (o->quiet)
		write_ids(&list, &out);
	else if (o->format == FORMAT_JSON)
		write_json(&list, &out);
	else
		write_table(inv->arena, &list, &out);
	return output(&out, e);
}

static const struct option options[] = {
	OPTION(struct list_options, quiet, "quiet", .letter = 'q', .help = "print ids only"),
	OPTION(struct list_options, format, "format", .letter = 'f', .argument = "FORMAT",
	       .names = format_names, .help = "table or json"),
};

const struct command cmd_list = {
	.name = "list",
	.aliases = {"ls"},
	.arguments = "",
	.summary = "print the containers of this root",
	.about =
		"Prints the containers that yacr keeps under this --root: their ids, status, time of\n"
		"creation (UTC), pid (0 when there is no process) and bundle.",
	.options = OPTIONS(struct list_options, options),
	.run = run,
};
