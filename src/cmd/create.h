/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CMD_CREATE_H
#define YACR_CMD_CREATE_H

#include "cmd/command.h"

/* The options that commands share. Those of create are the bundle's and some more. */
extern const struct options bundle_options; /* struct create_options */
extern const struct options create_options; /* the same */
extern const struct options run_options;    /* struct run_options */

/* Remembers which config a failure is about. */
void create_begin(struct invocation *inv, const struct create_options *o);

#endif
