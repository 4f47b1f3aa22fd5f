/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <unistd.h>

#include "base/fd.h"
#include "host/criu.h"
#include "sys/dir.h"
#include "sys/path.h"

#define CONFIG_FILE "/etc/criu/runc.conf"
#define DEFAULT_IMAGES "checkpoint" /* as runc has it */

static const struct {
	const char *field;
	size_t offset;
} flags[] = {
	{"tcp_established", offsetof(struct criu_options, tcp_established)},
	{"tcp_close", offsetof(struct criu_options, tcp_close)},
	{"tcp_skip_in_flight", offsetof(struct criu_options, tcp_skip_in_flight)},
	{"ext_unix_sk", offsetof(struct criu_options, ext_unix_sk)},
	{"shell_job", offsetof(struct criu_options, shell_job)},
	{"file_locks", offsetof(struct criu_options, file_locks)},
	{"link_remap", offsetof(struct criu_options, link_remap)},
	{"auto_dedup", offsetof(struct criu_options, auto_dedup)},
	{"lazy_pages", offsetof(struct criu_options, lazy_pages)},
};

static const char *absolute(struct arena *a, const char *path)
{
	char cwd[PATH_MAX];

	if (path[0] == '/' || dir_real_path(NULL, cwd, sizeof(cwd)) < 0)
		return path;
	return arena_printf(a, "%s/%s", cwd, path);
}

static int open_place(const char *top_path, const char *path, bool make, struct error *e)
{
	AUTO_CLOSE int top = openat(AT_FDCWD, top_path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (top < 0)
		return fail_errno(e, "cannot open \"%s\"", top_path);
	AUTO_CLOSE int fd = make ? path_mkdir_inside(top, NULL, path, 0700, e)
				 : path_open_inside(top, path, PATH_DIRECTORY, e);
	if (fd < 0)
		return fail(e, e->code, "cannot open \"%s\"", path); /* usually the host's */
	return TAKE_FD(fd);
}

int criu_places_open(struct criu_places *out, struct arena *a, const struct criu_options *o,
		     const char *top, bool make, struct error *e)
{
	struct criu_places p = {.images = -1, .work = -1};

	p.images_path = absolute(a, o->image_path ? o->image_path : DEFAULT_IMAGES);
	p.work_path = o->work_path ? absolute(a, o->work_path) : p.images_path;
	top = top ? top : "/";
	p.images = open_place(top, p.images_path, make, e);
	if (p.images < 0)
		return error_context(e, "--image-path");
	p.work = open_place(top, p.work_path, true, e);
	if (p.work < 0) {
		criu_places_close(&p);
		return error_context(e, "--work-path");
	}
	*out = p;
	return 0;
}

void criu_places_close(struct criu_places *p)
{
	close_fd(&p->images);
	close_fd(&p->work);
	p->images = p->work = -1;
}

/* Network devices are the engine's business, by hooks: CRIU makes an empty namespace of it. */
static int ask_empty_namespaces(struct criu_request *r, const struct criu_options *o,
				struct error *e)
{
	FOR_EACH(name, o->empty_ns)
		if (!str_eq(*name, "network"))
			return fail(e, 0, "--empty-ns: only \"network\" can be empty, not \"%s\"",
				    *name);
	criu_ask(r, -1, "empty_ns", arena_printf(r->arena, "%u", CLONE_NEWNET), NULL);
	return 0;
}

/* The file of one container, or that of all: where people have it for runc. */
static void ask_config_file(struct criu_request *r, const struct pairs *annotations)
{
	const char *file = access(CONFIG_FILE, R_OK) == 0 ? CONFIG_FILE : NULL;

	FOR_EACH(a, *annotations)
		if (str_eq(a->key, ANNOTATION_CRIU_CONFIG))
			file = a->value;
	if (file)
		criu_ask(r, -1, "config_file", file, NULL);
}

int criu_ask_options(struct criu_request *r, const struct criu_options *o,
		     const struct criu_places *p, const char *log, const struct pairs *annotations,
		     struct error *e)
{
	criu_ask(r, p->images, "images_dir_fd", "@", NULL);
	criu_ask(r, p->work, "work_dir_fd", "@", NULL);
	criu_ask(r, -1, "log_file", log, NULL);
	criu_ask(r, -1, "log_level", "4", NULL);
	criu_ask(r, -1, "notify_scripts", "1", NULL);
	criu_ask(r, -1, "orphan_pts_master", "1", NULL);
	criu_ask(r, -1, "manage_cgroups", "1", NULL);
	criu_ask(r, -1, "manage_cgroups_mode", o->manage_cgroups ? o->manage_cgroups : "SOFT",
		 NULL);
	for (size_t i = 0; i < ARRAY_SIZE(flags); i++)
		if (*(const bool *)((const char *)o + flags[i].offset))
			criu_ask(r, -1, flags[i].field, "1", NULL);
	ask_config_file(r, annotations);
	return ask_empty_namespaces(r, o, e);
}
