/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/arena.h"
#include "base/list.h"
#include "base/str.h"
#include "host/start.h"
#include "sys/self.h"

static char **own_argv, **own_env;

int host_start(char **argv, char **env, struct error *e)
{
	own_argv = argv;
	own_env = env;
	return self_start(e);
}

/*
 * A copy that is out of everybody's reach has no path by which it could be found again: its name
 * is "/" or that of a memfd.  It was executed by host_protect(), with what is wanted as argv[0].
 */
const char *host_executable(void)
{
	const char *name = self_name();

	if (name[0] && name[1] && !str_starts(name, "/memfd:"))
		return name;
	return own_argv && own_argv[0] && own_argv[0][0] == '/' ? own_argv[0] : "";
}

int host_protect(struct error *e)
{
	const char *path = host_executable();

	if (!own_argv)
		return 0;
	if (path[0] && own_argv[0])
		own_argv[0] = (char *)(uintptr_t)path;
	return self_protect(own_argv, own_env, e);
}

static struct strs hidden;

void host_hide_arguments(void)
{
	struct arena *a = arena_main();

	hidden.n = 0;
	for (char **arg = own_argv; arg && *arg && *++arg; hidden.n++) {
		hidden.v = arena_more(a, hidden.v, hidden.n, sizeof(*hidden.v));
		hidden.v[hidden.n] = arena_strdup(a, *arg);
		memset(*arg, 0, strlen(*arg));
	}
}

void host_show_arguments(void)
{
	for (size_t i = 0; i < hidden.n; i++)
		strcpy(own_argv[i + 1], hidden.v[i]);
}
