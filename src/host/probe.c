/* SPDX-License-Identifier: Apache-2.0 */
#include "host/probe.h"

#include <fcntl.h>
#include <sched.h>
#include <string.h>
#include <sys/statfs.h>
#include <sys/utsname.h>

#include "base/fd.h"
#include "base/str.h"
#include "cgroup/cgroup.h"
#include "plan/compile.h"
#include "sys/abi.h"
#include "sys/cred.h"
#include "sys/file.h"

#define CAP_SYS_ADMIN_BIT (1ull << 21)
#define RAMFS_MAGIC_NUMBER 0x858458f6
#define TMPFS_MAGIC_NUMBER 0x01021994

/* The beginning of a small file, "" when it cannot be read. */
static const char *peek(const char *path, char *out, size_t size)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : file_read_all(fd, out, size - 1);

	out[len < 0 ? 0 : len] = '\0';
	return out;
}

static uint32_t kernel_version(void)
{
	uint64_t major, minor;
	struct utsname u;
	const char *at = u.release;

	if (uname(&u) < 0 || str_scan_u64(&at, 999, &major) < 0 || *at++ != '.' ||
	    str_scan_u64(&at, 999, &minor) < 0)
		return 0;
	return (uint32_t)(major * 1000 + minor);
}

/*
 * Who we are, by uid_map(5): the initial user namespace maps every id there is to itself.  The
 * host's uid counts from the namespace around ours, which nearly always is the initial one.
 */
static void find_user(struct facts *f)
{
	uint64_t inside, outside, count;
	char map[1024];
	const char *at = map;

	f->euid = f->host_uid = geteuid();
	peek("/proc/self/uid_map", map, sizeof(map));
	f->in_userns = map[0]; /* empty: a kernel without user namespaces */
	while (str_scan_u64(&at, UINT32_MAX, &inside) == 0 &&
	       str_scan_u64(&at, UINT32_MAX, &outside) == 0 &&
	       str_scan_u64(&at, UINT32_MAX, &count) == 0) {
		if (inside == 0 && outside == 0 && count == UINT32_MAX)
			f->in_userns = false;
		if (f->euid >= inside && f->euid - inside < count)
			f->host_uid = (uint32_t)(outside + (f->euid - inside));
		at += *at == '\n';
	}
}

/* Is there such a call?  Asked with a descriptor that cannot be; with a path, for none would be a page fault. */
static bool has_call(long number)
{
	return syscall(number, -1, "", 0, NULL, 0) >= 0 || errno != ENOSYS;
}

/*
 * Root in a user namespace may still be in mounts that belong to another one;
 * only trying tells.  Elsewhere the capability answers it, for less.
 */
static bool may_clone_mounts(const struct facts *f)
{
	if (!f->privileged)
		return false;
	if (!f->in_userns)
		return true;

	AUTO_CLOSE int fd = abi_open_tree(AT_FDCWD, "/", ABI_OPEN_TREE_CLONE);
	return fd >= 0;
}

static bool is_on_initramfs(void)
{
	struct statfs fs;
	char mounts[512];
	const char *root;

	if (statfs("/", &fs) < 0 ||
	    (fs.f_type != RAMFS_MAGIC_NUMBER && fs.f_type != TMPFS_MAGIC_NUMBER))
		return false;
	/* "1 1 0:2 / / rw - rootfs rootfs rw": only the first one is its own parent. */
	peek("/proc/self/mountinfo", mounts, sizeof(mounts));
	root = str_find(mounts, " - rootfs ");
	return root != NULL;
}

static bool wants_lsm(const struct config *c, bool apparmor)
{
	if (!c)
		return true;
	if (apparmor)
		return c->process && c->process->apparmor_profile;
	return c->linux_.mount_label || (c->process && c->process->selinux_label);
}

static bool has_apparmor(void)
{
	char enabled[8];

	return peek("/sys/module/apparmor/parameters/enabled", enabled, sizeof(enabled))[0] == 'Y';
}

static bool wants_namespace(const struct config *c, int type)
{
	return !c || config_namespace(c, type);
}

int probe_process_facts(struct facts *out, const struct config *c, struct error *e)
{
	struct facts f = {.egid = getegid(), .last_cap = caps_last()};
	struct caps caps = {0};
	char word[16];

	find_user(&f);
	if (caps_get(&caps) < 0)
		return fail_errno(e, "cannot read the capabilities of this process");
	f.privileged = caps.effective & CAP_SYS_ADMIN_BIT;
	if (wants_namespace(c, CLONE_NEWTIME))
		f.time_ns = access("/proc/self/ns/time", F_OK) == 0;
	if (f.in_userns)
		f.setgroups_denied =
			str_starts(peek("/proc/self/setgroups", word, sizeof(word)), "deny");
	if (wants_lsm(c, true))
		f.apparmor = has_apparmor();
	if (wants_lsm(c, false))
		f.selinux = access("/sys/fs/selinux/enforce", F_OK) == 0;
	*out = f;
	return 0;
}

int probe_facts(struct facts *out, struct arena *a, const struct config *c, struct error *e)
{
	struct facts f;

	if (probe_process_facts(&f, c, e) < 0)
		return -1;
	f.kernel = kernel_version();
	f.rootfs_on_initramfs = is_on_initramfs();
	f.mount_setattr = has_call(SYS_mount_setattr);
	f.mount_api = has_call(SYS_open_tree) && has_call(SYS_fsopen) && has_call(SYS_move_mount) &&
		      may_clone_mounts(&f);
	if (f.euid != 0 && wants_namespace(c, CLONE_NEWUSER) && !(c && plan_maps_own_ids(c, &f))) {
		subids_read(&f.sub_uids, a, "/etc/subuid", f.euid);
		subids_read(&f.sub_gids, a, "/etc/subgid", f.euid);
	}
	if (cgroup_detect(&f, a, e) < 0)
		return -1;
	*out = f;
	return 0;
}
