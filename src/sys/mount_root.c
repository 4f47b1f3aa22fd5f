/* SPDX-License-Identifier: Apache-2.0 */

/* Changing the root of this process. */

#include <limits.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/file.h"
#include "sys/mount.h"
#include "sys/mountinfo.h"

/*
 * What is unmounted must not be unmounted where it came from: the old mounts
 * may be peers of the host's (linux.rootfsPropagation "shared").
 */
static int cut_off(int old, int new_root, struct error *e)
{
	if (fchdir(old) < 0 || mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL) < 0 ||
	    fchdir(new_root) < 0)
		return fail_errno(e, "cannot cut the old root off");
	return 0;
}

int mount_pivot(int new_root, bool apart, struct error *e)
{
	AUTO_CLOSE int old = apart ? -1 : openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (!apart && old < 0)
		return fail_errno(e, "cannot open the old root");
	if (fchdir(new_root) < 0)
		return fail_errno(e, "cannot enter the new root");
	/* The old root is put on top of the new one, where it needs no directory. */
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return fail_errno(e, "cannot change the root by pivot_root");
	if (!apart && cut_off(old, new_root, e) < 0)
		return -1;
	/* umount2(2) goes up from "." to what is on top of it; see pivot_root(2). */
	if (umount2(".", MNT_DETACH) < 0)
		return fail_errno(e, "cannot detach the old root");
	return 0;
}

int mount_top_propagation(unsigned long flags, struct error *e)
{
	if (mount(NULL, "/", NULL, flags, NULL) < 0)
		return fail_errno(e, "cannot set the propagation of \"/\"");
	return 0;
}

bool mount_in_chroot(void)
{
	AUTO_CLOSE int root = openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct abi_statx st = {0};

	return abi_statx(root, 0, &st) == 0 &&
	       (st.attributes_mask & ~st.attributes & ABI_STATX_ATTR_MOUNT_ROOT);
}

int mount_chroot(int new_root, struct error *e)
{
	if (fchdir(new_root) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return fail_errno(e, "cannot change the root by chroot");
	return 0;
}

static bool is_below(const char *path, const char *dir)
{
	return str_starts(path, dir) && path[strlen(dir)] == '/';
}

static int drop_mount(const char *point, struct error *e)
{
	/* not those of the mount namespace we were copied from */
	if (mount(NULL, point, NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return errno == EINVAL || errno == ENOENT
			       ? 0
			       : fail_errno(e, "cannot cut off \"%s\"", point);
	if (umount2(point, MNT_DETACH) == 0 || errno == ENOENT)
		return 0;
	if (errno != EINVAL && errno != EPERM)
		return fail_errno(e, "cannot detach \"%s\"", point);
	/* Locked in a user namespace, where it cannot be uncovered either: cover it. */
	if (mount("tmpfs", point, "tmpfs", 0, "size=0,nr_inodes=1") < 0)
		return fail_errno(e, "cannot cover \"%s\"", point);
	return 0;
}

static int drop_kernel_mounts(const char *keep, struct error *e)
{
	struct mountinfo m;
	int more;

	if (mountinfo_open(&m, 0, e) < 0)
		return -1;
	while ((more = mountinfo_next(&m, e)) > 0) {
		if (!str_eq(m.type, "proc") && !str_eq(m.type, "sysfs"))
			continue;
		if (!is_below(m.point, keep) && drop_mount(m.point, e) < 0)
			break;
	}
	mountinfo_close(&m);
	return more == 0 ? 0 : -1;
}

int mount_move_to_root(int new_root, struct error *e)
{
	char path[PATH_MAX];

	if (fchdir(new_root) < 0 || syscall(SYS_getcwd, path, sizeof(path)) < 0)
		return fail_errno(e, "cannot enter the new root");
	if (drop_kernel_mounts(path, e) < 0)
		return -1;
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0)
		return fail_errno(e, "cannot move the new root to \"/\"");
	if (chroot(".") < 0 || chdir("/") < 0)
		return fail_errno(e, "cannot change the root by chroot");
	return 0;
}

/* Is @dir, below directory @above, the root of the mount it is in? 1, 0, -1. */
static int is_mount_root(int dir, int above)
{
	struct abi_statx st = {0};
	uint64_t here, there;

	if (abi_statx(dir, STATX_MNT_ID, &st) == 0 &&
	    (st.attributes_mask & ABI_STATX_ATTR_MOUNT_ROOT))
		return (st.attributes & ABI_STATX_ATTR_MOUNT_ROOT) != 0;
	if (mount_id(dir, &here) < 0 || mount_id(above, &there) < 0)
		return -1;
	return here != there || file_same(dir, above); /* only "/" is its own parent */
}

int mount_private_parent(int dir, struct error *e)
{
	AUTO_CLOSE int at = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (;;) {
		AUTO_CLOSE int above =
			at < 0 ? -1 : openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		int root = above < 0 ? -1 : is_mount_root(at, above);

		if (root < 0)
			return fail_errno(e, "cannot find the root of a mount");
		if (root)
			return mount_propagation(at, MS_PRIVATE, e);
		close_fd(&at);
		at = TAKE_FD(above);
	}
}
