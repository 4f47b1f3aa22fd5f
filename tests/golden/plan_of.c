/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Prints the plan of a config for a host that is described in a file, or the
 * error: what golden files hold.
 *
 *	plan_of --facts FILE [--no-pivot] [--no-new-keyring] [--preserve-fds N]
 *		[--seccomp] [--notify] [--no-cgroup] [--systemd] [--json] [--limits] CONFIG|default|rootless
 *
 * --limits: what is written to the cgroup, and nothing else.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"
#include "cgroup/explain.h"
#include "cgroup/systemd.h"
#include "plan/compile.h"
#include "plan/print.h"
#include "spec/default.h"
#include "spec/state.h"

static struct arena arena;
static struct buf warnings;

static _Noreturn void die(const char *what)
{
	fprintf(stderr, "plan_of: %s\n", what);
	exit(2);
}

static char *read_file(const char *path, size_t *len)
{
	FILE *f = fopen(path, "rb");
	char *text;

	if (!f)
		die(path);
	text = arena_alloc(&arena, JSON_SIZE_MAX + 1);
	*len = fread(text, 1, JSON_SIZE_MAX, f);
	fclose(f);
	return text;
}

static void warn(const char *at, const char *text)
{
	buf_printf(&warnings, "warning: %s: %s\n", at, text);
}

static int finish(const struct error *e)
{
	printf("%serror: %s\nconfig: %s\n", warnings.len ? warnings.s : "", e->text, e->at);
	return 1;
}

/* As cgroup/place.c finds it for an absolute cgroupsPath. */
static struct cgroup_place *place_of(const struct config *c, const struct facts *f, const char *id)
{
	struct cgroup_place *place = ARENA_NEW(&arena, struct cgroup_place);
	const char *path = c->linux_.cgroups_path;

	place->driver = CGROUP_DRIVER_FS;
	place->dirs.v = ARENA_ARRAY(&arena, f->hierarchies.n + 1, struct cgroup_dir);
	FOR_EACH(h, f->hierarchies)
		if (h->mountpoint)
			place->dirs.v[place->dirs.n++] = (struct cgroup_dir){
				.mountpoint = h->mountpoint,
				.path = path ? path : arena_printf(&arena, "/yacr/%s", id),
			};
	return place;
}

/* As `explain` prints them. */
static int print_limits(const struct config *c, const struct facts *f, const char *id, int driver)
{
	struct buf out = buf_new(&arena);
	struct cgroup_place place;
	limit_list limits;
	struct error e;

	if (cgroup_place(&place, &arena, c, f, id, driver, &e) < 0 ||
	    cgroup_explain(&limits, &arena, &place, c->linux_.resources, f, &e) < 0)
		return finish(&e);
	limits_print(&out, &limits);
	printf("%s", out.s);
	return 0;
}

int main(int argc, char **argv)
{
	static const uint64_t program[] = {0x7fff000000000006}; /* return SECCOMP_RET_ALLOW */
	struct plan_options o = {.id = "web1", .bundle = "/bundle", .warn = warn};
	const char *config_path = NULL, *facts_path = NULL;
	bool json = false, no_cgroup = false, systemd = false, only_limits = false;
	struct cgroup_place unit_place;
	struct unit_properties unit = {0};
	struct config loaded, *config = &loaded;
	struct facts facts;
	struct plan plan;
	struct error e;
	struct buf out;
	size_t len;
	char *text;

	memset(&loaded, 0, sizeof(loaded));
	memset(&facts, 0, sizeof(facts));
	warnings = buf_new(&arena);
	for (int i = 1; i < argc; i++) {
		if (str_eq(argv[i], "--facts") && i + 1 < argc) {
			facts_path = argv[++i];
		} else if (str_eq(argv[i], "--preserve-fds") && i + 1 < argc) {
			o.preserve_fds = (uint32_t)atoi(argv[++i]);
		} else if (str_eq(argv[i], "--no-pivot")) {
			o.no_pivot = true;
		} else if (str_eq(argv[i], "--no-new-keyring")) {
			o.no_new_keyring = true;
		} else if (str_eq(argv[i], "--at-once")) {
			o.at_once = true;
		} else if (str_eq(argv[i], "--seccomp")) {
			o.seccomp_program = program;
			o.seccomp_count = 1;
		} else if (str_eq(argv[i], "--notify")) {
			o.seccomp_notify = true;
		} else if (str_eq(argv[i], "--no-cgroup")) {
			no_cgroup = true;
		} else if (str_eq(argv[i], "--systemd")) {
			systemd = true;
		} else if (str_eq(argv[i], "--json")) {
			json = true;
		} else if (str_eq(argv[i], "--limits")) {
			only_limits = true;
		} else {
			config_path = argv[i];
		}
	}
	if (!config_path || !facts_path)
		die("--facts FILE and CONFIG are needed");

	text = read_file(facts_path, &len);
	if (table_read(&facts_table, &facts, &arena, text, len, &e) < 0)
		die(e.text);
	if (str_eq(config_path, "default") || str_eq(config_path, "rootless")) {
		config = config_default(&arena, str_eq(config_path, "rootless"), facts.euid,
					facts.egid);
	} else {
		text = read_file(config_path, &len);
		if (config_load(config, &arena, text, len, &e) < 0)
			return finish(&e);
	}
	o.cgroup = place_of(config, &facts, o.id);
	if (no_cgroup)
		((struct cgroup_place *)o.cgroup)->driver = CGROUP_DRIVER_DISABLED;
	if (only_limits)
		return print_limits(config, &facts, o.id,
				    no_cgroup ? CGROUP_DRIVER_DISABLED : CGROUP_DRIVER_FS);
	if (systemd) {
		if (cgroup_place(&unit_place, &arena, config, &facts, o.id, CGROUP_DRIVER_SYSTEMD,
				 &e) < 0 ||
		    unit_properties_new(&unit, &arena, &unit_place, config, &facts, o.id, &e) < 0)
			return finish(&e);
		o.cgroup = &unit_place;
	}
	if (plan_compile(&plan, &arena, config, &o, &facts, &e) < 0)
		return finish(&e);

	out = buf_new(&arena);
	if (json) {
		struct json_writer w = json_writer(&out, 2);

		json_write_object(&w, NULL);
		plan_print_json(&plan, &w);
		if (systemd)
			unit_print_json(&w, &unit_place, &unit);
		json_write_object_end(&w);
		buf_putc(&out, '\n');
	} else {
		plan_print(&plan, &out);
		if (systemd)
			unit_print(&out, &unit_place, &unit);
	}
	printf("%s%s", warnings.len ? warnings.s : "", out.s);
	return 0;
}
