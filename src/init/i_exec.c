/* SPDX-License-Identifier: Apache-2.0 */
/* The program: looked for at create, executed at start. */
#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/fd.h"
#include "base/str.h"
#include "init/walk.h"
#include "sys/path.h"
#include "sys/process.h"
#include "sys/self.h"

/* As in login(1), for a config whose environment has none. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* Pages that are not touched cost nothing, and these wait for `start` in no stack frame. */
static char executable[PATH_MAX];
static char home[PATH_MAX];
static char passwd[256 * 1024];

/* ---- the program ---- */

/*
 * 0 when @path could be executed, else why not.  Through the resolver first: a
 * magic link ("/proc/self/exe", "/proc/self/fd/7/...") leads to what is ours.
 */
static int why_not(struct init *in, const char *path)
{
	struct error e;
	AUTO_LATER int fd = path_open_inside(in->root, path, 0, &e);
	struct stat st;

	if (fd < 0)
		return e.code;
	if (fstat(fd, &st) < 0)
		return errno;
	if (S_ISDIR(st.st_mode))
		return EISDIR;
	if (!S_ISREG(st.st_mode))
		return EACCES;
	if (faccessat(AT_FDCWD, path, X_OK, AT_EACCESS) == 0)
		return 0;
	/* the C library goes on by itself when the newer call is missing, not when a filter refuses it */
	return errno == EPERM && access(path, X_OK) == 0 ? 0 : errno;
}

/* The @len bytes of @dir and @file as one absolute path. @len 0: the working directory. */
static int join(const char *dir, size_t len, const char *file)
{
	char cwd[PATH_MAX] = "";

	if (len ? dir[0] != '/' : file[0] != '/') {
		if (syscall(SYS_getcwd, cwd, sizeof(cwd) - 1) < 0)
			return -1;
		strcat(cwd, "/");
	}
	return str_format(executable, sizeof(executable), "%s%.*s%s%s", cwd, (int)len, dir,
			  len ? "/" : "", file);
}

/* execvp(3): what may not be executed is passed over, and told when nothing else is found. */
static int search(struct init *in, const char *path, const char *file)
{
	int code = ENOENT;

	for (;;) {
		size_t len = strcspn(path, ":");

		if (join(path, len, file) == 0) {
			int why = why_not(in, executable);

			if (!why)
				return 0;
			if (error_is_shortage(why))
				return fail(in->e, why, "exec: \"%s\": cannot look for it", file);
			if (why == EACCES)
				code = EACCES;
		}
		if (!path[len])
			break;
		path += len + 1;
	}
	if (code == EACCES)
		return fail(in->e, 0, "exec: \"%s\": %s", file, execve_words(EACCES));
	return fail(in->e, 0, "exec: \"%s\": executable file not found in $PATH", file);
}

/* ---- HOME ---- */

/* The next field of a line of passwd(5); ends it. */
static char *field(char **rest)
{
	char *f = *rest, *end = f + strcspn(f, ":");

	*rest = *end ? end + 1 : end;
	*end = '\0';
	return f;
}

/* The home directory of @uid in the lines of @text, or NULL. */
static const char *home_of(char *text, uint64_t uid)
{
	while (*text) {
		char *line = text, *end = text + strcspn(text, "\n");
		uint64_t id;
		const char *dir;

		text = *end ? end + 1 : end;
		*end = '\0';
		field(&line); /* name */
		field(&line); /* password */
		if (str_to_u64(field(&line), UINT32_MAX, &id) < 0 || id != uid)
			continue;
		field(&line); /* group */
		field(&line); /* real name */
		dir = field(&line);
		return dir[0] == '/' ? dir : NULL;
	}
	return NULL;
}

/*
 * A program may expect HOME, and an empty one is none.  This is the only content of an image
 * that init looks into, and what it finds ends up in the environment and nowhere else.
 */
static void add_home(struct init *in)
{
	const struct op *op = init_next(in, OP_EXEC);
	const char *dir = NULL;
	struct error ignored;
	char **v;

	if (!op)
		return;
	v = init_strings(in, op->exec.env);
	while (*v && !str_starts(*v, "HOME="))
		v++;
	if (*v && (*v)[5])
		return;
	if (path_read_inside(in->root, "/etc/passwd", passwd, sizeof(passwd), &ignored) >= 0)
		dir = home_of(passwd, getuid());
	if (!dir || str_format(home, sizeof(home), "HOME=%s", dir) < 0)
		memcpy(home, "HOME=/", sizeof("HOME=/"));
	*v = home;
}

int do_find_executable(struct init *in, const struct op_find_executable *o)
{
	const char *file = init_text(in, o->file);
	const char *path = o->path ? init_text(in, o->path) : DEFAULT_PATH;
	int why;

	add_home(in);
	if (!strchr(file, '/')) {
		if (search(in, path, file) < 0)
			return -1;
	} else {
		why = join("", 0, file) < 0 ? errno : why_not(in, executable);
		if (why)
			return fail(in->e, 0, "exec: \"%s\": %s", file, execve_words(why));
	}
	in->executable = executable;
	return 0;
}

/* ---- execve ---- */

/* Everybody may lower a limit. */
static int lower_limits(struct init *in)
{
	for (uint32_t i = 0; i < in->plan->op_count; i++) {
		const struct op *op = &in->plan->ops[i];
		const struct op_rlimit *r = &op->rlimit;

		if (op->kind != OP_RLIMIT || !r->late)
			continue;
		in->op = op; /* whom a failure is put down to */
		if (process_rlimit(0, r->resource, r->soft, r->hard, in->e) < 0)
			return -1;
	}
	return 0;
}

int do_close_fds(struct init *in, const struct op_close_fds *o)
{
	if (self_close_from(o->keep, in->host, in->e) < 0)
		return error_context(in->e, "cannot close what is not the container's");
	in->root = in->proc = in->null = in->mask = -1;
	return lower_limits(in);
}

/* In a pid namespace that is not its own the program is not the first process. */
static void set_listen_pid(char **env)
{
	static char text[24];

	for (; *env; env++)
		if (str_eq(*env, "LISTEN_PID=1") &&
		    str_format(text, sizeof(text), "LISTEN_PID=%d", getpid()) == 0)
			*env = text;
}

int do_exec(struct init *in, const struct op_exec *o)
{
	char **argv, **env;

	if (o->no_process)
		return fail_at(in->e, "process", 0,
			       "the config has no process that could be started");
	argv = init_strings(in, o->argv);
	env = init_strings(in, o->env);
	if (o->listen_pid)
		set_listen_pid(env);
	if (process_heed_signals() < 0)
		return fail_errno(in->e, "cannot reset the signals");
	execve(in->executable ? in->executable : argv[0], argv, env);
	return fail(in->e, 0, "exec: \"%s\": %s", argv[0], execve_words(errno));
}
