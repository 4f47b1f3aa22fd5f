/* SPDX-License-Identifier: Apache-2.0 */
/* Which process exec is asked for: the container's own or that of a file, with options on top. */
#include "host/exec.h"

#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "host/text.h"
#include "spec/check.h"
#include "spec/names.h"
#include "spec/tables.h"

#define ID_MAX (UINT32_MAX - 1) /* see spec/process.c */

/* ---- the base ---- */

int exec_process_read(struct process *out, struct arena *a, const char *path, struct error *e)
{
	const char *name = arena_printf(a, "process file \"%s\"", path);
	AUTO_CLOSE int fd = openat(AT_FDCWD, path, O_RDONLY | O_CLOEXEC);
	struct buf text = buf_new(a);

	if (text_read(&text, fd, name, e) < 0)
		return -1;
	if (table_read(&process_table, out, a, text.s, text.len, e) < 0)
		return error_context(e, "%s", name);
	return 0;
}

/* What a process file does not say is as with the container's own process; nobody is less confined by silence. */
static void inherit(struct process *p, const struct process *own)
{
	if (!p->capabilities)
		p->capabilities = own->capabilities;
	if (!p->apparmor_profile || !*p->apparmor_profile)
		p->apparmor_profile = own->apparmor_profile;
	if (!p->selinux_label || !*p->selinux_label)
		p->selinux_label = own->selinux_label;
	if (!p->rlimits.n)
		p->rlimits = own->rlimits;
	if (!p->oom_score_adj.set)
		p->oom_score_adj = own->oom_score_adj;
	if (!p->user.umask.set)
		p->user.umask = own->user.umask;
	if (!p->scheduler)
		p->scheduler = own->scheduler;
	if (!p->io_priority)
		p->io_priority = own->io_priority;
	if (!p->exec_cpu_affinity)
		p->exec_cpu_affinity = own->exec_cpu_affinity;
}

/* ---- options on top ---- */

static void append(struct strs *to, struct arena *a, const struct strs *more)
{
	struct strs both = {.n = to->n + more->n};

	if (!more->n)
		return;
	both.v = arena_grow(a, to->v, to->n, both.n + 1, sizeof(*both.v));
	memcpy(both.v + to->n, more->v, more->n * sizeof(*more->v));
	both.v[both.n] = NULL;
	*to = both;
}

/* Digits only: whatever else atoi(3) would take has been a root shell for somebody (CVE-2026-30892). */
static int parse_id(uint32_t *out, const char *text, const char *what, struct error *e)
{
	uint64_t id;

	if (str_to_u64(text, ID_MAX, &id) < 0)
		return fail(e, 0, "\"%s\" is no %s: a number from 0 to %u is", text, what, ID_MAX);
	*out = (uint32_t)id;
	return 0;
}

static int set_user(struct user *u, struct arena *a, const char *text, struct error *e)
{
	const char *colon = strchr(text, ':');
	const char *uid = colon ? arena_strndup(a, text, (size_t)(colon - text)) : text;

	if (parse_id(&u->uid, uid, "user id", e) < 0)
		return -1;
	return colon ? parse_id(&u->gid, colon + 1, "group id", e) : 0;
}

static int add_groups(struct user *u, struct arena *a, const struct strs *more, struct error *e)
{
	struct u32s *gids = &u->additional_gids;
	size_t n = gids->n;

	if (!more->n)
		return 0;
	gids->v = arena_grow(a, gids->v, n, n + more->n, sizeof(*gids->v));
	for (size_t i = 0; i < more->n; i++)
		if (parse_id(&gids->v[n + i], more->v[i], "group id", e) < 0)
			return -1;
	gids->n = n + more->n;
	return 0;
}

/* Not to the inheritable ones, which would give them to what the program executes (CVE-2022-29162). */
static int add_caps(struct process *p, struct arena *a, const struct strs *more, struct error *e)
{
	struct capabilities *caps;

	if (!more->n)
		return 0;
	FOR_EACH(name, *more)
		if (capability_number(*name) < 0)
			return fail(e, 0, "capability \"%s\" is unknown (CAP_NET_ADMIN is one)",
				    *name);
	caps = ARENA_NEW(a, struct capabilities);
	if (p->capabilities)
		*caps = *p->capabilities;
	append(&caps->bounding, a, more);
	append(&caps->effective, a, more);
	append(&caps->permitted, a, more);
	if (caps->inheritable.n) /* what is inheritable already may be ambient, too */
		append(&caps->ambient, a, more);
	p->capabilities = caps;
	return 0;
}

static int apply(struct process *p, struct arena *a, const struct exec_options *o, struct error *e)
{
	if (o->args.n)
		p->args = o->args;
	if (o->cwd)
		p->cwd = o->cwd;
	if (o->apparmor)
		p->apparmor_profile = o->apparmor;
	if (o->process_label)
		p->selinux_label = o->process_label;
	p->terminal |= o->tty;
	p->no_new_privileges |= o->no_new_privs;
	append(&p->env, a, &o->env);
	if (o->user && set_user(&p->user, a, o->user, e) < 0)
		return -1;
	if (add_groups(&p->user, a, &o->additional_gids, e) < 0)
		return -1;
	return add_caps(p, a, &o->caps, e);
}

int exec_process(struct process *out, struct arena *a, const struct exec_options *o,
		 const struct exec_defaults *d, struct error *e)
{
	static const struct process none = {.cwd = "/"};
	const struct process *own = d->process ? d->process : &none;
	struct process p = *out;
	struct config c = {.process = &p};

	if (o->process) {
		inherit(&p, own);
	} else {
		p = *own;
		p.args = (struct strs){0};
	}
	if (apply(&p, a, o, e) < 0)
		return -1;
	if (!p.args.n)
		return fail(e, 0,
			    "which command? Neither the command line nor a process file says");
	if (!p.terminal)
		p.console_size = NULL;
	if (check_process(&c, e) < 0)
		return error_context(e, "%s", e->at);
	*out = p;
	return 0;
}
