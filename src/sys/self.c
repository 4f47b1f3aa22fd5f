/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/self.h"

#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/list.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/cred.h"

#define OWN_FILE "/proc/self/exe"

/* A memfd with all four seals: nobody can change it, nor take the seals off. */
static bool is_sealed(const char *link)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, link, O_RDONLY | O_CLOEXEC);

	return fd >= 0 && fcntl(fd, ABI_F_GET_SEALS) == ABI_SEALS;
}

/* What the kernel calls the file behind @link; "" when that is unknown or too long to be of use. */
static void name_of_file(const char *link, char *out, size_t size)
{
	ssize_t n = readlink(link, out, size - 1);

	out[n < 0 ? 0 : n] = '\0';
}

const char *self_name(void)
{
	static char name[PATH_MAX];
	static bool known;

	if (!known)
		name_of_file(OWN_FILE, name, sizeof(name));
	known = true;
	return name;
}

/*
 * Is the file behind @link, one of /proc/self, out of everybody's reach?  @name is what it is called.
 *
 * The kernel names a file by its way down from the root of the mount tree.  In
 * a mount that is a single file and is attached nowhere there is no way: the
 * name is "/", which no file that can be opened by a path ever has.  Attached
 * nowhere, it is in no mount namespace either, and so nobody can make it
 * writable again.  A read-only mount alone would not do.
 */
static bool is_protected(const char *link, const char *name)
{
	struct statfs fs;

	if (str_eq(name, "/"))
		return statfs(link, &fs) == 0 && (fs.f_flags & ABI_ST_RDONLY);
	return str_starts(name, "/memfd:") && is_sealed(link);
}

/*
 * Whether this is no execution by a path, as ours are none, by what the kernel has noted of it.  Who
 * is here like that and is not protected is not helped by a mount: never twice the same.
 */
static bool is_by_descriptor(void)
{
	const char *name = (const char *)getauxval(AT_EXECFN);

	return !name || str_starts(name, "/dev/fd/");
}

/* What was made must pass the test of is_protected(): else we would execute ourselves for ever. */
static bool will_be_protected(int fd)
{
	char link[40], name[32];

	if (str_format(link, sizeof(link), "/proc/self/fd/%d", fd) < 0)
		return false;
	name_of_file(link, name, sizeof(name));
	return is_protected(link, name);
}

/*
 * Who has no privilege has none to give to a container either: to write to a file of root's that
 * nobody else may write to takes more, whatever id of theirs a process in there has.  (Who may by
 * an ACL shows in the bits of the group.)
 */
static bool is_out_of_reach(void)
{
	struct caps caps;
	struct stat st;

	return geteuid() != 0 && caps_get(&caps) == 0 && !caps.permitted &&
	       stat(OWN_FILE, &st) == 0 && st.st_uid == 0 && !(st.st_mode & (S_IWGRP | S_IWOTH));
}

static int open_detached(void)
{
	const struct abi_mount_attr a = {.set = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
						MOUNT_ATTR_NODEV};
	AUTO_CLOSE int fd = -1;
	struct statfs fs;

	if (is_by_descriptor())
		return -1;
	fd = abi_open_tree(AT_FDCWD, OWN_FILE, ABI_OPEN_TREE_CLONE);
	if (fd < 0 || abi_mount_setattr(fd, 0, &a) < 0 || fstatfs(fd, &fs) < 0 ||
	    !(fs.f_flags & ABI_ST_RDONLY))
		return -1;
	return TAKE_FD(fd);
}

static int new_memfd(void)
{
	const unsigned int flags = ABI_MFD_CLOEXEC | ABI_MFD_ALLOW_SEALING;
	int fd = (int)syscall(SYS_memfd_create, "yacr", flags | ABI_MFD_EXEC);

	if (fd < 0 && errno == EINVAL) /* before 6.3 all are executable, and none say so */
		fd = (int)syscall(SYS_memfd_create, "yacr", flags);
	return fd;
}

static int copy_to(int to, int from)
{
	ssize_t n;

	while ((n = sendfile(to, from, NULL, 1 << 30)) != 0)
		if (n < 0 && errno != EINTR)
			return -1;
	return fchmod(to, 0500);
}

static int open_copy(struct error *e)
{
	AUTO_CLOSE int from = openat(AT_FDCWD, OWN_FILE, O_RDONLY | O_CLOEXEC);
	AUTO_CLOSE int fd = new_memfd();

	if (from < 0)
		return fail_errno(e, "cannot open " OWN_FILE);
	if (fd < 0 || copy_to(fd, from) < 0 || fcntl(fd, ABI_F_ADD_SEALS, ABI_SEALS) < 0)
		return fail_errno(e, "cannot make a sealed copy of yacr's executable");
	if (!will_be_protected(fd))
		return fail(e, EIO, "the copy of yacr's executable is not sealed");
	return TAKE_FD(fd);
}

int self_protect(char **argv, char **env, struct error *e)
{
	AUTO_CLOSE int fd = -1;

	if (is_out_of_reach())
		return 0;
	if (is_protected(OWN_FILE, self_name())) {
		/* execveat(2) named the process after a descriptor */
		prctl(PR_SET_NAME, "yacr", 0, 0, 0);
		return 0;
	}
	fd = open_detached();
	if (fd < 0)
		fd = open_copy(e);
	if (fd < 0)
		return -1;
	syscall(SYS_execveat, fd, "", argv, env, AT_EMPTY_PATH);
	return fail_errno(e, "cannot execute yacr from its protected copy");
}

int self_start(struct error *e)
{
	struct pollfd standard[] = {{.fd = 0}, {.fd = 1}, {.fd = 2}}; /* POLLNVAL: closed */

	if (getauxval(AT_SECURE))
		return fail(e, 0,
			    "refusing to run with privileges that the caller does not have "
			    "(setuid, file capabilities)");
	if (poll(standard, ARRAY_SIZE(standard), 0) < 0)
		return fail_errno(e, "cannot examine descriptors 0, 1 and 2");
	for (size_t i = 0; i < ARRAY_SIZE(standard); i++) {
		if (!(standard[i].revents & POLLNVAL))
			continue;
		/* the lowest free one is this one: those below are open */
		if (openat(AT_FDCWD, "/dev/null", O_RDWR) != standard[i].fd)
			return fail_errno(e, "cannot open /dev/null");
	}
	/* The caller may have left SIGCHLD ignored: then no child could be waited for. */
	if (signal(SIGPIPE, SIG_IGN) == SIG_ERR || signal(SIGCHLD, SIG_DFL) == SIG_ERR)
		return fail_errno(e, "cannot set up signals");
	umask(077);
	return 0;
}

/* By the linker: where the file begins in memory, where its text ends, and what may be written to. */
extern const char __executable_start[], etext[], edata[];

#ifdef FIXED_ADDRESS
#define IMAGE_END edata /* in the page that .data begins in, or would: constants end before it */
#else
#define IMAGE_END etext /* what was relocated would not come back */
#endif

/* Whole pages between @from and @to. */
static void drop(uintptr_t from, uintptr_t to)
{
	const uintptr_t page = getauxval(AT_PAGESZ);

	from = (from + page - 1) & -page;
	to &= -page;
	if (from < to)
		(void)madvise((void *)from, to - from, MADV_DONTNEED);
}

/*
 * A fault brings as much of the file as the page cache holds in one piece (Linux 6.18), or 64 KB
 * (fault-around), but not more than one mapping.  Every other piece gets an advice of no
 * consequence, so that each is a mapping of its own.
 */
static void divide(uintptr_t from, uintptr_t to)
{
	const uintptr_t size = 16u << 10;

	for (uintptr_t at = (from + size - 1) & -size; at + size <= to; at += 2 * size)
		(void)madvise((void *)at, size, MADV_DONTDUMP);
}

void self_drop_image(void)
{
	char here;

	/* what deeper calls left of the stack, but not the page that this one may still be on */
	drop((uintptr_t)&here - (256u << 10), (uintptr_t)&here - getauxval(AT_PAGESZ));
	divide((uintptr_t)__executable_start, (uintptr_t)etext);
	drop((uintptr_t)__executable_start, (uintptr_t)IMAGE_END);
}

void self_drop_memory(const void *from, const void *to)
{
	drop((uintptr_t)from, (uintptr_t)to);
}
