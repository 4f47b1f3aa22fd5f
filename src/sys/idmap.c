/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/prctl.h>
#include <sys/wait.h>

#include "base/fd.h"
#include "base/list.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/ns.h"
#include "sys/procfs.h"
#include "sys/spawn.h"

enum {
	LINES_MAX = 340, /* user_namespaces(7) */
	TEXT_MAX = 16 * 1024,
	HELPER_TIMEOUT_MS = 10000,
};

static int write_file(int proc, int pid, const char *name, const char *text, struct error *e)
{
	char file[40];

	if (str_format(file, sizeof(file), "%d/%s", pid, name) < 0)
		return fail_errno(e, "cannot write %s", name);
	return procfs_write(proc, file, text, e);
}

/* ---- newuidmap(1), newgidmap(1) ---- */

/* Never $PATH: who sets it could have us run anything, and these are setuid. */
static const char *const helper_places[] = {"/usr/bin", "/bin", "/usr/sbin", "/sbin",
					    "/usr/local/bin"};

static int find_helper(const char *name, char *out, size_t size, struct error *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(helper_places); i++)
		if (str_format(out, size, "%s/%s", helper_places[i], name) == 0 &&
		    access(out, X_OK) == 0)
			return 0;
	return fail(e, ENOENT, "cannot find %s in /usr/bin, /bin, /usr/sbin, /sbin, /usr/local/bin",
		    name);
}

struct helper {
	char path[64], pid[16];
	char text[TEXT_MAX];
	const char *argv[2 + LINES_MAX * 3 + 1];
};

/* "0 1000 1\n1 100000 65536\n" to one argument per number. */
static int set_arguments(struct helper *h, const char *name, int pid, const char *map,
			 struct error *e)
{
	size_t n = 2, len = strlen(map);
	char *p = h->text;

	if (len >= sizeof(h->text))
		return fail(e, E2BIG, "the id map is too long");
	memcpy(h->text, map, len + 1);
	if (str_format(h->pid, sizeof(h->pid), "%d", pid) < 0)
		return fail_errno(e, "cannot name process %d", pid);
	h->argv[0] = name;
	h->argv[1] = h->pid;
	for (;;) {
		p += strspn(p, " \n");
		if (!*p)
			break;
		if (n == ARRAY_SIZE(h->argv) - 1)
			return fail(e, E2BIG, "the id map has more than %d lines", LINES_MAX);
		h->argv[n++] = p;
		p += strcspn(p, " \n");
		if (*p)
			*p++ = '\0';
	}
	h->argv[n] = NULL;
	return 0;
}

/* First line of what the helper complained of. */
static void read_complaint(int fd, char out[200])
{
	ssize_t n = fcntl(fd, F_SETFL, O_NONBLOCK) < 0 ? 0 : read(fd, out, 199);

	out[n > 0 ? n : 0] = '\0';
	out[strcspn(out, "\n")] = '\0';
}

static int run_helper(const struct helper *h, struct error *e)
{
	static const char *const no_environment[] = {NULL};
	AUTO_CLOSE int heard = -1;
	AUTO_CLOSE int said = -1;
	AUTO_CLOSE int pidfd = -1;
	int pipes[2], status, ended;
	char words[200];
	pid_t pid;

	if (pipe2(pipes, O_CLOEXEC) < 0)
		return fail_errno(e, "cannot make a pipe");
	heard = pipes[0];
	said = pipes[1];
	pid = spawn_command(&(struct command){.path = h->path,
					      .argv = h->argv,
					      .env = no_environment,
					      .stdin_fd = -1,
					      .stdout_fd = -1,
					      .stderr_fd = said,
					      .cwd = -1},
			    &pidfd, e);
	if (pid < 0)
		return -1;
	ended = spawn_wait(pid, pidfd, HELPER_TIMEOUT_MS, &status, e);
	if (ended < 0)
		return -1;
	if (ended == 0) {
		kill(-pid, SIGKILL);
		spawn_wait(pid, pidfd, -1, &status, e);
		return fail(e, ETIMEDOUT, "%s did not end within %d seconds", h->argv[0],
			    HELPER_TIMEOUT_MS / 1000);
	}
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	read_complaint(heard, words);
	return fail(e, 0, "%s refused the id map: %s", h->argv[0],
		    *words ? words : "it says nothing");
}

static int write_by_helper(const char *name, int pid, const char *map, struct error *e)
{
	static struct helper h; /* .bss: too large for a stack */

	if (find_helper(name, h.path, sizeof(h.path), e) < 0 ||
	    set_arguments(&h, name, pid, map, e) < 0)
		return -1;
	return run_helper(&h, e);
}

int idmap_write(int pid, const char *uid_map, const char *gid_map, bool deny_setgroups,
		bool helpers, struct error *e)
{
	AUTO_CLOSE int proc = procfs_open(false, e);

	if (proc < 0)
		return -1;
	if (deny_setgroups && write_file(proc, pid, "setgroups", "deny", e) < 0)
		return -1;
	if (helpers)
		return write_by_helper("newuidmap", pid, uid_map, e) < 0 ||
				       write_by_helper("newgidmap", pid, gid_map, e) < 0
			       ? -1
			       : 0;
	if (write_file(proc, pid, "uid_map", uid_map, e) < 0)
		return -1;
	return write_file(proc, pid, "gid_map", gid_map, e);
}

/* ---- a user namespace without a process ---- */

static _Noreturn void hold_namespace(pid_t parent)
{
	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (getppid() == parent)
		for (;;)
			pause();
	_exit(0);
}

/* ns/user is a link that procfs_open_file() refuses; the pidfd's own answer comes with 6.11. */
static int open_user_namespace(pid_t pid, int pidfd, struct error *e)
{
	int fd = pidfd >= 0 ? ioctl(pidfd, ABI_PIDFD_GET_USER_NAMESPACE, 0) : -1;
	char path[40];

	if (fd >= 0)
		return fd;
	if (str_format(path, sizeof(path), "/proc/%d/ns/user", pid) < 0)
		return fail_errno(e, "cannot name the user namespace");
	return ns_open(path, CLONE_NEWUSER, e);
}

int idmap_userns(const char *uid_map, const char *gid_map, struct error *e)
{
	AUTO_CLOSE int pidfd = -1;
	pid_t parent = getpid();
	pid_t pid = spawn(CLONE_NEWUSER, -1, &pidfd, e);
	int status, fd = -1;
	struct error ignored;

	if (pid == 0)
		hold_namespace(parent);
	if (pid < 0)
		return error_context(e, "user namespace for an id map");
	if (idmap_write(pid, uid_map, gid_map, geteuid() != 0, false, e) == 0)
		fd = open_user_namespace(pid, pidfd, e);
	signal_process(pid, pidfd, SIGKILL);
	spawn_wait(pid, pidfd, -1, &status, &ignored);
	return fd;
}
