/* SPDX-License-Identifier: Apache-2.0 */
/*
 * crowd [COUNT]: a container's program that is smaller than any runtime; with COUNT it becomes so many processes, which
 * wait until they are killed and ignore SIGUSR1.
 */
#include <signal.h>
#include <stdlib.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	int count = argc > 1 ? atoi(argv[1]) : 0;

	signal(SIGUSR1, SIG_IGN);
	for (int i = 1; i < count; i++) {
		pid_t pid = fork();

		if (pid < 0)
			return 1;
		if (pid == 0)
			break;
	}
	while (count)
		pause();
	return 0;
}
