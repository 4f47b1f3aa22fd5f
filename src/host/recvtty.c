/* SPDX-License-Identifier: Apache-2.0 */
#include "host/recvtty.h"

#include <fcntl.h>
#include <libgen.h>
#include <limits.h>
#include <signal.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/socket.h>

#include "base/fd.h"
#include "base/list.h"
#include "base/str.h"
#include "host/relay.h"
#include "sys/socket.h"
#include "sys/tty.h"

struct receiver {
	int dir; /* where the socket is */
	char name[NAME_MAX + 1];
	int listener;
	int signals; /* signalfd(2) */
};

/* ---- the socket ---- */

static int split(struct receiver *r, const char *path, struct error *e)
{
	char parent[PATH_MAX], name[PATH_MAX];

	if (str_format(parent, sizeof(parent), "%s", path) < 0 ||
	    str_format(name, sizeof(name), "%s", path) < 0 ||
	    str_format(r->name, sizeof(r->name), "%s", basename(name)) < 0)
		return fail_errno(e, "cannot listen on \"%s\"", path);
	r->dir = openat(AT_FDCWD, dirname(parent), O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (r->dir < 0)
		return fail_errno(e, "cannot open the directory of \"%s\"", path);
	return 0;
}

/* A socket that nobody listens on is what a killed receiver left. */
static void remove_stale(const struct receiver *r)
{
	struct error e = {0};
	AUTO_CLOSE int sock = socket_connect(r->dir, r->name, SOCK_STREAM, &e);

	if (sock < 0 && e.code == ECONNREFUSED)
		(void)unlinkat(r->dir, r->name, 0);
}

static int block_signals(struct receiver *r, struct error *e)
{
	sigset_t set;

	sigemptyset(&set);
	sigaddset(&set, SIGINT);
	sigaddset(&set, SIGTERM);
	sigaddset(&set, SIGHUP);
	sigaddset(&set, SIGWINCH);
	sigprocmask(SIG_BLOCK, &set, NULL);
	r->signals = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	return r->signals < 0 ? fail_errno(e, "cannot open a signal descriptor") : 0;
}

static void receiver_end(struct receiver *r)
{
	if (r->listener >= 0)
		(void)unlinkat(r->dir, r->name, 0);
	close_fd(&r->listener);
	close_fd(&r->signals);
	close_fd(&r->dir);
}

static int receiver_begin(struct receiver *r, const char *path, struct error *e)
{
	*r = (struct receiver){.dir = -1, .listener = -1, .signals = -1};
	if (split(r, path, e) < 0)
		return -1;
	remove_stale(r);
	r->listener = socket_listen(r->dir, r->name, SOCK_STREAM, e);
	if (r->listener < 0 || block_signals(r, e) < 0) {
		receiver_end(r);
		return -1;
	}
	return 0;
}

/* The next signal, 0 when there is none. */
static int take_signal(const struct receiver *r)
{
	struct signalfd_siginfo info;

	return read(r->signals, &info, sizeof(info)) == sizeof(info) ? (int)info.ssi_signo : 0;
}

/* 1 when somebody connects, 0 when a signal tells to end. */
static int wait_for_sender(const struct receiver *r)
{
	struct pollfd fds[] = {{.fd = r->listener, .events = POLLIN},
			       {.fd = r->signals, .events = POLLIN}};
	int sig;

	for (;;) {
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return 0;
		while ((sig = take_signal(r)) != 0)
			if (sig != SIGWINCH)
				return 0;
		if (fds[0].revents)
			return 1;
	}
}

/* The terminal that the next sender hands over. */
static int receive(const struct receiver *r, struct error *e)
{
	AUTO_CLOSE int sock = accept4(r->listener, NULL, NULL, SOCK_CLOEXEC);
	char name[4096];
	int master = -1;

	if (sock < 0)
		return fail_errno(e, "cannot accept a connection");
	if (socket_receive_fd(sock, name, sizeof(name), &master) < 0)
		return fail_errno(e, "cannot receive a terminal");
	if (master < 0)
		return fail(e, 0, "the sender sent no terminal");
	return master;
}

/* ---- one terminal, ours ---- */

static void relay_until_end(const struct receiver *r, struct relay *relay)
{
	struct pollfd fds[RELAY_FDS + 1];
	int sig;

	while (!relay->output_ended) {
		relay_poll(relay, fds);
		fds[RELAY_FDS] = (struct pollfd){.fd = r->signals, .events = POLLIN};
		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			return;
		while ((sig = take_signal(r)) != 0) {
			if (sig != SIGWINCH)
				return;
			relay_resize(relay);
		}
		relay_attend(relay, fds);
	}
}

int recvtty_single(const char *path, struct error *e)
{
	struct receiver r;
	struct relay relay;
	int result = 0;

	if (receiver_begin(&r, path, e) < 0)
		return -1;
	if (wait_for_sender(&r)) {
		AUTO_CLOSE int master = receive(&r, e);

		result = master < 0 || tty_keep_newlines(master, e) < 0
				 ? -1
				 : relay_begin(&relay, master, e);
		if (result == 0) {
			relay.keep_input_open = true;
			relay_until_end(&r, &relay);
			relay_end(&relay);
		}
	}
	receiver_end(&r);
	return result;
}

/* ---- any number, nobody's ---- */

#define TERMINALS_MAX 256

/* Reads away what there is; closes a terminal that has ended. */
static void discard(struct pollfd *fd)
{
	char data[4096];
	ssize_t n;

	if (!fd->revents)
		return;
	n = read(fd->fd, data, sizeof(data));
	if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
		close_fd(&fd->fd);
		fd->fd = -1;
	}
}

static void add(struct pollfd *fds, int master)
{
	for (size_t i = 0; i < TERMINALS_MAX; i++) {
		if (fds[i].fd < 0) {
			fds[i] = (struct pollfd){.fd = master, .events = POLLIN};
			return;
		}
	}
	close_fd(&master); /* its container loses its terminal, which is better than blocking all */
}

int recvtty_null(const char *path, struct error *e)
{
	struct pollfd fds[TERMINALS_MAX + 2];
	struct receiver r;
	int sig = 0;

	if (receiver_begin(&r, path, e) < 0)
		return -1;
	for (size_t i = 0; i < TERMINALS_MAX; i++)
		fds[i] = (struct pollfd){.fd = -1};
	fds[TERMINALS_MAX] = (struct pollfd){.fd = r.listener, .events = POLLIN};
	fds[TERMINALS_MAX + 1] = (struct pollfd){.fd = r.signals, .events = POLLIN};

	while (sig == 0 || sig == SIGWINCH) {
		struct error ignored; /* one bad sender is not the end for the others */
		int master;

		if (poll(fds, ARRAY_SIZE(fds), -1) < 0 && errno != EINTR)
			break;
		for (size_t i = 0; i < TERMINALS_MAX; i++)
			discard(&fds[i]);
		if (fds[TERMINALS_MAX].revents && (master = receive(&r, &ignored)) >= 0)
			add(fds, master);
		sig = take_signal(&r);
	}
	receiver_end(&r);
	return 0;
}
