/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_BPF_H
#define YACR_SYS_BPF_H

/*
 * Programs of type BPF_PROG_TYPE_CGROUP_DEVICE (4.15).  Every call passes a
 * zeroed attribute larger than any kernel's: kernels from 6.17 on write
 * answers past the end of a short one.
 */

#include <stdbool.h>

#include "base/error.h"

struct bpf_insn;

/* Returns the program's descriptor. The verifier's words are in the error. */
int bpf_device_load(const struct bpf_insn *program, unsigned int count, struct error *e);

/*
 * Attaches @program to the cgroup2 directory @cgroup (not O_PATH).  @replace: instead of those
 * that are attached, in one step where the kernel can (5.6); without it nobody asks whether
 * there are any: the cgroup is new.
 */
int bpf_device_attach(int cgroup, int program, bool replace, struct error *e);

#endif
