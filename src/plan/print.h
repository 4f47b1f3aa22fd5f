/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_PLAN_PRINT_H
#define YACR_PLAN_PRINT_H

#include "base/json_write.h"
#include "plan/plan.h"

/*
 * One line per operation: number, who does it (init, host, both), what, and
 * the path in config.json that asked for it.  Golden files hold this text.
 */
void plan_print(const struct plan *p, struct buf *out);

/* The same as JSON, members of an object: clone, flags, slots, operations; what is zero is left out. */
void plan_print_json(const struct plan *p, struct json_writer *w);

/* "mount", "masked_path"; "?" when unknown. */
const char *op_name(uint32_t kind);

#endif
