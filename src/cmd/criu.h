/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CMD_CRIU_H
#define YACR_CMD_CRIU_H

#include "cmd/command.h"

/* The options that checkpoint and restore share, in the struct T's member @in. */
#define CRIU_OPTIONS(T, in)                                                                        \
	OPTION(T, in.image_path, "image-path", .argument = "DIR",                                  \
	       .help = "directory of the images; \"checkpoint\" by default"),                      \
		OPTION(T, in.work_path, "work-path", .argument = "DIR",                            \
		       .help = "where CRIU puts its log; the directory of the images by default"), \
		OPTION(T, in.tcp_established, "tcp-established",                                   \
		       .help = "with open TCP connections"),                                       \
		OPTION(T, in.ext_unix_sk, "ext-unix-sk",                                           \
		       .help = "with connections to unix sockets outside"),                        \
		OPTION(T, in.shell_job, "shell-job", .help = "with a terminal from outside"),      \
		OPTION(T, in.file_locks, "file-locks", .help = "with file locks"),                 \
		OPTION(T, in.link_remap, "link-remap",                                             \
		       .help = "with open files that were removed"),                               \
		OPTION(T, in.manage_cgroups, "manage-cgroups-mode", .argument = "MODE",            \
		       .help = "soft, full, strict or ignore; soft by default"),                   \
		OPTION(T, in.empty_ns, "empty-ns", .argument = "NAMESPACE",                        \
		       .help = "make an empty one; \"network\", which always is"),                 \
		OPTION(T, in.auto_dedup, "auto-dedup", .help = "free images that are not needed"), \
		OPTION(T, in.lazy_pages, "lazy-pages", .help = "bring memory when it is used")

/* Turns the word of --manage-cgroups-mode into CRIU's; refuses others. */
int criu_mode(struct criu_options *o, struct error *e);

#endif
