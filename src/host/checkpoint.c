/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/log.h"
#include "cgroup/hierarchy.h"
#include "host/criu.h"
#include "host/destroy.h"
#include "host/exec.h"
#include "host/interrupt.h"
#include "spec/names.h"

#define LOG_FILE "dump.log"

static int check_status(const struct container *c, struct error *e)
{
	if (c->status == STATUS_RUNNING || c->status == STATUS_PAUSED)
		return 0;
	return fail(e, 0, "container cannot be checkpointed in %s state",
		    name_of(status_names, c->status));
}

/* Images that this one is only the difference to. */
static int ask_parent(struct criu_request *r, const struct checkpoint_options *o,
		      const struct criu_places *p, struct error *e)
{
	struct stat st;

	if (!o->parent_path)
		return 0;
	if (o->parent_path[0] == '/')
		return fail(e, 0, "--parent-path must be relative to --image-path");
	if (fstatat(p->images, o->parent_path, &st, 0) < 0 || !S_ISDIR(st.st_mode))
		return fail(e, 0, "--parent-path: \"%s\" is no directory in \"%s\"", o->parent_path,
			    p->images_path);
	criu_ask(r, -1, "parent_img", o->parent_path, NULL);
	criu_ask(r, -1, "track_mem", "1", NULL);
	return 0;
}

static int ask_page_server(struct criu_request *r, const char *address, struct error *e)
{
	const char *colon = address ? strrchr(address, ':') : NULL;
	uint64_t port;

	if (!address)
		return 0;
	if (!colon || colon == address || str_to_u64(colon + 1, UINT16_MAX, &port) < 0 || !port)
		return fail(e, 0, "--page-server takes ADDRESS:PORT, not \"%s\"", address);
	criu_ask(r, -1, "ps", "address",
		 arena_strndup(r->arena, address, (size_t)(colon - address)), "port", colon + 1,
		 NULL);
	return 0;
}

static int ask_status_fd(struct criu_request *r, const struct opt_u16 *fd, struct error *e)
{
	int flags;

	if (!fd->set)
		return 0;
	flags = fcntl(fd->v, F_GETFL);
	if (flags < 0 || (flags & O_ACCMODE) == O_RDONLY)
		return fail(e, flags < 0 ? errno : 0, "--status-fd %u cannot be written to", fd->v);
	criu_ask(r, fd->v, "status_fd", "@", NULL);
	return 0;
}

/* Without it CRIU stops each process by itself, and those that fork meanwhile escape. */
static void ask_freezer(struct criu_request *r, const struct cgroup_place *p)
{
	int i = place_index(p, "freezer");

	if (i >= 0)
		criu_ask(r, -1, "freeze_cgroup", dir_path(r->arena, &p->dirs.v[i]), NULL);
}

static int ask(struct criu_request *r, const struct container *c,
	       const struct checkpoint_options *o, const struct criu_places *p, struct error *e)
{
	struct exec_record record;

	if (exec_record_read(&record, c, e) < 0 ||
	    criu_ask_options(r, &o->criu, p, LOG_FILE, &c->state.annotations, e) < 0 ||
	    ask_parent(r, o, p, e) < 0 || ask_page_server(r, o->page_server, e) < 0 ||
	    ask_status_fd(r, &o->status_fd, e) < 0)
		return -1;
	criu_ask(r, -1, "pid", arena_printf(r->arena, "%d", (int)c->state.pid), NULL);
	if (o->leave_running)
		criu_ask(r, -1, "leave_running", "1", NULL);
	ask_freezer(r, &c->state.cgroup);
	if (o->pre_dump) /* is of memory alone */
		return 0;
	return external_ask(r, c, &record.defaults, e) < 0 ? -1 : descriptors_write(p, c, e);
}

static int dump(const struct container *c, const struct checkpoint_options *o, const char *program,
		const struct criu_places *p, struct error *e)
{
	struct criu_request r = {.arena = c->arena};
	struct criu criu = {.interrupt = -1, .places = p, .log = LOG_FILE};
	pid_t ignored;
	int result = -1;

	if (ask(&r, c, o, p, e) < 0 || helper_start(&criu.helper, "yacr-criu", e) < 0)
		return -1;
	criu.interrupt = interrupt_open(e);
	if (criu.interrupt >= 0)
		result = criu_run(&criu, &r, o->pre_dump ? "PRE_DUMP" : "DUMP", program, &ignored,
				  e);
	close_fd(&criu.interrupt);
	helper_end(&criu.helper);
	return result;
}

static int checkpoint(const struct store *s, struct container *c, const struct runtime *rt,
		      const struct checkpoint_options *o, struct error *e)
{
	const char *program;
	char helper[PATH_MAX];
	struct criu_places p;
	struct error ignored;
	int r;

	if (check_status(c, e) < 0 || criu_find(&program, rt->arena, rt->criu, e) < 0 ||
	    helper_find(helper, "yacr-criu", e) < 0 ||
	    criu_places_open(&p, rt->arena, &o->criu, NULL, true, e) < 0)
		return -1;
	r = dump(c, o, program, &p, e);
	criu_places_close(&p);
	if (r < 0 || o->leave_running || o->pre_dump)
		return r;
	/* The images are what is left of it, and they are whole. */
	if (destroy(s, c, &ignored) < 0)
		log_warning("%s", ignored.text);
	return 0;
}

int container_checkpoint(const struct runtime *rt, const struct checkpoint_options *o,
			 struct error *e)
{
	struct container c = {.dir = -1, .pidfd = -1};
	struct store s;
	int r;

	if (store_check_id(o->id, e) < 0 || store_open(&s, store_root(rt), false, e) < 0)
		return -1;
	r = store_load(&c, &s, rt->arena, o->id, true, e);
	if (r == 0)
		r = checkpoint(&s, &c, rt, o, e);
	store_close(&c);
	close_fd(&s.root);
	return r;
}
