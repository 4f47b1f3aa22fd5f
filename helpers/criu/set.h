/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HELPERS_CRIU_SET_H
#define YACR_HELPERS_CRIU_SET_H

#include <protobuf-c/protobuf-c.h>

#include "base/error.h"

/*
 * Sets one field of a message, by the names that its .proto gives: what yacr asks CRIU for
 * arrives as words and needs no table here.
 *
 *	leave_running 1
 *	external mnt[/data]:/data		one more, in a repeated field
 *	cg_root ctrl memory path /web1		a message: its fields
 *	images_dir_fd @				the descriptor that came along
 *
 * @values ends with NULL; @fd is what "@" stands for.
 */
int set_field(ProtobufCMessage *message, const char *name, const char *const *values, int fd,
	      struct error *e);

#endif
