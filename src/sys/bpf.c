/* SPDX-License-Identifier: Apache-2.0 */
#include "sys/bpf.h"

#include <errno.h>
#include <linux/bpf.h>
#include <stdint.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "base/fd.h"

/* As in kernel headers newer than the build host's; sys/bpf.h says why so large. */
union attr {
	union bpf_attr known;
	char room[512];
};

#define PROGRAMS_MAX 64 /* the kernel's own limit per cgroup and type */

static int bpf(int command, union attr *attr)
{
	return (int)syscall(SYS_bpf, command, attr, sizeof(*attr));
}

static uint64_t pointer(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

static union attr zeroed(void)
{
	union attr a;

	memset(&a, 0, sizeof(a)); /* an initializer would leave the rest of the union as it is */
	return a;
}

int bpf_device_load(const struct bpf_insn *program, unsigned int count, struct error *e)
{
	union attr a = zeroed();
	char log[256] = "";
	int fd;

	a.known.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	a.known.expected_attach_type = BPF_CGROUP_DEVICE;
	a.known.insns = pointer(program);
	a.known.insn_cnt = count;
	a.known.license = pointer("Apache-2.0");
	strcpy(a.known.prog_name, "yacr_devices");
	fd = bpf(BPF_PROG_LOAD, &a);
	if (fd >= 0)
		return fd;
	if (errno == EINVAL ||
	    errno == EACCES) { /* what the verifier does not like it says on demand */
		a.known.log_level = 1;
		a.known.log_buf = pointer(log);
		a.known.log_size = sizeof(log);
		fd = bpf(BPF_PROG_LOAD, &a);
		if (fd >= 0)
			return fd;
		log[sizeof(log) - 1] = '\0';
		log[strcspn(log, "\n")] = '\0';
	}
	return fail_errno(e, "cannot load the device program%s%s", log[0] ? ": " : "", log);
}

static int attach(int cgroup, int program, int replaced)
{
	union attr a = zeroed();

	a.known.target_fd = (uint32_t)cgroup;
	a.known.attach_bpf_fd = (uint32_t)program;
	a.known.attach_type = BPF_CGROUP_DEVICE;
	a.known.attach_flags = BPF_F_ALLOW_MULTI;
	if (replaced >= 0) {
		a.known.attach_flags |= BPF_F_REPLACE;
		a.known.replace_bpf_fd = (uint32_t)replaced;
	}
	return bpf(BPF_PROG_ATTACH, &a);
}

static int detach(int cgroup, int program)
{
	union attr a = zeroed();

	a.known.target_fd = (uint32_t)cgroup;
	a.known.attach_bpf_fd = (uint32_t)program;
	a.known.attach_type = BPF_CGROUP_DEVICE;
	return bpf(BPF_PROG_DETACH, &a);
}

static int open_program(uint32_t id)
{
	union attr a = zeroed();

	a.known.prog_id = id;
	return bpf(BPF_PROG_GET_FD_BY_ID, &a);
}

/* Descriptors of the programs attached now; their number or -1. */
static int attached(int cgroup, int *fds, struct error *e)
{
	union attr a = zeroed();
	uint32_t ids[PROGRAMS_MAX];
	int n = 0;

	a.known.query.target_fd = (uint32_t)cgroup;
	a.known.query.attach_type = BPF_CGROUP_DEVICE;
	a.known.query.prog_ids = pointer(ids);
	a.known.query.prog_cnt = PROGRAMS_MAX;
	if (bpf(BPF_PROG_QUERY, &a) < 0)
		return fail_errno(e, "cannot list the cgroup's device programs");
	for (uint32_t i = 0; i < a.known.query.prog_cnt && i < PROGRAMS_MAX; i++) {
		fds[n] = open_program(ids[i]);
		if (fds[n] < 0 && errno == ENOENT) /* detached meanwhile */
			continue;
		if (fds[n] < 0) {
			int code = errno;

			while (n > 0)
				close(fds[--n]);
			return fail(e, code, "cannot open a device program of the cgroup");
		}
		n++;
	}
	return n;
}

int bpf_device_attach(int cgroup, int program, bool replace, struct error *e)
{
	int old[PROGRAMS_MAX], n = replace ? attached(cgroup, old, e) : 0, r = -1, code = 0;

	if (n < 0)
		return -1;
	if (n == 1)
		r = attach(cgroup, program, old[0]);
	if (r <
	    0) { /* none, several, or a kernel that cannot replace: both hold for a moment, the stricter wins */
		r = attach(cgroup, program, -1);
		code = errno;
		for (int i = 0; i < n && r == 0; i++)
			detach(cgroup, old[i]);
	}
	while (n > 0)
		close(old[--n]);
	return r == 0 ? 0 : fail(e, code, "cannot attach the device program to the cgroup");
}
