/* SPDX-License-Identifier: Apache-2.0 */
/* Device nodes, directories and links in the container's /dev. */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "base/fd.h"
#include "base/str.h"
#include "init/walk.h"
#include "sys/mount.h"
#include "sys/path.h"

int place_entry(struct init *in, const char *path)
{
	AUTO_CLOSE int fd = -1;
	struct stat st;

	if (path_mknod_inside(in->root, &in->last, path, S_IFREG | 0644, 0, (uid_t)-1, (gid_t)-1,
			      in->e) < 0 &&
	    in->e->code != EEXIST)
		return -1;
	fd = path_open_inside(in->root, path, PATH_NOFOLLOW, in->e);
	if (fd < 0)
		return -1;
	if (fstat(fd, &st) < 0)
		return fail_errno(in->e, "cannot examine \"%s\" in the container", path);
	if (!S_ISREG(st.st_mode) && !S_ISCHR(st.st_mode) && !S_ISBLK(st.st_mode))
		return fail(in->e, EEXIST, "\"%s\" in the container is neither a file nor a device",
			    path);
	return TAKE_FD(fd);
}

static bool same_device(const struct stat *st, const struct op_device *o)
{
	if ((st->st_mode & S_IFMT) != o->type)
		return false;
	return o->type == S_IFIFO || st->st_rdev == makedev(o->major, o->minor);
}

/* The host's node of this device: by the same path, else by the name that udev gives to numbers. */
static int open_of_host(struct init *in, const struct op_device *o)
{
	char number[48];
	const char *const paths[] = {init_text(in, o->path), number};
	struct stat st;

	if (str_format(number, sizeof(number), "/dev/%s/%u:%u",
		       o->type == S_IFCHR ? "char" : "block", o->major, o->minor) < 0)
		return -1;
	for (int i = 0; i < 2; i++) {
		AUTO_CLOSE int fd = openat(AT_FDCWD, paths[i], O_PATH | O_CLOEXEC);

		if (fd >= 0 && fstat(fd, &st) == 0 && same_device(&st, o))
			return TAKE_FD(fd);
	}
	return fail(in->e, errno == EMFILE ? EMFILE : ENODEV,
		    "cannot find the host's node of device %u:%u to bind to \"%s\"", o->major,
		    o->minor, paths[0]);
}

static int bind_device(struct init *in, const struct op_device *o)
{
	const char *path = init_text(in, o->path);
	AUTO_LATER int source = open_of_host(in, o);
	AUTO_LATER int target = source < 0 ? -1 : place_entry(in, path);
	struct mount_intent m = {
		.tree = source,
		.attr = {.propagation = in->apart ? 0 : MS_PRIVATE,
			 .userns = -1}, /* as mask_file() */
	};
	AUTO_LATER int mounted = -1;

	if (target < 0)
		return -1;
	mounted = mount_place(&m, target, in->e); /* over a file: no path leads elsewhere now */
	if (mounted < 0)
		return error_context(in->e, "cannot bind device \"%s\"", path);
	return 0;
}

/*
 * Something is there already.  The node itself stays, from the image or an
 * earlier run.  An empty file is what binding leaves behind; it may be
 * covered.  Anything else is an error (config-linux.md "Devices"), and a link
 * least of all is followed.
 */
static int keep_existing(struct init *in, const struct op_device *o)
{
	const char *path = init_text(in, o->path);
	struct stat st;

	if (path_stat_inside(in->root, path, &st) < 0)
		return fail_errno(in->e, "cannot examine \"%s\" in the container", path);
	if (same_device(&st, o))
		return 0;
	if (S_ISREG(st.st_mode) && st.st_size == 0 && o->type != S_IFIFO)
		return bind_device(in, o);
	return fail(in->e, EEXIST, "\"%s\" in the container is something else than device %u:%u",
		    path, o->major, o->minor);
}

int do_device(struct init *in, const struct op_device *o)
{
	const char *path = init_text(in, o->path);
	dev_t dev = o->type == S_IFIFO ? 0 : makedev(o->major, o->minor);

	if (o->bind && o->type != S_IFIFO)
		return bind_device(in, o);
	if (path_mknod_inside(in->root, &in->last, path, o->type | o->mode, dev, o->uid, o->gid,
			      in->e) == 0)
		return 0;
	if (in->e->code == EEXIST)
		return keep_existing(in, o);
	if (in->e->code == EPERM && o->type != S_IFIFO)
		return bind_device(in, o);
	return -1;
}

int do_directory(struct init *in, const struct op_directory *o)
{
	AUTO_CLOSE int fd =
		path_mkdir_inside(in->root, NULL, init_text(in, o->path), o->mode, in->e);

	/* What the container's user alone may enter may still become its working directory. */
	return fd < 0 && in->e->code != EACCES ? -1 : 0;
}

/* Whether the symlink at @path says @target. */
static bool says(struct init *in, const char *path, const char *target)
{
	struct error ignored;
	AUTO_CLOSE int fd = path_open_inside(in->root, path, PATH_NOFOLLOW, &ignored);
	char text[PATH_MAX];
	ssize_t n = fd < 0 ? -1 : readlinkat(fd, "", text, sizeof(text) - 1);

	if (n < 0)
		return false;
	text[n] = '\0';
	return str_eq(text, target);
}

int place_link(struct init *in, const char *path, const char *text)
{
	if (path_symlink_inside(in->root, &in->last, path, text, in->e) == 0)
		return 0;
	if (in->e->code != EEXIST)
		return -1;
	return says(in, path, text) ? 0 : 1;
}

/* 1, 0, -1.  The standard streams all need the same directory, which a procfs of the container's has. */
static int is_there(struct init *in, const char *path)
{
	AUTO_LATER int fd = -1;

	if ((in->found && str_eq(in->found, path)) ||
	    (in->proc_mounted && str_eq(path, "/proc/self/fd")))
		return 1;
	fd = path_open_inside(in->root, path, PATH_NOFOLLOW, in->e);
	if (fd < 0)
		return error_is_shortage(in->e->code) ? -1 : 0;
	in->found = path;
	return 1;
}

int do_symlink(struct init *in, const struct op_symlink *o)
{
	const char *path = init_text(in, o->path), *target = init_text(in, o->target);
	int r = o->needs ? is_there(in, init_text(in, o->needs)) : 1;

	if (r <= 0)
		return r;
	r = place_link(in, path, target);
	if (r < 0)
		return -1;
	/* runtime-linux.md "Dev symbolic links": what an image has there is its own affair. */
	if (r > 0)
		init_warn(in, "\"%s\" in the container is not the link to \"%s\"", path, target);
	return 0;
}
