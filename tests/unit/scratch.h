/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_TESTS_SCRATCH_H
#define YACR_TESTS_SCRATCH_H

/* Where tests write: below TMPDIR, which their runner wants to find empty afterwards. */

#include "unit.h"

#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A template for mkstemp(3). */
static inline void scratch_name(char path[64])
{
	const char *top = getenv("TMPDIR");

	snprintf(path, 64, "%s/yacr-XXXXXX", top ? top : "/tmp");
}

/* A fresh directory that everybody may enter. Removed by scratch_remove(). */
static inline void scratch_make(char path[64])
{
	scratch_name(path);
	assert_non_null(mkdtemp(path));
	assert_int_equal(chmod(path, 0755), 0);
}

static inline void scratch_remove(const char *path)
{
	char command[128];

	snprintf(command, sizeof(command), "rm -rf --one-file-system '%s'", path);
	assert_int_equal(system(command), 0);
}

#endif
