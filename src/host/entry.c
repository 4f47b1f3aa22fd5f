/* SPDX-License-Identifier: Apache-2.0 */
#include "host/start.h"
#include "sys/self.h"

static char **own_argv, **own_env;

int host_start(char **argv, char **env, struct error *e)
{
	own_argv = argv;
	own_env = env;
	return self_start(e);
}

int host_protect(struct error *e)
{
	return own_argv ? self_protect(own_argv, own_env, e) : 0;
}
