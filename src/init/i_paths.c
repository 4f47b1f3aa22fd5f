/* SPDX-License-Identifier: Apache-2.0 */
/* Paths that are shut, values below /proc/sys, names. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "init/walk.h"
#include "sys/abi.h"
#include "sys/mount.h"
#include "sys/path.h"
#include "sys/procfs.h"

int do_hostname(struct init *in, const struct op_hostname *o)
{
	const char *name = init_text(in, o->name);

	if (sethostname(name, strlen(name)) < 0)
		return fail_errno(in->e, "cannot set the host name to \"%s\"", name);
	return 0;
}

int do_domainname(struct init *in, const struct op_domainname *o)
{
	const char *name = init_text(in, o->name);

	if (setdomainname(name, strlen(name)) < 0)
		return fail_errno(in->e, "cannot set the domain name to \"%s\"", name);
	return 0;
}

int do_sysctl(struct init *in, const struct op_sysctl *o)
{
	char file[256];

	if (str_format(file, sizeof(file), "sys/%s", init_text(in, o->file)) < 0)
		return fail_errno(in->e, "the name of sysctl \"%s\" is too long",
				  init_text(in, o->file));
	if (init_proc(in) < 0)
		return -1;
	if (procfs_write(in->proc, file, init_text(in, o->value), in->e) < 0)
		return error_context(in->e, "sysctl value \"%s\"", init_text(in, o->value));
	return 0;
}

/*
 * The procfs on "/proc", which is looked for once and then held: whoever may rename in the root file
 * system can move it away while paths in it are shut, and nothing would be found.
 */
static int find_proc(struct init *in)
{
	if (in->proc_dir >= 0)
		return 0;
	in->proc_dir = path_open_inside(in->root, "/proc", 0, in->e);
	return procfs_check_root(in->proc_dir, in->e);
}

/* 1 with *@out; 0 when there is nothing to shut, which config-linux.md lets us pass over; -1. */
static int open_existing(int *out, struct init *in, const char *path)
{
	const bool in_proc =
		in->proc_mounted && str_starts(path, "/proc/") && !str_find(path, "/..");

	*out = -1;
	if (in_proc && find_proc(in) < 0)
		return -1;
	*out = path_open_inside(in_proc ? in->proc_dir : in->root,
				in_proc ? path + strlen("/proc") : path, 0, in->e);
	if (*out >= 0)
		return 1;
	return in->e->code == ENOENT || in->e->code == ENOTDIR ? 0 : -1;
}

int do_readonly_path(struct init *in, const struct op_readonly_path *o)
{
	const char *path = init_text(in, o->path);
	AUTO_LATER int target = -1;
	int found = open_existing(&target, in, path);
	struct mount_intent m = {
		.tree = target,
		.recursive = true,
		.attr = {.rec_set = MOUNT_ATTR_RDONLY, .userns = -1},
	};
	AUTO_LATER int mounted = -1;

	if (found <= 0)
		return found;
	mounted = init_mount(in, &m, target);
	if (mounted < 0)
		return error_context(in->e, "cannot make \"%s\" read-only", path);
	return 0;
}

/*
 * One empty file system serves all masked directories of a container.  The
 * first one makes it; later ones bind it.
 */
static int mask_directory(struct init *in, const struct op_masked_path *o, int target)
{
	char data[4096]; /* as much as mount(2) takes */
	struct mount_intent m = {
		.type = "tmpfs",
		.source = "tmpfs",
		.data = data,
		.tree = -1,
		.attr =
			{
				.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
				       MOUNT_ATTR_NOEXEC,
				.userns = -1,
			},
	};
	int fd;

	if (str_format(data, sizeof(data), "nr_blocks=1,nr_inodes=1%s%s", o->data ? "," : "",
		       init_text(in, o->data)) < 0)
		return fail_errno(in->e, "the label is too long");
	if (in->mask >= 0)
		m = (struct mount_intent){.tree = in->mask, .attr = m.attr};
	fd = init_mount(in, &m, target);
	if (fd >= 0 && in->mask < 0)
		in->mask = fd;
	else
		init_close_later(&fd);
	return fd < 0 ? -1 : 0;
}

/* The null device that was checked on the host, whatever "/dev/null" is in the container (CVE-2025-31133). */
static int mask_file(struct init *in, int target)
{
	struct mount_intent m = {
		.tree = in->null,
		.tree_detached = in->null_is_tree,
		/* not a peer of the host's, on which one would see what is mounted here */
		.attr = {.propagation = in->apart ? 0 : MS_PRIVATE, .userns = -1},
	};
	int fd;

	if (in->null < 0)
		return fail(in->e, 0, "the host has no null device on \"/dev/null\"");
	fd = init_mount(in, &m, target);
	if (fd < 0)
		return -1;
	/* Attached, it is a place to bind from, like any other. */
	if (in->null_is_tree)
		in->null = fd;
	else
		init_close_later(&fd);
	in->null_is_tree = false;
	return 0;
}

int do_masked_path(struct init *in, const struct op_masked_path *o)
{
	const char *path = init_text(in, o->path);
	AUTO_LATER int target = -1;
	int r, found = open_existing(&target, in, path);
	struct stat st;

	if (found <= 0)
		return found;
	if (fstat(target, &st) < 0)
		return fail_errno(in->e, "cannot examine \"%s\" in the container", path);
	r = S_ISDIR(st.st_mode) ? mask_directory(in, o, target) : mask_file(in, target);
	return r < 0 ? error_context(in->e, "cannot mask \"%s\"", path) : 0;
}
