/* SPDX-License-Identifier: Apache-2.0 */
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "base/json.h"
#include "cgroup/cgroup.h"
#include "host/open.h"
#include "host/probe.h"
#include "spec/check.h"
#include "sys/file.h"

/* A pipe has no size, so the text is read until it ends. */
static int read_text(struct buf *out, int fd, const char *name, struct error *e)
{
	char piece[4096];
	ssize_t n;

	while ((n = file_read_all(fd, piece, sizeof(piece))) > 0) {
		buf_add(out, piece, (size_t)n);
		if (out->len > JSON_SIZE_MAX)
			return fail(e, 0, "%s is larger than 16 MiB", name);
	}
	return n < 0 ? fail(e, errno, "cannot read %s", name) : 0;
}

int update_read(struct resources *out, struct arena *a, const char *path, struct error *e)
{
	bool is_stdin = str_eq(path, "-");
	const char *name = is_stdin ? "standard input" : arena_printf(a, "\"%s\"", path);
	AUTO_CLOSE int fd = is_stdin ? fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 3)
				     : open(path, O_RDONLY | O_CLOEXEC);
	struct buf text = buf_new(a);

	if (fd < 0)
		return fail(e, errno, "cannot open %s", name);
	if (read_text(&text, fd, name, e) < 0)
		return -1;
	if (resources_load(out, a, text.s, text.len, e) == 0)
		return 0;
	if (!e->at[0] || str_starts(e->text, "line "))
		return error_context(e, "%s", name);
	return -1;
}

static int update(const struct container *c, const struct runtime *rt, const struct resources *r,
		  struct error *e)
{
	const struct config nothing = {0};
	struct facts facts;
	struct cgroup g;
	int done;

	if (c->status == STATUS_STOPPED || c->status == STATUS_CREATING)
		return fail(e, 0, "container not running");
	if (probe_facts(&facts, rt->arena, &nothing, e) < 0 ||
	    cgroup_open(&g, rt->arena, &c->state.cgroup, e) < 0)
		return -1;
	done = cgroup_update(&g, rt->arena, r, &facts, e);
	cgroup_close(&g);
	return done;
}

int container_update(const struct runtime *rt, const char *id, const struct resources *r,
		     struct error *e)
{
	struct container c;
	int done;

	if (check_resources(r, e) < 0) {
		error_context(e, "%s", e->at);
		return error_at_prefix(e, "linux.resources");
	}
	if (container_open(&c, rt, id, true, e) < 0)
		return -1;
	done = update(&c, rt, r, e);
	store_close(&c);
	return done;
}
