/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_SCHEMATA_H
#define YACR_HOST_SCHEMATA_H

#include <stdbool.h>

/*
 * Whether each domain that @schema, "L3:0=7f0;1=1f", names has that value in @text, which is what
 * a resctrl group's "schemata" says: lines and masks are written there in the kernel's own way.
 */
bool schemata_have(const char *text, const char *schema);

#endif
