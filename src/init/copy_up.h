/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_INIT_COPY_UP_H
#define YACR_INIT_COPY_UP_H

#include "base/error.h"

/*
 * Copies what directory @from holds to directory @to, the root of an empty tmpfs,
 * which also gets its owner.  The tree may be an image's, and somebody may rename
 * in it meanwhile: nothing is followed, nothing that could block or do anything
 * is opened, no other mount is entered, and depth and number of files are bounded
 * (bytes are, by the tmpfs).  Devices and sockets are left out.  Both descriptors may be O_PATH.
 */
int copy_up(int from, int to, struct error *e);

#endif
