/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_ABI_H
#define YACR_SYS_ABI_H

/*
 * The one home of kernel numbers and structs that the build host's headers may
 * lack, and the only place with #ifdef for them.  Kernel ABI does not change,
 * so a constant defined here is right on every kernel that has the feature.
 */

#include <stdint.h>
#include <sys/syscall.h>

#endif
