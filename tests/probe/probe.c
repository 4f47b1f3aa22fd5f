/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The program in the tests' containers: says as JSON what it finds itself to
 * be.  It asks the kernel by system call where it can, so that most of it
 * works without /proc.
 *
 *	probe [-o FILE] [-w SECONDS] [ANYTHING...]
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <linux/keyctl.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/ioctl.h>
#include <sys/personality.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/utsname.h>
#include <termios.h>
#include <time.h>
#include <unistd.h>

extern char **environ;
static FILE *out;
static const char *comma = "";

static void put_text(const char *s)
{
	putc('"', out);
	for (; *s; s++) {
		unsigned char c = (unsigned char)*s;

		if (c == '"' || c == '\\')
			fprintf(out, "\\%c", c);
		else if (c < 0x20)
			fprintf(out, "\\u%04x", c);
		else
			putc(c, out);
	}
	putc('"', out);
}

static void key(const char *name)
{
	fprintf(out, "%s\n", comma);
	put_text(name);
	fputs(": ", out);
	comma = ",";
}

static void number(const char *name, long long value)
{
	key(name);
	fprintf(out, "%lld", value);
}

static void text(const char *name, const char *value)
{
	key(name);
	if (value)
		put_text(value);
	else
		fputs("null", out);
}

static void texts(const char *name, char **v)
{
	key(name);
	putc('[', out);
	for (int i = 0; v[i]; i++) {
		fputs(i ? ", " : "", out);
		put_text(v[i]);
	}
	putc(']', out);
}

/* The lines of a file; null when it cannot be read. */
static void lines(const char *name, const char *path)
{
	FILE *f = fopen(path, "re");
	char line[8192];
	int n = 0;

	key(name);
	if (!f) {
		fputs("null", out);
		return;
	}
	putc('[', out);
	while (fgets(line, sizeof(line), f)) {
		line[strcspn(line, "\n")] = '\0';
		fputs(n++ ? ", " : "", out);
		put_text(line);
	}
	putc(']', out);
	fclose(f);
}

static void link_of(const char *name, const char *path)
{
	char target[4096];
	ssize_t n = readlink(path, target, sizeof(target) - 1);

	if (n >= 0)
		target[n] = '\0';
	text(name, n < 0 ? NULL : target);
}

static void open_object(const char *name)
{
	key(name);
	putc('{', out);
	comma = "";
}

static void close_object(void)
{
	putc('}', out);
	comma = ",";
}

static const char *type_of(mode_t mode)
{
	switch (mode & S_IFMT) {
	case S_IFREG: return "file";
	case S_IFDIR: return "directory";
	case S_IFCHR: return "char";
	case S_IFBLK: return "block";
	case S_IFIFO: return "pipe";
	case S_IFSOCK: return "socket";
	case 0: return "anonymous";
	}
	return "other";
}

static void descriptors(void)
{
	int own = fileno(out);
	struct stat st;
	char name[32];

	open_object("fds");
	for (int fd = 0; fd < 1024; fd++) {
		if (fd == own && fd > 2)
			continue;
		if (fstat(fd, &st) < 0)
			continue;
		snprintf(name, sizeof(name), "%d", fd);
		text(name, type_of(st.st_mode));
	}
	close_object();
}

static void ids(void)
{
	uid_t r, e, s;
	gid_t groups[4096];
	int n;

	getresuid(&r, &e, &s);
	key("uids");
	fprintf(out, "[%u, %u, %u]", r, e, s);
	getresgid(&r, &e, &s);
	key("gids");
	fprintf(out, "[%u, %u, %u]", r, e, s);
	n = getgroups(4096, groups);
	key("groups");
	putc('[', out);
	for (int i = 0; i < n; i++)
		fprintf(out, "%s%u", i ? ", " : "", groups[i]);
	putc(']', out);
}

/* As numbers: bit n is capability n. */
static void capabilities(void)
{
	struct __user_cap_header_struct head = {.version = _LINUX_CAPABILITY_VERSION_3};
	struct __user_cap_data_struct d[2] = {0};
	unsigned long long bounding = 0, ambient = 0;

	syscall(SYS_capget, &head, d);
	for (int i = 0; i < 64; i++) {
		if (prctl(PR_CAPBSET_READ, i, 0, 0, 0) == 1)
			bounding |= 1ull << i;
		if (prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_IS_SET, i, 0, 0) == 1)
			ambient |= 1ull << i;
	}
	open_object("caps");
	number("effective", (long long)(d[0].effective | (unsigned long long)d[1].effective << 32));
	number("permitted", (long long)(d[0].permitted | (unsigned long long)d[1].permitted << 32));
	number("inheritable",
	       (long long)(d[0].inheritable | (unsigned long long)d[1].inheritable << 32));
	number("bounding", (long long)bounding);
	number("ambient", (long long)ambient);
	close_object();
}

static void signals(void)
{
	unsigned long long blocked = 0;

	syscall(SYS_rt_sigprocmask, SIG_BLOCK, NULL, &blocked, 8);
	number("blocked", (long long)blocked);
	key("ignored");
	putc('[', out);
	for (int sig = 1, n = 0; sig < 65; sig++) {
		/* the kernel's own struct: libc hides its real-time signals */
		struct {
			void *handler;
			unsigned long flags;
			void *restorer;
			unsigned long long mask;
		} sa = {0};

		if (syscall(SYS_rt_sigaction, sig, NULL, &sa, 8) == 0 && sa.handler == (void *)1)
			fprintf(out, "%s%d", n++ ? ", " : "", sig);
	}
	putc(']', out);
}

static void limits(void)
{
	static const char *names[] = {
		"CPU",	   "FSIZE", "DATA",  "STACK",	   "CORE",     "RSS",  "NPROC",	 "NOFILE",
		"MEMLOCK", "AS",    "LOCKS", "SIGPENDING", "MSGQUEUE", "NICE", "RTPRIO", "RTTIME"};

	open_object("rlimits");
	for (int i = 0; i < 16; i++) {
		struct rlimit r;

		getrlimit(i, &r);
		key(names[i]);
		fprintf(out, "[%lld, %lld]", (long long)r.rlim_cur, (long long)r.rlim_max);
	}
	close_object();
}

static void keyring(void)
{
	char description[256] = "";
	long n = syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING, description,
			 sizeof(description) - 1, 0);

	text("keyring", n < 0 ? NULL : description);
}

static void terminal(void)
{
	struct winsize size = {0};
	struct termios t = {0};
	int tty;

	number("tty", isatty(0));
	if (isatty(0)) {
		ioctl(0, TIOCGWINSZ, &size);
		key("size");
		fprintf(out, "[%u, %u]", size.ws_row, size.ws_col);
		tcgetattr(0, &t);
		number("onlcr", !!(t.c_oflag & ONLCR));
	}
	tty = open("/dev/tty", O_RDWR | O_CLOEXEC | O_NOCTTY);
	number("controlling_tty", tty >= 0);
	if (tty >= 0)
		close(tty);
}

static void namespaces(void)
{
	static const char *names[] = {"cgroup", "ipc", "mnt", "net", "pid", "time", "user", "uts"};
	char path[64];

	open_object("ns");
	for (size_t i = 0; i < sizeof(names) / sizeof(*names); i++) {
		snprintf(path, sizeof(path), "/proc/self/ns/%s", names[i]);
		link_of(names[i], path);
	}
	close_object();
}

/* What sched_getattr(2) and get_mempolicy(2) say; musl has neither. */
static void policies(void)
{
	struct {
		unsigned int size, policy;
		unsigned long long flags;
		int nice;
		unsigned int priority;
		unsigned long long runtime, deadline, period;
	} s = {0};
	unsigned long nodes[16] = {0};
	int mode = 0;

	syscall(SYS_sched_getattr, 0, &s, sizeof(s), 0);
	open_object("sched");
	number("policy", s.policy);
	number("flags", (long long)s.flags);
	number("nice", s.nice);
	number("priority", s.priority);
	number("runtime", (long long)s.runtime);
	number("deadline", (long long)s.deadline);
	number("period", (long long)s.period);
	close_object();
	if (syscall(SYS_get_mempolicy, &mode, nodes, sizeof(nodes) * 8, NULL, 0) == 0) {
		key("mempolicy");
		fprintf(out, "[%d, %lu]", mode, nodes[0]);
	}
}

static void process(void)
{
	mode_t mask = umask(0);
	char cwd[4096] = "";
	struct utsname u;
	struct timespec boot;
	int value = 0;

	umask(mask);
	number("umask", mask);
	text("cwd", syscall(SYS_getcwd, cwd, sizeof(cwd)) < 0 ? NULL : cwd);
	uname(&u);
	text("hostname", u.nodename);
	text("domainname", u.domainname);
	text("machine", u.machine);
	number("pid", getpid());
	number("ppid", getppid());
	number("sid", getsid(0));
	number("pgid", getpgid(0));
	number("nnp", prctl(PR_GET_NO_NEW_PRIVS, 0, 0, 0, 0));
	number("dumpable", prctl(PR_GET_DUMPABLE, 0, 0, 0, 0));
	prctl(PR_GET_PDEATHSIG, &value, 0, 0, 0);
	number("pdeathsig", value);
	value = 0;
	prctl(PR_GET_CHILD_SUBREAPER, &value, 0, 0, 0);
	number("subreaper", value);
	number("secure", (long long)getauxval(AT_SECURE));
	number("personality", personality(0xffffffff));
	number("scheduler", syscall(SYS_sched_getscheduler, 0));
	number("nice", getpriority(PRIO_PROCESS, 0));
	number("ioprio", syscall(SYS_ioprio_get, 1, 0));
	policies();
	clock_gettime(CLOCK_BOOTTIME, &boot);
	number("boottime", boot.tv_sec);
	clock_gettime(CLOCK_MONOTONIC, &boot);
	number("monotonic", boot.tv_sec);
}

int main(int argc, char **argv)
{
	const char *path = NULL;
	unsigned int seconds = 0;
	int i = 1;

	for (; i + 1 < argc && argv[i][0] == '-'; i += 2) {
		if (!strcmp(argv[i], "-o"))
			path = argv[i + 1];
		else if (!strcmp(argv[i], "-w"))
			seconds = (unsigned int)atoi(argv[i + 1]);
	}
	out = path ? fopen(path, "we") : stdout;
	if (!out) {
		perror(path);
		return 99;
	}
	putc('{', out);
	process();
	texts("argv", argv);
	texts("env", environ);
	ids();
	capabilities();
	signals();
	limits();
	keyring();
	terminal();
	descriptors();
	namespaces();
	lines("mounts", "/proc/self/mountinfo");
	lines("status", "/proc/self/status");
	lines("cgroup", "/proc/self/cgroup");
	lines("oom_score_adj", "/proc/self/oom_score_adj");
	lines("uid_map", "/proc/self/uid_map");
	lines("gid_map", "/proc/self/gid_map");
	lines("setgroups", "/proc/self/setgroups");
	fputs("\n}\n", out);
	if (fclose(out) != 0)
		return 98;
	if (seconds)
		sleep(seconds);
	return 0;
}
