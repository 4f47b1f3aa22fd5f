/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/owner.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/knob.h"

static bool mounts_writable(const struct config *c)
{
	FOR_EACH(m, c->mounts) {
		bool readonly = false;

		if (!m->source || !str_eq(m->source, "cgroup") ||
		    !str_eq(m->destination, "/sys/fs/cgroup"))
			continue;
		for (size_t i = 0; i < m->options.n; i++)
			readonly |= str_eq(m->options.v[i], "ro");
		if (!readonly)
			return true;
	}
	return false;
}

int64_t owner_wanted(const struct config *c)
{
	const struct namespace *ns = config_namespace(c, CLONE_NEWCGROUP);
	uint32_t uid = c->process ? c->process->user.uid : 0;

	if (!ns || ns->path || !mounts_writable(c))
		return -1;
	if (!config_namespace(c, CLONE_NEWUSER))
		return uid;
	FOR_EACH(m, c->linux_.uid_mappings)
		if (uid >= m->container_id && uid - m->container_id < m->size)
			return (int64_t)m->host_id + (uid - m->container_id);
	return -1;
}

int owner_set(int dir, const struct config *c, struct error *e)
{
	/* config-linux.md: these, where the kernel does not say (before 4.15) */
	char files[1024] = "cgroup.procs\ncgroup.subtree_control\ncgroup.threads", list[1024];
	int64_t uid = owner_wanted(c);
	char *rest = files;

	if (uid < 0 || uid == geteuid())
		return 0;
	if (knob_read(AT_FDCWD, "/sys/kernel/cgroup/delegate", list, sizeof(list)) > 0)
		memcpy(files, list, sizeof(list));
	if (fchownat(dir, "", (uid_t)uid, (gid_t)-1, AT_EMPTY_PATH) < 0)
		return fail_errno(e, "cannot make user %lld the owner of the container's cgroup",
				  (long long)uid);
	for (char *file = strsep(&rest, "\n"); file; file = strsep(&rest, "\n"))
		if (*file && fchownat(dir, file, (uid_t)uid, (gid_t)-1, AT_SYMLINK_NOFOLLOW) < 0 &&
		    errno != ENOENT)
			return fail(
				e, errno,
				"cannot make user %lld the owner of %s in the container's cgroup",
				(long long)uid, file);
	return 0;
}

int owner_delegate(int dir, const char *name, const struct config *c, struct error *e)
{
	AUTO_CLOSE int below = -1;
	int procs;

	if (mkdirat(dir, name, 0755) < 0 && errno != EEXIST)
		return fail_at(e, "annotations." ANNOTATION_DELEGATE, errno,
			       "cannot make the cgroup \"%s\" below the container's", name);
	below = openat(dir, name, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	procs = below < 0 ? -1 : openat(below, "cgroup.procs", O_WRONLY | O_CLOEXEC);
	if (procs < 0)
		fail_at(e, "annotations." ANNOTATION_DELEGATE, errno,
			"cannot open the cgroup \"%s\" below the container's", name);
	if (procs >= 0 && owner_set(below, c, e) == 0)
		return procs;
	close_fd(&procs);
	unlinkat(dir, name, AT_REMOVEDIR);
	return -1;
}
