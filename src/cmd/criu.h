/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CMD_CRIU_H
#define YACR_CMD_CRIU_H

#include "cmd/command.h"

/* What checkpoint and restore share; of struct criu_options. */
extern const struct options criu_options;

/* Turns the word of --manage-cgroups-mode into CRIU's; refuses others. */
int criu_mode(struct criu_options *o, struct error *e);

#endif
