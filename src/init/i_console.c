/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <unistd.h>

#include "base/fd.h"
#include "init/message.h"
#include "init/walk.h"
#include "sys/mount.h"
#include "sys/path.h"
#include "sys/tty.h"

static int bind_console(struct init *in, int slave)
{
	AUTO_CLOSE int target = place_entry(in, "/dev/console");
	struct mount_intent m = {.tree = slave, .attr = {.userns = -1}};
	AUTO_CLOSE int mounted = -1;

	if (target < 0)
		return -1;
	mounted = init_mount(in, &m, target);
	if (mounted < 0)
		return error_context(in->e, "cannot bind the terminal to \"/dev/console\"");
	return 0;
}

int do_console(struct init *in, const struct op_console *o)
{
	AUTO_CLOSE int devpts = path_open_inside(in->root, "/dev/pts", PATH_DIRECTORY, in->e);
	AUTO_CLOSE int slave = -1;
	AUTO_CLOSE int master =
		devpts < 0 ? -1 : tty_open_pair(devpts, o->height, o->width, &slave, in->e);

	if (master < 0)
		return error_context(in->e, "a terminal needs a devpts on \"/dev/pts\"");
	if (o->newlines && tty_keep_newlines(slave, in->e) < 0)
		return -1;
	/* A user who is not mapped, or a devpts with uid=: then the terminal is as it is. */
	if (fchown(slave, o->uid, (gid_t)-1) < 0 && errno != EPERM && errno != EINVAL)
		return fail_errno(in->e, "cannot give the terminal to the container's user");
	if (o->bind && bind_console(in, slave) < 0)
		return -1;
	if (getsid(0) != getpid() && setsid() < 0)
		return fail_errno(in->e, "cannot make a session for the terminal");
	if (init_say(in, MSG_CONSOLE, 0, master) < 0)
		return -1;
	return tty_take(slave, in->e);
}
