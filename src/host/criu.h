/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_CRIU_H
#define YACR_HOST_CRIU_H

/* What checkpoint and restore share: talking with CRIU, through yacr-criu (helpers/criu). */

#include "host/container.h"
#include "host/helper.h"
#include "sys/words.h"

/* ---- what is asked of CRIU: fields of CriuOpts, as its rpc.proto names them ---- */

struct criu_field {
	const char *words[WORDS_MAX + 1];
	int fd; /* what the word "@" stands for, or -1; not ours */
};

struct criu_request {
	struct arena *arena;
	struct criu_field *fields;
	size_t n;
};

/* The words of one field, up to NULL. They are not copied. */
void criu_ask(struct criu_request *r, int fd, ...) __attribute__((sentinel));

/*
 * criu_options.c: what both verbs have, and the two directories, seen from directory @top (NULL:
 * our own "/"): that of the images is made when it is not there and @make.
 */
struct criu_places {
	int images, work; /* descriptors */
	const char *images_path, *work_path;
};
int criu_places_open(struct criu_places *out, struct arena *a, const struct criu_options *o,
		     const char *top, bool make, struct error *e);
void criu_places_close(struct criu_places *p);
int criu_ask_options(struct criu_request *r, const struct criu_options *o,
		     const struct criu_places *p, const char *log, const struct pairs *annotations,
		     struct error *e);

/* ---- one talk ---- */

struct criu {
	struct helper helper; /* started by the caller */
	pid_t pid;	      /* CRIU's own; a child of ours */
	int interrupt;
	const struct criu_places *places;
	const char *log; /* the name of CRIU's log file, in the work directory */
	/*
	 * CRIU has come to @script ("post-restore") with process @pid, and goes on when 0 is
	 * returned.  *@fd may have come along.
	 */
	int (*notify)(void *ctx, const char *script, pid_t pid, int *fd, struct error *e);
	void *ctx;
};

/*
 * Has CRIU do @what: "DUMP", "PRE_DUMP", "RESTORE".  *@pid: the restored process, a child of
 * ours.  The helper and CRIU have ended when this returns.
 */
int criu_run(struct criu *c, const struct criu_request *r, const char *what, const char *program,
	     pid_t *pid, struct error *e);

/* criu_find.c: --criu, or "criu" on PATH. */
int criu_find(const char **out, struct arena *a, const char *wanted, struct error *e);

/* criu_log.c: puts what CRIU has logged last of errors, and where, into the text of @e. -1. */
int criu_explain(const struct criu_places *p, const char *log, struct error *e);

/* descriptors.c: what stdio was at the checkpoint, in the images, and what takes its place. */
int descriptors_write(const struct criu_places *p, const struct container *c, struct error *e);
int descriptors_ask(struct criu_request *r, const struct criu_places *p, struct error *e);

/*
 * external.c: mounts and namespaces that are the host's: CRIU takes them as given.  They have
 * one name each at checkpoint and restore, where the config has them; whatever the root file
 * system makes of a path, a name never leads to the source of another mount.
 */
struct exec_defaults;
struct op;
void external_list(struct exec_defaults *out, struct arena *a, const struct config *c,
		   const struct plan *p); /* what create keeps for the checkpoint */
int external_ask(struct criu_request *r, const struct container *c, const struct exec_defaults *d,
		 struct error *e);
/* The one number @i of @op; NULL: it has none, or no more. */
const char *external_name(const struct plan *p, const struct op *op, uint32_t i);
const char *external_key(struct arena *a, int type); /* of a namespace: "extRootNetNS" */
const char *namespace_file(int type);		     /* "net" */

#endif
