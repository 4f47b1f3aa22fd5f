/* SPDX-License-Identifier: Apache-2.0 */
#include "host/seccomp_arch.h"

#include <linux/audit.h>
#include <string.h>

#include "base/list.h"
#include "host/syscalls.inc"
#include "spec/names.h"

#ifndef AUDIT_ARCH_LOONGARCH64
#define AUDIT_ARCH_LOONGARCH64 0xc0000102u /* Linux 5.19 */
#endif

/* .lacks and .column as scripts/generate-syscalls has them. */
const struct arch_info arches[ARCHES] = {
	[ARCH_X86_64] = {.audit = AUDIT_ARCH_X86_64, .column = 0},
	[ARCH_I386] = {.audit = AUDIT_ARCH_I386,
		       .column = 1,
		       .narrow = true,
		       .socketcall = 102,
		       .ipc = 117},
	[ARCH_X32] =
		{.audit = SECCOMP_ARCH_X32, .x32 = true, .column = 0, .lacks = 1, .narrow = true},
	[ARCH_AARCH64] = {.audit = AUDIT_ARCH_AARCH64, .column = 3, .lacks = 2},
	[ARCH_ARM] = {.audit = AUDIT_ARCH_ARM, .column = 2, .narrow = true},
	[ARCH_RISCV64] = {.audit = AUDIT_ARCH_RISCV64, .column = 3, .lacks = 4},
	[ARCH_PPC64LE] = {.audit = AUDIT_ARCH_PPC64LE, .column = 4, .socketcall = 102, .ipc = 117},
	[ARCH_S390X] = {.audit = AUDIT_ARCH_S390X,
			.column = 5,
			.big_endian = true,
			.socketcall = 102,
			.ipc = 117},
	[ARCH_LOONGARCH64] = {.audit = AUDIT_ARCH_LOONGARCH64, .column = 3, .lacks = 8},
};

int arch_find(uint32_t audit)
{
	for (int i = 0; i < ARCHES; i++)
		if (arches[i].audit == audit)
			return i;
	return -1;
}

const struct syscall_row *syscall_find(const char *name, const struct syscall_row *before)
{
	size_t low = 0, high = ARRAY_SIZE(syscall_rows), step = 0;
	size_t at = before ? (size_t)(before - syscall_rows) + 1 : 0;

	while (low < high) {
		int order;

		if (at >= high)
			at = (low + high) / 2;
		order = strcmp(name, syscall_names + syscall_rows[at].name);
		if (order == 0)
			return &syscall_rows[at];
		if (order < 0) {
			high = at;
			step = high; /* too far: by halves from here on */
		} else {
			low = at + 1;
		}
		at = low + step; /* farther and farther */
		step = 2 * step + 1;
	}
	return NULL;
}

#define X32_OWN 512 /* calls that x32 numbers itself */

int syscall_place(const struct syscall_row *row, const struct arch_info *arch)
{
	if (row->lacks & arch->lacks)
		return -1;
	if (arch->x32 && row->x32)
		return X32_OWN - 1 + row->x32;
	return row->place[arch->column];
}

#define ARM_PRIVATE 0xf0000u

uint32_t syscall_number(uint32_t place, enum arch arch)
{
	if (place >= PLACES_ARM)
		return place - PLACES_ARM + ARM_PRIVATE;
	return arch == ARCH_X32 ? place | X32_BIT : place;
}
