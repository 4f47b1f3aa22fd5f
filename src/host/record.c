/* SPDX-License-Identifier: Apache-2.0 */
/* The record of one container: claiming an id, reading, replacing, removing. */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "host/store.h"
#include "sys/abi.h"
#include "sys/file.h"

#define RECORD "state.json"
#define DRAFT ".state.json"
#define RECORD_MAX (1 << 20)

#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE (1 << 0)
#endif
#ifndef RENAME_EXCHANGE
#define RENAME_EXCHANGE (1 << 1)
#endif

/* The mode of a record, which its reader gets with its size: for one question less (struct container). */
enum { MODE = 0600, MODE_STARTED = 0400 };

typedef int file_writer(int dir, const char *name, mode_t mode, const void *data, size_t len,
			struct error *e);

static int write_record(int dir, const char *name, const struct state *state, mode_t mode,
			file_writer *write_file, struct arena *a, struct error *e)
{
	struct buf text = buf_new(a);

	state_write(state, &text);
	if (text.len > RECORD_MAX)
		return fail(e, EFBIG, "state of container \"%s\" is too large", state->id);
	return write_file(dir, name, mode, text.s, text.len, e);
}

static int private_name(char *out, size_t size, struct error *e)
{
	if (str_format(out, size, ".%d", getpid()) < 0)
		return fail_errno(e, "cannot name a directory");
	return 0;
}

/*
 * A file system without RENAME_NOREPLACE serves as well: rename(2) replaces
 * only empty directories, and there is no id whose directory is empty.
 */
static int rename_to_id(const struct store *s, const char *from, const char *id, struct error *e)
{
	if (syscall(SYS_renameat2, s->root, from, s->root, id, RENAME_NOREPLACE) == 0)
		return 0;
	if ((errno == EINVAL || errno == ENOSYS) && renameat(s->root, from, s->root, id) == 0)
		return 0;
	if (errno == EEXIST || errno == ENOTEMPTY || errno == ENOTDIR)
		return fail(e, 0, "container with given ID already exists: \"%s\"", id);
	return fail_errno(e, "cannot claim container ID \"%s\" in \"%s\"", id, s->path);
}

static int fill_and_rename(int dir, const struct store *s, struct arena *a, const char *name,
			   const struct state *intent, struct error *e)
{
	if (flock(dir, LOCK_EX | LOCK_NB) < 0)
		return fail_errno(e, "cannot lock the state directory of \"%s\"", intent->id);
	if (write_record(dir, RECORD, intent, MODE, file_make_at, a, e) < 0)
		return error_context(e, "cannot write the state of \"%s\"", intent->id);
	return rename_to_id(s, name, intent->id, e);
}

/*
 * What an earlier process of our number has left when it was killed is nobody's.  What one in
 * another pid namespace is at work on is locked, and stays.  0, or -1 with errno.
 */
static int clear_private(const struct store *s, const char *name)
{
	struct error ignored;

	if (store_is_abandoned(s, name) && file_remove_tree_at(s->root, name, &ignored) == 0)
		return 0;
	errno = EEXIST;
	return -1;
}

static int make_private(const struct store *s, const char *name, struct error *e)
{
	int r = mkdirat(s->root, name, 0700);

	if (r < 0 && errno == EEXIST && clear_private(s, name) == 0)
		r = mkdirat(s->root, name, 0700);
	if (r < 0)
		return fail_errno(e, "cannot create a directory in state root \"%s\"", s->path);
	return 0;
}

/*
 * By their names there are mostly no more than these; whatever else there is has to be looked for,
 * which takes a descriptor, and those may be what ran out.  @dir: -1 when it is not open.
 */
static int remove_directory(const struct store *s, const char *name, int dir, struct error *e)
{
	static const char *const known[] = {RECORD, EXEC_DEFAULTS, EXEC_PROGRAM};

	for (size_t i = 0; dir >= 0 && i < ARRAY_SIZE(known); i++)
		(void)unlinkat(dir, known[i], 0);
	if (unlinkat(s->root, name, AT_REMOVEDIR) == 0)
		return 0;
	return file_remove_tree_at(s->root, name, e);
}

/* The directory of all containers is not read for it: there may be thousands. */
int store_claim(struct container *out, const struct store *s, struct arena *a,
		const struct state *intent, struct error *e)
{
	struct error ignored;
	char name[32];

	if (store_check_id(intent->id, e) < 0 || private_name(name, sizeof(name), e) < 0 ||
	    make_private(s, name, e) < 0)
		return -1;

	AUTO_CLOSE int dir = openat(s->root, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (dir < 0)
		fail_errno(e, "cannot open a directory in state root \"%s\"", s->path);
	if (dir < 0 || fill_and_rename(dir, s, a, name, intent, e) < 0) {
		(void)remove_directory(s, name, dir, &ignored);
		return -1;
	}

	*out = (struct container){
		.arena = a,
		.dir = TAKE_FD(dir),
		.state = *intent,
		.status = STATUS_CREATING,
		.pidfd = -1,
	};
	return 0;
}

/* The record must be a regular file: a fifo would block, a link would lead elsewhere. */
static int read_record(struct container *c, int fd, const char *id, struct error *e)
{
	struct stat st;
	ssize_t len;
	char *text;

	if (fd < 0)
		return fail_errno(e, "cannot open the state of container \"%s\"", id);
	if (fstat(fd, &st) < 0)
		return fail_errno(e, "cannot examine the state of container \"%s\"", id);
	if (!S_ISREG(st.st_mode) || st.st_size == 0 || st.st_size > RECORD_MAX)
		return fail(e, 0, "state of container \"%s\" is no regular file of a sensible size",
			    id);

	c->started = (st.st_mode & 0777) == MODE_STARTED;
	text = arena_alloc(c->arena, (size_t)st.st_size);
	len = file_read_all(fd, text, (size_t)st.st_size);
	if (len < 0)
		return fail_errno(e, "cannot read the state of container \"%s\"", id);
	if (state_read(&c->state, c->arena, text, (size_t)len, e) < 0)
		return error_context(e, "state of container \"%s\" is broken", id);
	if (!str_eq(c->state.id, id))
		return fail(e, 0, "state of container \"%s\" is that of another", id);
	return 0;
}

/* The directory may have been renamed away, and perhaps made anew, while we waited for the lock. */
static int still_there(const struct store *s, const char *id, int dir)
{
	struct stat mine, now;

	if (fstatat(s->root, id, &now, AT_SYMLINK_NOFOLLOW) < 0)
		return errno != ENOENT; /* what comes next says what is wrong */
	return fstat(dir, &mine) == 0 && mine.st_ino == now.st_ino && mine.st_dev == now.st_dev;
}

static int lock_directory(int dir)
{
	int r;

	do
		r = flock(dir, LOCK_EX);
	while (r < 0 && errno == EINTR);
	return r;
}

/* 1, 0: no such container, -1. */
static int open_directory(int *out, const struct store *s, const char *id, bool lock,
			  struct error *e)
{
	for (;;) {
		AUTO_CLOSE int dir =
			openat(s->root, id, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

		if (dir < 0 && errno == ENOENT)
			return 0;
		if (dir < 0)
			return fail_errno(e, "cannot open the state directory of container \"%s\"",
					  id);
		if (lock && lock_directory(dir) < 0)
			return fail_errno(e, "cannot lock the state directory of container \"%s\"",
					  id);
		if (!lock || still_there(s, id, dir)) {
			*out = TAKE_FD(dir);
			return 1;
		}
	}
}

int store_find(struct container *c, const struct store *s, struct arena *a, const char *id,
	       bool lock, struct error *e)
{
	int found;

	*c = (struct container){.arena = a, .dir = -1, .pidfd = -1};
	if (store_check_id(id, e) < 0)
		return -1;
	if (s->root < 0)
		return 0;

	found = open_directory(&c->dir, s, id, lock, e);
	if (found <= 0)
		return found;

	AUTO_CLOSE int fd = openat(c->dir, RECORD, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	if (read_record(c, fd, id, e) == 0)
		return 1;
	if (!lock)
		store_close(c);
	return -1;
}

static bool is_missing(const struct store *s, const char *id)
{
	struct stat st;

	return fstatat(s->root, id, &st, AT_SYMLINK_NOFOLLOW) < 0 && errno == ENOENT;
}

int store_peek(struct container *c, const struct store *s, struct arena *a, const char *id,
	       struct error *e)
{
	AUTO_CLOSE int fd = -1;

	*c = (struct container){.arena = a, .dir = -1, .pidfd = -1};
	if (store_check_id(id, e) < 0)
		return -1;
	if (s->root < 0)
		return 0;

	fd = file_open_in(s->root, id, RECORD);
	if (fd < 0 && errno == ENOENT && is_missing(s, id))
		return 0;
	return read_record(c, fd, id, e) < 0 ? -1 : 1;
}

int store_fail_missing(const char *id, struct error *e)
{
	return fail(e, 0, "container \"%s\" does not exist", id);
}

int store_load(struct container *out, const struct store *s, struct arena *a, const char *id,
	       bool lock, struct error *e)
{
	int found = store_find(out, s, a, id, lock, e);

	if (found == 0)
		return store_fail_missing(id, e);
	if (found < 0) {
		store_close(out);
		return -1;
	}
	store_status(out);
	return 0;
}

void store_unlock(const struct container *c)
{
	(void)flock(c->dir, LOCK_UN);
}

int store_lock(const struct container *c, const struct store *s, struct error *e)
{
	if (lock_directory(c->dir) < 0)
		return fail_errno(e, "cannot lock the state directory of container \"%s\"",
				  c->state.id);
	return still_there(s, c->state.id, c->dir);
}

static int write_changed(const struct container *c, const char *name, const struct state *state,
			 file_writer *write_file, struct error *e)
{
	if (write_record(c->dir, name, state, c->started ? MODE_STARTED : MODE, write_file,
			 c->arena, e) < 0)
		return error_context(e, "cannot write the state of \"%s\"", c->state.id);
	return 0;
}

static void drop_draft(struct container *c)
{
	if (c->draft)
		(void)unlinkat(c->dir, DRAFT, 0);
	c->draft = NULL;
}

int store_save(struct container *c, struct error *e)
{
	drop_draft(c);
	return write_changed(c, RECORD, &c->state, file_replace_at, e);
}

int store_draft(struct container *c, const struct state *next, struct error *e)
{
	drop_draft(c);
	if (write_changed(c, DRAFT, next, file_make_at, e) < 0)
		return -1;
	c->draft = next;
	return 0;
}

int store_commit(struct container *c, struct error *e)
{
	/* To remove the old one takes as long again, and can wait. */
	if (syscall(SYS_renameat2, c->dir, DRAFT, c->dir, RECORD, RENAME_EXCHANGE) < 0 &&
	    renameat(c->dir, DRAFT, c->dir, RECORD) < 0)
		return fail_errno(e, "cannot write the state of \"%s\"", c->state.id);
	c->state = *c->draft;
	c->draft = NULL;
	return 0;
}

void store_committed(const struct container *c)
{
	(void)unlinkat(c->dir, DRAFT, 0);
}

/* On failure the start socket will be asked in vain. */
void store_started(const struct container *c)
{
	(void)fchmodat(c->dir, RECORD, MODE_STARTED, 0);
	(void)unlinkat(c->dir, START_SOCKET, 0);
}

int store_remove(const struct store *s, const char *id, int dir, struct error *e)
{
	char name[32];

	if (private_name(name, sizeof(name), e) < 0)
		return -1;
	if (renameat(s->root, id, s->root, name) < 0) {
		if (errno == ENOENT)
			return 0;
		if (errno != ENOTEMPTY && errno != EEXIST)
			return fail_errno(e, "cannot remove the state of container \"%s\"", id);
		if (clear_private(s, name) < 0 || renameat(s->root, id, s->root, name) < 0)
			return fail_errno(e, "cannot remove the state of container \"%s\"", id);
	}
	return remove_directory(s, name, dir, e);
}

void store_close(struct container *c)
{
	close_fd(&c->dir);
	close_fd(&c->pidfd);
	c->dir = c->pidfd = -1;
}
