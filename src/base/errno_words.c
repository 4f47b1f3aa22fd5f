/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <stdio.h>

#include "base/error.h"
#include "base/list.h"

/* Characters and not pointers to them: nothing to relocate at start-up. */
struct words {
	int code;
	char ours[64];
	char classic[36]; /* of execve(2) only */
};

/* clang-format off */
#define ROW(code, words) { code, words " (" #code ")", "" }
#define EXEC(code, words, classic) { code, words " (" #code ")", classic }
/* clang-format on */

static const struct words table[] = {
	EXEC(EPERM, "not allowed", "operation not permitted"),
	EXEC(ENOENT, "it is missing", "no such file or directory"),
	ROW(ESRCH, "the process is gone"),
	ROW(EINTR, "interrupted by a signal"),
	EXEC(EIO, "the device failed", "input/output error"),
	ROW(ENXIO, "nobody is at the other end"),
	EXEC(E2BIG, "arguments and environment are too long", "argument list too long"),
	EXEC(ENOEXEC, "not a format that this kernel runs", "exec format error"),
	ROW(EBADF, "not an open descriptor"),
	ROW(ECHILD, "there is no such child"),
	EXEC(EAGAIN, "a limit is reached, or try again", "resource temporarily unavailable"),
	EXEC(ENOMEM, "out of memory", "cannot allocate memory"),
	EXEC(EACCES, "access denied", "permission denied"),
	EXEC(EFAULT, "bad address", "bad address"),
	ROW(ENOTBLK, "not a block device"),
	ROW(EBUSY, "it is in use"),
	ROW(EEXIST, "it exists already"),
	ROW(EXDEV, "leads to another mount"),
	ROW(ENODEV, "this kernel has no such device or file system"),
	EXEC(ENOTDIR, "not a folder", "not a directory"),
	/* An older docker client takes only the second phrase for exit code 126. */
	EXEC(EISDIR, "it is a folder", "is a directory: permission denied"),
	EXEC(EINVAL, "the kernel finds an argument invalid", "invalid argument"),
	EXEC(ENFILE, "the system has too many open files", "too many open files in system"),
	EXEC(EMFILE, "too many open files", "too many open files"),
	ROW(ENOTTY, "not a terminal, or not that kind of device"),
	EXEC(ETXTBSY, "the program is being written to", "text file busy"),
	ROW(EFBIG, "too large"),
	ROW(ENOSPC, "no space left"),
	ROW(ESPIPE, "cannot seek"),
	ROW(EROFS, "the file system is read-only"),
	ROW(EMLINK, "too many links"),
	ROW(EPIPE, "the other end is closed"),
	ROW(EDOM, "outside of the domain"),
	ROW(ERANGE, "out of range"),
	ROW(EDEADLK, "would wait forever"),
	EXEC(ENAMETOOLONG, "the name is too long", "file name too long"),
	ROW(ENOLCK, "no lock to be had"),
	ROW(ENOSYS, "this kernel does not have it"),
	ROW(ENOTEMPTY, "it is not empty"),
	EXEC(ELOOP, "too many symbolic links", "too many levels of symbolic links"),
	ROW(ENODATA, "no data"),
	ROW(ETIME, "the timer has run out"),
	ROW(EPROTO, "not what the protocol says"),
	ROW(EBADMSG, "a bad message"),
	ROW(EOVERFLOW, "too large for its type"),
	EXEC(ELIBBAD, "the loader is damaged", "accessing a corrupted shared library"),
	ROW(EILSEQ, "not a valid character"),
	ROW(EUSERS, "too many nested namespaces or users"),
	ROW(ENOTSOCK, "not a socket"),
	ROW(EMSGSIZE, "the message is too long"),
	ROW(EPROTONOSUPPORT, "this kernel does not have that protocol"),
	ROW(ESOCKTNOSUPPORT, "this kernel does not have that kind of socket"),
	ROW(EOPNOTSUPP, "not supported here"),
	ROW(EAFNOSUPPORT, "this kernel does not have that kind of address"),
	ROW(EADDRINUSE, "the address is in use"),
	ROW(EADDRNOTAVAIL, "there is no such address here"),
	ROW(ENETDOWN, "the network is down"),
	ROW(ECONNABORTED, "the connection was ended"),
	ROW(ECONNRESET, "the other end ended the connection"),
	ROW(ENOBUFS, "no buffer to be had"),
	ROW(EISCONN, "already connected"),
	ROW(ENOTCONN, "not connected"),
	ROW(ETIMEDOUT, "it took too long"),
	ROW(ECONNREFUSED, "nobody listens there"),
	ROW(EALREADY, "already under way"),
	ROW(EINPROGRESS, "under way"),
	ROW(ESTALE, "it is there no more"),
	ROW(EDQUOT, "the quota is used up"),
	ROW(ECANCELED, "called off"),
	ROW(ENOKEY, "there is no such key"),
	ROW(EKEYEXPIRED, "the key has expired"),
	ROW(EKEYREVOKED, "the key was revoked"),
	ROW(EKEYREJECTED, "the key was rejected"),
	ROW(EOWNERDEAD, "its owner has died"),
};

static const struct words *find(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(table); i++)
		if (table[i].code == code)
			return &table[i];
	return NULL;
}

const char *errno_words(int code)
{
	static char other[32];
	const struct words *w = find(code);

	if (w)
		return w->ours;
	snprintf(other, sizeof(other), "error %d", code);
	return other;
}

const char *execve_words(int code)
{
	const struct words *w = find(code);

	return w && w->classic[0] ? w->classic : errno_words(code);
}
