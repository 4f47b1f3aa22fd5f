/* SPDX-License-Identifier: Apache-2.0 */
#include "cmd/cli.h"
#include "host/start.h"

#include <stdio.h>

int main(int argc, char **argv, char **env)
{
	struct error e;

	(void)argc;
	if (host_start(argv, env, &e) < 0) {
		dprintf(2, "yacr: %s\n", e.text);
		return 1;
	}
	return cli_main(argv);
}
