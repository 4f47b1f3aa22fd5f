/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CMD_HELP_H
#define YACR_CMD_HELP_H

#include "base/buf.h"
#include "cmd/command.h"

extern const char yacr_commit[]; /* commit.c.in: what git calls the sources */

void help_overview(struct buf *out);
void help_command(struct buf *out, const struct command *c);
void help_version(struct buf *out);

#endif
