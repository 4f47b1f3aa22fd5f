/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CGROUP_KNOB_H
#define YACR_CGROUP_KNOB_H

/* One file of a cgroup directory.  Opened as it is, never created. */

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

/* The lines that fit, NUL-terminated, the last newline cut off. Length, or -1 with errno. */
ssize_t knob_read(int dir, const char *file, char *out, size_t size);

/* The one line of a file that never has more, by one read(2). Length, or -1 with errno. */
ssize_t knob_line(int dir, const char *file, char *out, size_t size);

/* The same of an open file, which is closed. */
ssize_t knob_line_of(int fd, char *out, size_t size);

/* The whole of @value with one write(2). 0, or -1 with errno. */
int knob_write(int dir, const char *file, const char *value);

/* The number of a file that holds one; "max" is UINT64_MAX. 0, or -1 with errno. */
int knob_number(int dir, const char *file, uint64_t *out);

/* The number after @key in text of lines "key number"; false when there is none. */
bool knob_field(const char *text, const char *key, uint64_t *out);

/* Whether @list, words separated by @separator, has @word. */
bool word_in(const char *list, char separator, const char *word);

#endif
