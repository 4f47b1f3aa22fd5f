/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_START_H
#define YACR_HOST_START_H

#include "base/error.h"

/*
 * First lines of main(), before any option is read: a sane process (see
 * sys/self.h), and the arguments are remembered, because create and run
 * execute yacr anew, from a protected copy of itself, once they know that
 * their arguments make sense.
 */
int host_start(char **argv, char **env, struct error *e);

/* The absolute path that yacr was executed from; "" when that is not known. */
const char *host_executable(void);

/*
 * While a child is made that the container sees: whoever is there may read the command line of what is
 * not dumpable as well, and that of exec has variables for the program alone, and paths of the host.
 * The name stays.  What the child inherits stays hidden: nothing of it may be used there.
 */
void host_hide_arguments(void);
void host_show_arguments(void);

/* For create and run, before anything of the container runs. Returns in the protected process. */
int host_protect(struct error *e);

#endif
