/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CMD_CREATE_H
#define YACR_CMD_CREATE_H

#include "cmd/command.h"

/*
 * The options that create, run and explain share, in a struct T: @in is "create." where the
 * struct create_options is a member, or nothing.
 */
#define BUNDLE_OPTIONS(T, in)                                                                        \
	OPTION(T, in bundle, "bundle", .letter = 'b', .argument = "DIR",                             \
	       .help = "directory of the bundle; the present one by default"),                       \
		OPTION(T, in config, "config", .letter = 'f', .argument = "FILE",                    \
		       .help = "configuration instead of config.json in the bundle"),                \
		OPTION(T, in no_pivot, "no-pivot",                                                   \
		       .help = "change the root by moving mounts, where pivot_root(2) cannot work"), \
		OPTION(T, in no_new_keyring, "no-new-keyring",                                       \
		       .help = "keep the caller's session keyring"),                                 \
		OPTION(T, in preserve_fds, "preserve-fds", .argument = "N",                          \
		       .help = "leave N descriptors from 3 on open in the container")

#define CREATE_OPTIONS(T, in)                                                        \
	BUNDLE_OPTIONS(T, in),                                                       \
		OPTION(T, in console_socket, "console-socket", .argument = "SOCKET", \
		       .help = "send the terminal's master to this socket"),         \
		OPTION(T, in pid_file, "pid-file", .argument = "FILE",               \
		       .help = "write the pid of the container to FILE"),            \
		OPTION(T, in pidfd_socket, "pidfd-socket", .argument = "SOCKET",     \
		       .help = "send a descriptor of the container's process to this socket")

/* What run and restore add. */
#define RUN_OPTIONS(T, in)                                                                \
	OPTION(T, in detach, "detach", .letter = 'd', .help = "do not wait for its end"), \
		OPTION(T, in keep, "keep", .help = "do not delete it after its end"),     \
		OPTION(T, in no_subreaper, "no-subreaper",                                \
		       .help = "do not become the parent of processes that lost theirs")

/* Remembers which config a failure is about. */
void create_begin(struct invocation *inv, const struct create_options *o);

#endif
