/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroup.kill (5.14) reaches every process at once, even ones being forked.
 * Without it a fork bomb can outrun a loop of kill(2), so the cgroup is frozen
 * for each pass: what is frozen neither forks nor ends, which also keeps the
 * pids ours between reading and signalling.
 */
#include "cgroup/kill.h"

#include <errno.h>
#include <signal.h>
#include <unistd.h>

#include "base/fd.h"
#include "cgroup/cgroup.h"
#include "cgroup/events.h"
#include "cgroup/freezer.h"
#include "cgroup/hierarchy.h"
#include "cgroup/knob.h"
#include "cgroup/walk.h"
#include "sys/clock.h"
#include "sys/spawn.h"

#define FREEZE_MS 100 /* a process in the kernel's hands must not keep us from killing the rest */
#define KILL_MS 5000

struct sender {
	int sig;
	int seen;
};

static int send_signal(int pid, void *context)
{
	struct sender *s = context;
	AUTO_CLOSE int pidfd = -1;

	if (pid == getpid()) /* yacr in a cgroup it shares: never itself */
		return 0;
	s->seen++;
	pidfd = pidfd_of(pid);
	signal_process(pid, pidfd, s->sig);
	return 0;
}

static bool is_gone(int code)
{
	return code == ENOENT || code == ENODEV;
}

/* One pass over all processes, standing still if the hierarchy can make them. */
static int signal_pass(int dir, bool v2, struct sender *s)
{
	bool frozen = freezer_write(dir, v2, true) == 0;
	int r;

	if (frozen)
		freezer_wait(dir, v2, true, FREEZE_MS);
	r = pids_visit(dir, send_signal, s);
	if (frozen) {
		int saved = errno;

		freezer_write(dir, v2, false);
		errno = saved;
	}
	return r;
}

static int wait_empty(int dir, int64_t deadline)
{
	for (int64_t nap = 1;; nap = nap < 50 ? nap * 2 : nap) {
		int n = pids_count(dir);

		if (n <= 0)
			return n;
		if (now_ms() >= deadline) {
			errno = ETIMEDOUT;
			return -1;
		}
		sleep_ms(nap);
	}
}

static int kill_by_passes(int dir, bool v2, int64_t deadline)
{
	for (int64_t nap = 1;; nap = nap < 50 ? nap * 2 : nap) {
		struct sender s = {.sig = SIGKILL};

		if (signal_pass(dir, v2, &s) < 0)
			return is_gone(errno) ? 0 : -1;
		if (s.seen == 0)
			return 0;
		if (now_ms() >= deadline) {
			errno = ETIMEDOUT;
			return -1;
		}
		sleep_ms(nap);
	}
}

int kill_all(int dir, bool v2, int64_t deadline)
{
	if (v2 && knob_write(dir, "cgroup.kill", "1") == 0) {
		int64_t left = deadline - now_ms();

		if (events_wait(dir, "populated", 0, left > 0 ? left : 0) == 0 || is_gone(errno))
			return 0;
		return errno == ETIMEDOUT ? -1 : wait_empty(dir, deadline);
	}
	return kill_by_passes(dir, v2, deadline);
}

/* A paused container takes SIGKILL only when it runs again; v1's freezer holds it back for ever. */
static void thaw(const struct cgroup *g)
{
	int i = place_index(g->place, "freezer");

	if (i >= 0 && !dir_is_v2(&g->place->dirs.v[i]) && cgroup_dir(g, (size_t)i) >= 0)
		freezer_write(g->dirs[i], false, false);
}

int cgroup_signal(const struct cgroup *g, int sig, struct error *e)
{
	static const char *const preferred[] = {"freezer", NULL};
	struct sender s = {.sig = sig};
	int dir, i = cgroup_first(g, preferred);

	if (i < 0)
		return errno == ENOENT ? 0 : fail_errno(e, "cannot open the container's cgroup");
	dir = g->dirs[i];
	if (sig != SIGKILL) {
		if (pids_visit(dir, send_signal, &s) < 0)
			return fail_errno(e,
					  "cannot signal the processes in the container's cgroup");
		return s.seen;
	}
	s.seen = pids_count(dir);
	if (dir == g->v2 && knob_write(dir, "cgroup.kill", "1") == 0) {
		thaw(g);
		return s.seen > 0 ? s.seen : 0;
	}
	if (kill_by_passes(dir, dir == g->v2, now_ms() + KILL_MS) < 0)
		return fail_errno(e, "cannot kill all processes in the container's cgroup");
	thaw(g);
	return s.seen > 0 ? s.seen : 0;
}
