/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_CLOCK_H
#define YACR_SYS_CLOCK_H

#include <stdint.h>

/* Time that passes whatever the clock says, in ms; and a short sleep. */
int64_t now_ms(void);
void sleep_ms(int64_t ms);

#endif
