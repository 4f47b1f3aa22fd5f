/* SPDX-License-Identifier: Apache-2.0 */
#include "base/log.h"
#include "cmd/cli.h"
#include "host/start.h"

int main(int argc, char **argv, char **env)
{
	struct error e;

	(void)argc;
	if (host_start(argv, env, &e) < 0) {
		log_stderr(e.code ? "%s: %s" : "%s", e.text, errno_words(e.code));
		return 1;
	}
	return cli_main(argv);
}
