/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/procfs.h"

#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/list.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/file.h"
#include "sys/mount.h"

bool is_procfs(int fd)
{
	struct statfs fs;

	return fstatfs(fd, &fs) == 0 && fs.f_type == ABI_PROC_MAGIC;
}

int procfs_check_root(int fd, struct error *e)
{
	struct stat st;

	if (fstat(fd, &st) < 0)
		return fail_errno(e, "cannot examine procfs");
	if (!is_procfs(fd) || st.st_ino != ABI_PROC_ROOT_INODE)
		return fail(e, 0, "/proc is not a procfs");
	return 0;
}

/* An instance that is mounted nowhere: nothing can be mounted over what is in it. */
static int open_detached(bool whole)
{
	AUTO_CLOSE int fs = abi_fsopen("proc");

	if (fs < 0)
		return -1;
	/* Since 5.8; without it there is more to see, and nothing else is different. */
	if (!whole)
		abi_fsconfig(fs, ABI_FSCONFIG_STRING, "subset", "pid");
	if (abi_fsconfig(fs, ABI_FSCONFIG_CREATE, NULL, NULL) < 0)
		return -1;
	return abi_fsmount(fs, MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
}

int procfs_open(bool whole, struct error *e)
{
	AUTO_CLOSE int fd = open_detached(whole);

	if (fd >= 0) /* the root of a procfs, by the way it was made */
		return TAKE_FD(fd);
	fd = openat(AT_FDCWD, "/proc", O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (fd < 0)
		return fail_errno(e, "cannot open a procfs");
	if (procfs_check_root(fd, e) < 0)
		return -1;
	return TAKE_FD(fd);
}

/* Second rung of opening: every component must be of the same mount as the procfs, and no link. */
static int walk(int proc, const char *file, int flags)
{
	AUTO_CLOSE int at = openat(proc, ".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	uint64_t mount, here;

	if (at < 0 || mount_id(proc, &mount) < 0)
		return -1;
	for (;;) {
		size_t n = strcspn(file, "/");
		char name[NAME_MAX + 1];
		struct stat st;
		int below;

		if (n == 0 || n > NAME_MAX || (file[0] == '.' && (n == 1 || file[1] == '.'))) {
			errno = EINVAL;
			return -1;
		}
		memcpy(name, file, n);
		name[n] = '\0';
		below = openat(at, name, O_PATH | O_NOFOLLOW | O_CLOEXEC);
		if (below < 0)
			return -1;
		if (!file[n])
			close_fd(&below);
		if (!file[n])
			below = openat(at, name, flags | O_NOFOLLOW | O_CLOEXEC);
		close_fd(&at);
		at = below;
		if (at < 0 || fstat(at, &st) < 0 || mount_id(at, &here) < 0)
			return -1;
		if (S_ISLNK(st.st_mode) || here != mount) {
			errno = S_ISLNK(st.st_mode) ? ELOOP : EXDEV;
			return -1;
		}
		if (!file[n])
			return TAKE_FD(at);
		file += n + 1;
	}
}

/*
 * "self" and "thread-self" are links, and links are not followed: what they say
 * is put in their place.  The pid is that of the procfs's own pid namespace.
 */
static int name_self(int proc, const char *file, char out[256])
{
	static const char *const links[] = {"self", "thread-self"};
	const char *rest = strchr(file, '/');
	char text[64];

	for (size_t i = 0; rest && i < ARRAY_SIZE(links); i++) {
		ssize_t n;

		if ((size_t)(rest - file) != strlen(links[i]) || !str_starts(file, links[i]))
			continue;
		n = readlinkat(proc, links[i], text, sizeof(text) - 1);
		if (n < 0)
			return -1;
		text[n] = '\0';
		if (n == 0 || strspn(text, "0123456789") == 0) {
			errno = EINVAL;
			return -1;
		}
		return str_format(out, 256, "%s%s", text, rest);
	}
	return str_format(out, 256, "%s", file);
}

static int open_beneath(int proc, const char *file, int flags)
{
	int fd = -1;

	for (int i = 0; i < 100; i++) {
		fd = abi_openat2(proc, file, flags | O_NOFOLLOW | O_CLOEXEC,
				 ABI_RESOLVE_BENEATH | ABI_RESOLVE_NO_SYMLINKS |
					 ABI_RESOLVE_NO_MAGICLINKS | ABI_RESOLVE_NO_XDEV);
		if (fd >= 0 || (errno != EAGAIN && errno != EINTR))
			break;
	}
	if (fd < 0 && abi_missing(errno))
		fd = walk(proc, file, flags);
	return fd;
}

int procfs_open_file(int proc, const char *file, int flags, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	char name[256];

	if (name_self(proc, file, name) < 0)
		return fail_errno(e, "cannot open /proc/%s", file);
	fd = open_beneath(proc, name, flags);
	if (fd < 0)
		return fail_errno(e, "cannot open /proc/%s", file);
	if (!is_procfs(fd))
		return fail(e, EXDEV, "/proc/%s is not on procfs", file);
	return TAKE_FD(fd);
}

int procfs_write(int proc, const char *file, const char *value, struct error *e)
{
	AUTO_CLOSE int fd = procfs_open_file(proc, file, O_WRONLY, e);
	size_t len = strlen(value);
	ssize_t n;

	if (fd < 0)
		return -1;
	do
		n = write(fd, value, len);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return fail_errno(e, "cannot write /proc/%s", file);
	if ((size_t)n != len)
		return fail(e, EIO, "/proc/%s took only %zd of %zu bytes", file, n, len);
	return 0;
}

ssize_t procfs_read(int proc, const char *file, char *out, size_t size, struct error *e)
{
	AUTO_CLOSE int fd = procfs_open_file(proc, file, O_RDONLY, e);
	ssize_t n;

	if (fd < 0)
		return -1;
	n = file_read_all(fd, out, size - 1);
	if (n < 0)
		return fail_errno(e, "cannot read /proc/%s", file);
	out[n] = '\0';
	return n;
}

/*
 * Reads a file of the host's /proc by name: outside of any container.  Once: each of these is
 * one record, which the kernel gives whole or cut to @size.
 */
static ssize_t read_host(const char *path, char *out, size_t size)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	if (fd < 0)
		return -1;
	if (!is_procfs(fd)) {
		errno = EXDEV;
		return -1;
	}
	do
		n = read(fd, out, size - 1);
	while (n < 0 && errno == EINTR);
	if (n >= 0)
		out[n] = '\0';
	return n;
}

/* proc_pid_stat(5): the name, field 2, may hold anything, also blanks and parentheses. */
static int parse_stat(const char *text, struct proc_stat *out)
{
	enum {
		STATE = 3,
		START_TIME = 22,
		NAME_END = 96
	}; /* a kernel thread's is the longest: 64 */
	const char *p = memrchr(text, ')', strnlen(text, NAME_END));
	struct proc_stat st;
	char number[24];
	size_t n;

	if (!p || p[1] != ' ' || !p[2])
		return -1;
	st.state = p[2];
	for (int field = STATE - 1; field < START_TIME; field++) {
		p = strchr(p, ' ');
		if (!p)
			return -1;
		p++;
	}
	n = strcspn(p, " \n");
	if (n >= sizeof(number))
		return -1;
	memcpy(number, p, n);
	number[n] = '\0';
	if (str_to_u64(number, UINT64_MAX, &st.start_time) < 0)
		return -1;
	*out = st;
	return 0;
}

int procfs_stat(pid_t pid, struct proc_stat *out)
{
	char path[32], text[1024];

	if (str_format(path, sizeof(path), "/proc/%d/stat", pid) < 0)
		return -1;
	if (read_host(path, text, sizeof(text)) < 0) {
		/* hidepid or no /proc at all: only the kernel's own word for "gone" counts */
		if (errno == ENOENT && kill(pid, 0) < 0 && errno == ESRCH)
			return -1;
		if (errno == EPERM || errno == 0)
			errno = ENOENT;
		return -1;
	}
	if (parse_stat(text, out) < 0) {
		errno = EINVAL;
		return -1;
	}
	return 0;
}

static int hexadecimal(const char *text, const char *key, uint64_t *out)
{
	const char *p = str_find(text, key);

	if (!p)
		return -1;
	*out = 0;
	for (p += strlen(key); *p != '\n'; p++) {
		if (!strchr("0123456789abcdef", *p) || !*p)
			return -1;
		*out = *out << 4 | (uint64_t)(*p <= '9' ? *p - '0' : *p - 'a' + 10);
	}
	return 0;
}

int procfs_signals(uint64_t *ignored, uint64_t *caught)
{
	char text[2048]; /* they are in the first half */

	if (read_host("/proc/self/status", text, sizeof(text)) < 0 ||
	    hexadecimal(text, "\nSigIgn:\t", ignored) < 0)
		return -1;
	return hexadecimal(text, "\nSigCgt:\t", caught);
}

const char *procfs_boot_id(void)
{
	static char id[40];
	static bool known;

	if (known)
		return id;
	known = true;
	if (read_host("/proc/sys/kernel/random/boot_id", id, sizeof(id)) != 37 || id[36] != '\n')
		id[0] = '\0';
	id[id[0] ? 36 : 0] = '\0';
	return id;
}
