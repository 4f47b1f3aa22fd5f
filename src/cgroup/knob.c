/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/knob.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/fd.h"
#include "base/str.h"

ssize_t knob_read(int dir, const char *file, char *out, size_t size)
{
	AUTO_CLOSE int fd = openat(dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC);
	ssize_t len = fd < 0 ? -1 : file_read_all(fd, out, size - 1);

	if (len < 0)
		return -1;
	if ((size_t)len == size - 1) /* half a line would be half a number */
		while (len > 0 && out[len - 1] != '\n')
			len--;
	if (len > 0 && out[len - 1] == '\n')
		len--;
	out[len] = '\0';
	return len;
}

ssize_t knob_line_of(int file, char *out, size_t size)
{
	AUTO_CLOSE int fd = file;
	ssize_t n = fd < 0 ? -1 : read(fd, out, size - 1);

	if (n < 0)
		return -1;
	if ((size_t)n == size - 1) {
		errno = EFBIG;
		return -1;
	}
	if (n > 0 && out[n - 1] == '\n')
		n--;
	out[n] = '\0';
	return n;
}

ssize_t knob_line(int dir, const char *file, char *out, size_t size)
{
	return knob_line_of(openat(dir, file, O_RDONLY | O_NOFOLLOW | O_CLOEXEC), out, size);
}

int knob_write(int dir, const char *file, const char *value)
{
	AUTO_CLOSE int fd = openat(dir, file, O_WRONLY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0)
		return -1;
	return write(fd, value, strlen(value)) < 0 ? -1 : 0;
}

int knob_number(int dir, const char *file, uint64_t *out)
{
	char text[64];

	if (knob_line(dir, file, text, sizeof(text)) < 0)
		return -1;
	if (str_eq(text, "max")) {
		*out = UINT64_MAX;
		return 0;
	}
	return str_to_u64(text, UINT64_MAX, out);
}

bool knob_field(const char *text, const char *key, uint64_t *out)
{
	size_t len = strlen(key);
	const char *line = text;

	while (line) {
		if (strncmp(line, key, len) == 0 && line[len] == ' ') {
			char number[24] = "";

			line += len + 1;
			len = strcspn(line, " \n");
			if (len >= sizeof(number))
				return false;
			memcpy(number, line, len);
			return str_to_u64(number, UINT64_MAX, out) == 0;
		}
		line = strchr(line, '\n');
		if (line)
			line++;
	}
	return false;
}

bool word_in(const char *list, char separator, const char *word)
{
	size_t len = strlen(word);
	const char *at = list;

	while (at) {
		const char *end = strchr(at, separator);
		size_t n = end ? (size_t)(end - at) : strlen(at);

		if (n == len && memcmp(at, word, len) == 0)
			return true;
		at = end ? end + 1 : NULL;
	}
	return false;
}
