/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/ns.h"

#include <sys/ioctl.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/abi.h"

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
		return fail(e, errno, "cannot open %s namespace \"%s\"", ns_name(type), path);
	if (fstatfs(fd, &fs) < 0)
		return fail(e, errno, "cannot examine %s namespace \"%s\"", ns_name(type), path);
	if (fs.f_type != ABI_NSFS_MAGIC)
		return fail(e, EINVAL, "\"%s\" is no namespace", path);
	is = ioctl(fd, ABI_NS_GET_NSTYPE);
	if (is < 0 && errno != ENOTTY) /* before 4.11: setns(2) will tell */
		return fail(e, errno, "cannot examine %s namespace \"%s\"", ns_name(type), path);
	if (is >= 0 && is != type)
		return fail(e, EINVAL, "\"%s\" is a %s namespace, not a %s namespace", path,
			    ns_name(is), ns_name(type));
	return TAKE_FD(fd);
}

int ns_join(int fd, int type, struct error *e)
{
	if (setns(fd, type) < 0)
		return fail(e, errno, "cannot join the %s namespace", ns_name(type));
	return 0;
}

int ns_unshare(int flags, struct error *e)
{
	if (unshare(flags) < 0)
		return fail(e, errno, "cannot make new namespaces (%s%s)",
			    name_of(ns_names, flags) ? ns_name(flags) : "several",
			    flags & CLONE_NEWUSER ? ", user" : "");
	return 0;
}
