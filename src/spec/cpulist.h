/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SPEC_CPULIST_H
#define YACR_SPEC_CPULIST_H

/* Lists of processors or memory nodes, as cpuset(7) writes them: "0-3,7". */

#include <stddef.h>
#include <stdint.h>

#include "base/error.h"

#define CPULIST_MAX 8192 /* one more than the highest number */

struct cpulist {
	uint32_t mask[CPULIST_MAX / 32]; /* bit n % 32 of word n / 32 */
	size_t words;			 /* up to the last one that is not 0 */
};

/* "" is the empty list. Blanks around numbers are allowed, an inverted range is not. */
int cpulist_parse(struct cpulist *out, const char *text, struct error *e);

#endif
