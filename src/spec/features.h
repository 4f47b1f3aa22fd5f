/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SPEC_FEATURES_H
#define YACR_SPEC_FEATURES_H

#include <stdbool.h>
#include <stdint.h>

#include "base/buf.h"

/*
 * The features document (runtime-spec, features.md): what this build of yacr
 * knows, whatever the host can do, which is among the annotations.  The lists come from the tables that the
 * parser reads, so nothing can be listed that is not understood.
 *
 * @seccomp_flags: the SECCOMP_FILTER_FLAG_* of the running kernel; all ones
 * when nobody asked it.  @systemd: yacr-systemd is there.  @layout: of this host's
 * cgroups (cgroup_layout_names in plan/facts.h), or NULL.
 */
void features_write(struct buf *out, uint32_t seccomp_flags, bool systemd, const char *layout);

#endif
