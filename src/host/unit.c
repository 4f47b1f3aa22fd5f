/* SPDX-License-Identifier: Apache-2.0 */
#include "host/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "host/interrupt.h"
#include "sys/words.h"

#define WAIT_MS "30000"

int unit_helper(struct helper *h, struct error *e)
{
	return helper_start(h, "yacr-systemd", e) < 0
		       ? error_context(e, "the systemd cgroup driver")
		       : 0;
}

/* ---- talking ---- */

static int gone(struct error *e)
{
	return fail(e, 0, "yacr-systemd ended without an answer");
}

static int say(const struct helper *h, const char *const *words, struct error *e)
{
	if (words_send(h->sock, -1, words) == 0)
		return 0;
	if (errno == EPIPE) /* its failures wait to be heard: this was none of its own making */
		return gone(e);
	return fail(e, errno == EMSGSIZE ? E2BIG : errno, "cannot tell yacr-systemd \"%s\"",
		    words[1]);
}

static int say_manager(const struct helper *h, const struct cgroup_place *p, struct error *e)
{
	char uid[16];

	if (str_format(uid, sizeof(uid), "%u", p->manager) < 0)
		return fail_errno(e, "cannot write a number");
	return say(h, (const char *const[]){"manager", uid, WAIT_MS, NULL}, e);
}

static int say_property(const struct helper *h, const struct unit_property *p, const char *value,
			struct error *e)
{
	char since[16];

	if (str_format(since, sizeof(since), "%u", p->since) < 0)
		return fail_errno(e, "cannot write a number");
	if (say(h, (const char *const[]){"property", p->name, p->type, value, p->at, since, NULL},
		e) < 0)
		return error_at_prefix(e, p->at);
	return 0;
}

/* 0: done. 1: refused, and it is clear that nothing was done. -1: nobody knows. */
static int hear(const struct helper *h, int interrupt, struct error *e)
{
	struct words w;
	uint64_t code;

	if (interrupt_wait(interrupt, &h->sock, 1, -1, e) < 0)
		return -1;
	if (words_receive(h->sock, &w) <= 0)
		return gone(e);
	close_fd(&w.fd);
	if (w.n == 1 && str_eq(w.v[0], "ok"))
		return 0;
	if (w.n != 4 || !str_eq(w.v[0], "failed") || str_to_u64(w.v[1], INT32_MAX, &code) < 0)
		return fail(e, EPROTO, "yacr-systemd gave an answer that is none");
	fail_at(e, w.v[2], (int)code, "%s", w.v[3]);
	return 1;
}

static int ask(const struct helper *h, const char *const *words, int interrupt, struct error *e)
{
	return say(h, words, e) < 0 ? -1 : hear(h, interrupt, e);
}

/* ---- the verbs ---- */

static int stop(struct helper *h, const struct cgroup_place *p, struct error *e)
{
	if (say_manager(h, p, e) < 0)
		return -1;
	return ask(h, (const char *const[]){"stop", p->unit, NULL}, -1, e) == 0 ? 0 : -1;
}

/* By a helper of its own: the other one may be in the unit, or dead. */
static void stop_anyhow(const struct cgroup_place *p)
{
	struct helper h;
	struct error e;

	if (unit_helper(&h, &e) < 0) {
		log_warning("%s", e.text);
		return;
	}
	if (stop(&h, p, &e) < 0)
		log_warning("%s", e.text);
	helper_end(&h);
}

/*
 * The helper counts against TasksMax while it keeps the scope alive, and init may need one more
 * for a moment.
 */
#define FEW_TASKS 16

static uint64_t few_tasks(const struct unit_property *p)
{
	uint64_t n;

	if (!str_eq(p->name, "TasksMax") || !str_eq(p->type, "t") ||
	    str_to_u64(p->value, FEW_TASKS, &n) < 0)
		return 0;
	return n;
}

static int say_new_property(const struct helper *h, const struct unit_property *p, struct error *e)
{
	uint64_t tasks = few_tasks(p);
	char value[24];

	if (str_format(value, sizeof(value), "%llu", (unsigned long long)(tasks + 1)) < 0)
		return fail_errno(e, "cannot write a number");
	return say_property(h, p, tasks ? value : p->value, e);
}

int unit_start(struct helper *h, const struct cgroup_place *p, const struct unit_properties *l,
	       int interrupt, struct error *e)
{
	const char *kind = unit_is_scope(p) ? "scope" : "slice";
	int r;

	if (say_manager(h, p, e) < 0)
		return -1;
	FOR_EACH(x, *l)
		if (say_new_property(h, x, e) < 0)
			return -1;
	r = ask(h, (const char *const[]){"start", p->unit, kind, NULL}, interrupt, e);
	if (r < 0)
		stop_anyhow(p);
	return r == 0 ? 0 : -1;
}

int unit_started(struct helper *h, const struct cgroup_place *p, const struct unit_properties *l,
		 struct error *e)
{
	int r = 0;

	FOR_EACH(x, *l) {
		if (!few_tasks(x))
			continue;
		/* the manager is known to it */
		if (say_property(h, x, x->value, e) < 0)
			return -1;
		r = ask(h, (const char *const[]){"set", p->unit, NULL}, -1, e);
		break;
	}
	helper_end(h);
	return r == 0 ? 0 : -1;
}

int unit_update(struct helper *h, const struct cgroup_place *p, const struct unit_properties *l,
		struct error *e)
{
	if (l->n == 0)
		return 0;
	if (say_manager(h, p, e) < 0)
		return -1;
	FOR_EACH(x, *l)
		if (say_property(h, x, x->value, e) < 0)
			return -1;
	return ask(h, (const char *const[]){"set", p->unit, NULL}, -1, e) == 0 ? 0 : -1;
}

int unit_attach(const struct cgroup_place *p, pid_t pid, struct error *e)
{
	struct helper h;
	char number[16];
	int r = -1;

	if (unit_helper(&h, e) < 0)
		return -1;
	if (str_format(number, sizeof(number), "%d", pid) < 0)
		fail_errno(e, "cannot write a number");
	else if (say_manager(&h, p, e) == 0)
		r = ask(&h,
			(const char *const[]){"attach", p->unit, unit_subgroup(p), number, NULL},
			-1, e);
	helper_end(&h);
	return r == 0 ? 0 : -1;
}

/*
 * systemd has a file for each transient unit that it knows (systemd.unit(5)), also for one that has
 * failed; a scope it forgets by itself soon after the last process.  Where its files are not to be
 * seen, nothing is known.
 */
static bool is_forgotten(const struct cgroup_place *p)
{
	AUTO_CLOSE int units = -1;
	char path[64];

	if (str_format(path, sizeof(path),
		       p->manager ? "/run/user/%u/systemd/transient" : "/run/systemd/transient",
		       p->manager) < 0)
		return false;
	units = open(path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return units >= 0 && faccessat(units, p->unit, F_OK, 0) < 0 && errno == ENOENT;
}

int unit_remove(const struct cgroup_place *p, struct arena *a, struct error *e)
{
	if (cgroup_remove(p, a, e) < 0)
		return -1;
	if (p->driver == CGROUP_DRIVER_SYSTEMD && !is_forgotten(p))
		stop_anyhow(p);
	return 0;
}
