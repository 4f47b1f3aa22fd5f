/* SPDX-License-Identifier: Apache-2.0 */

/* What this process leaves open: all descriptors in a range, whoever opened them. */

#include <limits.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/dir.h"
#include "sys/self.h"

/* What to do with the descriptors first..last. */
typedef int range_act(unsigned int first, unsigned int last);

static int close_range_(unsigned int first, unsigned int last)
{
	return abi_close_range(first, last, 0);
}

static int cloexec_range(unsigned int first, unsigned int last)
{
	return abi_close_range(first, last, ABI_CLOSE_RANGE_CLOEXEC);
}

static void close_one(int fd)
{
	close(fd);
}

static void cloexec_one(int fd)
{
	int flags = fcntl(fd, F_GETFD);

	if (flags >= 0)
		fcntl(fd, F_SETFD, flags | FD_CLOEXEC);
}

/* Second rung: the list that the kernel keeps; -1 where there is no procfs. */
static int each_listed(unsigned int first, unsigned int last, void (*act)(int fd))
{
	AUTO_CLOSE int dir = openat(AT_FDCWD, "/proc/self/fd", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct dir_reader r = {.fd = dir};
	struct statfs fs;
	const char *name;

	if (dir < 0 || fstatfs(dir, &fs) < 0 || fs.f_type != ABI_PROC_MAGIC)
		return -1;
	/* The list is in order of numbers, and closing one moves no other. */
	while ((name = dir_next(&r))) {
		uint64_t fd;

		if (str_to_u64(name, INT_MAX, &fd) < 0)
			continue;
		if (fd >= first && fd <= last && (int)fd != dir)
			act((int)fd);
	}
	return dir_failed(&r) ? -1 : 0;
}

/* Last rung: every number there can be. */
static void each_possible(unsigned int first, unsigned int last, void (*act)(int fd))
{
	const unsigned int most =
		1 << 20; /* fs.nr_open's default: no limit is higher without asking */
	struct rlimit limit = {.rlim_max = most};
	unsigned int end;

	getrlimit(RLIMIT_NOFILE, &limit);
	end = limit.rlim_max > most ? most : (unsigned int)limit.rlim_max;
	for (unsigned int fd = first; fd < end && fd <= last; fd++)
		act((int)fd);
}

static int each(unsigned int first, unsigned int last, range_act *range, void (*one)(int fd),
		struct error *e)
{
	if (first > last || range(first, last) == 0)
		return 0;
	/* EINVAL: before 5.11 close_range(2) could only close */
	if (!abi_missing(errno) && errno != EINVAL)
		return fail_errno(e, "cannot close descriptors");
	if (last - first < 64 || each_listed(first, last, one) < 0)
		each_possible(first, last, one);
	return 0;
}

int self_cloexec_from(unsigned int from, struct error *e)
{
	return each(from, ~0U, cloexec_range, cloexec_one, e);
}

static void sort(int *v, unsigned int n)
{
	for (unsigned int i = 1; i < n; i++) {
		int x = v[i];
		unsigned int j = i;

		for (; j > 0 && v[j - 1] > x; j--)
			v[j] = v[j - 1];
		v[j] = x;
	}
}

int self_close_all_but(unsigned int from, int *keep, unsigned int n, struct error *e)
{
	sort(keep, n);
	for (unsigned int i = 0; i < n; i++) {
		if (keep[i] < 0 || (unsigned int)keep[i] < from)
			continue;
		if ((unsigned int)keep[i] > from &&
		    each(from, (unsigned int)keep[i] - 1, close_range_, close_one, e) < 0)
			return -1;
		from = (unsigned int)keep[i] + 1;
	}
	return each(from, ~0U, close_range_, close_one, e);
}

int self_close_from(unsigned int from, int keep, struct error *e)
{
	return self_close_all_but(from, &keep, 1, e);
}

void self_close_each(int *fds, size_t n)
{
	sort(fds, (unsigned int)n);
	for (size_t i = 0; i < n;) {
		const unsigned int first = (unsigned int)fds[i];
		unsigned int last = first;
		struct error ignored;

		if (fds[i] < 0) {
			i++;
			continue;
		}
		for (fds[i++] = -1; i < n && fds[i] == (int)last + 1; fds[i++] = -1)
			last++;
		each(first, last, close_range_, close_one, &ignored);
	}
}
