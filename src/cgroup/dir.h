/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_DIR_H
#define YACR_CGROUP_DIR_H

/* One directory of a place, made and unmade. */

#include "spec/state.h"

/*
 * Makes the directory and what is missing above it; d->made is the topmost one made (NULL when
 * all of it existed).  *@existing: an O_PATH descriptor of what was there before, or -1.
 */
int dir_make(struct cgroup_dir *d, struct arena *a, int *existing, struct error *e);

/* Whether something above it is missing: d->made is then what dir_make() will make first, else NULL. */
bool dir_foresee(struct cgroup_dir *d, struct arena *a);

/* A file of it, by its path: the directory stays closed. -1 with errno. */
int dir_file(const struct cgroup_dir *d, const char *file, int flags);

/*
 * Removes the empty directory and then, up to d->made, the parents that became empty by it.
 * 0 also when it is gone already; -1 with errno when the directory itself stays.
 */
int dir_unmake(const struct cgroup_dir *d);

#endif
