/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "base/fd.h"
#include "cmd/command.h"
#include "spec/default.h"

struct spec_options {
	const char *bundle, *config;
	bool rootless;
};

/* Never over a file that is there: it may be somebody's work. */
static int create_file(int dir, const char *name, const struct buf *text, struct error *e)
{
	AUTO_CLOSE int fd = openat(dir, name, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);

	if (fd < 0 && errno == EEXIST)
		return fail(e, 0, "File %s exists. Remove it first", name);
	if (fd < 0)
		return fail_errno(e, "cannot create \"%s\"", name);
	/* Like any document, whatever umask yacr gave itself. */
	if (file_write_all(fd, text->s, text->len) < 0 || fchmod(fd, 0644) < 0) {
		fail_errno(e, "cannot write \"%s\"", name);
		unlinkat(dir, name, 0);
		return -1;
	}
	return 0;
}

static int run(struct invocation *inv, struct error *e)
{
	const struct spec_options *o = inv->options;
	const char *bundle = o->bundle ? o->bundle : ".";
	AUTO_CLOSE int dir = openat(AT_FDCWD, bundle, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	struct buf text = buf_new(inv->arena);

	if (dir < 0)
		return fail_errno(e, "cannot open bundle \"%s\"", bundle);
	config_write(config_default(inv->arena, o->rootless, geteuid(), getegid()), &text);
	return create_file(dir, o->config ? o->config : "config.json", &text, e);
}

static const struct option options[] = {
	OPTION(struct spec_options, bundle, "bundle", .letter = 'b', .argument = "DIR",
	       .help = "directory to write to; the present one by default"),
	OPTION(struct spec_options, config, "config", .letter = 'f', .argument = "FILE",
	       .help = "file to write instead of config.json"),
	OPTION(struct spec_options, rootless, "rootless",
	       .help = "for users other than root: with a user namespace"),
};

const struct command cmd_spec = {
	.name = "spec",
	.arguments = "",
	.summary = "write a config.json to begin with",
	.about =
		"Writes a config.json that runs a shell in a root file system in \"rootfs\".  A file\n"
		"that is there already is never replaced.",
	.options = OPTIONS(struct spec_options, options),
	.run = run,
};
