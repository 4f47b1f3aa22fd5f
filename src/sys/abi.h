/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_SYS_ABI_H
#define YACR_SYS_ABI_H

/*
 * The one home of kernel numbers and structs that the build host's headers may
 * lack, and the only place with #ifdef for them.  Kernel ABI does not change,
 * so a constant defined here is right on every kernel that has the feature.
 *
 * The structs have names of their own: libcs and kernel headers define the
 * newer ones in turns, and not always in a way that lets both be included.
 */

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/mount.h>
#include <sys/syscall.h>
#include <unistd.h>

/* System calls since 5.1 have one number on every architecture. */
#ifndef SYS_pidfd_send_signal
#define SYS_pidfd_send_signal 424
#endif
#ifndef SYS_open_tree
#define SYS_open_tree 428
#endif
#ifndef SYS_move_mount
#define SYS_move_mount 429
#endif
#ifndef SYS_fsopen
#define SYS_fsopen 430
#endif
#ifndef SYS_fsconfig
#define SYS_fsconfig 431
#endif
#ifndef SYS_fsmount
#define SYS_fsmount 432
#endif
#ifndef SYS_fspick
#define SYS_fspick 433
#endif
#ifndef SYS_pidfd_open
#define SYS_pidfd_open 434
#endif
#ifndef SYS_clone3
#define SYS_clone3 435
#endif
#ifndef SYS_close_range
#define SYS_close_range 436
#endif
#ifndef SYS_openat2
#define SYS_openat2 437
#endif
#ifndef SYS_mount_setattr
#define SYS_mount_setattr 442
#endif
#ifndef SYS_open_tree_attr
#define SYS_open_tree_attr 467
#endif

/* On some 32-bit architectures the plain names are calls with 16-bit ids. */
#ifdef SYS_setresuid32
#define ABI_SETRESUID SYS_setresuid32
#define ABI_SETRESGID SYS_setresgid32
#define ABI_SETGROUPS SYS_setgroups32
#else
#define ABI_SETRESUID SYS_setresuid
#define ABI_SETRESGID SYS_setresgid
#define ABI_SETGROUPS SYS_setgroups
#endif

/* file systems, statfs(2) */
#define ABI_PROC_MAGIC 0x9fa0
#define ABI_TMPFS_MAGIC 0x1021994
#define ABI_NSFS_MAGIC 0x6e736673
#define ABI_PIDFS_MAGIC 0x50494446
#define ABI_DEVPTS_MAGIC 0x1cd1
#define ABI_RESCTRL_MAGIC 0x7655821
#define ABI_PROC_ROOT_INODE 1

/* f_flags of statfs(2) */
#define ABI_ST_RDONLY 0x0001
#define ABI_ST_NOSUID 0x0002
#define ABI_ST_NODEV 0x0004
#define ABI_ST_NOEXEC 0x0008
#define ABI_ST_NOATIME 0x0400
#define ABI_ST_NODIRATIME 0x0800
#define ABI_ST_RELATIME 0x1000
#define ABI_ST_NOSYMFOLLOW 0x2000

/* open(2) */
#ifndef AT_EMPTY_PATH
#define AT_EMPTY_PATH 0x1000
#endif
#ifndef AT_RECURSIVE
#define AT_RECURSIVE 0x8000
#endif

/* openat2(2), 5.6 */
struct abi_open_how {
	uint64_t flags, mode, resolve;
};
#define ABI_RESOLVE_NO_XDEV 0x01
#define ABI_RESOLVE_NO_MAGICLINKS 0x02
#define ABI_RESOLVE_NO_SYMLINKS 0x04
#define ABI_RESOLVE_BENEATH 0x08
#define ABI_RESOLVE_IN_ROOT 0x10

static inline int abi_openat2(int dir, const char *path, int flags, uint64_t resolve)
{
	struct abi_open_how how = {.flags = (uint64_t)flags, .resolve = resolve};

	return (int)syscall(SYS_openat2, dir, path, &how, sizeof(how));
}

/* statx(2); STATX_MNT_ID since 5.8 */
#ifndef STATX_MNT_ID
#define STATX_MNT_ID 0x00001000U
#endif
#define ABI_STATX_ATTR_MOUNT_ROOT 0x00002000

struct abi_statx {
	uint32_t mask, blksize;
	uint64_t attributes;
	uint32_t nlink, uid, gid;
	uint16_t mode, pad0;
	uint64_t ino, size, blocks, attributes_mask;
	uint64_t times[8];
	uint32_t rdev[2], dev[2];
	uint64_t mnt_id;
	uint64_t spare[13];
};
_Static_assert(sizeof(struct abi_statx) == 256, "statx has 256 bytes");

static inline int abi_statx(int fd, unsigned int mask, struct abi_statx *out)
{
	return (int)syscall(SYS_statx, fd, "", AT_EMPTY_PATH, mask, out);
}

/* mount_setattr(2), 5.12 */
struct abi_mount_attr {
	uint64_t set, clear, propagation, userns_fd;
};
#ifndef MOUNT_ATTR_RDONLY
#define MOUNT_ATTR_RDONLY 0x00000001
#define MOUNT_ATTR_NOSUID 0x00000002
#define MOUNT_ATTR_NODEV 0x00000004
#define MOUNT_ATTR_NOEXEC 0x00000008
#define MOUNT_ATTR__ATIME 0x00000070
#define MOUNT_ATTR_RELATIME 0x00000000
#define MOUNT_ATTR_NOATIME 0x00000010
#define MOUNT_ATTR_STRICTATIME 0x00000020
#define MOUNT_ATTR_NODIRATIME 0x00000080
#endif
#ifndef MOUNT_ATTR_IDMAP
#define MOUNT_ATTR_IDMAP 0x00100000
#endif
#ifndef MOUNT_ATTR_NOSYMFOLLOW
#define MOUNT_ATTR_NOSYMFOLLOW 0x00200000
#endif
#ifndef MS_LAZYTIME
#define MS_LAZYTIME (1 << 25)
#endif
#ifndef MS_NOSYMFOLLOW
#define MS_NOSYMFOLLOW 256
#endif

static inline int abi_mount_setattr(int fd, unsigned int flags, const struct abi_mount_attr *a)
{
	return (int)syscall(SYS_mount_setattr, fd, "", flags | AT_EMPTY_PATH, a, sizeof(*a));
}

/* open_tree(2), move_mount(2), fsopen(2) and company, 5.2 */
#define ABI_OPEN_TREE_CLONE 1
#define ABI_MOVE_F_EMPTY_PATH 0x04
#define ABI_MOVE_T_EMPTY_PATH 0x40
#define ABI_FSOPEN_CLOEXEC 1
#define ABI_FSMOUNT_CLOEXEC 1
#define ABI_FSPICK_CLOEXEC 1
#define ABI_FSPICK_EMPTY_PATH 8
#define ABI_FSCONFIG_FLAG 0
#define ABI_FSCONFIG_STRING 1
#define ABI_FSCONFIG_CREATE 6
#define ABI_FSCONFIG_RECONFIGURE 7
#define ABI_FSCONFIG_STRING_MAX 256 /* with the NUL */

static inline int abi_open_tree(int dir, const char *path, unsigned int flags)
{
	return (int)syscall(SYS_open_tree, dir, path, flags | O_CLOEXEC);
}

/* open_tree(2) and mount_setattr(2) in one, 6.15 */
static inline int abi_open_tree_attr(int fd, unsigned int flags, const struct abi_mount_attr *a)
{
	return (int)syscall(SYS_open_tree_attr, fd, "",
			    flags | AT_EMPTY_PATH | ABI_OPEN_TREE_CLONE | O_CLOEXEC, a, sizeof(*a));
}

static inline int abi_move_mount(int mount, int target)
{
	return (int)syscall(SYS_move_mount, mount, "", target, "",
			    ABI_MOVE_F_EMPTY_PATH | ABI_MOVE_T_EMPTY_PATH);
}

/* At @name, no link, in directory @dir. */
static inline int abi_move_mount_at(int mount, int dir, const char *name)
{
	return (int)syscall(SYS_move_mount, mount, "", dir, name, ABI_MOVE_F_EMPTY_PATH);
}

static inline int abi_fsopen(const char *type)
{
	return (int)syscall(SYS_fsopen, type, ABI_FSOPEN_CLOEXEC);
}

static inline int abi_fspick(int fd)
{
	return (int)syscall(SYS_fspick, fd, "", ABI_FSPICK_CLOEXEC | ABI_FSPICK_EMPTY_PATH);
}

static inline int abi_fsconfig(int fs, unsigned int command, const char *key, const char *value)
{
	return (int)syscall(SYS_fsconfig, fs, command, key, value, 0);
}

static inline int abi_fsmount(int fs, unsigned int attributes)
{
	return (int)syscall(SYS_fsmount, fs, ABI_FSMOUNT_CLOEXEC, attributes);
}

/* clone3(2), 5.3; CLONE_INTO_CGROUP 5.7 */
struct abi_clone_args {
	uint64_t flags, pidfd, child_tid, parent_tid, exit_signal;
	uint64_t stack, stack_size, tls, set_tid, set_tid_size, cgroup;
};
#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif
#ifndef CLONE_NEWCGROUP
#define CLONE_NEWCGROUP 0x02000000
#endif
#ifndef CLONE_PIDFD
#define CLONE_PIDFD 0x00001000
#endif
#define ABI_CLONE_INTO_CGROUP 0x200000000ULL

/* clone(2) with the stack of the caller; its first two arguments are the other way round on s390. */
static inline long abi_clone(unsigned long flags, int *pidfd)
{
#if defined(__s390__)
	return syscall(SYS_clone, 0, flags, pidfd, 0, 0);
#else
	return syscall(SYS_clone, flags, 0, pidfd, 0, 0);
#endif
}

/* close_range(2), 5.9; CLOEXEC 5.11 */
#define ABI_CLOSE_RANGE_CLOEXEC 4

static inline int abi_close_range(unsigned int first, unsigned int last, unsigned int flags)
{
	return (int)syscall(SYS_close_range, first, last, flags);
}

/* memfd_create(2); MFD_EXEC 6.3 */
#define ABI_MFD_CLOEXEC 1U
#define ABI_MFD_ALLOW_SEALING 2U
#define ABI_MFD_EXEC 0x10U

/* fcntl(2), 3.17 */
#define ABI_F_ADD_SEALS 1033
#define ABI_F_GET_SEALS 1034
#define ABI_SEALS 0x0f /* SEAL | SHRINK | GROW | WRITE */

/* ioctl(2): nsfs 4.11, pidfd 6.11, terminals 4.13 */
#define ABI_NS_GET_NSTYPE 0xb703
#define ABI_PIDFD_GET_USER_NAMESPACE 0xff09
#ifndef TIOCGPTPEER
#define ABI_TIOCGPTPEER 0x5441
#else
#define ABI_TIOCGPTPEER TIOCGPTPEER
#endif

/* rtnetlink(7): where an address comes from, 5.18 */
#define ABI_IFA_PROTO 11
#define ABI_IFAPROT_KERNEL_LL 3

/* A system call that was never there, or that a filter took away. */
static inline int abi_missing(int code)
{
	return code == ENOSYS || code == EPERM;
}

#endif
