/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/tty.h"

#include <sys/ioctl.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/vfs.h>

#include "base/fd.h"
#include "sys/abi.h"

/* A devpts, with a "ptmx" that is the real one: an image can hold anything by these names. */
static int check_master(int fd, struct error *e)
{
	struct statfs fs;
	struct stat st;

	if (fstatfs(fd, &fs) < 0 || fstat(fd, &st) < 0)
		return fail_errno(e, "cannot examine the terminal");
	if (fs.f_type != ABI_DEVPTS_MAGIC || !S_ISCHR(st.st_mode) || st.st_rdev != makedev(5, 2))
		return fail(e, 0, "ptmx is not that of a devpts");
	return 0;
}

int tty_open_pair(int devpts, uint16_t height, uint16_t width, int *slave, struct error *e)
{
	const struct winsize size = {.ws_row = height, .ws_col = width};
	AUTO_CLOSE int place = openat(devpts, "ptmx", O_PATH | O_NOFOLLOW | O_CLOEXEC);
	AUTO_CLOSE int master = -1;
	AUTO_CLOSE int peer = -1;
	int unlock = 0;

	if (place < 0)
		return fail_errno(e, "cannot open the devpts's ptmx");
	if (check_master(place, e) < 0)
		return -1;
	master = openat(devpts, "ptmx", O_RDWR | O_NOCTTY | O_NOFOLLOW | O_CLOEXEC);
	if (master < 0)
		return fail_errno(e, "cannot open the devpts's ptmx");
	if (check_master(master, e) < 0)
		return -1;
	if (ioctl(master, TIOCSPTLCK, &unlock) < 0)
		return fail_errno(e, "cannot unlock the terminal");
	peer = ioctl(master, ABI_TIOCGPTPEER, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (peer < 0)
		return fail_errno(e, "cannot open the terminal");
	if (height && ioctl(peer, TIOCSWINSZ, &size) < 0)
		return fail_errno(e, "cannot set the terminal's size");
	*slave = TAKE_FD(peer);
	return TAKE_FD(master);
}

int tty_take(int slave, struct error *e)
{
	if (ioctl(slave, TIOCSCTTY, 0) < 0)
		return fail_errno(e, "cannot take the terminal");
	for (int fd = 0; fd < 3; fd++)
		if (dup2(slave, fd) < 0)
			return fail_errno(e, "cannot use the terminal");
	return 0;
}

int tty_keep_newlines(int fd, struct error *e)
{
	struct termios t;

	if (tcgetattr(fd, &t) == 0) {
		t.c_oflag &= ~(tcflag_t)ONLCR;
		if (tcsetattr(fd, TCSANOW, &t) == 0)
			return 0;
	}
	return fail_errno(e, "cannot set up the terminal");
}

int tty_raw(int fd, const struct termios *saved)
{
	struct termios t = *saved;

	cfmakeraw(&t);
	t.c_oflag = saved->c_oflag;
	return tcsetattr(fd, TCSANOW, &t);
}

void tty_restore(int fd, const struct termios *saved)
{
	tcsetattr(fd, TCSANOW, saved);
}

int tty_copy_size(int from, int to)
{
	struct winsize size;

	if (ioctl(from, TIOCGWINSZ, &size) < 0)
		return -1;
	return ioctl(to, TIOCSWINSZ, &size);
}
