/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "base/error.h"
#include "base/list.h"
#include "base/str.h"

/*
 * errno, our words, and strerror's where an execve(2) can fail that way.  One block of characters
 * and where each begins: pointers would be more than half of the table.
 */
/* clang-format off */
#define WORDS(X) \
	X(EPERM, "not allowed", "operation not permitted")                                \
	X(ENOENT, "it is missing", "no such file or directory")                           \
	X(ESRCH, "the process is gone", "")                                               \
	X(EINTR, "interrupted by a signal", "")                                           \
	X(EIO, "the device failed", "input/output error")                                 \
	X(ENXIO, "nobody is at the other end", "")                                        \
	X(E2BIG, "arguments and environment are too long", "argument list too long")      \
	X(ENOEXEC, "not a format that this kernel runs", "exec format error")             \
	X(EBADF, "not an open descriptor", "")                                            \
	X(ECHILD, "there is no such child", "")                                           \
	X(EAGAIN, "a limit is reached, or try again", "resource temporarily unavailable") \
	X(ENOMEM, "out of memory", "cannot allocate memory")                              \
	X(EACCES, "access denied", "permission denied")                                   \
	X(EFAULT, "bad address", "bad address")                                           \
	X(ENOTBLK, "not a block device", "")                                              \
	X(EBUSY, "it is in use", "")                                                      \
	X(EEXIST, "it exists already", "")                                                \
	X(EXDEV, "leads to another mount", "")                                            \
	X(ENODEV, "this kernel has no such device or file system", "")                    \
	X(ENOTDIR, "not a folder", "not a directory")                                     \
	/* An older docker client takes only the second phrase for exit code 126. */      \
	X(EISDIR, "it is a folder", "is a directory: permission denied")                  \
	X(EINVAL, "the kernel finds an argument invalid", "invalid argument")             \
	X(ENFILE, "the system has too many open files", "too many open files in system")  \
	X(EMFILE, "too many open files", "too many open files")                           \
	X(ENOTTY, "not a terminal, or not that kind of device", "")                       \
	X(ETXTBSY, "the program is being written to", "text file busy")                   \
	X(EFBIG, "too large", "")                                                         \
	X(ENOSPC, "no space left", "")                                                    \
	X(ESPIPE, "cannot seek", "")                                                      \
	X(EROFS, "the file system is read-only", "")                                      \
	X(EMLINK, "too many links", "")                                                   \
	X(EPIPE, "the other end is closed", "")                                           \
	X(EDOM, "outside of the domain", "")                                              \
	X(ERANGE, "out of range", "")                                                     \
	X(EDEADLK, "would wait forever", "")                                              \
	X(ENAMETOOLONG, "the name is too long", "file name too long")                     \
	X(ENOLCK, "no lock to be had", "")                                                \
	X(ENOSYS, "this kernel does not have it", "")                                     \
	X(ENOTEMPTY, "it is not empty", "")                                               \
	X(ELOOP, "too many symbolic links", "too many levels of symbolic links")          \
	X(ENODATA, "no data", "")                                                         \
	X(ETIME, "the timer has run out", "")                                             \
	X(EPROTO, "not what the protocol says", "")                                       \
	X(EBADMSG, "a bad message", "")                                                   \
	X(EOVERFLOW, "too large for its type", "")                                        \
	X(ELIBBAD, "the loader is damaged", "accessing a corrupted shared library")       \
	X(EILSEQ, "not a valid character", "")                                            \
	X(EUSERS, "too many nested namespaces or users", "")                              \
	X(ENOTSOCK, "not a socket", "")                                                   \
	X(EMSGSIZE, "the message is too long", "")                                        \
	X(EPROTONOSUPPORT, "this kernel does not have that protocol", "")                 \
	X(ESOCKTNOSUPPORT, "this kernel does not have that kind of socket", "")           \
	X(EOPNOTSUPP, "not supported here", "")                                           \
	X(EAFNOSUPPORT, "this kernel does not have that kind of address", "")             \
	X(EADDRINUSE, "the address is in use", "")                                        \
	X(EADDRNOTAVAIL, "there is no such address here", "")                             \
	X(ENETDOWN, "the network is down", "")                                            \
	X(ECONNABORTED, "the connection was ended", "")                                   \
	X(ECONNRESET, "the other end ended the connection", "")                           \
	X(ENOBUFS, "no buffer to be had", "")                                             \
	X(EISCONN, "already connected", "")                                               \
	X(ENOTCONN, "not connected", "")                                                  \
	X(ETIMEDOUT, "it took too long", "")                                              \
	X(ECONNREFUSED, "nobody listens there", "")                                       \
	X(EALREADY, "already under way", "")                                              \
	X(EINPROGRESS, "under way", "")                                                   \
	X(ESTALE, "it is there no more", "")                                              \
	X(EDQUOT, "the quota is used up", "")                                             \
	X(ECANCELED, "called off", "")                                                    \
	X(ENOKEY, "there is no such key", "")                                             \
	X(EKEYEXPIRED, "the key has expired", "")                                         \
	X(EKEYREVOKED, "the key was revoked", "")                                         \
	X(EKEYREJECTED, "the key was rejected", "")                                       \
	X(EOWNERDEAD, "its owner has died", "")

static const struct {
#define X(code, ours, classic) char code##_[sizeof(ours " (" #code ")\0" classic)];
	WORDS(X)
#undef X
} texts = {
#define X(code, ours, classic) ours " (" #code ")\0" classic,
	WORDS(X)
#undef X
};

static const struct {
	uint8_t code;
	uint16_t at;
} rows[] = {
#define X(code, ours, classic) { code, offsetof(typeof(texts), code##_) },
	WORDS(X)
#undef X
};
/* clang-format on */

/* Our words, with strerror's behind their NUL; NULL if there are none. */
static const char *find(int code)
{
	for (size_t i = 0; i < ARRAY_SIZE(rows); i++)
		if (rows[i].code == code)
			return (const char *)&texts + rows[i].at;
	return NULL;
}

const char *errno_words(int code)
{
	static char other[32];
	const char *ours = find(code);

	if (ours)
		return ours;
	str_print(other, sizeof(other), "error %d", code);
	return other;
}

const char *execve_words(int code)
{
	const char *ours = find(code);
	const char *classic = ours ? ours + strlen(ours) + 1 : "";

	return *classic ? classic : errno_words(code);
}
