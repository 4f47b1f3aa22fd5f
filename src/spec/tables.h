/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SPEC_TABLES_H
#define YACR_SPEC_TABLES_H

/*
 * The rows of config.json, one file per subject.  Every property that the
 * runtime-spec has for Linux is a row: read, or ignored with the reason.
 */

#include "base/table.h"

extern const struct table config_table; /* config.c */
extern const struct table root_table;	/* root_mounts.c */
extern const struct table mount_table;
extern const struct table id_mapping_table;
extern const struct table hooks_table;	 /* hooks.c */
extern const struct table process_table; /* process.c */
extern const struct table capabilities_table;
extern const struct table linux_table; /* linux.c */
extern const struct table personality_table;
extern const struct table memory_policy_table;
extern const struct table resources_table; /* resources.c; `update` reads it by itself */
extern const struct table seccomp_table;   /* seccomp.c */

#endif
