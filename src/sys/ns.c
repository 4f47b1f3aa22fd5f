/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/ns.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/list.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/spawn.h"

static const struct name ns_names[] = {
	{"cgroup", CLONE_NEWCGROUP}, {"ipc", CLONE_NEWIPC}, {"mount", CLONE_NEWNS},
	{"network", CLONE_NEWNET},   {"pid", CLONE_NEWPID}, {"time", CLONE_NEWTIME},
	{"user", CLONE_NEWUSER},     {"uts", CLONE_NEWUTS}, {NULL},
};

const char *ns_name(int type)
{
	const char *name = name_of(ns_names, type);

	return name ? name : "?";
}

int ns_open(const char *path, int type, struct error *e)
{
	/* O_NONBLOCK: whatever lies there, a fifo too, is opened at once and then refused. */
	AUTO_CLOSE int fd = openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_NOCTTY | O_CLOEXEC);
	struct statfs fs;
	int is;

	if (fd < 0)
		return fail_errno(e, "cannot open %s namespace \"%s\"", ns_name(type), path);
	if (fstatfs(fd, &fs) < 0)
		return fail_errno(e, "cannot examine %s namespace \"%s\"", ns_name(type), path);
	if (fs.f_type != ABI_NSFS_MAGIC)
		return fail(e, 0, "\"%s\" is no namespace", path);
	is = ioctl(fd, ABI_NS_GET_NSTYPE);
	if (is < 0 && errno != ENOTTY) /* before 4.11: setns(2) will tell */
		return fail_errno(e, "cannot examine %s namespace \"%s\"", ns_name(type), path);
	if (is >= 0 && is != type)
		return fail(e, 0, "\"%s\" is a %s namespace, not a %s namespace", path, ns_name(is),
			    ns_name(type));
	return TAKE_FD(fd);
}

static const struct {
	int type;
	const char *file;
} ns_files[] = {
	{CLONE_NEWIPC, "ipc"}, {CLONE_NEWUTS, "uts"},	{CLONE_NEWNET, "net"},
	{CLONE_NEWPID, "pid"}, {CLONE_NEWTIME, "time"}, {CLONE_NEWCGROUP, "cgroup"},
	{CLONE_NEWNS, "mnt"},  {CLONE_NEWUSER, "user"},
};

static int open_directory(int pid)
{
	char path[40];

	if (str_format(path, sizeof(path), "/proc/%d/ns", pid) < 0)
		return -1;
	return openat(AT_FDCWD, path, O_PATH | O_DIRECTORY | O_CLOEXEC);
}

int ns_process(int pid, struct error *e)
{
	int fd = pidfd_of(pid);

	if (fd < 0 && errno == ENOSYS)
		fd = open_directory(pid);
	return fd < 0 ? fail_errno(e, "cannot open process %d", pid) : fd;
}

/*
 * What the kernel does with a pidfd: all are looked up first.  Who has no privilege over those
 * that come before the user namespace has it over those that come after.
 */
static int join_each(int dir, int types, struct error *e)
{
	int fds[ARRAY_SIZE(ns_files)], refused = 0;

	for (size_t i = 0; i < ARRAY_SIZE(ns_files); i++)
		fds[i] = ns_files[i].type & types
				 ? openat(dir, ns_files[i].file, O_RDONLY | O_CLOEXEC)
				 : -1;
	for (int turn = 0; turn < 2; turn++) {
		refused = 0;
		for (size_t i = 0; i < ARRAY_SIZE(ns_files); i++) {
			if (!(ns_files[i].type & types))
				continue;
			if (setns(fds[i], ns_files[i].type) < 0)
				refused = errno;
			else
				types &= ~ns_files[i].type;
		}
	}
	for (size_t i = 0; i < ARRAY_SIZE(ns_files); i++)
		close_fd(&fds[i]);
	return types ? fail(e, refused, "cannot join the %s namespace", ns_name(types)) : 0;
}

int ns_join(int fd, int types, struct error *e)
{
	if (setns(fd, types) == 0)
		return 0;
	if (errno == EBADF) /* a directory: O_PATH is nothing for setns(2) */
		return join_each(fd, types, e);
	return fail_errno(e, "cannot join the %s namespace%s",
			  types & (types - 1) ? "container's" : ns_name(types),
			  types & (types - 1) ? "s" : "");
}

int ns_foreign(uint32_t *out, int pid, uint32_t types, struct error *e)
{
	AUTO_CLOSE int own_dir =
		openat(AT_FDCWD, "/proc/self/ns", O_PATH | O_DIRECTORY | O_CLOEXEC);
	AUTO_CLOSE int dir = own_dir < 0 ? -1 : open_directory(pid);

	if (dir < 0)
		return fail_errno(e, "cannot examine the namespaces of the container");
	*out = 0;
	for (size_t i = 0; i < ARRAY_SIZE(ns_files); i++) {
		const char *file = ns_files[i].file;
		struct stat own, theirs;
		int seen;

		if (!((uint32_t)ns_files[i].type & types))
			continue;
		seen = fstatat(own_dir, file, &own, 0);
		if (seen < 0 && errno == ENOENT) /* a kernel without this type */
			continue;
		if (seen < 0 || fstatat(dir, file, &theirs, 0) < 0)
			return fail_errno(e, "cannot examine the %s namespace of the container",
					  file);
		if (own.st_dev != theirs.st_dev || own.st_ino != theirs.st_ino)
			*out |= (uint32_t)ns_files[i].type;
	}
	return 0;
}

int ns_unshare(int flags, struct error *e)
{
	if (unshare(flags) < 0)
		return fail_errno(e, "cannot make new namespaces (%s%s)",
				  name_of(ns_names, flags) ? ns_name(flags) : "several",
				  flags & CLONE_NEWUSER ? ", user" : "");
	return 0;
}
