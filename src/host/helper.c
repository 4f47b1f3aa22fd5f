/* SPDX-License-Identifier: Apache-2.0 */
#include "host/helper.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "host/start.h"
#include "sys/process.h"
#include "sys/self.h"
#include "sys/socket.h"
#include "sys/spawn.h"

#define PLACE "libexec/yacr"

/* Cuts the last component off. */
static int parent_of(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash)
		return -1;
	*slash = '\0';
	return 0;
}

int helper_find(char path[PATH_MAX], const char *name, struct error *e)
{
	char place[PATH_MAX];
	struct stat st;

	if (str_format(place, sizeof(place), "%s", host_executable()) < 0 || parent_of(place) < 0 ||
	    parent_of(place) < 0 || str_format(path, PATH_MAX, "%s/" PLACE "/%s", place, name) < 0)
		return fail(e, 0, "this needs %s, and where yacr was executed from is not known",
			    name);
	if (stat(path, &st) < 0)
		return fail_errno(e, "this needs \"%s\"", path);
	if (!S_ISREG(st.st_mode) || access(path, X_OK) < 0)
		return fail(e, 0, "this needs \"%s\", which cannot be executed", path);
	return 0;
}

void helper_become(const char *path, int sock)
{
	char *argv[] = {(char *)(uintptr_t)path, NULL};
	char *env[] = {(char *)"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		       NULL};
	struct error ignored;

	/* dup2(2) onto itself would leave the flag that closes it. */
	if ((sock == HELPER_SOCKET ? fcntl(sock, F_SETFD, 0) : dup2(sock, HELPER_SOCKET)) < 0 ||
	    self_close_from(HELPER_SOCKET + 1, -1, &ignored) < 0 || process_default_signals() < 0)
		return;
	/* A ^C of the user's is ours to deal with. */
	(void)setpgid(0, 0);
	umask(022);
	execve(path, argv, env);
}

int helper_start(struct helper *h, const char *name, struct error *e)
{
	char path[PATH_MAX];
	int pair[2];

	*h = (struct helper){.pidfd = -1, .sock = -1};
	if (helper_find(path, name, e) < 0 || socket_pair(pair, e) < 0)
		return -1;
	h->pid = spawn(0, -1, &h->pidfd, e);
	if (h->pid == 0) {
		helper_become(path, pair[1]);
		_exit(127);
	}
	close(pair[1]);
	h->sock = pair[0];
	if (h->pid > 0)
		return 0;
	close_fd(&h->sock);
	h->sock = -1;
	return error_context(e, "cannot start %s", name);
}

void helper_end(struct helper *h)
{
	struct error ignored;
	int status;

	close_fd(&h->sock);
	if (h->pid > 0)
		(void)spawn_wait(h->pid, h->pidfd, -1, &status, &ignored);
	close_fd(&h->pidfd);
	*h = (struct helper){.pidfd = -1, .sock = -1};
}
