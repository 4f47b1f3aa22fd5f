/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/check.h"

#include <linux/sched.h>
#include <string.h>

#include "base/str.h"

/* IFNAMSIZ, with the NUL. */
#define INTERFACE_NAME_SIZE 16

static int check_device(const struct device *d, struct error *e)
{
	if (check_absolute(d->path, "path", e) < 0)
		return -1;
	if (strlen(d->type) != 1 || !strchr("cubp", d->type[0]))
		return fail_at(e, "type", 0, "\"%s\" is not one of c, b, u, p", d->type);
	if (d->type[0] == 'p')
		return 0;
	if (!d->major.set)
		return fail_at(e, "major", 0, "is missing");
	if (!d->minor.set)
		return fail_at(e, "minor", 0, "is missing");
	return 0;
}

/* As the kernel's dev_valid_name(). */
static bool is_interface_name(const char *name)
{
	size_t len = strlen(name);

	if (len == 0 || len >= INTERFACE_NAME_SIZE || str_eq(name, ".") || str_eq(name, ".."))
		return false;
	return name[strcspn(name, "/: \t\n\v\f\r")] == '\0';
}

/* A new name may leave its number to the kernel: "eth%d". */
static bool is_name_template(const char *name)
{
	const char *percent = strchr(name, '%');

	return is_interface_name(name) &&
	       (!percent || (percent[1] == 'd' && !strchr(percent + 1, '%')));
}

static const char *new_name(const struct net_device *d)
{
	return d->name ? d->name : d->host_name;
}

static int check_net_device(const struct config *c, size_t i, struct error *e)
{
	const struct net_device *all = c->linux_.net_devices.v, *d = &all[i];

	if (!is_interface_name(d->host_name) || strchr(d->host_name, '%'))
		return fail(e, 0, "\"%s\" is not the name of a network device", d->host_name);
	if (d->name && !is_name_template(d->name))
		return fail_at(e, "name", 0, "\"%s\" is not the name of a network device", d->name);
	for (size_t k = 0; k < i; k++)
		if (str_eq(new_name(&all[k]), new_name(d)) && !strchr(new_name(d), '%'))
			return fail_at(e, d->name ? "name" : "", 0,
				       "\"%s\" would be the name of two network devices",
				       new_name(d));
	return 0;
}

int check_devices(const struct config *c, struct error *e)
{
	const struct linux_config *l = &c->linux_;

	for (size_t i = 0; i < l->devices.n; i++)
		if (check_device(&l->devices.v[i], e) < 0)
			return at_element(e, "devices", i);
	if (l->net_devices.n && !config_namespace(c, CLONE_NEWNET))
		return fail_at(e, "netDevices", 0, "network devices need a network namespace");
	for (size_t i = 0; i < l->net_devices.n; i++)
		if (check_net_device(c, i, e) < 0)
			return at_member(e, "netDevices", l->net_devices.v[i].host_name);
	return 0;
}
