/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "base/list.h"
#include "base/str.h"
#include "host/notify.h"
#include "host/report.h"

/*
 * What a person can do about a failure.  The first row that fits is taken.
 * Engines search the whole message for phrases (see base/error.h), so strerror's
 * words must not be used here.
 */
static const struct hint {
	const char *text; /* part of the message; NULL: any */
	const char *at;	  /* beginning of the config path; NULL: any */
	int code;	  /* errno; 0: any */
	const char *hint;
} hints[] = {
	{NULL, NULL, EMFILE, "raise `ulimit -n`"},
	{"state root", NULL, EACCES,
	 "set XDG_RUNTIME_DIR, or choose a directory of your own with --root"},
	{"state root", NULL, EROFS, "choose a directory that can be written to with --root"},
	{"\"" NOTIFY_INSIDE "\"", NULL, 0,
	 "NOTIFY_SOCKET is set, so a socket is mounted there: unset it, or make that directory in the image"},
	{"namespace of the container", NULL, EACCES,
	 "before `start` a container can be entered by root only: its init may not be looked into yet"},
	{"belongs to uid", NULL, 0,
	 "use the --root, and be the user, that the container was created with"},
	{"already exists", NULL, 0,
	 "choose another id, or delete that container first (`list` shows it)"},
	{"cannot allocate tty", NULL, 0,
	 "give --console-socket (see `recvtty`), use `run` in the foreground, or set process.terminal to false"},
	{"cannot use console socket", NULL, 0,
	 "a console socket goes with process.terminal true and create or run --detach"},
	{"cannot connect to console socket", NULL, 0,
	 "something has to listen there first, for example `yacr recvtty SOCKET`"},
	{"executable file not found", NULL, 0,
	 "a name without a slash is looked for in PATH of process.env, inside the container"},
	{"no such file", "process.args", 0,
	 "if it is there, the interpreter that it names (#!, or in ELF) is not"},
	{"exec format", "process.args", 0,
	 "a script begins with #!, a program is for this processor"},
	{"newuidmap", NULL, 0,
	 "ranges of ids need newuidmap and newgidmap (package uidmap or shadow) and lines for this user in /etc/subuid and /etc/subgid"},
	{"newgidmap", NULL, 0,
	 "ranges of ids need newuidmap and newgidmap (package uidmap or shadow) and lines for this user in /etc/subuid and /etc/subgid"},
	{"sysfs", NULL, EPERM,
	 "sysfs needs a network namespace owned by this user namespace; bind-mount /sys instead, or remove the path of the \"network\" namespace"},
	{"\"proc\"", NULL, EPERM,
	 "a new procfs needs a pid namespace of its own, and a /proc of the host that nothing is mounted over"},
	{"in a chroot", NULL, EPERM,
	 "the kernel makes user namespaces only where \"/\" is the root of the mount namespace: change the root with pivot_root instead, or run yacr outside"},
	{"container's init", NULL, EPERM,
	 "without root a container needs a \"user\" namespace (`spec --rootless` writes one), and the system must allow it: see the sysctls kernel.unprivileged_userns_clone and kernel.apparmor_restrict_unprivileged_userns; in a chroot there are none at all"},
	{"container's init", NULL, ENOSPC,
	 "a limit on namespaces is reached: see the sysctls user.max_user_namespaces and its neighbours"},
	{"container's init", NULL, EAGAIN,
	 "a limit on processes is reached: see `ulimit -u` and pids.max of the cgroup"},
	{"no resctrl file system", NULL, 0,
	 "`mount -t resctrl resctrl /sys/fs/resctrl`; the processor and the kernel must have it (x86: \"rdt_a\" or \"cat_l3\" in /proc/cpuinfo)"},
	{"resctrl group", "linux.intelRdt.closID", ENOENT,
	 "make the group first, or give a schema to make it with"},
	{"resctrl group", "linux.intelRdt", ENOSPC,
	 "no class of service is left: remove groups that nobody uses below /sys/fs/resctrl"},
	{"monitoring group", NULL, ENOSPC,
	 "no monitoring id is left: remove groups that nobody uses below mon_groups"},
	{"without privilege", "linux.netDevices", 0,
	 "be root: it takes CAP_NET_ADMIN over both network namespaces"},
	{NULL, "linux.netDevices", EPERM,
	 "it takes CAP_NET_ADMIN over the network namespace of yacr and over the container's"},
	{"need a network namespace", NULL, 0,
	 "linux.namespaces must have a \"network\" that is not the one yacr runs in"},
	{"cannot find", "linux.netDevices", ENODEV,
	 "`ip link` shows the devices of the network namespace that yacr runs in"},
	{NULL, "linux.netDevices", EEXIST,
	 "choose another \"name\", or one that the kernel numbers: \"eth%d\""},
	{"cannot move", "linux.netDevices", EINVAL,
	 "the loopback device and some others belong to their network namespace for good"},
	{"memory limit too low", NULL, 0,
	 "about 256 KiB are needed to start at all, and what the program needs"},
	{"join the container's cgroup", NULL, EINVAL,
	 "who is realtime needs linux.resources.cpu.realtimeRuntime there"},
	{"\"criu\" is not installed", NULL, 0,
	 "install CRIU (package criu), or say where it is with --criu"},
	{"yacr-criu", NULL, ENOENT,
	 "it is built where protobuf-c and CRIU's rpc.proto are (Debian: libprotobuf-c-dev, protobuf-c-compiler and criu or libcriu-dev), and belongs into libexec/yacr beside yacr's bin"},
	{"yacr-systemd", NULL, ENOENT,
	 "it is built where libsystemd is (Debian: libsystemd-dev), and belongs into libexec/yacr beside yacr's bin; --cgroup-manager cgroupfs does without"},
	{"cannot connect to the systemd of user", NULL, 0,
	 "a user has one after a login (pam_systemd), or always with `loginctl enable-linger`; --cgroup-manager cgroupfs does without"},
	{"cannot connect to systemd", NULL, 0,
	 "is this host run by systemd? --cgroup-manager cgroupfs does without"},
	{NULL, "linux.namespaces", ENOENT,
	 "the path must be a namespace that still exists, such as /proc/PID/ns/net or a file it is bound to"},
	{NULL, "root.path", ENOENT, "root.path counts from the bundle, and must be a directory"},
	{NULL, "linux.resources", EACCES,
	 "limits without root need a delegated cgroup2 (systemd: Delegate=yes)"},
	{NULL, "linux.cgroupsPath", EACCES,
	 "an ordinary user can only use a cgroup below one that was delegated to it"},
	{NULL, NULL, ENOSPC, "a file system or a limit of it is full: `df`, `df -i`"},
};

static bool fits(const struct hint *h, const struct error *e)
{
	if (h->code && h->code != e->code)
		return false;
	if (h->text && !str_find(e->text, h->text))
		return false;
	return !h->at || str_starts(e->at, h->at);
}

const char *hint_for(const struct error *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(hints); i++)
		if (fits(&hints[i], e))
			return hints[i].hint;
	return NULL;
}
