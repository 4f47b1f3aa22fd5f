/* SPDX-License-Identifier: Apache-2.0 */
#include "floor.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

struct options o;

_Noreturn void die(const char *what)
{
	perror(what);
	_exit(99);
}

void check(long result, const char *what)
{
	if (result < 0)
		die(what);
}

int try_write(const char *path, const char *value)
{
	int fd = openat(AT_FDCWD, path, O_WRONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : write(fd, value, strlen(value));

	close(fd);
	return n < 0 ? -1 : 0;
}

static void read_options(int argc, char **argv)
{
	int option;

	optind = 2;
	while ((option = getopt(argc, argv, "2r:d:w:f:s:")) != -1) {
		if (option == '2')
			o.v2 = true;
		else if (option == 'r')
			o.user = optarg;
		else if (option == 'f')
			o.filter = optarg;
		else if (option == 's')
			o.socket = optarg;
		else if (option == 'd' && o.dir_count < MAX)
			o.dirs[o.dir_count++] = optarg;
		else if (option == 'w' && o.write_count < MAX)
			o.writes[o.write_count++] = optarg;
		else
			exit(2);
	}
}

int main(int argc, char **argv)
{
	const char *verb = argc > 1 ? argv[1] : "exit";

	if (argc == 4 && !strcmp(verb, "state"))
		return state(argv[2], argv[3]);
	if (argc == 4 && !strcmp(verb, "kill"))
		return deliver(argv[2], argv[3]);
	if (argc == 3 && !strcmp(verb, "list"))
		return list(argv[2]);
	if (argc == 3 && !strcmp(verb, "start"))
		return start(argv[2]);
	if (!strcmp(verb, "exit"))
		return 0;
	read_options(argc, argv);
	if (!strcmp(verb, "exec") && optind + 1 == argc)
		return exec(argv[optind]);
	if (!strcmp(verb, "delete") && optind == argc)
		return delete ();
	if ((!strcmp(verb, "run") || !strcmp(verb, "create")) && optind + 2 == argc) {
		o.rootfs = argv[optind];
		o.files = argv[optind + 1];
		return o.socket ? create() : run();
	}
	return 2;
}
