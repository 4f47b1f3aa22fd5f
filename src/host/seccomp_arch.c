/* SPDX-License-Identifier: Apache-2.0 */
#include "host/seccomp_arch.h"

#include <linux/audit.h>

#include "base/list.h"
#include "base/str.h"
#include "host/syscalls.inc"
#include "spec/names.h"

#ifndef AUDIT_ARCH_LOONGARCH64
#define AUDIT_ARCH_LOONGARCH64 0xc0000102u /* Linux 5.19 */
#endif

const struct arch_info arches[ARCHES] = {
	[ARCH_X86_64] = {.audit = AUDIT_ARCH_X86_64},
	[ARCH_I386] = {.audit = AUDIT_ARCH_I386, .narrow = true, .socketcall = 102, .ipc = 117},
	[ARCH_X32] = {.audit = SECCOMP_ARCH_X32, .narrow = true},
	[ARCH_AARCH64] = {.audit = AUDIT_ARCH_AARCH64},
	[ARCH_ARM] = {.audit = AUDIT_ARCH_ARM, .narrow = true},
	[ARCH_RISCV64] = {.audit = AUDIT_ARCH_RISCV64},
	[ARCH_PPC64LE] = {.audit = AUDIT_ARCH_PPC64LE, .socketcall = 102, .ipc = 117},
	[ARCH_S390X] = {.audit = AUDIT_ARCH_S390X,
			.big_endian = true,
			.socketcall = 102,
			.ipc = 117},
	[ARCH_LOONGARCH64] = {.audit = AUDIT_ARCH_LOONGARCH64},
};

int arch_find(uint32_t audit)
{
	for (int i = 0; i < ARCHES; i++)
		if (arches[i].audit == audit)
			return i;
	return -1;
}

/* The hash that scripts/generate-syscalls laid the buckets out by (FNV-1a, folded). */
static uint32_t bucket_of(const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name; name++)
		hash = (hash ^ (unsigned char)*name) * 16777619u;
	return (hash ^ (hash >> 15)) % ARRAY_SIZE(syscall_buckets);
}

const struct syscall_row *syscall_find(const char *name)
{
	uint32_t at = bucket_of(name);

	for (; syscall_buckets[at]; at = (at + 1) % ARRAY_SIZE(syscall_buckets)) {
		const struct syscall_row *row = &syscall_rows[syscall_buckets[at] - 1];

		if (str_eq(syscall_names + row->name, name))
			return row;
	}
	return NULL;
}

/* Where the table keeps numbers of arm's private range, 0xf0000 and up. */
#define ARM_PRIVATE 0xf0000
#define ARM_COLUMN_BASE 0x7000

int64_t syscall_number(const struct syscall_row *row, enum arch arch)
{
	int16_t number = row->number[arch];

	if (number < 0)
		return -1;
	if (number >= ARM_COLUMN_BASE)
		return number - ARM_COLUMN_BASE + ARM_PRIVATE;
	return arch == ARCH_X32 ? number | (int64_t)X32_BIT : number;
}
