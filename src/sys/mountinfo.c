/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/mountinfo.h"

#include <string.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/abi.h"

int mountinfo_open(struct mountinfo *m, pid_t pid, struct error *e)
{
	AUTO_CLOSE int fd = -1;
	char path[40] =
		"/proc/self/mountinfo"; /* in a pid namespace of its own: of the host's procfs */
	struct statfs fs;

	if (!pid || str_format(path, sizeof(path), "/proc/%d/mountinfo", pid) == 0)
		fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	if (fd < 0 || fstatfs(fd, &fs) < 0 || fs.f_type != ABI_PROC_MAGIC)
		return fail(e, ENOSYS, "cannot list mounts: there is no procfs on /proc");
	m->have = m->used = 0;
	m->fd = TAKE_FD(fd);
	return 0;
}

void mountinfo_close(struct mountinfo *m)
{
	close_fd(&m->fd);
	m->fd = -1;
}

/* Puts the next line at the beginning of m->buf. */
static int read_line(struct mountinfo *m)
{
	memmove(m->buf, m->buf + m->used, m->have - m->used);
	m->have -= m->used;
	m->used = 0;
	for (;;) {
		char *end = memchr(m->buf, '\n', m->have);
		ssize_t n;

		if (end) {
			*end = '\0';
			m->used = (size_t)(end - m->buf) + 1;
			return 1;
		}
		if (m->have == sizeof(m->buf)) {
			errno = EFBIG;
			return -1;
		}
		n = read(m->fd, m->buf + m->have, sizeof(m->buf) - m->have);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			return (int)n;
		m->have += (size_t)n;
	}
}

/* Undoes "\040" in place. */
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

/* "36 35 98:0 /root /point options [optional]... - type source options" */
static int parse(struct mountinfo *m)
{
	enum { ID, PARENT, DEVICE, ROOT, POINT, FIELDS };
	char *type = str_find(m->buf, " - ");
	char *field[FIELDS], *p = m->buf;

	if (!type)
		return -1;
	for (int i = 0; i < FIELDS; i++) {
		field[i] = p;
		p = strchr(p, ' ');
		if (!p)
			return -1;
		*p++ = '\0';
	}
	type += strlen(" - ");
	type[strcspn(type, " ")] = '\0';
	unescape(field[ROOT]);
	unescape(field[POINT]);
	m->root = field[ROOT];
	m->point = field[POINT];
	m->type = type;
	return str_to_u64(field[ID], UINT64_MAX, &m->id) < 0 ||
			       str_to_u64(field[PARENT], UINT64_MAX, &m->parent) < 0
		       ? -1
		       : 0;
}

int mountinfo_next(struct mountinfo *m, struct error *e)
{
	int more = read_line(m);

	if (more < 0)
		return fail_errno(e, "cannot read the list of mounts");
	if (more > 0 && parse(m) < 0)
		return fail(e, 0, "cannot understand the list of mounts");
	return more;
}
