/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/stats.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sys/eventfd.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/hierarchy.h"
#include "cgroup/knob.h"

/* v1: the kernel counts into an eventfd that is tied to memory.oom_control. */
static int open_v1(struct oom_watch *w, int dir)
{
	AUTO_CLOSE int event = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	AUTO_CLOSE int control = openat(dir, "memory.oom_control", O_RDONLY | O_CLOEXEC);
	char line[32];

	if (event < 0 || control < 0 ||
	    str_format(line, sizeof(line), "%d %d", event, control) < 0 ||
	    knob_write(dir, "cgroup.event_control", line) < 0)
		return -1;
	w->fd = TAKE_FD(event);
	w->events = POLLIN;
	return 0;
}

static int kills(int fd, uint64_t *out)
{
	char text[512];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);

	if (n < 0)
		return -1;
	text[n] = '\0';
	if (!knob_field(text, "oom_kill", out)) /* before 4.13 */
		*out = 0;
	return 0;
}

static int open_v2(struct oom_watch *w, int dir)
{
	AUTO_CLOSE int fd = openat(dir, "memory.events", O_RDONLY | O_CLOEXEC);

	if (fd < 0 || kills(fd, &w->seen) < 0)
		return -1;
	w->fd = TAKE_FD(fd);
	w->events = POLLPRI;
	return 0;
}

int oom_watch_open(struct oom_watch *out, const struct cgroup *g, struct error *e)
{
	int i = cgroup_dir_with(g, "memory", true);
	struct oom_watch w = {.fd = -1};

	if (i < 0)
		return fail(e, errno, "cannot watch for OOM: the container has no memory cgroup");
	w.dir = g->dirs[i];
	w.v2 = dir_is_v2(&g->place->dirs.v[i]);
	if ((w.v2 ? open_v2 : open_v1)(&w, w.dir) < 0)
		return fail_errno(e, "cannot watch for OOM in cgroup \"%s%s\"",
				  g->place->dirs.v[i].mountpoint, g->place->dirs.v[i].path);
	*out = w;
	return 0;
}

int oom_watch_read(struct oom_watch *w)
{
	uint64_t now = 0;
	ssize_t n;

	if (w->v2) {
		if (kills(w->fd, &now) < 0)
			return -1;
		n = now > w->seen;
		w->seen = now;
		return (int)n;
	}
	n = read(w->fd, &now, sizeof(now));
	/* the end of the cgroup counts as an event, too */
	if (faccessat(w->dir, "cgroup.event_control", F_OK, 0) < 0)
		return -1;
	return n == (ssize_t)sizeof(now);
}

void oom_watch_close(struct oom_watch *w)
{
	close_fd(&w->fd);
	w->fd = -1;
}
