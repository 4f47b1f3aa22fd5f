/* SPDX-License-Identifier: Apache-2.0 */
/*
 * subuid(5), subgid(5): NAME-OR-UID:START:COUNT.  The name of a uid is looked up
 * in /etc/passwd itself: a static program has no NSS, and newuidmap(1), which
 * does, has the last word anyway.
 */
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "host/probe.h"
#include "sys/file.h"

#define FILE_MAX (4 << 20)

/* NULL without an error when there is no such file. */
static char *read_whole(struct arena *a, const char *path)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	ssize_t len;
	char *text;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size > FILE_MAX)
		return NULL;
	text = arena_alloc(a, (size_t)st.st_size + 1);
	len = file_read_all(fd, text, (size_t)st.st_size);
	if (len < 0)
		return NULL;
	text[len] = '\0';
	return text;
}

/* Splits the next line of *@text at colons; the number of fields, 0 at the end. */
static int next_line(char **text, char *fields[], int max)
{
	char *line = *text, *end;
	int n = 0;

	if (!line || !*line)
		return 0;
	end = strchr(line, '\n');
	*text = end ? end + 1 : line + strlen(line);
	if (end)
		*end = '\0';
	while (n < max && line) {
		char *colon = strchr(line, ':');

		fields[n++] = line;
		if (colon)
			*colon = '\0';
		line = colon ? colon + 1 : NULL;
	}
	return n;
}

static const char *name_of_uid(struct arena *a, uint32_t uid)
{
	char *text = read_whole(a, "/etc/passwd"), *fields[7];
	uint64_t number;
	int n;

	while ((n = next_line(&text, fields, 7)) > 0)
		if (n >= 3 && str_to_u64(fields[2], UINT32_MAX, &number) == 0 && number == uid)
			return fields[0];
	return NULL;
}

void subids_read(struct pairs *out, struct arena *a, const char *file, uint32_t uid)
{
	char *text = read_whole(a, file), *fields[3];
	const char *name = text ? name_of_uid(a, uid) : NULL;
	const char *number = arena_printf(a, "%u", uid);
	struct pairs ranges = {0};
	uint64_t value;
	int n;

	while ((n = next_line(&text, fields, 3)) > 0) {
		if (n != 3 || (!str_eq(fields[0], number) && !(name && str_eq(fields[0], name))))
			continue;
		if (str_to_u64(fields[1], UINT32_MAX, &value) < 0 ||
		    str_to_u64(fields[2], UINT32_MAX, &value) < 0 || value == 0)
			continue;
		ranges.v = arena_more(a, ranges.v, ranges.n, sizeof(*ranges.v));
		ranges.v[ranges.n++] = (struct pair){fields[1], fields[2]};
	}
	*out = ranges;
}
