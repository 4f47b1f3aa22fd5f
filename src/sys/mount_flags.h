/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_MOUNT_FLAGS_H
#define YACR_SYS_MOUNT_FLAGS_H

/* One attribute of a mount has three numbers: for mount_setattr(2), mount(2) and statfs(2). */

#include <stdint.h>

/* mount(2)'s flags for attributes, and the attributes of a mount that statfs(2) tells of. */
unsigned long mount_flags_ms(uint64_t attrs);
uint64_t mount_flags_of_statfs(unsigned long st);

/* The name of one of @attrs, access time aside; NULL: there is none. */
const char *mount_flags_name(uint64_t attrs);

#endif
