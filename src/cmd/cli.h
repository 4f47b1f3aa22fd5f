/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_CMD_CLI_H
#define YACR_CMD_CLI_H

/*
 * The command line, whole: reads it, runs the command, reports its failure.
 * Returns the exit code: 0, 1 for every failure, or what the command says.
 *
 * This is the one place where errors are printed: in one line of --log, and
 * as "yacr: ..." on standard error.  On success nothing is written to either.
 */
int cli_main(char **argv);

#endif
