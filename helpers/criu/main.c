/* SPDX-License-Identifier: Apache-2.0 */
/*
 * yacr-criu: puts what yacr wants of CRIU into CRIU's messages, and its answers into words
 * (sys/words.h).  It decides nothing.
 *
 *	yacr                                        yacr-criu                  criu swrk
 *	 │ ── NAME VALUE... [fd] ─────────────────────► │  a field of CriuOpts: set.h
 *	 │ ── run DUMP|PRE_DUMP|RESTORE PATH ─────────► │ ── request ──────────────► │
 *	 │ ◄────────────────────────────── started PID ─│  CRIU's own pid            │
 *	 │ ◄──────────────────── notify SCRIPT PID [fd] │ ◄─────────────── NOTIFY ── │
 *	 │ ── ok | no ────────────────────────────────► │ ── notify_success ───────► │
 *	 │ ◄───────────────────────────────── done PID ─│ ◄─────────────── success ─ │
 *	 │ ◄───────────────────── failed ERRNO TEXT ────│        at any time
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"
#include "helpers/criu/set.h"
#include "helpers/criu/swrk.h"
#include "host/helper.h"
#include "sys/words.h"

static void say(int fd, const char *first, const char *second, const char *third)
{
	const char *const words[] = {first, second, third, NULL};

	if (words_send(HELPER_SOCKET, fd, words) < 0)
		exit(1);
}

static void hear(struct words *w)
{
	if (words_receive(HELPER_SOCKET, w) <= 0)
		exit(1);
}

static void say_number(const char *word, int number)
{
	char text[16];

	snprintf(text, sizeof(text), "%d", number);
	say(-1, word, text, NULL);
}

static int answer(const struct swrk *s, const CriuNotify *notify, int fd, struct error *e)
{
	CriuReq request = CRIU_REQ__INIT;
	static struct words reply;
	char pid[16];

	snprintf(pid, sizeof(pid), "%d", notify && notify->has_pid ? notify->pid : 0);
	say(fd, "notify", notify && notify->script ? notify->script : "", pid);
	hear(&reply);
	close_fd(&reply.fd);

	request.type = CRIU_REQ_TYPE__NOTIFY;
	request.has_notify_success = 1;
	request.notify_success = str_eq(reply.v[0], "ok");
	return swrk_send(s, &request, e);
}

/* Both say the same, the first in more detail; CRIU's log has the rest. */
static int judge(const CriuResp *r, struct error *e)
{
	int code = r->has_cr_errno ? r->cr_errno : 0;

	if (r->cr_errmsg && r->cr_errmsg[0])
		return fail(e, code, "%s", r->cr_errmsg);
	return fail(e, code, "CRIU did not succeed");
}

/* 1: there will be more. */
static int respond(const struct swrk *s, const CriuResp *r, int fd, struct error *e)
{
	if (r->type == CRIU_REQ_TYPE__NOTIFY)
		return answer(s, r->notify, fd, e) < 0 ? -1 : 1;
	if (!r->success)
		return judge(r, e);
	say_number("done", r->restore ? r->restore->pid : 0);
	return 0;
}

static int run(CriuReq *request, const char *path, struct error *e)
{
	struct swrk s;
	int more;

	if (swrk_start(&s, path, e) < 0)
		return -1;
	say_number("started", s.pid);
	if (swrk_send(&s, request, e) < 0)
		return -1;
	do {
		AUTO_CLOSE int fd = -1;
		CriuResp *r = swrk_receive(&s, &fd, e);

		if (!r)
			return -1;
		more = respond(&s, r, fd, e);
		criu_resp__free_unpacked(r, NULL);
	} while (more > 0);
	return more;
}

static int choose(CriuReq *request, const char *name, struct error *e)
{
	const ProtobufCEnumValue *type =
		protobuf_c_enum_descriptor_get_value_by_name(&criu_req_type__descriptor, name);

	if (!type)
		return fail(e, EPROTO, "CRIU has no request \"%s\"", name);
	request->type = (CriuReqType)type->value;
	return 0;
}

/* Descriptors that came along stay open: CRIU finds them in /proc, and inherits them. */
static int serve(struct error *e)
{
	CriuReq request = CRIU_REQ__INIT;
	CriuOpts options = CRIU_OPTS__INIT;
	static struct words w;

	request.opts = &options;
	for (;;) {
		hear(&w);
		if (w.n == 3 && str_eq(w.v[0], "run"))
			return choose(&request, w.v[1], e) < 0 ? -1 : run(&request, w.v[2], e);
		if (set_field(&options.base, w.v[0], w.v + 1, w.fd, e) < 0)
			return -1;
	}
}

int main(void)
{
	struct error e;
	char code[16];

	if (serve(&e) == 0)
		return 0;
	snprintf(code, sizeof(code), "%d", e.code);
	say(-1, "failed", code, e.text);
	return 1;
}
