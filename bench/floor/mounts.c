/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "floor.h"

#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#define HARDENED (MS_NOSUID | MS_NODEV | MS_NOEXEC)
#define COUNT(x) (sizeof(x) / sizeof((x)[0]))

static const struct {
	const char *source, *target, *type;
	unsigned long flags;
	const char *data, *data_rootless;
} mounts[] = {
	{"proc", "proc", "proc", HARDENED, NULL, NULL},
	{"tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k",
	 "mode=755,size=65536k"},
	{"devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
	 "newinstance,ptmxmode=0666,mode=0620,gid=5", "newinstance,ptmxmode=0666,mode=0620"},
	{"mqueue", "dev/mqueue", "mqueue", HARDENED, NULL, NULL},
	{"shm", "dev/shm", "tmpfs", HARDENED, "mode=1777,size=67108864", "mode=1777,size=67108864"},
};

static const char *const masked_files[] = {"proc/keys", "proc/timer_list"};
static const char *const masked_dirs[] = {"proc/acpi", "sys/firmware"};
static const char *const readonly[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys"};

static const struct {
	const char *name;
	unsigned int major, minor;
} devices[] = {
	{"null", 1, 3},	  {"zero", 1, 5},    {"full", 1, 7},
	{"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
};

static const char *const links[][2] = {
	{"/proc/self/fd", "dev/fd"},	   {"/proc/self/fd/0", "dev/stdin"},
	{"/proc/self/fd/1", "dev/stdout"}, {"/proc/self/fd/2", "dev/stderr"},
	{"/proc/kcore", "dev/core"},	   {"pts/ptmx", "dev/ptmx"},
};

static void bind_at(const char *source, const char *target, unsigned long flags)
{
	check(mount(source, target, NULL, MS_BIND | MS_REC, NULL), target);
	if (flags)
		check(mount(NULL, target, NULL, MS_REMOUNT | MS_BIND | flags, NULL), target);
}

static void mount_cgroups(void)
{
	char target[256];

	if (o.v2) {
		check(mount("cgroup", "sys/fs/cgroup", "cgroup2", HARDENED | MS_RDONLY, NULL),
		      "cgroup2");
		return;
	}
	check(mount("tmpfs", "sys/fs/cgroup", "tmpfs", HARDENED, "mode=755"), "sys/fs/cgroup");
	for (int i = 0; i < o.dir_count; i++) { /* "/sys/fs/cgroup/NAME/ID" */
		const char *name = o.dirs[i] + strlen("/sys/fs/cgroup/");

		snprintf(target, sizeof(target), "sys/fs/cgroup/%.*s", (int)strcspn(name, "/"),
			 name);
		check(mkdir(target, 0755), target);
		bind_at(o.dirs[i], target, HARDENED | MS_RDONLY);
	}
	check(mount(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | HARDENED | MS_RDONLY, NULL),
	      "cgroup ro");
}

static void bind_file(const char *name, const char *target)
{
	char source[512];

	snprintf(source, sizeof(source), "%s/%s", o.files, name);
	bind_at(source, target, 0);
}

/* Without root no device can be made: the host's are bound. */
static void make_device(const char *name, unsigned int major, unsigned int minor)
{
	char source[32], target[32];

	snprintf(source, sizeof(source), "/dev/%s", name);
	snprintf(target, sizeof(target), "dev/%s", name);
	check(mknod(target, o.user ? S_IFREG | 0666 : S_IFCHR | 0666,
		    o.user ? 0 : makedev(major, minor)),
	      target);
	if (o.user)
		bind_at(source, target, 0);
}

static void make_dev(void)
{
	for (size_t i = 0; i < COUNT(devices); i++)
		make_device(devices[i].name, devices[i].major, devices[i].minor);
	for (size_t i = 0; i < COUNT(links); i++)
		check(symlink(links[i][0], links[i][1]), links[i][1]);
}

static void mount_sys(void)
{
	if (o.user) /* a sysfs of one's own takes a network namespace of one's own */
		bind_at("/sys", "sys", HARDENED | MS_RDONLY);
	else
		check(mount("sysfs", "sys", "sysfs", HARDENED | MS_RDONLY, NULL), "sys");
}

static void mask(void)
{
	for (size_t i = 0; i < COUNT(readonly); i++)
		bind_at(readonly[i], readonly[i], HARDENED | MS_RDONLY);
	for (size_t i = 0; i < COUNT(masked_files); i++)
		bind_at("/dev/null", masked_files[i], 0);
	for (size_t i = 0; i < COUNT(masked_dirs); i++)
		check(mount("tmpfs", masked_dirs[i], "tmpfs", HARDENED | MS_RDONLY,
			    "nr_blocks=1,nr_inodes=1"),
		      masked_dirs[i]);
}

void make_mounts(void)
{
	check(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "/");
	bind_at(o.rootfs, o.rootfs, 0);
	check(chdir(o.rootfs), o.rootfs);
	umask(0);
	for (size_t i = 0; i < COUNT(mounts); i++) {
		if (strchr(mounts[i].target, '/'))
			mkdir(mounts[i].target, 0755);
		check(mount(mounts[i].source, mounts[i].target, mounts[i].type, mounts[i].flags,
			    o.user ? mounts[i].data_rootless : mounts[i].data),
		      mounts[i].target);
	}
	mount_sys();
	if (o.dir_count)
		mount_cgroups();
	if (!o.user) {
		bind_file("data", "data");
		bind_file("resolv.conf", "etc/resolv.conf");
		bind_file("hostname", "etc/hostname");
		bind_file("hosts", "etc/hosts");
	}
	make_dev();
	mask();
	check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	check(umount2(".", MNT_DETACH), "umount");
	check(chdir("/"), "/");
}
