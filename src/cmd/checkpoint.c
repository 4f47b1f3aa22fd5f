/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/criu.h"

int criu_mode(struct criu_options *o, struct error *e)
{
	static const struct {
		const char *word, *mode;
	} modes[] = {
		{"soft", "SOFT"}, {"full", "FULL"}, {"strict", "STRICT"}, {"ignore", "IGNORE"}};

	if (!o->manage_cgroups)
		return 0;
	for (size_t i = 0; i < ARRAY_SIZE(modes); i++)
		if (str_eq(o->manage_cgroups, modes[i].word)) {
			o->manage_cgroups = modes[i].mode;
			return 0;
		}
	return fail(e, 0, "--manage-cgroups-mode is one of soft, full, strict, ignore, not \"%s\"",
		    o->manage_cgroups);
}

static int run(struct invocation *inv, struct error *e)
{
	struct checkpoint_options o = *(const struct checkpoint_options *)inv->options;

	o.id = inv->args.v[0];
	return criu_mode(&o.criu, e) < 0 ? -1 : container_checkpoint(&inv->rt, &o, e);
}

static const struct option criu_rows[] = {
	OPTION(struct criu_options, image_path, "image-path", .argument = "DIR",
	       .help = "directory of the images; \"checkpoint\" by default"),
	OPTION(struct criu_options, work_path, "work-path", .argument = "DIR",
	       .help = "where CRIU puts its log; the directory of the images by default"),
	OPTION(struct criu_options, tcp_established, "tcp-established",
	       .help = "with open TCP connections"),
	OPTION(struct criu_options, ext_unix_sk, "ext-unix-sk",
	       .help = "with connections to unix sockets outside"),
	OPTION(struct criu_options, shell_job, "shell-job", .help = "with a terminal from outside"),
	OPTION(struct criu_options, file_locks, "file-locks", .help = "with file locks"),
	OPTION(struct criu_options, link_remap, "link-remap",
	       .help = "with open files that were removed"),
	OPTION(struct criu_options, manage_cgroups, "manage-cgroups-mode", .argument = "MODE",
	       .help = "soft, full, strict or ignore; soft by default"),
	OPTION(struct criu_options, empty_ns, "empty-ns", .argument = "NAMESPACE",
	       .help = "make an empty one; \"network\", which always is"),
	OPTION(struct criu_options, auto_dedup, "auto-dedup",
	       .help = "free images that are not needed"),
	OPTION(struct criu_options, lazy_pages, "lazy-pages",
	       .help = "bring memory when it is used"),
};
const struct options criu_options = OPTIONS(struct criu_options, criu_rows);

static const struct option options[] = {
	GROUP(struct checkpoint_options, criu, criu_options),
	OPTION(struct checkpoint_options, criu.tcp_skip_in_flight, "tcp-skip-in-flight",
	       .help = "without TCP connections that are just being made"),
	OPTION(struct checkpoint_options, leave_running, "leave-running",
	       .help = "do not end and delete the container"),
	OPTION(struct checkpoint_options, pre_dump, "pre-dump",
	       .help = "memory only; the container goes on"),
	OPTION(struct checkpoint_options, parent_path, "parent-path", .argument = "DIR",
	       .help = "earlier images, relative to --image-path: only what changed is written"),
	OPTION(struct checkpoint_options, page_server, "page-server", .argument = "ADDRESS:PORT",
	       .help = "send memory to a page server"),
	OPTION(struct checkpoint_options, status_fd, "status-fd", .argument = "FD",
	       .help = "with --lazy-pages: gets a NUL when pages can be asked for"),
};

const struct command cmd_checkpoint = {
	.name = "checkpoint",
	.arguments = "ID",
	.summary = "write a running container to files, with CRIU",
	.about = "Writes the processes of a running or paused container to images, from which "
		 "`restore`\n"
		 "makes it anew, there or elsewhere.  The container is deleted, unless it is left "
		 "running.\n"
		 "Needs CRIU, and root.",
	.options = OPTIONS(struct checkpoint_options, options),
	.min_args = 1,
	.max_args = 1,
	.takes_id = true,
	.run = run,
};
