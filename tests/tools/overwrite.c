/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overwrite SECONDS: as root of a container, waits for processes of the
 * runtime and tries to open their executable for writing, while they run and
 * after.  Says how often it saw a foreign executable and how often it could
 * write to one.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HELD = 64 };

static int held[HELD], count;
static long seen, opened;
static dev_t own_dev;
static ino_t own_ino;

static void try_to_write(int fd)
{
	char path[64];
	int w;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	w = open(path, O_WRONLY | O_CLOEXEC); /* no O_TRUNC: the machine is to survive a success */
	if (w >= 0) {
		opened++;
		close(w);
	}
}

static void look(void)
{
	DIR *d = opendir("/proc");
	struct dirent *e;
	char path[300];
	struct stat st;
	int fd;

	while (d && (e = readdir(d))) {
		if (e->d_name[0] < '0' || e->d_name[0] > '9')
			continue;
		snprintf(path, sizeof(path), "/proc/%s/exe", e->d_name);
		fd = open(path, O_PATH | O_CLOEXEC);
		if (fd < 0)
			continue;
		fstat(fd, &st);
		if (st.st_dev == own_dev ||
		    count == HELD) { /* of this container's own file system */
			close(fd);
			continue;
		}
		seen++;
		try_to_write(fd);
		held[count++] = fd;
	}
	if (d)
		closedir(d);
}

int main(int argc, char **argv)
{
	time_t end = time(NULL) + (argc > 1 ? atoi(argv[1]) : 1);
	struct stat st;

	if (stat("/", &st) == 0)
		own_dev = st.st_dev, own_ino = st.st_ino;
	puts("up");
	fflush(stdout);
	while (time(NULL) < end) {
		look();
		for (int i = 0; i < count; i++)
			try_to_write(held[i]);
	}
	printf("seen %ld opened %ld\n", seen, opened);
	return 0;
}
