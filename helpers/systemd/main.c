/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yacr-systemd: puts what yacr wants of systemd into D-Bus' messages, and its answers into words
 * (sys/words.h).  It decides nothing.
 *
 *	yacr                                             yacr-systemd             systemd
 *	 │ ── manager UID MS ──────────────────────────────► │ ── connects ─────────► │
 *	 │ ── property NAME TYPE VALUE CONFIG SINCE... ────► │
 *	 │ ── start UNIT scope|slice ──────────────────────► │ ── StartTransientUnit ►│
 *	 │ ◄──────────────────── ok | failed ERRNO CONFIG TEXT ◄──────── JobRemoved ──│
 *
 * and likewise, each answered: set UNIT, with the properties before it; attach UNIT SUBGROUP PID;
 * stop UNIT.  A scope's first process is this one: it keeps the scope alive until the container is
 * in it, and goes away when yacr closes the socket (docs/adr/0006-the-scopes-first-process.md).
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/fd.h"
#include "base/str.h"
#include "helpers/systemd/unit.h"
#include "host/helper.h"
#include "sys/words.h"

static struct manager manager;
static struct properties properties;

static void say(const char *const *words)
{
	if (words_send(HELPER_SOCKET, -1, words) < 0)
		exit(1);
}

static int number(const char *text, uint64_t max, uint64_t *out, struct error *e)
{
	return str_to_u64(text, max, out) < 0 ? fail(e, EPROTO, "\"%s\" is no number", text) : 0;
}

static int do_manager(const char *const *v, struct error *e)
{
	uint64_t uid, ms;

	if (number(v[0], UINT32_MAX, &uid, e) < 0 || number(v[1], INT32_MAX, &ms, e) < 0)
		return -1;
	return manager_open(&manager, (unsigned int)uid, (int64_t)ms, e);
}

static int do_property(const char *const *v, struct error *e)
{
	return properties_add(&properties, v, e);
}

static int do_start(const char *const *v, struct error *e)
{
	return unit_start(&manager, v[0], str_eq(v[1], "scope"), &properties, e);
}

static int do_set(const char *const *v, struct error *e)
{
	return unit_set(&manager, v[0], &properties, e);
}

static int do_attach(const char *const *v, struct error *e)
{
	uint64_t pid;

	if (number(v[2], INT32_MAX, &pid, e) < 0)
		return -1;
	return unit_attach(&manager, v[0], v[1], (unsigned int)pid, e);
}

static int do_stop(const char *const *v, struct error *e)
{
	return unit_stop(&manager, v[0], e);
}

/* @answered: with "ok". The others fail by the next one's answer. */
static const struct verb {
	const char *name;
	unsigned int count;
	int (*act)(const char *const *v, struct error *e);
	bool answered;
} verbs[] = {
	{"manager", 2, do_manager, false}, {"property", 5, do_property, false},
	{"start", 2, do_start, true},	   {"set", 1, do_set, true},
	{"attach", 3, do_attach, true},	   {"stop", 1, do_stop, true},
};

static int serve(const struct words *w, struct error *e)
{
	static const char *const ok[] = {"ok", NULL};

	for (size_t i = 0; i < sizeof(verbs) / sizeof(verbs[0]); i++) {
		const struct verb *v = &verbs[i];

		if (!str_eq(w->v[0], v->name) || w->n != v->count + 1)
			continue;
		if (v->answered && !manager.bus)
			return fail(e, EPROTO, "\"%s\" before \"manager\"", v->name);
		if (v->act(w->v + 1, e) < 0)
			return -1;
		if (v->answered) {
			properties_clear(&properties);
			say(ok);
		}
		return 0;
	}
	return fail(e, EPROTO, "\"%s\" with %u words is no request", w->v[0], w->n - 1);
}

int main(void)
{
	static struct words w;
	struct error e = {0};
	char code[16];

	for (;;) {
		if (words_receive(HELPER_SOCKET, &w) <= 0)
			return 0;
		close_fd(&w.fd);
		if (serve(&w, &e) < 0)
			break;
	}
	snprintf(code, sizeof(code), "%d", e.code);
	say((const char *const[]){"failed", code, e.at, e.text, NULL});
	/* what yacr still says it says to nobody; and it must not find that out before our answer */
	while (words_receive(HELPER_SOCKET, &w) > 0)
		close_fd(&w.fd);
	return 1;
}
