/* SPDX-License-Identifier: Apache-2.0 */
#include "host/handover.h"

#include <fcntl.h>
#include <limits.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/file.h"
#include "sys/socket.h"

int hand_over(int sock, const char *name, int fd)
{
	return socket_send_fd(sock, name, strlen(name), fd);
}

/* The texts are runc's: engines' issue trackers are full of them. */
int console_check(bool terminal, bool detached, const char *path, struct error *e)
{
	if (detached && terminal && !path)
		return fail_at(
			e, "process.terminal", 0,
			"cannot allocate tty if yacr will detach without setting console socket");
	if (path && (!detached || !terminal))
		return fail(e, 0,
			    "cannot use console socket if yacr will not detach or allocate tty");
	return 0;
}

int console_connect(int *sock, const char *path, struct error *e)
{
	if (!path)
		return 0;
	*sock = socket_connect_path(path, SOCK_STREAM, e);
	if (*sock < 0)
		return error_context(e, "cannot connect to console socket \"%s\"", path);
	return 0;
}

/* The console socket's owner may be gone by now, but it gets what it was promised: master, then EOF. */
int console_hand_over(int *sock, const char *path, int *master, struct error *e)
{
	if (*sock < 0)
		return 0;
	if (*master < 0)
		return fail(e, EPROTO, "the container's init made no terminal");
	if (hand_over(*sock, "/dev/ptmx", *master) < 0)
		return fail_errno(e, "cannot send the terminal to console socket \"%s\"", path);
	close_fd(master);
	close_fd(sock);
	*master = *sock = -1;
	return 0;
}

int hand_over_pidfd(const char *path, int pidfd, struct error *e)
{
	AUTO_CLOSE int sock = -1;

	if (pidfd < 0)
		return fail(e, ENOSYS, "cannot send a process descriptor to \"%s\"", path);
	sock = socket_connect_path(path, SOCK_STREAM, e);
	if (sock < 0)
		return error_context(e, "cannot connect to pidfd socket \"%s\"", path);
	if (hand_over(sock, "pidfd", pidfd) < 0)
		return fail_errno(e, "cannot send to pidfd socket \"%s\"", path);
	return 0;
}

int write_pid_file(const char *path, pid_t pid, struct error *e)
{
	const char *slash = strrchr(path, '/');
	const char *name = slash ? slash + 1 : path;
	char parent[PATH_MAX], digits[16];
	struct stat st;

	if (str_format(parent, sizeof(parent), "%.*s", slash ? (int)(slash - path) + 1 : 1,
		       slash ? path : ".") < 0 ||
	    str_format(digits, sizeof(digits), "%d", pid) < 0)
		return fail_errno(e, "cannot write pid file \"%s\"", path);

	AUTO_CLOSE int dir = openat(AT_FDCWD, parent, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		return fail_errno(e, "cannot open the directory of pid file \"%s\"", path);
	/* "/dev/null" and "/dev/stdout" are the host's */
	if (fstatat(dir, name, &st, AT_SYMLINK_NOFOLLOW) == 0 && !S_ISREG(st.st_mode))
		return fail(e, 0,
			    "pid file \"%s\" is no regular file, and would be replaced by one",
			    path);
	if (file_replace_at(dir, name, 0644, digits, strlen(digits), e) < 0)
		return error_context(e, "cannot write pid file \"%s\"", path);
	return 0;
}
