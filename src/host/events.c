/* SPDX-License-Identifier: Apache-2.0 */
/* Figures of a container's cgroup, and word of the OOM killer, for as long as the container lives. */
#include <errno.h>
#include <poll.h>

#include "cgroup/cgroup.h"
#include "cgroup/stats.h"
#include "host/open.h"
#include "sys/clock.h"

#define POLL_MAX_MS 60000

struct watcher {
	struct container container;
	struct cgroup cgroup;
	struct oom_watch oom;
	emit_line emit;
};

/* Each line has memory of its own, given back: this command may run for years. */
static int emit(struct watcher *w, const char *type, bool stats, struct error *e)
{
	struct arena memory = {0};
	struct buf line = buf_new(&memory);
	struct json_writer j = json_writer(&line, 0);
	int r = 0;

	json_write_object(&j, NULL);
	json_write_string(&j, "type", type);
	json_write_string(&j, "id", w->container.state.id);
	if (stats)
		r = cgroup_stats_write(&w->cgroup, &j, "data", e);
	json_write_object_end(&j);
	buf_putc(&line, '\n');
	if (r == 0)
		r = w->emit(&line, e);
	arena_free(&memory);
	return r;
}

static int emit_stats(struct watcher *w, struct error *e)
{
	return emit(w, "stats", true, e);
}

/* 1: the container lives on; 0: it has ended; -1. */
static int wait_until(struct watcher *w, int64_t end, struct error *e)
{
	int64_t left = end - now_ms();
	struct pollfd p[] = {
		{.fd = w->oom.fd, .events = w->oom.events},
		{.fd = w->container.pidfd, .events = POLLIN},
	};
	int kills = 0;
	bool alive;

	if (poll(p, 2,
		 left < 0	      ? 0
		 : left > POLL_MAX_MS ? POLL_MAX_MS
				      : (int)left) < 0 &&
	    errno != EINTR)
		return fail_errno(e, "cannot wait for the container");
	/* in this order: who is killed for memory is counted before it ends */
	alive = store_alive(&w->container);
	if (w->oom.fd >= 0)
		kills = oom_watch_read(&w->oom);
	if (kills > 0 && emit(w, "oom", false, e) < 0)
		return -1;
	return alive && kills >= 0;
}

static int follow(struct watcher *w, int64_t interval_ms, struct error *e)
{
	int64_t next = now_ms() + interval_ms;
	int r;

	while ((r = wait_until(w, next, e)) > 0) {
		int64_t now = now_ms();

		if (now < next)
			continue;
		next += interval_ms;
		if (next < now) /* we, or the whole machine, were asleep */
			next = now + interval_ms;
		if (emit_stats(w, e) < 0)
			return e->code == ENODEV ? 0 : -1;
	}
	return r;
}

static int watch(struct watcher *w, const struct events_options *o, struct error *e)
{
	struct error ignored;
	int r;

	if (o->stats)
		return emit_stats(w, e);
	/* without a memory cgroup there is nothing to say about memory, but much else */
	if (oom_watch_open(&w->oom, &w->cgroup, &ignored) < 0)
		w->oom = (struct oom_watch){.fd = -1};
	r = follow(w, o->interval_ms, e);
	oom_watch_close(&w->oom);
	return r;
}

static int check(const struct container *c, struct error *e)
{
	if (c->status == STATUS_STOPPED || c->status == STATUS_CREATING)
		return fail(e, 0, "container with id %s is not running", c->state.id);
	if (!c->state.cgroup.dirs.n)
		return fail(e, 0, "the container has no cgroup: nothing is counted");
	return 0;
}

int container_events(const struct runtime *rt, const char *id, const struct events_options *o,
		     emit_line emit_to, struct error *e)
{
	struct watcher w = {.emit = emit_to};
	int r;

	if (container_open(&w.container, rt, id, false, e) < 0)
		return -1;
	r = check(&w.container, e);
	if (r == 0)
		r = cgroup_open(&w.cgroup, rt->arena, &w.container.state.cgroup, e);
	if (r == 0) {
		r = watch(&w, o, e);
		cgroup_close(&w.cgroup);
	}
	store_close(&w.container);
	return r;
}
