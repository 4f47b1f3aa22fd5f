/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/sched.h>
#include <sys/stat.h>

#include "base/str.h"
#include "plan/stages.h"
#include "spec/default.h"
#include "spec/mountopt.h"

/*
 * /dev: the devices and links that every container gets, and those of the
 * config.  In a user namespace mknod(2) is refused, so that the host's nodes
 * are bound instead.
 */

#define DEFAULT_MODE 0666u

/* Who binds a whole /dev has one: nothing of ours belongs there. */
static bool dev_is_bound(const struct compile *c)
{
	FOR_EACH(m, c->config->mounts) {
		if (!str_eq(m->destination, "/dev") && !str_eq(m->destination, "/dev/"))
			continue;
		for (size_t i = 0; i < m->options.n; i++)
			if (str_eq(m->options.v[i], "bind") || str_eq(m->options.v[i], "rbind"))
				return true;
	}
	return false;
}

static const struct device *find_device(const struct compile *c, const char *path)
{
	FOR_EACH(d, c->config->linux_.devices)
		if (str_eq(d->path, path))
			return d;
	return NULL;
}

static void default_device(struct compile *c, const struct default_device *d)
{
	if (find_device(c, d->path))
		return; /* the config's own is made instead */
	BUILD(&c->b, DEVICE, device, "", .path = build_str(&c->b, d->path), .type = S_IFCHR,
	      .major = d->major, .minor = d->minor, .mode = DEFAULT_MODE, .bind = c->userns,
	      .is_default = 1);
}

static uint32_t device_type(char letter)
{
	return letter == 'b' ? S_IFBLK : letter == 'p' ? S_IFIFO : S_IFCHR;
}

static int config_device(struct compile *c, const struct device *d, const char *at, struct error *e)
{
	uint32_t type = device_type(d->type[0]);

	if (str_eq(d->path, "/dev/ptmx"))
		return 0; /* a link of ours is: by this one a user namespace comes to no devpts */
	if ((d->uid.set && !uid_is_mapped(c, d->uid.v)) ||
	    (d->gid.set && !gid_is_mapped(c, d->gid.v)))
		return fail_at(e, at, 0,
			       "the owner of device \"%s\" does not exist in the user namespace",
			       d->path);

	BUILD(&c->b, DEVICE, device, at, .path = build_str(&c->b, d->path), .type = type,
	      .major = (uint32_t)d->major.v, .minor = (uint32_t)d->minor.v,
	      .mode = d->file_mode.set ? d->file_mode.v & 07777 : DEFAULT_MODE, .uid = d->uid.v,
	      .gid = d->gid.v, .bind = c->userns && type != S_IFIFO);
	return 0;
}

static void default_link(struct compile *c, const char *path, const char *target, const char *needs)
{
	BUILD(&c->b, SYMLINK, symlink, "", .path = build_str(&c->b, path),
	      .target = build_str(&c->b, target), .needs = build_str(&c->b, needs));
}

int compile_devices(struct compile *c, struct error *e)
{
	if (dev_is_bound(c))
		return 0;
	for (const struct default_device *d = default_devices; d->path; d++)
		default_device(c, d);
	for (size_t i = 0; i < c->config->linux_.devices.n; i++)
		if (config_device(c, &c->config->linux_.devices.v[i],
				  compile_at(c, "linux.devices[%zu]", i), e) < 0)
			return -1;
	for (const struct default_link *l = default_links; l->path; l++)
		default_link(c, l->path, l->target, l->needs);
	return 0;
}

void compile_console(struct compile *c)
{
	const struct process *p = c->config->process;
	const struct console_size *size;

	if (!p || !p->terminal)
		return;
	size = p->console_size;
	BUILD(&c->b, CONSOLE, console, "process.terminal", .uid = p->user.uid,
	      .height = size ? (uint16_t)size->height : 0,
	      .width = size ? (uint16_t)size->width : 0, .bind = c->own_mount_ns && !c->exec,
	      .newlines = c->options->relayed);
}
