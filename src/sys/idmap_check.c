/* SPDX-License-Identifier: Apache-2.0 */
#include <signal.h>
#include <stdbool.h>
#include <string.h>
#include <sys/prctl.h>

#include "base/fd.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/file.h"
#include "sys/ns.h"
#include "sys/process.h"
#include "sys/procfs.h"
#include "sys/spawn.h"

#define RANGES_MAX 340 /* user_namespaces(7) */

struct range {
	uint64_t inside, outside, count;
};

struct map {
	struct range v[RANGES_MAX];
	size_t n;
};

/* Keeps @m sorted. */
static void insert(struct map *m, struct range r)
{
	size_t i = m->n++;

	for (; i > 0 && m->v[i - 1].inside > r.inside; i--)
		m->v[i] = m->v[i - 1];
	m->v[i] = r;
}

/* Lines that go on where another one ends say the same as one line. */
static void merge(struct map *m)
{
	size_t n = 0;

	for (size_t i = 0; i < m->n; i++) {
		struct range *last = n ? &m->v[n - 1] : NULL, r = m->v[i];

		if (last && last->inside + last->count == r.inside &&
		    last->outside + last->count == r.outside)
			last->count += r.count;
		else
			m->v[n++] = r;
	}
	m->n = n;
}

static int parse(struct map *m, const char *text)
{
	struct range r;

	for (m->n = 0; *text; text += *text == '\n') {
		if (m->n == RANGES_MAX || str_scan_u64(&text, UINT32_MAX, &r.inside) < 0 ||
		    str_scan_u64(&text, UINT32_MAX, &r.outside) < 0 ||
		    str_scan_u64(&text, UINT32_MAX, &r.count) < 0)
			return -1;
		insert(m, r);
	}
	merge(m);
	return 0;
}

/* "0 100000 1, 1 200000 65535" */
static const char *one_line(char *text)
{
	size_t to = 0;

	for (const char *p = text; *p; p++) {
		if (*p == '\n' && p[1])
			text[to++] = ',';
		if (*p > ' ' || (to && text[to - 1] != ' '))
			text[to++] = *p > ' ' ? *p : ' ';
	}
	while (to && text[to - 1] == ' ')
		to--;
	text[to] = '\0';
	return text;
}

static int check(int proc, pid_t pid, const char *name, const char *wanted, struct error *e)
{
	static struct map is, asked; /* .bss: too large for a stack */
	static char text[16 * 1024];
	char file[40];

	if (!*wanted)
		return 0;
	if (str_format(file, sizeof(file), "%d/%s", pid, name) < 0 ||
	    procfs_read(proc, file, text, sizeof(text), e) < 0)
		return error_context(e, "cannot read the maps of the user namespace");
	if (parse(&is, text) < 0 || parse(&asked, wanted) < 0)
		return fail(e, E2BIG, "%s cannot be compared", name);
	if (is.n == asked.n && !memcmp(is.v, asked.v, is.n * sizeof(is.v[0])))
		return 0;
	return fail_at(e, name[0] == 'u' ? "uidMappings" : "gidMappings", 0,
		       "the user namespace that is joined has another %s: %s", name,
		       one_line(text));
}

/*
 * In the child: its maps are those of the namespace, as seen by whoever opens them.  It still has
 * all of yacr's descriptors, and whoever is root in the namespace may trace what is dumpable.
 */
static _Noreturn void hold(int ns, int report, pid_t parent)
{
	struct error e = {0};

	prctl(PR_SET_PDEATHSIG, SIGKILL, 0, 0, 0);
	if (process_dumpable(false, &e) == 0)
		(void)ns_join(ns, CLONE_NEWUSER, &e);
	(void)file_write_all(report, &e.code, sizeof(e.code));
	while (getppid() == parent)
		pause();
	_exit(0);
}

static int check_both(pid_t pid, int report, const char *uid_map, const char *gid_map,
		      struct error *e)
{
	AUTO_CLOSE int proc = procfs_open(false, e);
	int code = EIO;

	if (proc < 0)
		return -1;
	if (file_read_all(report, &code, sizeof(code)) < 0 || code)
		return fail(e, code, "cannot join the user namespace");
	if (check(proc, pid, "uid_map", uid_map, e) < 0)
		return -1;
	return check(proc, pid, "gid_map", gid_map, e);
}

int idmap_check(int ns, const char *uid_map, const char *gid_map, struct error *e)
{
	AUTO_CLOSE int pidfd = -1;
	struct error ignored;
	pid_t parent = getpid(), pid;
	int report[2], status, r;

	if (pipe2(report, O_CLOEXEC) < 0)
		return fail_errno(e, "cannot make a pipe");
	pid = spawn(0, -1, &pidfd, e);
	if (pid == 0)
		hold(ns, report[1], parent);
	close(report[1]);
	r = pid < 0 ? -1 : check_both(pid, report[0], uid_map, gid_map, e);
	close(report[0]);
	if (pid > 0) {
		(void)signal_process(pid, pidfd, SIGKILL);
		(void)spawn_wait(pid, pidfd, -1, &status, &ignored);
	}
	return r;
}
