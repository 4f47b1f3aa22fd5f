/* SPDX-License-Identifier: Apache-2.0 */
/* notify TEXT...: sends each as a message to NOTIFY_SOCKET, as sd_notify(3) does. */
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>

int main(int argc, char **argv)
{
	struct sockaddr_un a = {.sun_family = AF_UNIX};
	const char *name = getenv("NOTIFY_SOCKET");
	int fd = socket(AF_UNIX, SOCK_DGRAM, 0);

	if (!name || strlen(name) >= sizeof(a.sun_path))
		return 2;
	strcpy(a.sun_path, name);
	if (connect(fd, (struct sockaddr *)&a, sizeof(a)) < 0)
		return 3;
	for (int i = 1; i < argc; i++)
		if (send(fd, argv[i], strlen(argv[i]), MSG_NOSIGNAL) < 0)
			return 4;
	return 0;
}
