/* SPDX-License-Identifier: Apache-2.0 */
#include "helpers/systemd/manager.h"

#include <errno.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/str.h"
#include "host/helper.h"

#define SERVICE "org.freedesktop.systemd1"
#define OBJECT "/org/freedesktop/systemd1"
#define MANAGER "org.freedesktop.systemd1.Manager"

/* The bus first: the other socket is systemctl's, for when there is no bus. %u is the user. */
static const struct {
	bool system, bus;
	const char *path;
} places[] = {
	{true, true, "/run/dbus/system_bus_socket"},
	{true, false, "/run/systemd/private"},
	{false, true, "/run/user/%u/bus"},
	{false, false, "/run/user/%u/systemd/private"},
};

/* ---- waiting ---- */

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static int broken(const struct manager *m, int r, struct error *e)
{
	return fail(e, -r, "the connection to systemd (\"%s\") failed", m->path);
}

/* Sleeps until something has come. We may be all there is in a scope: yacr's end is ours. */
static int sleep_until(const struct manager *m, int64_t deadline, struct error *e)
{
	struct pollfd fds[] = {{.fd = sd_bus_get_fd(m->bus)}, {.fd = HELPER_SOCKET}};
	int64_t left = deadline - now_ms();
	int events = sd_bus_get_events(m->bus);

	if (fds[0].fd < 0 || events < 0)
		return broken(m, events < 0 ? events : fds[0].fd, e);
	if (left <= 0)
		return fail(e, ETIMEDOUT, "systemd (\"%s\") gave no answer in %lld s", m->path,
			    (long long)(m->wait_ms + 999) / 1000);
	fds[0].events = (short)events;
	if (poll(fds, 2, left > 60000 ? 60000 : (int)left) < 0 && errno != EINTR)
		return fail_errno(e, "cannot wait for systemd");
	if (fds[1].revents & (POLLHUP | POLLERR))
		_exit(1);
	return 0;
}

typedef bool is_done(const struct manager *m, const void *what);

static int wait_for(struct manager *m, is_done *done, const void *what, struct error *e)
{
	int64_t deadline = now_ms() + m->wait_ms;

	while (!done(m, what)) {
		int r = sd_bus_process(m->bus, NULL);

		if (r < 0)
			return broken(m, r, e);
		if (r == 0 && sleep_until(m, deadline, e) < 0)
			return -1;
	}
	return 0;
}

/* ---- connecting ---- */

/* "uoss": number, job, unit, result. Others' jobs end, too. */
static int on_job_removed(sd_bus_message *signal, void *ctx, sd_bus_error *ignored)
{
	const char *job, *unit, *result;
	struct manager *m = ctx;
	uint32_t id;

	(void)ignored;
	if (sd_bus_message_read(signal, "uoss", &id, &job, &unit, &result) < 0 || !m->unit ||
	    !str_eq(unit, m->unit))
		return 0;
	if (str_format(m->job, sizeof(m->job), "%s", job) < 0 ||
	    str_format(m->result, sizeof(m->result), "%s", result) < 0)
		m->job[0] = '\0';
	return 0;
}

static int try_place(struct manager *m, size_t i)
{
	char address[80];
	int r;

	if (str_format(m->path, sizeof(m->path), places[i].path, m->uid) < 0 ||
	    str_format(address, sizeof(address), "unix:path=%s", m->path) < 0)
		return -errno;
	r = sd_bus_new(&m->bus);
	if (r < 0)
		return r;
	r = sd_bus_set_address(m->bus, address);
	if (r >= 0)
		r = sd_bus_set_bus_client(m->bus, places[i].bus);
	if (r >= 0)
		r = sd_bus_start(m->bus);
	if (r >= 0)
		r = sd_bus_match_signal_async(m->bus, NULL, places[i].bus ? SERVICE : NULL, OBJECT,
					      MANAGER, "JobRemoved", on_job_removed, NULL, m);
	if (r < 0) {
		sd_bus_unref(m->bus);
		m->bus = NULL;
	}
	return r;
}

int manager_open(struct manager *m, unsigned int uid, int64_t wait_ms, struct error *e)
{
	int r = 0;

	*m = (struct manager){.uid = uid, .wait_ms = wait_ms};
	for (size_t i = 0; i < sizeof(places) / sizeof(places[0]); i++) {
		if (places[i].system != (uid == 0))
			continue;
		r = try_place(m, i);
		if (r >= 0)
			return 0;
	}
	if (uid == 0)
		return fail(e, -r, "cannot connect to systemd, neither at \"%s\" nor at \"%s\"",
			    places[0].path, m->path);
	return fail(e, -r, "cannot connect to the systemd of user %u, last tried: \"%s\"", uid,
		    m->path);
}

/* ---- calling ---- */

static int method(const struct manager *m, const char *interface, const char *name,
		  sd_bus_message **out, struct error *e)
{
	int r = sd_bus_message_new_method_call(m->bus, out, SERVICE, OBJECT, interface, name);

	return r < 0 ? fail(e, -r, "cannot make the call %s of systemd", name) : 0;
}

int manager_method(const struct manager *m, const char *name, sd_bus_message **out, struct error *e)
{
	return method(m, MANAGER, name, out, e);
}

static int on_reply(sd_bus_message *reply, void *ctx, sd_bus_error *ignored)
{
	sd_bus_message **out = ctx;

	(void)ignored;
	*out = sd_bus_message_ref(reply);
	return 1;
}

static bool has_reply(const struct manager *m, const void *what)
{
	(void)m;
	return *(sd_bus_message *const *)what != NULL;
}

int manager_call(struct manager *m, sd_bus_message *call, sd_bus_message **reply, struct error *e)
{
	/* past this function nobody will look for an answer: the process ends by that failure */
	static sd_bus_message *answer;
	int r;

	answer = NULL;
	r = sd_bus_call_async(m->bus, NULL, call, on_reply, &answer, (uint64_t)-1);
	sd_bus_message_unref(call);
	if (r < 0)
		return broken(m, r, e);
	if (wait_for(m, has_reply, &answer, e) < 0)
		return -1;
	*reply = answer;
	return sd_bus_message_is_method_error(answer, NULL) > 0;
}

static bool has_ended(const struct manager *m, const void *job)
{
	return str_eq(m->job, job);
}

int manager_wait_job(struct manager *m, const char *job, struct error *e)
{
	return wait_for(m, has_ended, job, e);
}

void manager_tell(struct manager *m, sd_bus_message *call)
{
	if (sd_bus_send(m->bus, call, NULL) >= 0)
		sd_bus_flush(m->bus);
	sd_bus_message_unref(call);
}

int manager_version(struct manager *m, struct error *e)
{
	sd_bus_message *call, *reply;
	const char *text = "";
	int r;

	if (m->version)
		return 0;
	if (method(m, "org.freedesktop.DBus.Properties", "Get", &call, e) < 0)
		return -1;
	sd_bus_message_append(call, "ss", MANAGER, "Version");
	r = manager_call(m, call, &reply, e);
	if (r < 0)
		return -1;
	if (r == 0)
		sd_bus_message_read(reply, "v", "s", &text);
	text += strcspn(text, "0123456789");
	m->version = (unsigned int)strtoul(text, NULL, 10);
	sd_bus_message_unref(reply);
	return m->version ? 0 : fail(e, EPROTO, "systemd does not tell its version");
}
