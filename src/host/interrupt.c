/* SPDX-License-Identifier: Apache-2.0 */
#include "host/interrupt.h"

#include <errno.h>
#include <poll.h>
#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

#include "base/list.h"
#include "spec/names.h"
#include "sys/clock.h"

#define WAIT_MAX 4

static const int interrupting[] = {SIGINT, SIGTERM, SIGHUP, SIGQUIT};

int interrupt_open(struct error *e)
{
	sigset_t set;
	int fd;

	sigemptyset(&set);
	for (size_t i = 0; i < ARRAY_SIZE(interrupting); i++)
		sigaddset(&set, interrupting[i]);
	if (sigprocmask(SIG_BLOCK, &set, NULL) < 0)
		return fail_errno(e, "cannot block signals");
	fd = signalfd(-1, &set, SFD_CLOEXEC | SFD_NONBLOCK);
	if (fd < 0)
		return fail_errno(e, "cannot open a signal descriptor");
	return fd;
}

int interrupt_check(int fd, struct error *e)
{
	struct signalfd_siginfo info;
	const char *name;

	if (fd < 0 || read(fd, &info, sizeof(info)) != sizeof(info))
		return 0;
	name = name_of(signal_names, info.ssi_signo);
	return fail(e, 0, "interrupted by %s%s", name ? "SIG" : "a signal", name ? name : "");
}

int interrupt_wait(int interrupt, const int *fds, unsigned int n, int64_t ms, struct error *e)
{
	struct pollfd p[WAIT_MAX + 1] = {{.fd = interrupt, .events = POLLIN}};
	int64_t end = ms < 0 ? 0 : now_ms() + ms;

	for (unsigned int i = 0; i < n; i++)
		p[i + 1] = (struct pollfd){.fd = fds[i], .events = POLLIN};

	for (;;) {
		int64_t left = ms < 0 ? -1 : end - now_ms();
		int r = poll(p, n + 1,
			     left < 0	    ? (ms < 0 ? -1 : 0)
			     : left > 60000 ? 60000
					    : (int)left);

		if (r < 0 && errno != EINTR)
			return fail_errno(e, "cannot wait");
		/* What has come about counts more than the wish that it had not: a signal waits. */
		for (unsigned int i = 0; r > 0 && i < n; i++)
			if (p[i + 1].revents)
				return (int)i;
		if (r > 0 && p[0].revents && interrupt_check(interrupt, e) < 0)
			return -1;
		if (ms >= 0 && now_ms() >= end)
			return (int)n;
	}
}
