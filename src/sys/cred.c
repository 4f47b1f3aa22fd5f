/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/cred.h"

#include <linux/capability.h>
#include <stdbool.h>
#include <sys/prctl.h>

#include "sys/abi.h"

int caps_get(struct caps *out)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2];

	if (syscall(SYS_capget, &header, d) < 0)
		return -1;
	out->effective = d[0].effective | (uint64_t)d[1].effective << 32;
	out->permitted = d[0].permitted | (uint64_t)d[1].permitted << 32;
	out->inheritable = d[0].inheritable | (uint64_t)d[1].inheritable << 32;
	return 0;
}

int caps_set(const struct caps *c, struct error *e)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	const struct __user_cap_data_struct d[2] = {
		{(uint32_t)c->effective, (uint32_t)c->permitted, (uint32_t)c->inheritable},
		{(uint32_t)(c->effective >> 32), (uint32_t)(c->permitted >> 32),
		 (uint32_t)(c->inheritable >> 32)},
	};

	if (syscall(SYS_capset, &header, d) < 0)
		return fail_errno(e, "cannot set capabilities");
	return 0;
}

unsigned int caps_last(void)
{
	unsigned int known = 0, unknown = 64;

	/* mostly it is the last one that we have a name for */
	for (unsigned int cap = CAP_LAST_CAP; unknown - known > 1; cap = (known + unknown) / 2) {
		if (prctl(PR_CAPBSET_READ, cap, 0, 0, 0) >= 0)
			known = cap;
		else
			unknown = cap;
		if (known == CAP_LAST_CAP && unknown == 64 &&
		    prctl(PR_CAPBSET_READ, known + 1, 0, 0, 0) < 0)
			break;
	}
	return known;
}

int caps_ambient_set(uint64_t wanted, struct error *e)
{
	/* Before 4.3 there are none, and so none to clear. */
	if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0) < 0 &&
	    (wanted || errno != EINVAL))
		return fail_errno(e, "cannot clear ambient capabilities");
	for (unsigned int cap = 0; cap < 64; cap++) {
		if (!(wanted >> cap & 1))
			continue;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, cap, 0, 0) < 0)
			return fail_errno(e, "cannot make capability %u ambient", cap);
	}
	return 0;
}

int caps_bounding_keep(uint64_t keep, struct error *e)
{
	for (unsigned int cap = 0; cap < 64; cap++) {
		int code, has;

		if (keep >> cap & 1 || prctl(PR_CAPBSET_DROP, cap, 0, 0, 0) == 0)
			continue;
		code = errno;
		has = code == EINVAL ? -1 : prctl(PR_CAPBSET_READ, cap, 0, 0, 0);
		if (has < 0) /* beyond the kernel's last */
			break;
		if (has) /* who may not drop one may lack it anyway */
			return fail(e, code, "cannot drop capability %u from the bounding set",
				    cap);
	}
	return 0;
}

int ids_set(uid_t uid, gid_t gid, const uint32_t *groups, size_t group_count, struct error *e)
{
	/* A user namespace may deny setgroups(2), even when it would change nothing. */
	if (group_count == 0 && groups && getgroups(0, NULL) == 0)
		groups = NULL;
	if (groups && syscall(ABI_SETGROUPS, group_count, groups) < 0)
		return fail_errno(e, "cannot set %zu additional groups", group_count);
	if (syscall(ABI_SETRESGID, gid, gid, gid) < 0)
		return fail_errno(e, "cannot set group id %u", gid);
	if (syscall(ABI_SETRESUID, uid, uid, uid) < 0)
		return fail_errno(e, "cannot set user id %u", uid);
	return 0;
}

int keep_caps(bool on, struct error *e)
{
	if (prctl(PR_SET_KEEPCAPS, on ? 1 : 0, 0, 0, 0) < 0)
		return fail_errno(e, "cannot keep capabilities over a change of user id");
	return 0;
}
