/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_SECCOMP_ARCH_H
#define YACR_HOST_SECCOMP_ARCH_H

/* Architectures and system call numbers, for the seccomp compiler. */

#include <stdbool.h>
#include <stdint.h>

/* Columns of the table; scripts/generate-syscalls has the same order. */
enum arch {
	ARCH_X86_64,
	ARCH_I386,
	ARCH_X32,
	ARCH_AARCH64,
	ARCH_ARM,
	ARCH_RISCV64,
	ARCH_PPC64LE,
	ARCH_S390X,
	ARCH_LOONGARCH64,
	ARCHES
};

/* Set in the number of an x32 call; the kernel reports the architecture x86-64 for it. */
#define X32_BIT 0x40000000u

struct arch_info {
	uint32_t audit;		  /* AUDIT_ARCH_*, or SECCOMP_ARCH_X32 */
	bool big_endian;	  /* where the low word of an argument is */
	bool narrow;		  /* arguments have 32 bits: the high word is not looked at */
	uint16_t socketcall, ipc; /* numbers of the multiplexers, 0: none */
};

extern const struct arch_info arches[ARCHES];

/* An arch by its audit number; -1 when the compiler does not know it. */
int arch_find(uint32_t audit);

struct syscall_row {
	uint16_t name; /* offset in one string */
	uint8_t mux;   /* 101..120: reached by socketcall(n - 100); 201..224: by ipc(n - 200) */
	uint8_t flags;
	int16_t number[6]; /* -1: none; what it means for an arch is syscall_number()'s business */
};

/* NULL when no architecture has it. */
const struct syscall_row *syscall_find(const char *name);

/* The number as the kernel reports it (with X32_BIT), or -1. */
int64_t syscall_number(const struct syscall_row *row, enum arch arch);

#endif
