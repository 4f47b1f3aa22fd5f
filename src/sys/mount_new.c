/* SPDX-License-Identifier: Apache-2.0 */

/* New file systems by fsopen(2): every option is told to the kernel on its own. */

#include <string.h>

#include "base/fd.h"
#include "base/list.h"
#include "base/str.h"
#include "sys/abi.h"
#include "sys/mount.h"
#include "sys/mount_new.h"

/* The file system's own words on what it did not like, "" when it has none. */
static const char *complaint(int fs, char out[200])
{
	const int saved = errno;
	ssize_t n;

	while ((n = read(fs, out, 199)) > 0) {
		out[n] = '\0';
		if (str_starts(out, "e "))
			break;
	}
	out[n > 0 ? strcspn(out, "\n") : 0] = '\0';
	errno = saved;
	return out[0] ? out + 2 : out;
}

static int refused(int fs, const char *doing, const char *what, struct error *e)
{
	char words[200];
	const int code = errno;
	const char *said = complaint(fs, words);

	return fail(e, code, "cannot %s %s%s%s%s", doing, what, *said ? " (" : "", said,
		    *said ? ")" : "");
}

static int set_string(int fs, const char *key, const char *value, struct error *e)
{
	/* more, and fsconfig(2) does not take it: mount(2) does */
	if (strlen(value) >= ABI_FSCONFIG_STRING_MAX)
		return fail(e, ENOSYS, "mount option \"%s\" is too long for fsconfig", key);
	if (abi_fsconfig(fs, ABI_FSCONFIG_STRING, key, value) < 0)
		return refused(fs, "set mount option", key, e);
	return 0;
}

/* @option is "key=value" or "key"; it is written to. */
static int set_option(int fs, char *option, struct error *e)
{
	char *value = strchr(option, '=');

	if (!value) {
		if (abi_fsconfig(fs, ABI_FSCONFIG_FLAG, option, NULL) < 0)
			return refused(fs, "set mount option", option, e);
		return 0;
	}
	*value++ = '\0';
	return set_string(fs, option, value, e);
}

/*
 * Takes one option off *@data: up to a comma that is neither quoted nor escaped.
 * The quotes, as in context="a:b:c1,c2", are for mount(2)'s sake only.
 */
static int take_option(const char **data, char *out, size_t size)
{
	const char *p = *data;
	bool quoted = false;
	size_t n = 0;

	for (; *p && (quoted || *p != ','); p++) {
		if (*p == '"') {
			quoted = !quoted;
			continue;
		}
		if (p[0] == '\\' && p[1] == ',')
			p++;
		if (n + 1 >= size)
			return -1;
		out[n++] = *p;
	}
	out[n] = '\0';
	*data = *p ? p + 1 : p;
	return 0;
}

static int set_data(int fs, const char *data, struct error *e)
{
	char option[ABI_FSCONFIG_STRING_MAX * 2];

	while (data && *data) {
		if (take_option(&data, option, sizeof(option)) < 0)
			return fail(e, ENOSYS, "a mount option is too long for fsconfig");
		if (option[0] && set_option(fs, option, e) < 0)
			return -1;
	}
	return 0;
}

static const struct superblock_flag {
	uint32_t ms;
	const char *set, *clear;
} superblock_flags[] = {
	{MS_RDONLY, "ro", "rw"},
	{MS_SYNCHRONOUS, "sync", "async"},
	{MS_DIRSYNC, "dirsync", NULL},
	{MS_MANDLOCK, "mand", "nomand"},
	{MS_LAZYTIME, "lazytime", "nolazytime"},
	{MS_SILENT, NULL, NULL}, /* about what mount(2) logs: nothing to say here */
};

static int set_flags(int fs, uint32_t set, uint32_t clear, struct error *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(superblock_flags); i++) {
		const struct superblock_flag *f = &superblock_flags[i];
		const char *word = set & f->ms ? f->set : clear & f->ms ? f->clear : NULL;

		set &= ~f->ms;
		clear &= ~f->ms;
		if (word && abi_fsconfig(fs, ABI_FSCONFIG_FLAG, word, NULL) < 0)
			return refused(fs, "set mount option", word, e);
	}
	/* MS_I_VERSION: mount(2) alone takes it, and then from any file system */
	return set | clear
		       ? fail(e, ENOSYS, "fsconfig has no word for mount flags 0x%x", set | clear)
		       : 0;
}

int fs_make(const struct mount_intent *m, uint32_t attrs, struct error *e)
{
	/* as mount(2) has it: what is to be read-only begins so, the file system included */
	const uint32_t flags = m->sb_set | (attrs & MOUNT_ATTR_RDONLY ? MS_RDONLY : 0);
	AUTO_CLOSE int fs = abi_fsopen(m->type);
	int fd;

	if (fs < 0)
		return fail_errno(e, "cannot make a file system of type \"%s\"", m->type);
	if (m->source && *m->source && set_string(fs, "source", m->source, e) < 0)
		return -1;
	if (set_flags(fs, flags, m->sb_clear, e) < 0 || set_data(fs, m->data, e) < 0)
		return -1;
	if (abi_fsconfig(fs, ABI_FSCONFIG_CREATE, NULL, NULL) < 0)
		return refused(fs, "make a file system of type", m->type, e);
	fd = abi_fsmount(fs, attrs);
	return fd < 0 ? refused(fs, "make a mount of type", m->type, e) : fd;
}

int fs_reconfigure(const struct mount_intent *m, int target, struct error *e)
{
	AUTO_CLOSE int fs = abi_fspick(target);

	if (fs < 0)
		return fail_errno(e, "cannot reconfigure a file system");
	if (set_flags(fs, m->sb_set, m->sb_clear, e) < 0 || set_data(fs, m->data, e) < 0)
		return -1;
	if (abi_fsconfig(fs, ABI_FSCONFIG_RECONFIGURE, NULL, NULL) < 0)
		return refused(fs, "reconfigure", "a file system", e);
	return 0;
}

int mount_new(const char *type, const char *source, const char *data, uint32_t sb_flags,
	      struct error *e)
{
	const struct mount_intent m = {
		.type = type, .source = source, .data = data, .sb_set = sb_flags, .tree = -1};

	return fs_make(&m, 0, e);
}
