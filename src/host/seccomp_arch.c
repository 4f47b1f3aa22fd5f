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
	return (hash ^ (hash >> 15)) % (ARRAY_SIZE(syscall_buckets) - 1);
}

const struct syscall_row *syscall_find(const char *name)
{
	uint32_t at = bucket_of(name);

	for (size_t i = syscall_buckets[at]; i < syscall_buckets[at + 1]; i++) {
		const char *known = syscall_names + syscall_rows[i].name;

		if (*known == *name && str_eq(known, name))
			return &syscall_rows[i];
	}
	return NULL;
}

/* Where the table keeps numbers of arm's private range, 0xf0000 and up. */
#define ARM_PRIVATE 0xf0000
#define ARM_COLUMN_BASE 0x7000

#define X32_OWN 16 /* x32 has a number of its own for this call */
#define X32_OWN_BASE 512

/*
 * Which column of a row an architecture reads, and the flag that says it lacks the call even so:
 * the newer ones count alike, and x32 mostly as x86-64.
 */
static const struct {
	uint8_t column, lacks;
} readers[ARCHES] = {
	[ARCH_X86_64] = {0},	 [ARCH_I386] = {1},  [ARCH_X32] = {0, 1},
	[ARCH_AARCH64] = {3, 2}, [ARCH_ARM] = {2},   [ARCH_RISCV64] = {3, 4},
	[ARCH_PPC64LE] = {4},	 [ARCH_S390X] = {5}, [ARCH_LOONGARCH64] = {3, 8},
};

static int64_t x32_number(const struct syscall_row *row, int16_t number)
{
	if (row->flags & X32_OWN)
		for (size_t i = 0; i < ARRAY_SIZE(x32_own); i++)
			if (x32_own[i] == number)
				return X32_BIT | (X32_OWN_BASE + (int64_t)i);
	return X32_BIT | number;
}

int64_t syscall_number(const struct syscall_row *row, enum arch arch)
{
	int16_t number = row->number[readers[arch].column];

	if (number < 0 || row->flags & readers[arch].lacks)
		return -1;
	if (number >= ARM_COLUMN_BASE)
		return number - ARM_COLUMN_BASE + ARM_PRIVATE;
	return arch == ARCH_X32 ? x32_number(row, number) : number;
}
