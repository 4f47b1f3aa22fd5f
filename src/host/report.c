/* SPDX-License-Identifier: Apache-2.0 */
#include "host/report.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "base/json.h"

/* Only on this path: line and column are not kept with the values. */
static int locate(const char *file, const char *at, struct json_place *out)
{
	AUTO_CLOSE int fd = openat(AT_FDCWD, file, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	struct stat st;
	char *text;
	int r;

	if (fd < 0 || fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) || st.st_size == 0 ||
	    st.st_size > (off_t)JSON_SIZE_MAX)
		return -1;
	text = mmap(NULL, (size_t)st.st_size, PROT_READ, MAP_PRIVATE, fd, 0);
	if (text == MAP_FAILED)
		return -1;
	r = json_locate(text, (size_t)st.st_size, at, out);
	munmap(text, (size_t)st.st_size);
	return r;
}

/* A config, an image or a command line may have anything in it. */
void report_error(struct buf *out, const struct error *e, const char *config_path)
{
	const char *hint = hint_for(e);
	struct json_place place;

	buf_put_visible(out, e->text, "");
	if (e->code)
		buf_printf(out, ": %s", errno_words(e->code));

	if (e->at[0]) {
		buf_puts(out, "\n  config: ");
		if (config_path && locate(config_path, e->at, &place) == 0) {
			buf_put_visible(out, config_path, "");
			buf_printf(out, ":%u:%u, ", place.line, place.column);
		}
		buf_put_visible(out, e->at, "");
	}
	if (hint)
		buf_printf(out, "\n  hint:   %s", hint);
}
