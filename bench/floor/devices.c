/* SPDX-License-Identifier: Apache-2.0 */
#define _GNU_SOURCE
#include "floor.h"

#include <linux/bpf.h>
#include <stdint.h>
#include <sys/syscall.h>
#include <unistd.h>

#define COUNT(x) (sizeof(x) / sizeof((x)[0]))
#define ANY -1
#define CHAR BPF_DEVCG_DEV_CHAR

/* What Docker allows, all of them char devices. */
static const struct {
	int type, major, minor;
} allowed[] = {
	{CHAR, 1, 3}, {CHAR, 1, 5}, {CHAR, 1, 7}, {CHAR, 1, 8},	    {CHAR, 1, 9},
	{CHAR, 5, 0}, {CHAR, 5, 1}, {CHAR, 5, 2}, {CHAR, 136, ANY}, {CHAR, 10, 200},
};

enum { R0, CONTEXT, TYPE, ACCESS, MAJOR, MINOR };

static struct bpf_insn program[8 * COUNT(allowed) + 16];
static unsigned int length;

static void emit(int code, int to, int from, int off, int value)
{
	struct bpf_insn insn = {.code = (uint8_t)code, .off = (int16_t)off, .imm = value};

	insn.dst_reg = to & 15;
	insn.src_reg = from & 15;
	program[length++] = insn;
}

static void load(int reg, int offset)
{
	emit(BPF_LDX | BPF_MEM | BPF_W, reg, CONTEXT, offset, 0);
}

static void unless_equal(int reg, int value, int skip)
{
	emit(BPF_JMP | BPF_JNE | BPF_K, reg, 0, skip, value);
}

static void answer(int value)
{
	emit(BPF_ALU64 | BPF_MOV | BPF_K, R0, 0, 0, value);
	emit(BPF_JMP | BPF_EXIT, 0, 0, 0, 0);
}

static void write_program(void)
{
	load(TYPE, 0);
	emit(BPF_ALU64 | BPF_MOV | BPF_X, ACCESS, TYPE, 0, 0);
	emit(BPF_ALU64 | BPF_AND | BPF_K, TYPE, 0, 0, 0xffff);
	emit(BPF_ALU64 | BPF_RSH | BPF_K, ACCESS, 0, 0, 16);
	load(MAJOR, 4);
	load(MINOR, 8);
	unless_equal(ACCESS, BPF_DEVCG_ACC_MKNOD, 2); /* whoever may make devices may make any */
	answer(1);
	for (unsigned int i = 0; i < COUNT(allowed); i++) {
		bool minor = allowed[i].minor != ANY;

		unless_equal(TYPE, allowed[i].type, minor ? 4 : 3);
		unless_equal(MAJOR, allowed[i].major, minor ? 3 : 2);
		if (minor)
			unless_equal(MINOR, allowed[i].minor, 2);
		answer(1);
	}
	answer(0);
}

void limit_devices(int cgroup)
{
	static char license[] = "GPL";
	union bpf_attr attr = {.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
			       .insns = (uintptr_t)program,
			       .license = (uintptr_t)license};
	int fd;

	write_program();
	attr.insn_cnt = length;
	fd = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	check(fd, "BPF_PROG_LOAD");
	attr = (union bpf_attr){.target_fd = (uint32_t)cgroup,
				.attach_bpf_fd = (uint32_t)fd,
				.attach_type = BPF_CGROUP_DEVICE,
				.attach_flags = BPF_F_ALLOW_MULTI};
	check(syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)), "BPF_PROG_ATTACH");
	close(fd);
}
