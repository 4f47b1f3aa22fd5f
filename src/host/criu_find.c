/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "host/criu.h"

/* Some engines clear the environment. */
#define DEFAULT_PATH "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* A directory "can be executed", too. */
static bool is_program(const char *path)
{
	struct stat st;

	if (stat(path, &st) < 0)
		return false;
	errno = EISDIR;
	return !S_ISDIR(st.st_mode) && access(path, X_OK) == 0;
}

int criu_find(const char **out, struct arena *a, const char *wanted, struct error *e)
{
	const char *name = wanted && *wanted ? wanted : "criu";
	const char *path = getenv("PATH");
	size_t len;

	if (strchr(name, '/')) {
		if (!is_program(name))
			return fail_errno(e, "cannot execute \"%s\" (--criu)", name);
		*out = name;
		return 0;
	}
	for (path = path && *path ? path : DEFAULT_PATH; *path; path += len + (path[len] == ':')) {
		const char *candidate;

		len = strcspn(path, ":");
		candidate = arena_printf(a, "%.*s/%s", (int)len, path, name);
		/* What is found by chance of the working directory is not executed. */
		if (path[0] == '/' && is_program(candidate)) {
			*out = candidate;
			return 0;
		}
	}
	return fail(e, 0, "program \"%s\" is not installed", name);
}
