/* SPDX-License-Identifier: Apache-2.0 */
/*
 * foreign i386|x32|NUMBER: makes one system call as a program for another
 * architecture would, or one of that number with zeros, and prints its result.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static long foreign_getpid(const char *arch)
{
#ifdef __x86_64__
	long result = 20; /* getpid in i386's table */

	if (!strcmp(arch, "i386")) {
		__asm__ volatile("int $0x80" : "+a"(result) : : "memory", "r8", "r9", "r10", "r11");
		return result;
	}
	if (!strcmp(arch, "x32"))
		return syscall(0x40000000 | SYS_getpid);
#endif
	return syscall(atol(arch), 0, 0, 0, 0, 0, 0);
}

int main(int argc, char **argv)
{
	long result;

	if (argc != 2)
		return 125;
	errno = 0;
	result = foreign_getpid(argv[1]);
	printf("%ld %s\n", result, errno ? strerror(errno) : "");
	return 0;
}
