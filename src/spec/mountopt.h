/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SPEC_MOUNTOPT_H
#define YACR_SPEC_MOUNTOPT_H

/* The mount options of the spec (config.md "Linux mount options"), one row each. */

#include "base/arena.h"
#include "base/list.h"

/* Equal, number for number, to enum plan_propagation, which init reads. */
enum mount_propagation {
	MOUNTOPT_PRIVATE = 1,
	MOUNTOPT_SHARED,
	MOUNTOPT_SLAVE,
	MOUNTOPT_UNBINDABLE,
	MOUNTOPT_RECURSIVE = 0x80,
};

#define MOUNTOPT_PROPAGATIONS 4

struct mount_options {
	uint32_t set,
		clear; /* MOUNT_ATTR_*; atime as its own value with MOUNT_ATTR__ATIME in clear */
	uint32_t rec_set, rec_clear;
	uint32_t sb_set,
		sb_clear; /* MS_SYNCHRONOUS, MS_DIRSYNC, MS_LAZYTIME, MS_I_VERSION, MS_SILENT */
	uint8_t propagation
		[MOUNTOPT_PROPAGATIONS]; /* enum mount_propagation, in order; 0 ends it */
	bool bind, recursive, remount;
	bool idmap, idmap_recursive;
	bool copy_up, src_nofollow, dest_nofollow, copy_symlink;
	const char *data; /* what is left, for the file system; "" when nothing is */
};

/*
 * A later option overrides an earlier one.  What only mount(8) acts on
 * ("nofail", "x-...") does nothing; what nobody here knows is for the file
 * system.  @index gets the option that is to blame on failure.
 */
int mount_options_parse(struct mount_options *out, struct arena *a, const struct strs *options,
			size_t *index, struct error *e);

/* Every option yacr acts on, for `features`, sorted; ends with NULL. */
extern const char *const *mount_option_names(void);

/* A value of rootfsPropagation ("slave", "rslave", ...): enum mount_propagation, or -1. */
int mount_propagation_find(const char *name);

#endif
