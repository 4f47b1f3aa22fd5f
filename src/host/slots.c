/* SPDX-License-Identifier: Apache-2.0 */
/* What a plan wants open before the fork. Everything here happens in the host's own mounts. */
#include <fcntl.h>
#include <sys/mount.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "host/hooks.h"
#include "host/prepare.h"
#include "sys/abi.h"
#include "sys/mount.h"
#include "sys/ns.h"
#include "sys/procfs.h"
#include "sys/self.h"

static int check_place(const struct plan *p, const struct slot *s, int fd, struct error *e)
{
	const char *path = plan_text(p, s->path);
	struct stat st;

	if (s->directory && fstat(fd, &st) < 0)
		return fail_errno(e, "cannot examine \"%s\"", path);
	if (s->directory && !S_ISDIR(st.st_mode))
		return fail(e, 0, "\"%s\" is no directory", path);
	if (s->procfs && !is_procfs(fd))
		return fail(e, 0, "\"%s\" is not on procfs", path);
	return 0;
}

static int open_place(const struct plan *p, const struct slot *s, struct error *e)
{
	const char *path = plan_text(p, s->path);
	AUTO_CLOSE int fd =
		openat(AT_FDCWD, path, O_PATH | O_CLOEXEC | (s->nofollow ? O_NOFOLLOW : 0));

	if (fd < 0)
		return fail_errno(e, "cannot open \"%s\"", path);
	return check_place(p, s, fd, e) < 0 ? -1 : TAKE_FD(fd);
}

/*
 * A copy of a mount stays in the peer group of its original: what is mounted in
 * it inside the container would appear on the host.  So unless the plan shares
 * the root ("rootfsPropagation"), it only receives events, or not even that.
 */
static uint64_t propagation_of(const struct plan *p)
{
	for (uint32_t i = 0; i < p->op_count; i++) {
		if (p->ops[i].kind != OP_ROOTFS)
			continue;
		if (p->ops[i].rootfs.propagation & MS_SHARED)
			return 0;
		return p->ops[i].rootfs.propagation & MS_PRIVATE ? MS_PRIVATE : MS_SLAVE;
	}
	return MS_PRIVATE;
}

static int open_tree_slot(const struct plan *p, const struct slot *s, const int *fds,
			  struct error *e)
{
	const char *path = plan_text(p, s->path);
	AUTO_CLOSE int tree = mount_clone_path(path, !s->nofollow, s->recursive);
	struct mount_attr_intent attr = {.propagation = propagation_of(p), .userns = -1};

	if (tree < 0)
		return fail_errno(e, "cannot open \"%s\"", path);
	if (check_place(p, s, tree, e) < 0)
		return -1;
	if (s->as_is)
		return TAKE_FD(tree);
	if (s->recursive && attr.propagation)
		attr.propagation |= MS_REC;
	if (s->userns != SLOT_NONE) {
		attr.userns = fds[s->userns];
		attr.userns_recursive = s->idmap_recursive;
	}
	if (mount_set(tree, &attr, e) < 0)
		return error_context(e, "cannot bind \"%s\"", path);
	return TAKE_FD(tree);
}

/* Mappings beside a path are what all else was compiled for: they have to be true. */
static int open_namespace(const struct plan *p, const struct slot *s, struct error *e)
{
	AUTO_CLOSE int fd = ns_open(plan_text(p, s->path), (int)s->type, e);

	if (fd >= 0 && (s->uid_map || s->gid_map) &&
	    idmap_check(fd, plan_text(p, s->uid_map), plan_text(p, s->gid_map), e) < 0)
		return error_at_prefix(e, "linux");
	return TAKE_FD(fd);
}

static int open_slot(const struct plan *p, const struct slot *s, const int *fds, struct error *e)
{
	switch ((enum slot_kind)s->kind) {
	case SLOT_NAMESPACE: return open_namespace(p, s, e);
	case SLOT_ROOTFS: return open_place(p, s, e);
	case SLOT_TREE: return open_tree_slot(p, s, fds, e);
	case SLOT_IDMAP: return idmap_userns(plan_text(p, s->uid_map), plan_text(p, s->gid_map), e);
	case SLOT_LOG: return hook_log_open(plan_text(p, s->path), e);
	case SLOT_PROCESS: return ns_process((int)s->pid, e);
	case SLOT_BY_INIT: break;
	}
	return fail(e, EPROTO, "slot of kind %u is unknown", s->kind);
}

int slots_open(int **fds, struct arena *a, const struct plan *p, struct error *e)
{
	int *v = ARENA_ARRAY(a, p->slot_count, int);

	for (uint32_t i = 0; i < p->slot_count; i++)
		v[i] = -1;
	for (uint32_t i = 0; i < p->slot_count; i++) {
		const struct slot *s = &p->slots[i];

		if (s->kind == SLOT_BY_INIT)
			continue;
		v[i] = open_slot(p, s, v, e);
		if (v[i] < 0) {
			slots_close(v, p);
			return e->at[0] ? -1 : error_at_prefix(e, plan_text(p, s->at));
		}
	}
	*fds = v;
	return 0;
}

void slots_close(int *fds, const struct plan *p)
{
	self_close_each(fds, p->slot_count);
}
