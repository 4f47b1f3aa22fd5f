/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_TESTS_CGROUP_FILES_H
#define YACR_TESTS_CGROUP_FILES_H

/* A directory that looks like a cgroup's. */

#include "scratch.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/arena.h"
#include "cgroup/knob.h"

static struct arena memory;
static int dir = -1;
static char dir_name[64];

static int set_up(void **state)
{
	scratch_make(dir_name);
	dir = open(dir_name, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return dir < 0 ? -1 : 0;
}

static int tear_down(void **state)
{
	scratch_remove(dir_name);
	close(dir);
	arena_free(&memory);
	return 0;
}

static void put(const char *file, const char *text)
{
	int fd = openat(dir, file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), (int)strlen(text));
	close(fd);
}

#endif
