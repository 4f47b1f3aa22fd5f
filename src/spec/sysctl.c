/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/sysctl.h"

#include <linux/sched.h>
#include <string.h>

#include "base/str.h"
#include "spec/names.h"

/* Files that exist once per namespace; one that ends with '/' stands for all below it. */
static const struct {
	const char *file;
	int namespace;
} allowed[] = {
	{"fs/mqueue/", CLONE_NEWIPC},
	{"kernel/domainname", CLONE_NEWUTS},
	{"kernel/msgmax", CLONE_NEWIPC},
	{"kernel/msgmnb", CLONE_NEWIPC},
	{"kernel/msgmni", CLONE_NEWIPC},
	{"kernel/sem", CLONE_NEWIPC},
	{"kernel/shm_rmid_forced", CLONE_NEWIPC},
	{"kernel/shmall", CLONE_NEWIPC},
	{"kernel/shmmax", CLONE_NEWIPC},
	{"kernel/shmmni", CLONE_NEWIPC},
	{"net/", CLONE_NEWNET},
	{"user/", CLONE_NEWUSER},
};

/* Every component has a name, and none leads elsewhere. */
static bool is_plain_path(const char *path)
{
	for (;;) {
		size_t len = strcspn(path, "/");

		if (len == 0 || (len == 1 && path[0] == '.') ||
		    (len == 2 && path[0] == '.' && path[1] == '.'))
			return false;
		if (path[len] == '\0')
			return true;
		path += len + 1;
	}
}

static bool has_control(const char *s)
{
	for (; *s; s++)
		if (((unsigned char)*s < 0x20 && *s != '\t') || *s == 0x7f)
			return true;
	return false;
}

int sysctl_file(char out[SYSCTL_FILE_MAX], const char *key, struct error *e)
{
	char file[SYSCTL_FILE_MAX];
	size_t len = strlen(key);
	bool dotted = key[strcspn(key, "./")] == '.';

	if (len >= sizeof(file))
		return fail(e, 0, "sysctl key is longer than %d bytes", SYSCTL_FILE_MAX - 1);
	for (size_t i = 0; i <= len; i++) {
		char c = key[i];

		file[i] = !dotted ? c : c == '.' ? '/' : c == '/' ? '.' : c;
	}
	if (!is_plain_path(file) || has_control(file))
		return fail(e, 0, "sysctl key \"%s\" is not a name below /proc/sys", key);
	memcpy(out, file, len + 1);
	return 0;
}

static int check_namespace(const struct config *c, const char *key, const char *file,
			   struct error *e)
{
	for (size_t i = 0; i < ARRAY_SIZE(allowed); i++) {
		const char *row = allowed[i].file;

		if (!(str_ends(row, "/") ? str_starts(file, row) : str_eq(file, row)))
			continue;
		if (config_namespace(c, allowed[i].namespace))
			return 0;
		return fail(e, 0, "sysctl \"%s\" needs a %s namespace, or it would change the host",
			    key, name_of(namespace_names, allowed[i].namespace));
	}
	return fail(e, 0, "sysctl \"%s\" is not in a separate kernel namespace", key);
}

int sysctl_check(const struct config *c, const struct pair *setting, struct error *e)
{
	char file[SYSCTL_FILE_MAX];

	if (sysctl_file(file, setting->key, e) < 0)
		return -1;
	if (str_eq(file, "kernel/hostname"))
		return fail(e, 0, "sysctl \"%s\" is set by the property hostname", setting->key);
	if (str_eq(file, "kernel/domainname") && c->domainname)
		return fail(e, 0, "sysctl \"%s\" and the property domainname are the same thing",
			    setting->key);
	if (setting->value[0] == '\0')
		return fail(e, 0, "sysctl \"%s\" has an empty value", setting->key);
	if (has_control(setting->value))
		return fail(e, 0, "the value of sysctl \"%s\" has a control character",
			    setting->key);
	return check_namespace(c, setting->key, file, e);
}
