/* SPDX-License-Identifier: Apache-2.0 */
#include "host/notify.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stddef.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>

#include "base/fd.h"
#include "base/log.h"
#include "base/str.h"
#include "sys/socket.h"

#define MANAGER_S 5 /* for it to read: as long as systemd-notify(1) waits for a barrier */
#define TICK_MS 100 /* between looks at a process without a pidfd */

int notify_make_dir(int dir, struct error *e)
{
	/* Whoever the program is inside, it gets to the socket. */
	if (mkdirat(dir, NOTIFY_DIR, 0755) < 0 || fchmodat(dir, NOTIFY_DIR, 0755, 0) < 0)
		return fail_errno(e, "cannot make a directory for the notify socket");
	return 0;
}

int notify_listen(struct notify *n, int dir, const struct caller *c, struct error *e)
{
	AUTO_CLOSE int place = -1;

	*n = (struct notify){.manager = c->notify_socket, .sock = -1};
	if (!c->notify_socket)
		return 0;
	place = openat(dir, NOTIFY_DIR, O_PATH | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (place < 0)
		return errno == ENOENT ? 0
				       : fail_errno(e, "cannot open the notify socket's directory");
	(void)unlinkat(place, NOTIFY_NAME, 0); /* of an earlier `start` that did not succeed */
	n->sock = socket_listen(place, NOTIFY_NAME, SOCK_DGRAM | SOCK_NONBLOCK, e);
	if (n->sock >= 0 && fchmodat(place, NOTIFY_NAME, 0777, 0) < 0) {
		notify_close(n);
		return fail_errno(e, "cannot open the notify socket to the container");
	}
	return n->sock < 0 ? -1 : 0;
}

void notify_close(struct notify *n)
{
	close_fd(&n->sock);
	n->sock = -1;
}

/* Lines of one datagram. */
static bool says_ready(const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");

		if (len == strlen("READY=1") && !strncmp(text, "READY=1", len))
			return true;
		text += len + (text[len] == '\n');
	}
	return false;
}

static bool is_ready(const struct notify *n)
{
	char text[4096];
	ssize_t len;

	/* Not for ever: it may talk faster than we listen. */
	for (int i = 0; i < 64; i++) {
		len = recv(n->sock, text, sizeof(text) - 1, MSG_DONTWAIT);
		if (len < 0)
			return false;
		text[len] = '\0';
		if (says_ready(text))
			return true;
	}
	return false;
}

static int connect_manager(const char *name)
{
	const struct timeval patience = {.tv_sec = MANAGER_S};
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	AUTO_CLOSE int fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	size_t len = strlen(name);

	if (len >= sizeof(a.sun_path)) {
		errno = ENAMETOOLONG;
		return -1;
	}
	memcpy(a.sun_path, name, len);
	if (name[0] == '@')
		a.sun_path[0] = '\0';
	if (fd < 0 || setsockopt(fd, SOL_SOCKET, SO_SNDTIMEO, &patience, sizeof(patience)) < 0 ||
	    connect(fd, (struct sockaddr *)&a,
		    (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) < 0)
		return -1;
	return TAKE_FD(fd);
}

/* sd_notify_barrier(3): our end of the pipe hangs up when the manager has read up to here. */
static int pass_barrier(int manager)
{
	static const char text[] = "BARRIER=1";
	struct pollfd hangs = {.fd = -1};
	int ends[2], r;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return -1;
	r = socket_send_fd(manager, text, strlen(text), ends[1]);
	close(ends[1]);
	hangs.fd = ends[0];
	if (r == 0 && poll(&hangs, 1, MANAGER_S * 1000) == 0)
		log_debug("the service manager has not answered within %d s", MANAGER_S);
	close(ends[0]);
	return r;
}

static void tell_manager(const char *manager, pid_t pid)
{
	AUTO_CLOSE int fd = connect_manager(manager);
	char text[40];

	if (fd < 0 || str_format(text, sizeof(text), "READY=1\nMAINPID=%d", pid) < 0 ||
	    socket_send_fd(fd, text, strlen(text), -1) < 0 || pass_barrier(fd) < 0)
		log_warning("cannot notify \"%s\": %s", manager, errno_words(errno));
}

void notify_attend(struct notify *n, pid_t pid)
{
	if (n->sock < 0 || !is_ready(n))
		return;
	tell_manager(n->manager, pid);
	notify_close(n);
}

int notify_wait(struct notify *n, pid_t pid, int pidfd, int interrupt, struct error *e)
{
	while (n->sock >= 0) {
		const int fds[] = {n->sock, pidfd};
		int which = interrupt_wait(interrupt, fds, 2, pidfd < 0 ? TICK_MS : -1, e);

		if (which < 0)
			return -1;
		notify_attend(n, pid);
		if (which == 1 || (pidfd < 0 && kill(pid, 0) < 0))
			notify_close(n);
	}
	return 0;
}
