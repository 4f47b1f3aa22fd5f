/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/mount_flags.h"

#include "base/list.h"
#include "sys/abi.h"

static const struct mount_flag {
	uint32_t attr, ms, st;
	char name[12];
} mount_flags[] = {
	{MOUNT_ATTR_RDONLY, MS_RDONLY, ABI_ST_RDONLY, "ro"},
	{MOUNT_ATTR_NOSUID, MS_NOSUID, ABI_ST_NOSUID, "nosuid"},
	{MOUNT_ATTR_NODEV, MS_NODEV, ABI_ST_NODEV, "nodev"},
	{MOUNT_ATTR_NOEXEC, MS_NOEXEC, ABI_ST_NOEXEC, "noexec"},
	{MOUNT_ATTR_NODIRATIME, MS_NODIRATIME, ABI_ST_NODIRATIME, "nodiratime"},
	{MOUNT_ATTR_NOSYMFOLLOW, MS_NOSYMFOLLOW, ABI_ST_NOSYMFOLLOW, "nosymfollow"},
};

unsigned long mount_flags_ms(uint64_t attrs)
{
	unsigned long ms = 0;

	for (size_t i = 0; i < ARRAY_SIZE(mount_flags); i++)
		if (attrs & mount_flags[i].attr)
			ms |= mount_flags[i].ms;
	if ((attrs & MOUNT_ATTR__ATIME) == MOUNT_ATTR_NOATIME)
		return ms | MS_NOATIME;
	if ((attrs & MOUNT_ATTR__ATIME) == MOUNT_ATTR_STRICTATIME)
		return ms | MS_STRICTATIME;
	return ms | MS_RELATIME;
}

uint64_t mount_flags_of_statfs(unsigned long st)
{
	uint64_t attrs = 0;

	for (size_t i = 0; i < ARRAY_SIZE(mount_flags); i++)
		if (st & mount_flags[i].st)
			attrs |= mount_flags[i].attr;
	if (st & ABI_ST_NOATIME)
		return attrs | MOUNT_ATTR_NOATIME;
	return st & ABI_ST_RELATIME ? attrs : attrs | MOUNT_ATTR_STRICTATIME;
}

const char *mount_flags_name(uint64_t attrs)
{
	for (size_t i = 0; i < ARRAY_SIZE(mount_flags); i++)
		if (attrs & mount_flags[i].attr)
			return mount_flags[i].name;
	return NULL;
}
