/* SPDX-License-Identifier: Apache-2.0 */
/*
 * overwrite SECONDS DEVICE INODE: as root of a container, waits for processes
 * whose executable is that file, the runtime's, and tries to open it for
 * writing, while they run and after.  Says how often it saw one and how often
 * it could write to it.
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
static dev_t device;
static ino_t inode;

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
		if (fstat(fd, &st) < 0 || st.st_dev != device || st.st_ino != inode) {
			close(fd);
			continue;
		}
		seen++;
		try_to_write(fd);
		if (count < HELD)
			held[count++] = fd;
		else
			close(fd);
	}
	if (d)
		closedir(d);
}

int main(int argc, char **argv)
{
	time_t end;

	if (argc != 4)
		return 2;
	end = time(NULL) + atoi(argv[1]);
	device = strtoull(argv[2], NULL, 10);
	inode = strtoull(argv[3], NULL, 10);
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
