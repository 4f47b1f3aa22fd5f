/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Standard input, output and error are usually pipes to who started the container.  CRIU
 * calls a pipe by what /proc/PID/fd says, "pipe:[1234]"; at restore each takes a descriptor
 * of its caller's instead, when it is told which.  The file and its form are runc's.
 */
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/json.h"
#include "base/json_write.h"
#include "host/criu.h"
#include "sys/file.h"

#define FILE_NAME "descriptors.json"
#define FILE_MAX_SIZE 16384

int descriptors_write(const struct criu_places *p, const struct container *c, struct error *e)
{
	struct buf text = buf_new(c->arena);
	struct json_writer w = json_writer(&text, 0);

	json_write_array(&w, NULL);
	for (int i = 0; i < 3; i++) {
		char name[512] = "", link[40];
		ssize_t n = -1;

		if (str_format(link, sizeof(link), "/proc/%d/fd/%d", (int)c->state.pid, i) == 0)
			n = readlink(link, name, sizeof(name) - 1);
		name[n < 0 ? 0 : n] = '\0';
		json_write_string(&w, NULL, name);
	}
	json_write_array_end(&w);
	if (file_replace_at(p->images, FILE_NAME, 0600, text.s, text.len, e) < 0)
		return error_context(e, "cannot write \"%s/" FILE_NAME "\"", p->images_path);
	return 0;
}

static int ask_each(struct criu_request *r, const char *text, size_t len, struct error *e)
{
	struct json j;
	int more, fd = 0;

	if (json_begin(&j, r->arena, text, len, e) < 0 || json_enter_array(&j, e) < 0)
		return -1;
	while ((more = json_next_element(&j, e)) > 0) {
		const char *name;

		if (json_string(&j, &name, e) < 0)
			return -1;
		if (fd < 3 && str_starts(name, "pipe:"))
			criu_ask(r, fd, "inherit_fd", "key", name, "fd", "@", NULL);
		fd++;
	}
	return more;
}

int descriptors_ask(struct criu_request *r, const struct criu_places *p, struct error *e)
{
	AUTO_CLOSE int fd =
		openat(p->images, FILE_NAME, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC);
	char *text = arena_alloc(r->arena, FILE_MAX_SIZE);
	ssize_t len;

	if (fd < 0 && errno == ENOENT) /* images that another program has written */
		return 0;
	len = fd < 0 ? -1 : file_read_all(fd, text, FILE_MAX_SIZE);
	if (len < 0)
		return fail_errno(e, "cannot read \"%s/" FILE_NAME "\"", p->images_path);
	if (ask_each(r, text, (size_t)len, e) < 0)
		return error_context(e, "%s/" FILE_NAME, p->images_path);
	return 0;
}
