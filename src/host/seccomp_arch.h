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
	bool x32;		  /* has numbers of its own for some calls */
	uint8_t column, lacks;	  /* what it reads in a struct syscall_row */
};

extern const struct arch_info arches[ARCHES];

/* An arch by its audit number; -1 when the compiler does not know it. */
int arch_find(uint32_t audit);

#define MUX_IPC 32u

/* The newer architectures count alike, and x32 mostly as x86-64: they share a column. */
struct syscall_row {
	uint16_t name;	    /* offset in one string */
	uint16_t lacks : 4; /* who lacks the call although it is in his column */
	uint16_t mux : 6;   /* reached by socketcall(2), or, above MUX_IPC, by ipc(2); 0: by none */
	uint16_t x32 : 6;   /* x32's own number less 511; 0: it has none */
	int16_t place[6];   /* -1: none; what it means for an arch is syscall_place()'s business */
};

/*
 * NULL when no architecture has it.  @before is the row that was found before, or NULL: a profile
 * is mostly in order, and its next name not far behind it.
 */
const struct syscall_row *syscall_find(const char *name, const struct syscall_row *before);

/*
 * The calls of an architecture in the order of their numbers, without gaps in between: most stand
 * at their number, and behind those what arm has from 0xf0000 on.
 */
#define PLACES_ARM 1024u
#define PLACES_ARM_COUNT 16u
#define PLACES (PLACES_ARM + PLACES_ARM_COUNT)

/* Below PLACES; or -1. */
int syscall_place(const struct syscall_row *row, const struct arch_info *arch);

/* The number as the kernel reports it, with X32_BIT. */
uint32_t syscall_number(uint32_t place, enum arch arch);

#endif
