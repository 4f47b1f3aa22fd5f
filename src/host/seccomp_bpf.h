/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_SECCOMP_BPF_H
#define YACR_HOST_SECCOMP_BPF_H

/*
 * Emits classic BPF back to front: a jump's targets exist before the jump, so
 * there are no labels to patch.  A label is the position of an instruction
 * counted from the end of the program.
 */

#include "base/arena.h"
#include "host/seccomp_arch.h"
#include "spec/config.h"

struct sock_filter;

typedef uint32_t bpf_label;

struct bpf {
	struct sock_filter *code; /* BPF_MAXINSNS of them; the program grows from the end */
	uint32_t n;
	bool overflow; /* more than the kernel's BPF_MAXINSNS */
	struct {
		uint32_t value;
		bpf_label at;
		bool there;
	} returns[16]; /* recent returns, to be jumped to again */
};

void bpf_begin(struct bpf *b, struct arena *a);

/* A "return @value" that a conditional jump can reach: an old one when one is near. */
bpf_label bpf_return(struct bpf *b, uint32_t value);

/* if (A op k) goto @yes else goto @no; @op is BPF_JEQ, BPF_JGT, BPF_JGE. */
bpf_label bpf_branch(struct bpf *b, uint16_t op, uint32_t k, bpf_label yes, bpf_label no);

/* A = the call number or architecture, then go on at @next. */
bpf_label bpf_load_number(struct bpf *b, bpf_label next);
bpf_label bpf_load_arch(struct bpf *b, bpf_label next);

/* if (all of @args hold) goto @yes else goto @no. Clobbers A. */
bpf_label bpf_args(struct bpf *b, const struct seccomp_arg *args, size_t n,
		   const struct arch_info *arch, bpf_label yes, bpf_label no);

/* The program that starts with the instruction at @entry. */
void bpf_finish(struct bpf *b, bpf_label entry, struct sock_filter **out, uint32_t *n);

#endif
