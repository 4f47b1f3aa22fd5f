/* SPDX-License-Identifier: Apache-2.0 */

/* Changing the root of this process. */

#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/mount.h"

int mount_pivot(int new_root, struct error *e)
{
	AUTO_CLOSE int old = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (old < 0)
		return fail(e, errno, "cannot open the old root");
	if (fchdir(new_root) < 0)
		return fail(e, errno, "cannot enter the new root");
	/* The old root is put on top of the new one, where it needs no directory. */
	if (syscall(SYS_pivot_root, ".", ".") < 0)
		return fail(e, errno, "cannot change the root by pivot_root");
	/*
	 * What is unmounted here must not be unmounted where it came from: the
	 * old mounts may be peers of the host's (linux.rootfsPropagation "shared").
	 */
	if (fchdir(old) < 0 || mount(NULL, ".", NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return fail(e, errno, "cannot cut the old root off");
	if (umount2(".", MNT_DETACH) < 0)
		return fail(e, errno, "cannot detach the old root");
	if (chdir("/") < 0)
		return fail(e, errno, "cannot enter the new root");
	return 0;
}

int mount_chroot(int new_root, struct error *e)
{
	if (fchdir(new_root) < 0 || chroot(".") < 0 || chdir("/") < 0)
		return fail(e, errno, "cannot change the root by chroot");
	return 0;
}

/* Undoes mountinfo's \040 in place. */
static void unescape(char *s)
{
	char *out = s;

	while (*s) {
		if (s[0] == '\\' && s[1] >= '0' && s[1] <= '3' && s[2] && s[3]) {
			*out++ = (char)((s[1] - '0') * 64 + (s[2] - '0') * 8 + (s[3] - '0'));
			s += 4;
		} else {
			*out++ = *s++;
		}
	}
	*out = '\0';
}

/* The mount point in a line of proc_pid_mountinfo(5) if it is one of procfs or sysfs, else NULL. */
static char *kernel_mount_of(char *line)
{
	char *type = strstr(line, " - ");
	char *point = line;

	if (!type || !(str_starts(type + 3, "proc ") || str_starts(type + 3, "sysfs ")))
		return NULL;
	for (int field = 1; field < 5; field++) {
		point = strchr(point, ' ');
		if (!point)
			return NULL;
		point++;
	}
	point[strcspn(point, " ")] = '\0';
	unescape(point);
	return point;
}

static bool is_below(const char *path, const char *dir)
{
	return str_starts(path, dir) && path[strlen(dir)] == '/';
}

static int drop_mount(const char *point, struct error *e)
{
	/* not those of the mount namespace we were copied from */
	if (mount(NULL, point, NULL, MS_SLAVE | MS_REC, NULL) < 0)
		return errno == EINVAL || errno == ENOENT ? 0 : fail(e, errno, "cannot cut off \"%s\"", point);
	if (umount2(point, MNT_DETACH) == 0 || errno == ENOENT)
		return 0;
	if (errno != EINVAL && errno != EPERM)
		return fail(e, errno, "cannot detach \"%s\"", point);
	/* Locked in a user namespace, where it cannot be uncovered either: cover it. */
	if (mount("tmpfs", point, "tmpfs", 0, "size=0,nr_inodes=1") < 0)
		return fail(e, errno, "cannot cover \"%s\"", point);
	return 0;
}

/* Reads one line; 1, 0 at the end, -1. Lines are short of a page each for path and options. */
static int read_line(int fd, char *buf, size_t size, size_t *have, size_t *used)
{
	memmove(buf, buf + *used, *have - *used);
	*have -= *used;
	*used = 0;
	for (;;) {
		char *end = memchr(buf, '\n', *have);
		ssize_t n;

		if (end) {
			*end = '\0';
			*used = (size_t)(end - buf) + 1;
			return 1;
		}
		if (*have == size) {
			errno = EFBIG;
			return -1;
		}
		n = read(fd, buf + *have, size - *have);
		if (n <= 0)
			return n < 0 ? -1 : 0;
		*have += (size_t)n;
	}
}

static int drop_kernel_mounts(const char *keep, struct error *e)
{
	AUTO_CLOSE int fd = open("/proc/self/mountinfo", O_RDONLY | O_CLOEXEC);
	char buf[3 * PATH_MAX];
	size_t have = 0, used = 0;
	int more;

	if (fd < 0)
		return errno == ENOENT ? 0 : fail(e, errno, "cannot read the list of mounts");
	while ((more = read_line(fd, buf, sizeof(buf), &have, &used)) > 0) {
		char *point = kernel_mount_of(buf);

		if (point && !is_below(point, keep) && drop_mount(point, e) < 0)
			return -1;
	}
	return more < 0 ? fail(e, errno, "cannot read the list of mounts") : 0;
}

int mount_move_to_root(int new_root, struct error *e)
{
	char path[PATH_MAX];

	if (fchdir(new_root) < 0 || syscall(SYS_getcwd, path, sizeof(path)) < 0)
		return fail(e, errno, "cannot enter the new root");
	if (drop_kernel_mounts(path, e) < 0)
		return -1;
	if (mount(".", "/", NULL, MS_MOVE, NULL) < 0)
		return fail(e, errno, "cannot move the new root to \"/\"");
	if (chroot(".") < 0 || chdir("/") < 0)
		return fail(e, errno, "cannot change the root by chroot");
	return 0;
}

static bool same_file(int a, int b)
{
	struct stat one, two;

	return fstat(a, &one) == 0 && fstat(b, &two) == 0 && one.st_dev == two.st_dev &&
	       one.st_ino == two.st_ino;
}

/* Is @dir, below directory @above, the root of the mount it is in? 1, 0, -1. */
static int is_mount_root(int dir, int above)
{
	struct abi_statx st = {0};
	uint64_t here, there;

	if (abi_statx(dir, STATX_MNT_ID, &st) == 0 && (st.attributes_mask & ABI_STATX_ATTR_MOUNT_ROOT))
		return (st.attributes & ABI_STATX_ATTR_MOUNT_ROOT) != 0;
	if (mount_id(dir, &here) < 0 || mount_id(above, &there) < 0)
		return -1;
	return here != there || same_file(dir, above); /* only "/" is its own parent */
}

int mount_private_parent(int dir, struct error *e)
{
	AUTO_CLOSE int at = openat(dir, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);

	for (;;) {
		AUTO_CLOSE int above = at < 0 ? -1 : openat(at, "..", O_PATH | O_DIRECTORY | O_CLOEXEC);
		int root = above < 0 ? -1 : is_mount_root(at, above);

		if (root < 0)
			return fail(e, errno, "cannot find the root of a mount");
		if (root)
			return mount_propagation(at, MS_PRIVATE, e);
		close_fd(&at);
		at = TAKE_FD(above);
	}
}
