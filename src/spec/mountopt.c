/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/mountopt.h"

#include <linux/mount.h>
#include <string.h>

#include "base/buf.h"
#include "base/str.h"

#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000 /* Linux 5.14 */
#endif

/* What a row's option changes. */
enum target {
	ATTR = 1,	/* the mount's attributes */
	ATTR_RECURSIVE, /* and those of all mounts below it */
	ATIME_WITHOUT,	/* no longer that atime mode; another one stays */
	ATIME_WITHOUT_RECURSIVE,
	SUPERBLOCK,
	PROPAGATION,
	SWITCH,	 /* bools of struct mount_options */
	NOTHING, /* known, and nothing to do */
	MOUNT8,	 /* the same, but only mount(8) and fstab(5) know it */
};

struct row {
	char name[15]; /* "rnostrictatime" is the longest */
	uint8_t target;
	uint32_t set, clear; /* bits; for SWITCH offsets of bools, 0: none */
};

/*
 * The access time is one value of several, not bits of their own: setting one
 * clears the others.  MOUNT_ATTR_RELATIME is the value 0, the kernel's default.
 */
#define ATIME(mode) MOUNT_ATTR_##mode, MOUNT_ATTR__ATIME
#define ON(member) offsetof(struct mount_options, member)

/* Sorted by name: find() halves it, `features` prints it so. */
static const struct row rows[] = {
	{"_netdev", MOUNT8},
	{"async", SUPERBLOCK, 0, MS_SYNCHRONOUS},
	{"atime", ATIME_WITHOUT, MOUNT_ATTR_NOATIME},
	{"auto", MOUNT8},
	{"bind", SWITCH, ON(bind)},
	{"copy-symlink", SWITCH, ON(copy_symlink)},
	{"defaults", NOTHING},
	{"dest-nofollow", SWITCH, ON(dest_nofollow)},
	{"dev", ATTR, 0, MOUNT_ATTR_NODEV},
	{"diratime", ATTR, 0, MOUNT_ATTR_NODIRATIME},
	{"dirsync", SUPERBLOCK, MS_DIRSYNC, 0},
	{"exec", ATTR, 0, MOUNT_ATTR_NOEXEC},
	{"group", MOUNT8},
	{"idmap", SWITCH, ON(idmap)},
	{"iversion", SUPERBLOCK, MS_I_VERSION, 0},
	{"lazytime", SUPERBLOCK, MS_LAZYTIME, 0},
	{"loud", SUPERBLOCK, 0, MS_SILENT},
	{"mand", NOTHING}, /* mandatory locks are gone since Linux 5.15 */
	{"noatime", ATTR, ATIME(NOATIME)},
	{"noauto", MOUNT8},
	{"nodev", ATTR, MOUNT_ATTR_NODEV, 0},
	{"nodiratime", ATTR, MOUNT_ATTR_NODIRATIME, 0},
	{"noexec", ATTR, MOUNT_ATTR_NOEXEC, 0},
	{"nofail", MOUNT8},
	{"nogroup", MOUNT8},
	{"noiversion", SUPERBLOCK, 0, MS_I_VERSION},
	{"nolazytime", SUPERBLOCK, 0, MS_LAZYTIME},
	{"nomand", NOTHING},
	{"noowner", MOUNT8},
	{"norelatime", ATIME_WITHOUT, MOUNT_ATTR_RELATIME},
	{"nostrictatime", ATIME_WITHOUT, MOUNT_ATTR_STRICTATIME},
	{"nosuid", ATTR, MOUNT_ATTR_NOSUID, 0},
	{"nosymfollow", ATTR, MOUNT_ATTR_NOSYMFOLLOW, 0},
	{"nouser", MOUNT8},
	{"nousers", MOUNT8},
	{"owner", MOUNT8},
	{"private", PROPAGATION, MOUNTOPT_PRIVATE},
	{"ratime", ATIME_WITHOUT_RECURSIVE, MOUNT_ATTR_NOATIME},
	{"rbind", SWITCH, ON(bind), ON(recursive)},
	{"rdev", ATTR_RECURSIVE, 0, MOUNT_ATTR_NODEV},
	{"rdiratime", ATTR_RECURSIVE, 0, MOUNT_ATTR_NODIRATIME},
	{"relatime", ATTR, ATIME(RELATIME)},
	{"remount", SWITCH, ON(remount)},
	{"rexec", ATTR_RECURSIVE, 0, MOUNT_ATTR_NOEXEC},
	{"ridmap", SWITCH, ON(idmap), ON(idmap_recursive)},
	{"rnoatime", ATTR_RECURSIVE, ATIME(NOATIME)},
	{"rnodev", ATTR_RECURSIVE, MOUNT_ATTR_NODEV, 0},
	{"rnodiratime", ATTR_RECURSIVE, MOUNT_ATTR_NODIRATIME, 0},
	{"rnoexec", ATTR_RECURSIVE, MOUNT_ATTR_NOEXEC, 0},
	{"rnorelatime", ATIME_WITHOUT_RECURSIVE, MOUNT_ATTR_RELATIME},
	{"rnostrictatime", ATIME_WITHOUT_RECURSIVE, MOUNT_ATTR_STRICTATIME},
	{"rnosuid", ATTR_RECURSIVE, MOUNT_ATTR_NOSUID, 0},
	{"rnosymfollow", ATTR_RECURSIVE, MOUNT_ATTR_NOSYMFOLLOW, 0},
	{"ro", ATTR, MOUNT_ATTR_RDONLY, 0},
	{"rprivate", PROPAGATION, MOUNTOPT_PRIVATE | MOUNTOPT_RECURSIVE},
	{"rrelatime", ATTR_RECURSIVE, ATIME(RELATIME)},
	{"rro", ATTR_RECURSIVE, MOUNT_ATTR_RDONLY, 0},
	{"rrw", ATTR_RECURSIVE, 0, MOUNT_ATTR_RDONLY},
	{"rshared", PROPAGATION, MOUNTOPT_SHARED | MOUNTOPT_RECURSIVE},
	{"rslave", PROPAGATION, MOUNTOPT_SLAVE | MOUNTOPT_RECURSIVE},
	{"rstrictatime", ATTR_RECURSIVE, ATIME(STRICTATIME)},
	{"rsuid", ATTR_RECURSIVE, 0, MOUNT_ATTR_NOSUID},
	{"rsymfollow", ATTR_RECURSIVE, 0, MOUNT_ATTR_NOSYMFOLLOW},
	{"runbindable", PROPAGATION, MOUNTOPT_UNBINDABLE | MOUNTOPT_RECURSIVE},
	{"rw", ATTR, 0, MOUNT_ATTR_RDONLY},
	{"shared", PROPAGATION, MOUNTOPT_SHARED},
	{"silent", SUPERBLOCK, MS_SILENT, 0},
	{"slave", PROPAGATION, MOUNTOPT_SLAVE},
	{"src-nofollow", SWITCH, ON(src_nofollow)},
	{"strictatime", ATTR, ATIME(STRICTATIME)},
	{"suid", ATTR, 0, MOUNT_ATTR_NOSUID},
	{"symfollow", ATTR, 0, MOUNT_ATTR_NOSYMFOLLOW},
	{"sync", SUPERBLOCK, MS_SYNCHRONOUS, 0},
	{"tmpcopyup", SWITCH, ON(copy_up)},
	{"unbindable", PROPAGATION, MOUNTOPT_UNBINDABLE},
	{"user", MOUNT8},
	{"users", MOUNT8},
};

static const struct row *find(const char *name)
{
	size_t low = 0, high = ARRAY_SIZE(rows);

	while (low < high) {
		size_t middle = (low + high) / 2;
		int order = strcmp(name, rows[middle].name);

		if (order == 0)
			return &rows[middle];
		if (order < 0)
			high = middle;
		else
			low = middle + 1;
	}
	return NULL;
}

static void change(uint32_t *set, uint32_t *clear, const struct row *r)
{
	*set = (*set & ~r->clear) | r->set;
	*clear = (*clear & ~r->set) | r->clear;
}

/* Takes the mode away if it is what was asked for; else another wish stays as it is. */
static void without_atime(uint32_t *set, uint32_t *clear, uint32_t mode)
{
	*set &= ~mode;
	*clear |= MOUNT_ATTR__ATIME;
}

static int add_propagation(struct mount_options *o, uint32_t value, struct error *e)
{
	for (size_t i = 0; i < MOUNTOPT_PROPAGATIONS; i++)
		if (!o->propagation[i]) {
			o->propagation[i] = (uint8_t)value;
			return 0;
		}
	return fail(e, 0, "more than %d propagation options for one mount", MOUNTOPT_PROPAGATIONS);
}

static int apply(struct mount_options *o, const struct row *r, struct error *e)
{
	switch ((enum target)r->target) {
	case ATTR: change(&o->set, &o->clear, r); break;
	case ATTR_RECURSIVE: change(&o->rec_set, &o->rec_clear, r); break;
	case ATIME_WITHOUT: without_atime(&o->set, &o->clear, r->set); break;
	case ATIME_WITHOUT_RECURSIVE: without_atime(&o->rec_set, &o->rec_clear, r->set); break;
	case SUPERBLOCK: change(&o->sb_set, &o->sb_clear, r); break;
	case PROPAGATION: return add_propagation(o, r->set, e);
	case SWITCH:
		*(bool *)((char *)o + r->set) = true;
		if (r->clear)
			*(bool *)((char *)o + r->clear) = true;
		break;
	case NOTHING:
	case MOUNT8: break;
	}
	return 0;
}

/* fstab(5) comments and what other programs keep there. */
static bool is_comment(const char *option)
{
	return str_starts(option, "x-") || str_starts(option, "X-") ||
	       str_starts(option, "comment=") || option[0] == '\0';
}

int mount_options_parse(struct mount_options *out, struct arena *a, const struct strs *options,
			size_t *index, struct error *e)
{
	struct mount_options o = {.data = ""};
	struct buf data = buf_new(a);

	for (size_t i = 0; i < options->n; i++) {
		const char *option = options->v[i];
		const struct row *r = find(option);

		*index = i;
		if (r) {
			if (apply(&o, r, e) < 0)
				return -1;
		} else if (str_starts(option, "idmap=") || str_starts(option, "ridmap=")) {
			return fail(e, 0,
				    "mount option \"%s\" is not supported: give the mapping in "
				    "uidMappings and gidMappings",
				    option);
		} else if (!is_comment(option)) {
			if (data.len)
				buf_putc(&data, ',');
			buf_puts(&data, option);
		}
	}
	if (data.len)
		o.data = data.s;
	*out = o;
	return 0;
}

const char *const *mount_option_names(void)
{
	static const char *names[ARRAY_SIZE(rows) + 1];
	size_t n = 0;

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].target != MOUNT8)
			names[n++] = rows[i].name;
	names[n] = NULL;
	return names;
}

int mount_propagation_find(const char *name)
{
	const struct row *r = find(name);

	return r && r->target == PROPAGATION ? (int)r->set : -1;
}
