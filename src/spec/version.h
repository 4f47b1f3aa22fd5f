/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SPEC_VERSION_H
#define YACR_SPEC_VERSION_H

#include <stdint.h>

/* Of "1.2.3-rc.1+build"; what follows the three numbers is checked and dropped. */
struct version {
	uint64_t major, minor, patch;
};

/* By the grammar of SemVer 2.0.0, strictly. 0, or -1 and *@out untouched. */
int version_parse(struct version *out, const char *text);

#endif
