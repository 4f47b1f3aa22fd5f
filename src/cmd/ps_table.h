/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CMD_PS_TABLE_H
#define YACR_CMD_PS_TABLE_H

#include "base/buf.h"
#include "base/str.h"
#include "cgroup/cgroup.h"

/* Runs ps(1) of the host and adds what it prints to @out. */
int ps_run(const char *const *argv, struct buf *out, struct error *e);

/* The first line of @table, and those whose column "PID" is in @pids. */
int ps_filter(const char *table, const struct pid_list *pids, struct buf *out, struct error *e);

#endif
