/* SPDX-License-Identifier: Apache-2.0 */
#include "host/intelrdt.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "cgroup/knob.h"
#include "host/schemata.h"
#include "sys/abi.h"
#include "sys/mountinfo.h"

#define PATH_SIZE 640 /* of a monitoring group: two names of at most 255 */
#define STATUS "info/last_cmd_status"

int rdt_open(struct error *e)
{
	struct mountinfo m;
	struct statfs fs;
	int more;

	if (mountinfo_open(&m, 0, e) < 0)
		return -1;
	while ((more = mountinfo_next(&m, e)) > 0) {
		if (!str_eq(m.type, "resctrl"))
			continue;
		AUTO_CLOSE int fd = openat(AT_FDCWD, m.point, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != ABI_RESCTRL_MAGIC)
			continue; /* out of sight, below another mount */
		mountinfo_close(&m);
		return TAKE_FD(fd);
	}
	mountinfo_close(&m);
	return more < 0 ? -1 : fail(e, ENODEV, "no resctrl file system is mounted");
}

/* ---- files of a group ---- */

/* "web1/tasks", or "tasks" of the root group. */
static int group_path(char out[PATH_SIZE], const char *group, const char *file, const char *name)
{
	return str_format(out, PATH_SIZE, "%s%s%s%s", group ? group : "", group ? "/" : "", file,
			  name);
}

static const char *shown(const struct rdt_group *g)
{
	return g->name ? g->name : "/";
}

/* The kernel explains the last refusal in words. */
static int refused(struct error *e, int root, const char *at, const char *what, const char *name)
{
	int code = errno;
	char said[256];
	bool says = knob_read(root, STATUS, said, sizeof(said)) > 0 && !str_eq(said, "ok");

	return fail_at(e, at, code, "cannot %s \"%s\"%s%s", what, name, says ? ": " : "",
		       says ? said : "");
}

static int write_schema(int root, const struct rdt_group *g, const char *at, const char *schema,
			struct error *e)
{
	char path[PATH_SIZE], line[sizeof(struct rdt_schemata)];

	if (group_path(path, g->name, "schemata", "") < 0 ||
	    str_format(line, sizeof(line), "%s\n", schema) < 0 || knob_write(root, path, line) < 0)
		return refused(e, root, at, "write schema", schema);
	return 0;
}

static int join(int root, const char *group, const char *file, const char *name, pid_t pid,
		struct error *e)
{
	char path[PATH_SIZE], text[16];

	if (group_path(path, group, file, name) < 0 ||
	    str_format(text, sizeof(text), "%d", pid) < 0 || knob_write(root, path, text) < 0)
		return refused(e, root, "linux.intelRdt", "write to", path);
	return 0;
}

int rdt_join(int root, const struct rdt_group *g, pid_t pid, struct error *e)
{
	char tasks[PATH_SIZE];

	if (join(root, g->name, "tasks", "", pid, e) < 0)
		return -1;
	if (!g->monitoring)
		return 0;
	if (str_format(tasks, sizeof(tasks), "%s/tasks", g->monitoring) < 0)
		return fail_errno(e, "cannot join monitoring group \"%s\"", g->monitoring);
	return join(root, g->name, "mon_groups/", tasks, pid, e);
}

/* ---- making and removing ---- */

static int compare(int root, const struct rdt_group *g, const char *at, const char *schema,
		   struct error *e)
{
	struct rdt_schemata is;
	char path[PATH_SIZE];

	if (!*schema)
		return 0;
	if (group_path(path, g->name, "schemata", "") < 0 ||
	    knob_read(root, path, is.text, sizeof(is.text)) < 0)
		return fail_at(e, at, errno, "cannot read the schemata of resctrl group \"%s\"",
			       shown(g));
	if (schemata_have(is.text, schema))
		return 0;
	return fail_at(e, at, 0,
		       "resctrl group \"%s\" is there already, with a schema other than \"%s\"",
		       shown(g), schema);
}

static int find_group(struct rdt_group *g, int root, bool may_make, struct error *e)
{
	struct stat st;

	if (may_make && mkdirat(root, g->name, 0755) == 0) {
		g->made = true;
		return 0;
	}
	if (may_make && errno != EEXIST)
		return refused(e, root, "linux.intelRdt", "make resctrl group", g->name);
	if (fstatat(root, g->name, &st, AT_SYMLINK_NOFOLLOW) < 0)
		return fail_at(e, "linux.intelRdt.closID", errno,
			       "cannot find resctrl group \"%s\"", g->name);
	return 0;
}

static int write_schemata(const struct rdt_group *g, int root, const struct plan *p,
			  const struct op_intel_rdt *op, struct error *e)
{
	const uint64_t *lines = (const uint64_t *)(p->heap + op->schemata.at);
	const struct {
		const char *at, *schema;
	} first[] = {
		{"linux.intelRdt.l3CacheSchema", plan_text(p, op->l3)},
		{"linux.intelRdt.memBwSchema", plan_text(p, op->mb)},
	};
	char at[48];

	for (size_t i = 0; i < ARRAY_SIZE(first) && !g->made; i++)
		if (compare(root, g, first[i].at, first[i].schema, e) < 0)
			return -1;
	for (size_t i = 0; i < ARRAY_SIZE(first); i++)
		if (*first[i].schema && write_schema(root, g, first[i].at, first[i].schema, e) < 0)
			return -1;
	for (uint32_t i = 0; i < op->schemata.count; i++)
		if (str_format(at, sizeof(at), "linux.intelRdt.schemata[%u]", i) < 0 ||
		    write_schema(root, g, at, plan_text(p, (plan_str)lines[i]), e) < 0)
			return -1;
	return 0;
}

static int make_monitoring(struct rdt_group *g, int root, const char *id, struct error *e)
{
	char path[PATH_SIZE];

	if (group_path(path, g->name, "mon_groups/", id) < 0 || mkdirat(root, path, 0755) < 0)
		return refused(e, root, "linux.intelRdt.enableMonitoring", "make monitoring group",
			       id);
	g->monitoring = id;
	return 0;
}

int rdt_make(struct rdt_group *out, int root, const struct plan *p, const struct op_intel_rdt *op,
	     struct error *e)
{
	bool configured = op->l3 || op->mb || op->schemata.count;

	*out = (struct rdt_group){.name = op->clos_id ? plan_text(p, op->clos_id) : NULL,
				  .shared = op->clos_given};
	if (out->name && find_group(out, root, configured || !op->clos_given, e) < 0)
		return -1;
	if (write_schemata(out, root, p, op, e) < 0)
		return -1;
	return op->monitoring ? make_monitoring(out, root, plan_text(p, op->id), e) : 0;
}

static int remove_group(int root, const char *path, struct error *e)
{
	if (unlinkat(root, path, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return 0;
	return fail_errno(e, "cannot remove resctrl group \"%s\"", path);
}

int rdt_remove(int root, const struct rdt_group *g, bool deleted, struct error *e)
{
	char path[PATH_SIZE];

	if (g->monitoring && (group_path(path, g->name, "mon_groups/", g->monitoring) < 0 ||
			      remove_group(root, path, e) < 0))
		return -1;
	return g->made && !(deleted && g->shared) ? remove_group(root, g->name, e) : 0;
}

int rdt_remove_recorded(const struct state *s, bool deleted, struct error *e)
{
	if (!s->intel_rdt)
		return 0;

	AUTO_CLOSE int root = rdt_open(e);
	if (root < 0) /* unmounting has removed all groups */
		return e->code == ENODEV ? 0 : -1;
	return rdt_remove(root, s->intel_rdt, deleted, e);
}

int rdt_join_recorded(const struct state *s, pid_t pid, struct error *e)
{
	if (!s->intel_rdt)
		return 0;

	AUTO_CLOSE int root = rdt_open(e);
	if (root >= 0 && rdt_join(root, s->intel_rdt, pid, e) == 0)
		return 0;
	return e->code == ENODEV || e->code == ENOENT ? 0 : -1;
}

/* ---- changing ---- */

void rdt_put_back(const struct rdt_schemata *before, int root, const struct rdt_group *g)
{
	struct error e;

	if (write_schema(root, g, "", before->text, &e) < 0)
		log_warning("%s", e.text);
}

int rdt_update(struct rdt_schemata *before, int root, const struct rdt_group *g,
	       const struct intel_rdt *r, struct error *e)
{
	char path[PATH_SIZE];

	if (group_path(path, g->name, "schemata", "") < 0 ||
	    knob_read(root, path, before->text, sizeof(before->text)) < 0)
		return fail_errno(e, "cannot read the schemata of resctrl group \"%s\"", shown(g));
	if ((!r->l3_cache_schema || write_schema(root, g, "", r->l3_cache_schema, e) == 0) &&
	    (!r->mem_bw_schema || write_schema(root, g, "", r->mem_bw_schema, e) == 0))
		return 0;
	rdt_put_back(before, root, g);
	return -1;
}
