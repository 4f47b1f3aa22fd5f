/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_TESTS_INIT_WORLD_H
#define YACR_TESTS_INIT_WORLD_H

/*
 * Plans written by hand, and a host that walks along: forks init_run() into new
 * namespaces, opens every barrier, and lets a test look at what has become at
 * the ready barrier, through /proc/PID/root.
 */

#include "scratch.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <sched.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/list.h"
#include "init/init.h"
#include "init/message.h"
#include "sys/ns.h"
#include "sys/spawn.h"

#define OPS_MAX 64
#define SLOTS_MAX 16
#define HEAP_MAX 65536

struct world {
	struct op ops[OPS_MAX];
	struct slot slots[SLOTS_MAX];
	_Alignas(8) char heap[HEAP_MAX];
	int fds[SLOTS_MAX];
	struct plan plan;
	char root[64]; /* the root file system, a directory of the host */
	uint32_t hold; /* barrier that the host leaves closed; 0: none */

	/* how it went */
	pid_t pid;
	int pidfd, sock;
	struct error error;   /* of MSG_ERROR */
	struct error warning; /* the last one */
	bool failed, ready;
	int console, listener;
	int status;
	char output[4096]; /* of the program, stdout and stderr */
	int out;
};

static inline plan_str text(struct world *w, const char *s)
{
	plan_str at = w->plan.heap_size;

	if (!*s)
		return 0;
	memcpy(w->heap + at, s, strlen(s) + 1);
	w->plan.heap_size += (uint32_t)strlen(s) + 1;
	return at;
}

static inline uint32_t cells(struct world *w, size_t size)
{
	uint32_t at = (w->plan.heap_size + 7) & ~7u;

	memset(w->heap + at, 0, size);
	w->plan.heap_size = at + (uint32_t)size;
	return at;
}

static inline struct plan_vec vec(struct world *w, const char *const *v)
{
	struct plan_vec out = {0};
	size_t n = 0;

	while (v[n])
		n++;
	out.at = cells(w, (n + 2) * 8);
	out.count = (uint32_t)n;
	for (size_t i = 0; i < n; i++)
		((uint64_t *)(void *)(w->heap + out.at))[i] = text(w, v[i]);
	return out;
}
#define VEC(w, ...) vec(w, (const char *const[]){__VA_ARGS__, NULL})

static inline struct op *add_op(struct world *w, struct op op)
{
	assert_true(w->plan.op_count < OPS_MAX);
	w->ops[w->plan.op_count] = op;
	return &w->ops[w->plan.op_count++];
}
#define ADD(w, KIND, name, ...) add_op(w, (struct op){.kind = OP_##KIND, .name = {__VA_ARGS__}})

static inline plan_slot add_slot(struct world *w, uint16_t kind, int fd)
{
	w->slots[w->plan.slot_count].kind = kind;
	w->fds[w->plan.slot_count] = fd;
	return (plan_slot)w->plan.slot_count++;
}

static inline void make(const char *root, const char *path, const char *content)
{
	char full[PATH_MAX];
	int fd;

	snprintf(full, sizeof(full), "%s%s", root, path);
	if (!content) {
		assert_int_equal(mkdir(full, 0755), 0);
		return;
	}
	fd = open(full, O_WRONLY | O_CREAT | O_TRUNC, 0644);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, content, strlen(content)), strlen(content));
	close(fd);
}

static inline void link_to(const char *root, const char *path, const char *target)
{
	char full[PATH_MAX];

	snprintf(full, sizeof(full), "%s%s", root, path);
	assert_int_equal(symlink(target, full), 0);
}

/* A plan that begins with an empty root file system of its own. */
static inline struct world *new_world(void)
{
	struct world *w = calloc(1, sizeof(*w));

	w->plan = (struct plan){.ops = w->ops,
				.slots = w->slots,
				.heap = w->heap,
				.heap_size = 1,
				.own_mount_ns = 1};
	w->plan.clone_flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWUTS | CLONE_NEWIPC;
	w->console = w->listener = w->out = w->sock = w->pidfd = -1;
	scratch_make(w->root);
	return w;
}

static inline void add_barrier(struct world *w, uint32_t id)
{
	ADD(w, BARRIER, barrier, .id = id);
}

static inline void add_root(struct world *w)
{
	plan_slot slot = add_slot(w, SLOT_BY_INIT, -1);

	add_barrier(w, BARRIER_MAPPED);
	ADD(w, OPEN_SOURCE, open_source, .path = text(w, w->root), .slot = slot, .directory = 1);
	ADD(w, ROOTFS, rootfs, .path = text(w, w->root), .slot = slot,
	    .propagation = MS_REC | MS_SLAVE);
}

static inline struct op *add_mount(struct world *w, const char *type, const char *target,
				   const char *data)
{
	return ADD(w, MOUNT, mount, .type = text(w, type), .source = text(w, type),
		   .target = text(w, target), .data = text(w, data), .slot = SLOT_NONE,
		   .keep = SLOT_NONE, .userns = SLOT_NONE);
}

/* The source is opened right before: fine for what no mount covers. */
static inline struct op *add_bind(struct world *w, const char *source, const char *target)
{
	plan_slot slot = add_slot(w, SLOT_BY_INIT, -1);

	ADD(w, OPEN_SOURCE, open_source, .path = text(w, source), .slot = slot);
	return ADD(w, MOUNT, mount, .source = text(w, source), .target = text(w, target),
		   .flags = MOUNT_BIND | MOUNT_RECURSIVE, .slot = slot, .keep = SLOT_NONE,
		   .userns = SLOT_NONE);
}

/* Programs of the host, read-only. */
static inline void add_programs(struct world *w)
{
	static const char *const dirs[] = {"/bin", "/lib", "/lib64", "/usr"};

	for (size_t i = 0; i < ARRAY_SIZE(dirs); i++)
		if (access(dirs[i], F_OK) == 0)
			add_bind(w, dirs[i], dirs[i])->mount.set = 1; /* MOUNT_ATTR_RDONLY */
}

static inline void add_pivot(struct world *w)
{
	ADD(w, PIVOT, pivot, .how = PIVOT_ROOT);
}

static inline void add_end(struct world *w)
{
	add_barrier(w, BARRIER_READY);
	ADD(w, START_GATE, start_gate, 0);
	ADD(w, CLOSE_FDS, close_fds, .keep = 3);
}

static inline void add_exec(struct world *w, struct plan_vec argv, struct plan_vec env)
{
	add_end(w);
	ADD(w, EXEC, exec, .argv = argv, .env = env);
}

static inline void take(struct world *w, const struct message *m, int fd)
{
	switch (m->kind) {
	case MSG_ERROR:
		w->error = m->error;
		w->failed = true;
		break;
	case MSG_WARNING: w->warning = m->error; break;
	case MSG_CONSOLE: w->console = fd; return;
	case MSG_PID: w->pid = (pid_t)m->value; break;
	}
	if (fd >= 0)
		close(fd);
}

static inline void go(struct world *w, uint32_t barrier)
{
	struct message m = {.kind = MSG_GO, .value = barrier};

	message_send(w->sock, &m, -1);
}

/* Walks along until init is ready, has failed or is gone. */
static inline void walk_along(struct world *w)
{
	struct message m;
	int fd;

	while (message_receive(w->sock, &m, &fd) > 0) {
		take(w, &m, fd);
		if (m.kind == MSG_BARRIER && m.value == BARRIER_READY) {
			w->ready = true;
			return;
		}
		if (m.kind == MSG_BARRIER && m.value == w->hold)
			return;
		if (m.kind == MSG_BARRIER)
			go(w, m.value);
	}
}

static inline void launch(struct world *w, int start_sock)
{
	struct init_task task = {.plan = &w->plan, .fds = w->fds, .start_sock = start_sock};
	struct error e;
	int pair[2], out[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	assert_int_equal(pipe2(out, O_CLOEXEC), 0);
	w->sock = pair[0];
	w->out = out[0];
	task.sock = pair[1];
	w->pid = spawn(w->plan.clone_flags, -1, &w->pidfd, &e);
	if (w->pid < 0)
		print_error("%s: %d\n", e.text, e.code);
	assert_true(w->pid >= 0);
	if (w->pid == 0) {
		dup2(out[1], 1);
		dup2(out[1], 2);
		init_run(&task);
	}
	close(pair[1]);
	close(out[1]);
	if (w->plan.clone_flags & CLONE_NEWUSER)
		assert_int_equal(idmap_write(w->pid, "0 0 1\n1000 1000 1\n", "0 0 1\n1000 1000 1\n",
					     false, false, &e),
				 0);
	go(w, BARRIER_MAPPED);
	walk_along(w);
}

/* Until all of it has ended. */
static inline void finish(struct world *w)
{
	size_t n = 0;
	ssize_t r;

	while ((r = read(w->out, w->output + n, sizeof(w->output) - 1 - n)) > 0)
		n += (size_t)r;
	w->output[n] = '\0';
	assert_int_equal(waitpid(w->pid, &w->status, __WALL), w->pid);
}

/* Up to execve and what comes of it. */
static inline void run_world(struct world *w)
{
	launch(w, -1);
	if (w->ready) {
		go(w, BARRIER_READY);
		walk_along(w);
	}
	close(w->sock);
	w->sock = -1;
	finish(w);
}

static inline void launch_ready(struct world *w)
{
	launch(w, -1);
	if (w->failed)
		print_error("%s: %s (%d)\n", w->error.at, w->error.text, w->error.code);
	assert_true(w->ready);
}

static inline void end_world(struct world *w)
{
	char command[128];

	if (w->sock >= 0) {
		close(w->sock);
		kill(w->pid, SIGKILL);
		finish(w);
	}
	if (w->console >= 0)
		close(w->console);
	close(w->out);
	close(w->pidfd);
	snprintf(command, sizeof(command), "rm -rf --one-file-system %s", w->root);
	assert_int_equal(system(command), 0);
	free(w);
}

/* A path of the container, seen from here. */
static inline const char *seen(struct world *w, const char *path)
{
	static char full[PATH_MAX];

	snprintf(full, sizeof(full), "/proc/%d/root%s", w->pid, path);
	return full;
}

/* The line of /proc/PID/mountinfo for @point, the last one; "" if none. */
static inline const char *mount_line(struct world *w, const char *point)
{
	static char line[4096];
	char path[64], buf[4096], mounted[1024];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/mountinfo", w->pid);
	f = fopen(path, "re");
	assert_non_null(f);
	line[0] = '\0';
	while (fgets(buf, sizeof(buf), f))
		if (sscanf(buf, "%*d %*d %*s %*s %1023s", mounted) == 1 && !strcmp(mounted, point))
			strcpy(line, buf);
	fclose(f);
	return line;
}

static inline const char *status_line(struct world *w, const char *key)
{
	static char line[1024];
	char path[64];
	FILE *f;

	snprintf(path, sizeof(path), "/proc/%d/status", w->pid);
	f = fopen(path, "re");
	assert_non_null(f);
	while (fgets(line, sizeof(line), f))
		if (!strncmp(line, key, strlen(key)) && line[strlen(key)] == ':') {
			line[strcspn(line, "\n")] = '\0';
			fclose(f);
			return line + strlen(key) + 1 + strspn(line + strlen(key) + 1, "\t ");
		}
	fclose(f);
	return "";
}

#define NEEDS_ROOT()            \
	do {                    \
		if (geteuid())  \
			skip(); \
	} while (0)

#endif
