/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/check.h"

#include "base/str.h"
#include "spec/names.h"

/* The kernel cuts a bigger errno down to this one (MAX_ERRNO). */
#define ERRNO_MAX 4095

static int check_errno(int action, struct opt_u32 value, const char *at, struct error *e)
{
	if (!value.set)
		return 0;
	if (action != SECCOMP_ERRNO && action != SECCOMP_TRACE)
		return fail_at(e, at, 0, "%s does not take an errno",
			       name_of(seccomp_action_names, action));
	if (action == SECCOMP_ERRNO && value.v > ERRNO_MAX)
		return fail_at(e, at, 0, "errno %u is above %d", value.v, ERRNO_MAX);
	return 0;
}

static int check_rule(const struct seccomp *s, const struct seccomp_rule *rule, struct error *e)
{
	if (rule->action == SECCOMP_NOTIFY && !s->listener_path)
		return fail_at(e, "action", 0, "SCMP_ACT_NOTIFY needs a listenerPath");
	for (size_t i = 0; i < rule->names.n; i++)
		if (rule->names.v[i][0] == '\0') {
			fail(e, 0, "the name of a system call is empty");
			return at_element(e, "names", i);
		}
	return check_errno(rule->action, rule->errno_ret, "errnoRet", e);
}

int check_seccomp(const struct seccomp *s, struct error *e)
{
	/* nobody would be left who could answer, not even for what start itself does */
	if (s->default_action == SECCOMP_NOTIFY)
		return fail_at(e, "defaultAction", 0,
			       "SCMP_ACT_NOTIFY cannot be the default action");
	if (check_errno(s->default_action, s->default_errno_ret, "defaultErrnoRet", e) < 0)
		return -1;
	if (s->listener_metadata && !s->listener_path)
		return fail_at(e, "listenerMetadata", 0, "listenerMetadata needs a listenerPath");
	for (size_t i = 0; i < s->syscalls.n; i++)
		if (check_rule(s, &s->syscalls.v[i], e) < 0)
			return at_element(e, "syscalls", i);
	return 0;
}
