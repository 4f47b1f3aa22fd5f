/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CMD_QUANTITY_H
#define YACR_CMD_QUANTITY_H

/* Numbers with units, as people and Go programs write them.  0, or -1 with errno EINVAL or ERANGE. */

#include <stdint.h>

/* "1048576", "512m", "1.5g", "64KiB": units are of 1024. "-1" is -1: no limit. */
int quantity_bytes(const char *s, int64_t *out);

/* "5s", "100ms", "1m30s", "0.5h"; a number alone is seconds. In ms, which has to be above 0. */
int quantity_duration(const char *s, int64_t *ms);

#endif
