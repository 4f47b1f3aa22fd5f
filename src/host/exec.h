/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_EXEC_H
#define YACR_HOST_EXEC_H

/* The parts of exec. */

#include "host/prepare.h"

/*
 * exec_record.c: what create leaves for exec, beside the state, so that config.json is not
 * read again: ROOT/ID/exec.json, and the seccomp program as the kernel takes it.
 */
struct exec_record {
	struct exec_defaults defaults;
	const void *program; /* struct sock_filter[] */
	uint32_t program_count;
};

int exec_record_write(const struct container *c, const struct prepared *p, struct error *e);
int exec_record_read(struct exec_record *out, const struct container *c, struct error *e);

/*
 * exec_process.c: the process that is asked for, checked as one in a config is.  First *@out is
 * what the process file says, if one is given: it may be a descriptor of the caller's, as a shell's
 * "<(...)" is.
 */
int exec_process_read(struct process *out, struct arena *a, const char *path, struct error *e);
int exec_process(struct process *out, struct arena *a, const struct exec_options *o,
		 const struct exec_defaults *d, struct error *e);

/*
 * exec_cgroup.c: opens the cgroup that the process is to be in: the container's or, of those
 * below it, the @wanted one.  *@place is filled for it and has to live as long.
 */
int exec_cgroup(struct cgroup *out, struct cgroup_place *place, const struct container *c,
		const struct strs *wanted, struct error *e);

#endif
