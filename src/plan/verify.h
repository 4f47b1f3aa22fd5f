/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_PLAN_VERIFY_H
#define YACR_PLAN_VERIFY_H

/* The parts of plan_verify(); see compile.h. */

#include "base/error.h"
#include "plan/plan.h"

/* verify_data.c: offsets stay in the heap, slots hold what their operations take, targets are paths. */
int verify_data(const struct plan *p, struct error *e);

/* Says which operation is wrong and why. Returns -1. */
int plan_broken(const struct plan *p, uint32_t i, struct error *e, const char *why);

#endif
