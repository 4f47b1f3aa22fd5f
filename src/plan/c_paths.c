/* SPDX-License-Identifier: Apache-2.0 */
#include <linux/mount.h>
#include <string.h>

#include "base/keys.h"
#include "base/str.h"
#include "plan/stages.h"
#include "spec/mountopt.h"
#include "spec/sysctl.h"

/* What becomes of the root file system when everything is mounted in it. */

/* MS_* of "rslave" and the like; config_check() knows all of them. */
static uint32_t propagation_flags(const char *name)
{
	static const uint32_t flags[] = {
		[MOUNTOPT_PRIVATE] = MS_PRIVATE,
		[MOUNTOPT_SHARED] = MS_SHARED,
		[MOUNTOPT_SLAVE] = MS_SLAVE,
		[MOUNTOPT_UNBINDABLE] = MS_UNBINDABLE,
	};
	uint32_t value = (uint32_t)mount_propagation_find(name);

	return flags[value & ~(uint32_t)MOUNTOPT_RECURSIVE] |
	       (value & MOUNTOPT_RECURSIVE ? MS_REC : 0);
}

static uint32_t pivot_how(const struct compile *c)
{
	if (!c->own_mount_ns)
		return PIVOT_CHROOT;
	return c->options->no_pivot || c->facts->rootfs_on_initramfs ? PIVOT_MOVE : PIVOT_ROOT;
}

void compile_pivot(struct compile *c)
{
	const struct process *p = c->config->process;
	const char *propagation = c->config->linux_.rootfs_propagation;

	/* Later the root may be read-only. */
	if (p && !str_eq(p->cwd, "/"))
		BUILD(&c->b, DIRECTORY, directory, "process.cwd", .path = build_str(&c->b, p->cwd),
		      .mode = 0755);
	BUILD(&c->b, PIVOT, pivot, "root.path", .how = pivot_how(c));
	if (propagation)
		BUILD(&c->b, PROPAGATION, propagation, "linux.rootfsPropagation",
		      .flags = propagation_flags(propagation));
}

static void compile_names(struct compile *c)
{
	const struct config *config = c->config;

	if (config->hostname && *config->hostname)
		BUILD(&c->b, HOSTNAME, hostname, "hostname",
		      .name = build_str(&c->b, config->hostname));
	if (config->domainname && *config->domainname)
		BUILD(&c->b, DOMAINNAME, domainname, "domainname",
		      .name = build_str(&c->b, config->domainname));
}

static int compile_sysctls(struct compile *c, struct error *e)
{
	FOR_EACH(s, c->config->linux_.sysctl) {
		const char *at = compile_at(c, "linux.sysctl.%s", s->key);
		char file[SYSCTL_FILE_MAX];

		if (sysctl_file(file, s->key, e) < 0)
			return error_at_prefix(e, at);
		BUILD(&c->b, SYSCTL, sysctl, at, .file = build_str(&c->b, file),
		      .value = build_str(&c->b, s->value));
	}
	return 0;
}

/* False when @path was there before: engines repeat themselves. */
static bool is_new(struct keys *seen, const char *path)
{
	return keys_add(seen, (struct json_text){path, strlen(path)});
}

static void compile_readonly_paths(struct compile *c)
{
	const struct strs *list = &c->config->linux_.readonly_paths;
	struct keys seen = keys_new(c->arena);

	for (size_t i = 0; i < list->n; i++)
		if (is_new(&seen, list->v[i]))
			BUILD(&c->b, READONLY_PATH, readonly_path,
			      compile_at(c, "linux.readonlyPaths[%zu]", i),
			      .path = build_str(&c->b, list->v[i]));
}

static void compile_masked_paths(struct compile *c)
{
	const struct strs *list = &c->config->linux_.masked_paths;
	plan_str data = compile_labelled(c, "");
	struct keys seen = keys_new(c->arena);

	for (size_t i = 0; i < list->n; i++)
		if (is_new(&seen, list->v[i]))
			BUILD(&c->b, MASKED_PATH, masked_path,
			      compile_at(c, "linux.maskedPaths[%zu]", i),
			      .path = build_str(&c->b, list->v[i]), .data = data);
}

int compile_paths(struct compile *c, struct error *e)
{
	compile_last_mounts(c);
	compile_names(c);
	/* before anything below /proc/sys is read-only or masked */
	if (compile_sysctls(c, e) < 0)
		return -1;
	if (c->config->root->readonly) {
		if (!c->own_mount_ns)
			return fail_at(e, "root.readonly", 0,
				       "without a mount namespace this would change the host");
		BUILD(&c->b, READONLY_ROOT, readonly_root, "root.readonly");
	}
	compile_readonly_paths(c);
	compile_masked_paths(c);
	return 0;
}
