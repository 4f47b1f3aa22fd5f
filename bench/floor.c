/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The floor: what the kernel has to do for one Docker-like `run`, and nothing else.  No config, no
 * checks, no state, no errors but the first, which ends it.  No runtime can be faster.
 *
 * floor run [-2] [-d DIR]... [-w FILE=VALUE]... [-f FILTER] ROOTFS FILES
 *	-2  cgroup2: the child is born in the directory; otherwise it writes 0 to each "tasks"
 *	-d  a cgroup directory to make and remove
 *	-w  a file to write before the child goes on
 *	-f  a seccomp program, as an array of struct sock_filter
 * FILES is a directory with what is bound: data, resolv.conf, hostname, hosts.
 * floor state FILE PID: what asking for a state takes.
 * floor exit: what starting a program takes.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <net/if.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define MAX 64
#define DOCKER_CAPS 0xa80425fbULL
#define HARDENED (MS_NOSUID | MS_NODEV | MS_NOEXEC)

static struct {
	bool v2;
	const char *dirs[MAX], *writes[MAX], *filter;
	int dir_count, write_count, tasks[MAX];
	const char *rootfs, *files;
	struct sock_fprog program;
} o;

static _Noreturn void die(const char *what)
{
	perror(what);
	_exit(99);
}

static void check(long result, const char *what)
{
	if (result < 0)
		die(what);
}

static int try_write(const char *path, const char *value)
{
	int fd = openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, value, strlen(value));

	close(fd);
	return n < 0 ? -1 : 0;
}

/* ---- cgroups ---- */

static void make_cgroups(void)
{
	char path[512];

	for (int i = 0; i < o.dir_count; i++)
		check(mkdir(o.dirs[i], 0755), o.dirs[i]);
	for (int i = 0; i < o.write_count; i++) {
		char *file = strdup(o.writes[i]), *value = strchr(file, '=');

		*value++ = '\0';
		check(try_write(file, value), file);
	}
	for (int i = 0; i < o.dir_count; i++) {
		snprintf(path, sizeof(path), o.v2 ? "%s" : "%s/tasks", o.dirs[i]);
		o.tasks[i] = openat(AT_FDCWD, path, (o.v2 ? O_RDONLY | O_DIRECTORY : O_WRONLY) | O_CLOEXEC);
		check(o.tasks[i], path);
	}
}

static void join_cgroups(void)
{
	for (int i = 0; !o.v2 && i < o.dir_count; i++)
		check(write(o.tasks[i], "0", 1), "tasks");
}

/* ---- mounts ---- */

static const struct {
	const char *source, *target, *type;
	unsigned long flags;
	const char *data;
} mounts[] = {
	{"proc", "proc", "proc", HARDENED, NULL},
	{"tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k"},
	{"devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC, "newinstance,ptmxmode=0666,mode=0620,gid=5"},
	{"sysfs", "sys", "sysfs", HARDENED | MS_RDONLY, NULL},
	{"mqueue", "dev/mqueue", "mqueue", HARDENED, NULL},
	{"shm", "dev/shm", "tmpfs", HARDENED, "mode=1777,size=67108864"},
};

static const char *const masked_files[] = {"proc/keys", "proc/timer_list"};
static const char *const masked_dirs[] = {"proc/acpi", "sys/firmware"};
static const char *const readonly[] = {"proc/bus", "proc/fs", "proc/irq", "proc/sys"};

static const struct {
	const char *name;
	unsigned int major, minor;
} devices[] = {
	{"null", 1, 3}, {"zero", 1, 5}, {"full", 1, 7}, {"random", 1, 8}, {"urandom", 1, 9}, {"tty", 5, 0},
};

static const char *const links[][2] = {
	{"/proc/self/fd", "dev/fd"},	   {"/proc/self/fd/0", "dev/stdin"}, {"/proc/self/fd/1", "dev/stdout"},
	{"/proc/self/fd/2", "dev/stderr"}, {"/proc/kcore", "dev/core"},	     {"pts/ptmx", "dev/ptmx"},
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
		check(mount("cgroup", "sys/fs/cgroup", "cgroup2", HARDENED | MS_RDONLY, NULL), "cgroup2");
		return;
	}
	check(mount("tmpfs", "sys/fs/cgroup", "tmpfs", HARDENED, "mode=755"), "sys/fs/cgroup");
	for (int i = 0; i < o.dir_count; i++) { /* "/sys/fs/cgroup/NAME/ID" */
		const char *name = o.dirs[i] + strlen("/sys/fs/cgroup/");

		snprintf(target, sizeof(target), "sys/fs/cgroup/%.*s", (int)strcspn(name, "/"), name);
		check(mkdir(target, 0755), target);
		bind_at(o.dirs[i], target, HARDENED | MS_RDONLY);
	}
	check(mount(NULL, "sys/fs/cgroup", NULL, MS_REMOUNT | MS_BIND | HARDENED | MS_RDONLY, NULL), "cgroup ro");
}

static void bind_file(const char *name, const char *target)
{
	char source[512];

	snprintf(source, sizeof(source), "%s/%s", o.files, name);
	bind_at(source, target, 0);
}

static void make_dev(void)
{
	char path[64];

	for (size_t i = 0; i < sizeof(devices) / sizeof(devices[0]); i++) {
		snprintf(path, sizeof(path), "dev/%s", devices[i].name);
		check(mknod(path, S_IFCHR | 0666, makedev(devices[i].major, devices[i].minor)), path);
	}
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		check(symlink(links[i][0], links[i][1]), links[i][1]);
}

static void make_mounts(void)
{
	check(mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL), "/");
	bind_at(o.rootfs, o.rootfs, 0);
	check(chdir(o.rootfs), o.rootfs);
	umask(0);
	for (size_t i = 0; i < sizeof(mounts) / sizeof(mounts[0]); i++) {
		if (strchr(mounts[i].target, '/'))
			mkdir(mounts[i].target, 0755);
		check(mount(mounts[i].source, mounts[i].target, mounts[i].type, mounts[i].flags, mounts[i].data),
		      mounts[i].target);
	}
	if (o.dir_count)
		mount_cgroups();
	bind_file("data", "data");
	bind_file("resolv.conf", "etc/resolv.conf");
	bind_file("hostname", "etc/hostname");
	bind_file("hosts", "etc/hosts");
	make_dev();
	for (size_t i = 0; i < 4; i++)
		bind_at(readonly[i], readonly[i], HARDENED | MS_RDONLY);
	for (size_t i = 0; i < 2; i++)
		bind_at("/dev/null", masked_files[i], 0);
	for (size_t i = 0; i < 2; i++)
		check(mount("tmpfs", masked_dirs[i], "tmpfs", HARDENED | MS_RDONLY, "nr_blocks=1,nr_inodes=1"),
		      masked_dirs[i]);
	check(syscall(SYS_pivot_root, ".", "."), "pivot_root");
	check(umount2(".", MNT_DETACH), "umount");
	check(chdir("/"), "/");
}

/* ---- the process ---- */

static void bring_loopback_up(void)
{
	struct ifreq r = {.ifr_name = "lo", .ifr_flags = IFF_UP | IFF_RUNNING};
	int fd = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);

	check(ioctl(fd, SIOCSIFFLAGS, &r), "lo");
	close(fd);
	try_write("/proc/sys/net/ipv4/ip_unprivileged_port_start", "0");
	try_write("/proc/sys/net/ipv4/ping_group_range", "0 2147483647");
}

static void drop_privileges(void)
{
	struct __user_cap_header_struct header = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct caps[2] = {{DOCKER_CAPS, DOCKER_CAPS, 0}};

	for (int cap = 0; cap <= CAP_LAST_CAP; cap++)
		if (!(DOCKER_CAPS >> cap & 1))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	check(syscall(SYS_setgroups, 0, NULL), "setgroups");
	check(syscall(SYS_setresgid, 0, 0, 0), "setresgid");
	check(syscall(SYS_setresuid, 0, 0, 0), "setresuid");
	if (o.filter)
		check(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_SPEC_ALLOW, &o.program),
		      "seccomp");
	check(syscall(SYS_capset, &header, caps), "capset");
}

static _Noreturn void be_container(void)
{
	char *const argv[] = {"true", NULL}, *const env[] = {"PATH=/bin", NULL};

	join_cgroups();
	setsid();
	check(sethostname("floor", 5), "hostname");
	bring_loopback_up();
	make_mounts();
	check((long)syscall(SYS_close_range, 3, ~0U, 4), "close_range"); /* CLOSE_RANGE_CLOEXEC */
	drop_privileges();
	execve("/bin/true", argv, env);
	die("execve");
}

static void load_filter(void)
{
	static struct sock_filter code[BPF_MAXINSNS];
	int fd = openat(AT_FDCWD, o.filter, O_RDONLY | O_CLOEXEC);
	ssize_t n = read(fd, code, sizeof(code));

	check(n, o.filter);
	close(fd);
	o.program = (struct sock_fprog){.len = (unsigned short)((size_t)n / sizeof(code[0])), .filter = code};
}

static int run(void)
{
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWUTS | CLONE_NEWIPC | CLONE_NEWPID | CLONE_NEWNET,
		.exit_signal = SIGCHLD,
	};
	int status;
	pid_t pid;

	if (o.filter)
		load_filter();
	make_cgroups();
	if (o.v2 && o.dir_count) {
		args.flags |= CLONE_INTO_CGROUP | CLONE_NEWCGROUP;
		args.cgroup = (uint64_t)o.tasks[0];
	}
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	check(pid, "clone3");
	if (pid == 0)
		be_container();
	check(waitpid(pid, &status, 0), "waitpid");
	for (int i = 0; i < o.dir_count; i++)
		check(rmdir(o.dirs[i]), o.dirs[i]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 1;
}

static int state(const char *file, const char *pid)
{
	char text[8192], path[64];
	int fd = openat(AT_FDCWD, file, O_RDONLY | O_CLOEXEC);

	check(read(fd, text, sizeof(text)), file);
	close(fd);
	snprintf(path, sizeof(path), "/proc/%s/stat", pid);
	fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	check(read(fd, text, sizeof(text)), path);
	return write(1, text, 600) < 0;
}

int main(int argc, char **argv)
{
	int option;

	if (argc > 3 && !strcmp(argv[1], "state"))
		return state(argv[2], argv[3]);
	if (argc < 2 || strcmp(argv[1], "run") != 0)
		return 0;
	optind = 2;
	while ((option = getopt(argc, argv, "2d:w:f:")) != -1) {
		if (option == '2')
			o.v2 = true;
		else if (option == 'f')
			o.filter = optarg;
		else if (option == 'd' && o.dir_count < MAX)
			o.dirs[o.dir_count++] = optarg;
		else if (option == 'w' && o.write_count < MAX)
			o.writes[o.write_count++] = optarg;
		else
			return 2;
	}
	if (optind + 2 != argc)
		return 2;
	o.rootfs = argv[optind];
	o.files = argv[optind + 1];
	return run();
}
