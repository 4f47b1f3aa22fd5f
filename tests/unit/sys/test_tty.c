/* SPDX-License-Identifier: Apache-2.0 */
#include "sys_test.h"

#include <sys/ioctl.h>
#include <sys/sysmacros.h>

#include "sys/tty.h"

static int open_devpts(void)
{
	return open("/dev/pts", O_PATH | O_DIRECTORY | O_CLOEXEC);
}

static void pair(const void *unused)
{
	struct winsize size;
	struct termios t, saved;
	struct error e;
	int master, slave = -1, other;
	char text[8] = "";

	(void)unused;
	CHECK_OK(master = tty_open_pair(open_devpts(), 24, 80, &slave, &e));
	CHECK(isatty(master) && isatty(slave) &&
	      (fcntl(master, F_GETFD) & fcntl(slave, F_GETFD) & FD_CLOEXEC));
	CHECK(ioctl(slave, TIOCGWINSZ, &size) == 0 && size.ws_row == 24 && size.ws_col == 80);
	CHECK(write(slave, "a\n", 2) == 2 && read(master, text, sizeof(text)) == 3 &&
	      !strcmp(text, "a\r\n"));
	CHECK_OK(tty_keep_newlines(master, &e));
	CHECK(write(slave, "b\n", 2) == 2 && read(master, text, sizeof(text)) == 2 &&
	      !strncmp(text, "b\n", 2));
	CHECK(tcgetattr(slave, &saved) == 0 && tty_raw(slave, &saved) == 0);
	CHECK(tcgetattr(slave, &t) == 0 && !(t.c_lflag & (ICANON | ECHO | ISIG)) &&
	      (t.c_oflag & OPOST));
	tty_restore(slave, &saved);
	CHECK(tcgetattr(slave, &t) == 0 && (t.c_lflag & ICANON));
	CHECK_OK(other = tty_open_pair(open_devpts(), 0, 0, &slave, &e));
	CHECK(tty_copy_size(master, other) == 0);
	CHECK(ioctl(slave, TIOCGWINSZ, &size) == 0 && size.ws_row == 24);
	CHECK(tty_copy_size(open("/dev/null", O_RDWR), other) < 0);
}

static void a_pair_is_opened_and_sized(void **state)
{
	(void)state;
	in_child(pair, NULL);
}

static void take(const void *unused)
{
	struct error e;
	int slave;

	(void)unused;
	CHECK_OK(tty_open_pair(open_devpts(), 0, 0, &slave, &e));
	CHECK(setsid() > 0);
	CHECK_OK(tty_take(slave, &e));
	CHECK(isatty(0) && isatty(1) && isatty(2) && open("/dev/tty", O_RDWR | O_CLOEXEC) >= 0);
	CHECK(fcntl(0, F_GETFD) == 0 && tcgetsid(0) == getpid());
}

static void a_session_takes_its_terminal(void **state)
{
	(void)state;
	in_child(take, NULL);
}

/* T12: an image brings a ptmx of its own. */
static void fake(const void *unused)
{
	struct error e;
	char base[64];
	int dir, slave = -3;

	(void)unused;
	own_mounts();
	scratch_make(base);
	CHECK(mount("tmpfs", base, "tmpfs", 0, NULL) == 0 && chdir(base) == 0);
	dir = open(".", O_PATH | O_DIRECTORY | O_CLOEXEC);
	CHECK(tty_open_pair(dir, 0, 0, &slave, &e) < 0 && e.code == ENOENT);
	CHECK(symlink("/dev/pts/ptmx", "ptmx") == 0);
	CHECK(tty_open_pair(dir, 0, 0, &slave, &e) < 0);
	CHECK(unlink("ptmx") == 0 && mkfifo("ptmx", 0600) == 0);
	CHECK(tty_open_pair(dir, 0, 0, &slave, &e) < 0); /* and does not wait */
	CHECK(unlink("ptmx") == 0);
	if (mknod("ptmx", S_IFCHR | 0666, makedev(5, 2)) == 0)
		CHECK(tty_open_pair(dir, 0, 0, &slave, &e) < 0);
	CHECK(slave == -3);
	CHECK(chdir("/") == 0 && umount2(base, MNT_DETACH) == 0);
	rmdir(base);
}

static void a_ptmx_that_is_not_a_devpts_own_is_refused(void **state)
{
	(void)state;
	in_child(fake, NULL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_pair_is_opened_and_sized),
		cmocka_unit_test(a_session_takes_its_terminal),
		cmocka_unit_test(a_ptmx_that_is_not_a_devpts_own_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
