/* SPDX-License-Identifier: Apache-2.0 */
/* What the program will be: its ids, powers, labels, limits of its own, working directory. */
#include <fcntl.h>
#include <limits.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "base/fd.h"
#include "base/str.h"
#include "init/message.h"
#include "init/walk.h"
#include "sys/cred.h"
#include "sys/path.h"
#include "sys/process.h"
#include "sys/procfs.h"

static const uint32_t *numbers(const struct init *in, struct plan_u32s v)
{
	return (const uint32_t *)(const void *)(in->plan->heap + v.at);
}

int do_cpu_affinity(struct init *in, const struct op_cpu_affinity *o)
{
	if (!o->any)
		return process_cpu_affinity(numbers(in, o->cpus), o->cpus.count, in->e);
	process_any_cpu();
	return 0;
}

int do_scheduler(struct init *in, const struct op_scheduler *o)
{
	const struct process_scheduler s = {
		.flags = o->flags,
		.runtime = o->runtime,
		.deadline = o->deadline,
		.period = o->period,
		.policy = o->policy,
		.priority = o->priority,
		.nice = o->nice,
	};

	return process_scheduler(&s, in->e);
}

int do_io_priority(struct init *in, const struct op_io_priority *o)
{
	return process_io_priority(o->value, in->e);
}

int do_personality(struct init *in, const struct op_personality *o)
{
	return process_personality(o->domain, in->e);
}

int do_memory_policy(struct init *in, const struct op_memory_policy *o)
{
	return process_memory_policy(o->mode, numbers(in, o->nodes), o->nodes.count, in->e);
}

/*
 * A directory outside of the root has a name that does not begin with '/'
 * (CVE-2024-21626); one that was removed has none.
 */
static int check_cwd(struct init *in, const char *path)
{
	char name[PATH_MAX];

	/* The kernel's own: a libc's may allocate. */
	if (syscall(SYS_getcwd, name, sizeof(name)) < 0 || name[0] != '/')
		return fail(in->e, 0, "working directory \"%s\" is not inside the container", path);
	return 0;
}

int do_cwd(struct init *in, const struct op_cwd *o)
{
	const char *path = init_text(in, o->path);
	AUTO_LATER int fd = -1;

	/* Changing the ids may have changed what may be seen, so it is asked anew. */
	if (o->again && in->cwd_done)
		return check_cwd(in, path);
	fd = path_open_inside(in->root, path, PATH_DIRECTORY, in->e);
	if (fd < 0 || fchdir(fd) < 0) {
		int code = fd < 0 ? in->e->code : errno;

		/* What root may not enter, the container's user perhaps may: a home directory on NFS. */
		if (code == EACCES && !o->again)
			return 0;
		return fail(in->e, code, "cannot change to working directory \"%s\"", path);
	}
	in->cwd_done = true;
	return check_cwd(in, path);
}

int do_bounding(struct init *in, const struct op_bounding *o)
{
	in->bounding = o->keep;
	return caps_bounding_keep(o->keep, in->e);
}

/* ---- stdio ---- */

/* The container's own null device, if it is one; -1 silently if not. */
static int open_own_null(struct init *in)
{
	struct error ignored;
	AUTO_LATER int dev = path_open_inside(in->root, "/dev", PATH_DIRECTORY, &ignored);
	AUTO_CLOSE int fd = -1;
	struct stat st;

	/* Looked at before it is opened: opening an arbitrary device has effects. */
	if (dev < 0 || fstatat(dev, "null", &st, AT_SYMLINK_NOFOLLOW) < 0 || !is_null_device(&st))
		return -1;
	fd = openat(dev, "null", O_RDWR | O_NOFOLLOW | O_NOCTTY | O_NONBLOCK | O_CLOEXEC);
	if (fd < 0 || fstat(fd, &st) < 0 || !is_null_device(&st))
		return -1;
	return TAKE_FD(fd);
}

/*
 * The null device among 0, 1, 2 becomes the container's, so that the program
 * holds nothing of the host's /dev.  Terminals and pipes are given to the
 * container's user, who may want to open /dev/stdout; nobody else's files and
 * devices are (CVE-2026-88265).
 */
int do_stdio(struct init *in, const struct op_stdio *o)
{
	AUTO_LATER int null = -1;

	for (int fd = 0; fd < 3; fd++) {
		struct stat st;

		if (fstat(fd, &st) < 0)
			continue;
		if (is_null_device(&st)) {
			if (null < 0)
				null = open_own_null(in);
			if (null >= 0 && dup2(null, fd) < 0)
				return fail_errno(in->e, "cannot replace descriptor %d", fd);
			continue;
		}
		if (st.st_uid == o->uid ||
		    !(S_ISFIFO(st.st_mode) || (S_ISCHR(st.st_mode) && isatty(fd))))
			continue;
		/* Somebody else's pipe, or one on a read-only file system: nothing depends on it. */
		if (fchown(fd, o->uid, (gid_t)-1) < 0 && errno != EPERM && errno != EINVAL &&
		    errno != EROFS)
			return fail_errno(in->e,
					  "cannot give descriptor %d to the container's user", fd);
	}
	return 0;
}

/* ---- ids and powers ---- */

/* Groups, where they may be set. */
static const uint32_t *wanted_groups(struct init *in, const struct op_ids *o)
{
	if (o->keep_groups)
		return NULL;
	if (o->no_setgroups && o->groups.count)
		init_warn(in, "this user namespace has no supplementary groups");
	return o->no_setgroups ? NULL : numbers(in, o->groups);
}

static int set_ids(struct init *in, const struct op_ids *o)
{
	const uint32_t *groups = wanted_groups(in, o);

	if (ids_set(o->uid, o->gid, groups, o->groups.count, in->e) == 0)
		return 0;
	/* One that was joined may deny it: see drop_groups() in i_namespaces.c. */
	if (groups && !o->groups.count && in->e->code == EPERM && in->plan->join_userns)
		return ids_set(o->uid, o->gid, NULL, 0, in->e);
	return -1;
}

int do_ids(struct init *in, const struct op_ids *o)
{
	umask((mode_t)o->umask);
	/* Only who is no longer root loses any; CAPABILITIES comes next and takes what is not wanted. */
	if (o->uid != 0 && keep_caps(true, in->e) < 0)
		return -1;
	if (set_ids(in, o) < 0)
		return error_context(in->e, "cannot become user %u, group %u", o->uid, o->gid);
	return init_guard(in);
}

int do_capabilities(struct init *in, const struct op_capabilities *o)
{
	struct caps have, want = {
				  .effective = o->effective,
				  .permitted = o->permitted,
				  .inheritable = o->inheritable,
			  };
	uint64_t ambient;

	/* capset(2) takes some that do not exist and says nothing. */
	if (caps_get(&have) < 0)
		return fail_errno(in->e, "cannot read the capabilities");
	want.permitted &= have.permitted;
	want.effective &= want.permitted;
	want.inheritable &= have.inheritable | (have.permitted & in->bounding);
	ambient = o->ambient & want.permitted & want.inheritable;
	/* config.md: a capability that cannot be had is not an error. */
	if (want.effective != o->effective || want.permitted != o->permitted ||
	    want.inheritable != o->inheritable || ambient != o->ambient)
		init_warn(in, "some capabilities cannot be given to the container");
	if (caps_set(&want, in->e) < 0)
		return -1;
	/* That has taken away those that cannot be ambient. */
	return want.permitted & want.inheritable ? caps_ambient_set(ambient, in->e) : 0;
}

int do_no_new_privs(struct init *in, const struct op_no_new_privs *o)
{
	(void)o;
	return process_no_new_privs(in->e);
}

/* Podman looks for the file's name in these quotation marks. */
static int write_label(struct init *in, const char *file, const char *prefix, const char *label)
{
	char text[512];

	if (str_format(text, sizeof(text), "%s%s", prefix, label) < 0)
		return fail_errno(in->e, "label \"%.64s...\" is too long", label);
	if (procfs_write(in->proc, file, text, in->e) < 0)
		return fail(in->e, in->e->code, "cannot write label \"%s\" to `/proc/%s`", label,
			    file);
	return 0;
}

int do_exec_label(struct init *in, const struct op_exec_label *o)
{
	const char *label = init_text(in, o->label);

	if (init_proc(in) < 0)
		return -1;
	if (o->lsm == LABEL_SELINUX)
		return write_label(in, "self/attr/exec", "", label);
	/* AppArmor has a file of its own since 5.8. */
	if (write_label(in, "self/attr/apparmor/exec", "exec ", label) == 0)
		return 0;
	return in->e->code == ENOENT ? write_label(in, "self/attr/exec", "exec ", label) : -1;
}

/*
 * Without no_new_privs the kernel wants CAP_SYS_ADMIN for a filter.  Becoming
 * another user has left it permitted but not effective; CAPABILITIES, which
 * comes next then, takes it altogether.
 */
static int raise_for_seccomp(struct init *in)
{
	const uint64_t admin = UINT64_C(1) << CAP_SYS_ADMIN;
	struct caps c;

	if (caps_get(&c) < 0)
		return fail_errno(in->e, "cannot read the capabilities");
	c.effective |= c.permitted & admin;
	return caps_set(&c, in->e);
}

int do_seccomp(struct init *in, const struct op_seccomp *o)
{
	const struct sock_filter *program = (const void *)(in->plan->heap + o->program);
	int listener, r;

	listener = process_seccomp(program, o->count, o->flags, in->e);
	if (listener < 0 && in->e->code == EACCES && init_next(in, OP_CAPABILITIES) &&
	    raise_for_seccomp(in) == 0)
		listener = process_seccomp(program, o->count, o->flags, in->e);
	if (listener < 0 || !o->notify)
		return listener < 0 ? -1 : 0;
	r = init_say(in, MSG_LISTENER, 0, listener);
	close(listener);
	return r;
}
