/* SPDX-License-Identifier: Apache-2.0 */
#include "helpers/systemd/unit.h"

#include <errno.h>
#include <string.h>

#include "base/str.h"

#define ERROR_EXISTS "org.freedesktop.systemd1.UnitExists"
#define ERROR_NO_UNIT "org.freedesktop.systemd1.NoSuchUnit"

/* Words of our own where systemd's could be taken for another failure's (base/error.h). */
static const struct {
	const char *name;
	int code;
	const char *text;
} errors[] = {
	{ERROR_EXISTS, EEXIST, "there is another unit of this name"},
	{ERROR_NO_UNIT, ENOENT, "it has no such unit"},
	{SD_BUS_ERROR_ACCESS_DENIED, EACCES, "this user may not do that"},
	{SD_BUS_ERROR_INTERACTIVE_AUTHORIZATION_REQUIRED, EACCES, "this user may not do that"},
	{SD_BUS_ERROR_SERVICE_UNKNOWN, 0, "it is not running"},
	{SD_BUS_ERROR_NO_REPLY, 0, "it gave no answer"},
};

static bool is_error(sd_bus_message *reply, const char *name)
{
	return sd_bus_error_has_name(sd_bus_message_get_error(reply), name) > 0;
}

/* Takes @reply over. */
static int refused(sd_bus_message *reply, const char *what, const char *unit,
		   const struct properties *l, struct error *e)
{
	const sd_bus_error *error = sd_bus_message_get_error(reply);
	const char *text = error->message ? error->message : error->name;
	int code = 0;

	for (size_t i = 0; i < sizeof(errors) / sizeof(errors[0]); i++) {
		if (sd_bus_error_has_name(error, errors[i].name) > 0) {
			text = errors[i].text;
			code = errors[i].code;
		}
	}
	fail_at(e, l ? properties_blame(l, text) : "", code, "systemd cannot %s \"%s\": %s", what,
		unit, text);
	sd_bus_message_unref(reply);
	return -1;
}

/* A call whose only argument is the unit, and perhaps a mode. */
static int unit_method(struct manager *m, const char *method, const char *unit, const char *mode,
		       sd_bus_message **out, struct error *e)
{
	int r;

	if (manager_method(m, method, out, e) < 0)
		return -1;
	r = mode ? sd_bus_message_append(*out, "ss", unit, mode)
		 : sd_bus_message_append(*out, "s", unit);
	return r < 0 ? fail(e, -r, "D-Bus cannot take \"%s\"", unit) : 0;
}

static void reset_failed(struct manager *m, const char *unit)
{
	sd_bus_message *call, *reply;
	struct error ignored;

	if (unit_method(m, "ResetFailedUnit", unit, NULL, &call, &ignored) == 0 &&
	    manager_call(m, call, &reply, &ignored) >= 0)
		sd_bus_message_unref(reply);
}

/* What came of the job that @reply names; takes it over. */
static int finish_job(struct manager *m, sd_bus_message *reply, struct error *e)
{
	const char *job;
	int r = sd_bus_message_read(reply, "o", &job);

	r = r < 0 ? fail(e, -r, "systemd does not name the job") : manager_wait_job(m, job, e);
	sd_bus_message_unref(reply);
	return r;
}

/* ---- start ---- */

static int fill_start(sd_bus_message *call, const char *unit, bool scope,
		      const struct properties *l, unsigned int version, struct error *e)
{
	int r = sd_bus_message_append(call, "ss", unit, "fail");

	fail(e, 0, "D-Bus cannot take the description of \"%s\"", unit);
	if (r < 0 || sd_bus_message_open_container(call, 'a', "(sv)") < 0)
		return -1;
	if (properties_append(call, l, version, e) < 0)
		return -1;
	fail(e, 0, "D-Bus cannot take the description of \"%s\"", unit);
	/* 0 is who asks: the kernel tells systemd who that is, and in a pid namespace we would not know */
	if (scope && sd_bus_message_append(call, "(sv)", "PIDs", "au", 1, (uint32_t)0) < 0)
		return -1;
	if (sd_bus_message_close_container(call) < 0 ||
	    sd_bus_message_append(call, "a(sa(sv))", 0) < 0)
		return -1;
	return 0;
}

/*
 * Once more when that can help: without what an older systemd does not know, or with what is left
 * of a unit that failed out of the way.
 */
static int worth_another_try(struct manager *m, sd_bus_message *reply, const char *unit,
			     const struct properties *l, struct error *e)
{
	if (is_error(reply, ERROR_EXISTS)) {
		reset_failed(m, unit);
		return 1;
	}
	if (!is_error(reply, SD_BUS_ERROR_PROPERTY_READ_ONLY) || m->version)
		return 0;
	if (manager_version(m, e) < 0)
		return -1;
	return properties_newer(l, m->version);
}

/* The job may still be waiting for something: it is taken back, and its unit with it. */
static void give_up(struct manager *m, const char *unit)
{
	sd_bus_message *call;
	struct error ignored;

	if (unit_method(m, "StopUnit", unit, "replace", &call, &ignored) == 0)
		manager_tell(m, call);
	if (unit_method(m, "ResetFailedUnit", unit, NULL, &call, &ignored) == 0)
		manager_tell(m, call);
}

/* Past the call there may be a unit, whatever is said afterwards. */
static int start_once(struct manager *m, const char *unit, sd_bus_message *call,
		      sd_bus_message **refusal, struct error *e)
{
	sd_bus_message *reply;
	int r = manager_call(m, call, &reply, e);

	if (r > 0) {
		*refusal = reply;
		return 1;
	}
	if (r == 0 && finish_job(m, reply, e) == 0) {
		if (str_eq(m->result, "done"))
			return 0;
		fail(e, 0,
		     "systemd did not start \"%s\": the job's result is \"%s\" (see journalctl -u)",
		     unit, m->result);
	}
	give_up(m, unit);
	return -1;
}

int unit_start(struct manager *m, const char *unit, bool scope, const struct properties *l,
	       struct error *e)
{
	m->unit = unit;
	for (int tries = 0;; tries++) {
		sd_bus_message *call, *refusal;
		int r, again;

		if (manager_method(m, "StartTransientUnit", &call, e) < 0 ||
		    fill_start(call, unit, scope, l, m->version, e) < 0)
			return -1;
		r = start_once(m, unit, call, &refusal, e);
		if (r <= 0)
			return r;
		again = tries < 2 ? worth_another_try(m, refusal, unit, l, e) : 0;
		if (again <= 0)
			return again < 0 ? -1 : refused(refusal, "start", unit, l, e);
		sd_bus_message_unref(refusal);
	}
}

/* ---- the rest ---- */

static int ask_set(struct manager *m, const char *unit, const struct properties *l,
		   sd_bus_message **reply, struct error *e)
{
	sd_bus_message *call;

	fail(e, 0, "D-Bus cannot take the properties of \"%s\"", unit);
	if (manager_method(m, "SetUnitProperties", &call, e) < 0 ||
	    sd_bus_message_append(call, "sb", unit, 1) < 0 ||
	    sd_bus_message_open_container(call, 'a', "(sv)") < 0 ||
	    properties_append(call, l, m->version, e) < 0 ||
	    sd_bus_message_close_container(call) < 0)
		return -1;
	return manager_call(m, call, reply, e);
}

/* systemd writes files of cgroups between two messages: after the next one's answer they are written. */
static int settle(struct manager *m, struct error *e)
{
	m->version = 0;
	return manager_version(m, e);
}

int unit_set(struct manager *m, const char *unit, const struct properties *l, struct error *e)
{
	sd_bus_message *reply;
	int r = ask_set(m, unit, l, &reply, e);

	if (r > 0 && is_error(reply, SD_BUS_ERROR_PROPERTY_READ_ONLY)) {
		sd_bus_message_unref(reply);
		if (manager_version(m, e) < 0)
			return -1;
		r = ask_set(m, unit, l, &reply, e);
	}
	if (r != 0)
		return r < 0 ? -1 : refused(reply, "change", unit, l, e);
	sd_bus_message_unref(reply);
	return settle(m, e);
}

int unit_attach(struct manager *m, const char *unit, const char *subgroup, unsigned int pid,
		struct error *e)
{
	sd_bus_message *call, *reply;
	int r;

	if (manager_method(m, "AttachProcessesToUnit", &call, e) < 0)
		return -1;
	sd_bus_message_append(call, "ssau", unit, subgroup, 1, (uint32_t)pid);
	r = manager_call(m, call, &reply, e);
	if (r != 0)
		return r < 0 ? -1 : refused(reply, "move a process to", unit, NULL, e);
	sd_bus_message_unref(reply);
	return 0;
}

int unit_stop(struct manager *m, const char *unit, struct error *e)
{
	sd_bus_message *call, *reply;
	int r;

	m->unit = unit;
	if (unit_method(m, "StopUnit", unit, "replace", &call, e) < 0)
		return -1;
	r = manager_call(m, call, &reply, e);
	if (r > 0 && is_error(reply, ERROR_NO_UNIT)) {
		sd_bus_message_unref(reply);
		return 0;
	}
	if (r != 0)
		return r < 0 ? -1 : refused(reply, "stop", unit, NULL, e);
	if (finish_job(m, reply, e) < 0)
		return -1;
	reset_failed(m, unit);
	return 0;
}
