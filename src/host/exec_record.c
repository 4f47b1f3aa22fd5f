/* SPDX-License-Identifier: Apache-2.0 */
#include "host/exec.h"

#include <fcntl.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "host/criu.h"
#include "sys/file.h"

_Static_assert(sizeof(struct sock_filter) == 8, "a plan's programs are in units of eight bytes");

static const struct op_seccomp *find_seccomp(const struct plan *p)
{
	for (uint32_t i = 0; i < p->op_count; i++)
		if (p->ops[i].kind == OP_SECCOMP)
			return &p->ops[i].seccomp;
	return NULL;
}

/*
 * Nobody looks at these before the state says that the container is created, and they are
 * never changed: so they are written in place.
 */
static int write_file(int dir, const char *name, const void *data, size_t len, struct error *e)
{
	if (file_make_at(dir, name, 0600, data, len, e) == 0)
		return 0;
	return error_context(e, "cannot keep what exec will need");
}

/* The process without what belongs to the first one only. */
static struct process *keep(const struct process *p, struct arena *a)
{
	struct process *kept;

	if (!p)
		return NULL;
	kept = ARENA_NEW(a, struct process);
	*kept = *p;
	kept->terminal = false;
	kept->console_size = NULL;
	return kept;
}

int exec_record_write(const struct container *c, const struct prepared *p, struct error *e)
{
	const struct op_seccomp *seccomp = find_seccomp(&p->plan);
	struct exec_defaults d = {
		.process = keep(p->config.process, c->arena),
		.personality = p->config.linux_.personality,
		.memory_policy = p->config.linux_.memory_policy,
		.no_new_keyring = p->options->no_new_keyring,
	};
	struct buf text = buf_new(c->arena);
	struct json_writer w = json_writer(&text, 0);

	d.namespaces.v = ARENA_ARRAY(c->arena, p->config.linux_.namespaces.n, int);
	FOR_EACH(ns, p->config.linux_.namespaces)
		d.namespaces.v[d.namespaces.n++] = ns->type;
	external_list(&d, c->arena, &p->config, &p->plan);
	if (seccomp) {
		d.seccomp_flags = (struct opt_u32){true, seccomp->flags};
		if (write_file(c->dir, EXEC_PROGRAM, p->plan.heap + seccomp->program,
			       (size_t)seccomp->count * sizeof(struct sock_filter), e) < 0)
			return -1;
	}
	table_write(&exec_defaults_table, &d, &w, NULL);
	return write_file(c->dir, EXEC_DEFAULTS, text.s, text.len, e);
}

static void *read_file(struct arena *a, int dir, const char *name, size_t *len, struct error *e)
{
	AUTO_CLOSE int fd = openat(dir, name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t got = -1;
	char *data = NULL;

	if (fd >= 0 && fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	    st.st_size <= (off_t)JSON_SIZE_MAX) {
		data = arena_alloc(a, (size_t)st.st_size);
		got = file_read_all(fd, data, (size_t)st.st_size);
	}
	if (got < 0) {
		fail_errno(e, "cannot read %s beside the container's state", name);
		return NULL;
	}
	*len = (size_t)got;
	return data;
}

int exec_record_read(struct exec_record *out, const struct container *c, struct error *e)
{
	struct exec_record r = {0};
	size_t len;
	char *text = read_file(c->arena, c->dir, EXEC_DEFAULTS, &len, e);

	if (!text)
		return -1;
	if (table_read(&exec_defaults_table, &r.defaults, c->arena, text, len, e) < 0)
		return error_context(e, "cannot read what create has left for exec");
	if (r.defaults.seccomp_flags.set) {
		r.program = read_file(c->arena, c->dir, EXEC_PROGRAM, &len, e);
		if (!r.program)
			return -1;
		/* Going on without the filter would be worse than not going on. */
		r.program_count = (uint32_t)(len / sizeof(struct sock_filter));
		if (len == 0 || len % sizeof(struct sock_filter))
			return fail(e, 0, "the container's seccomp program is damaged");
	}
	*out = r;
	return 0;
}
