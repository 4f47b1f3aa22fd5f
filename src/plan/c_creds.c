/* SPDX-License-Identifier: Apache-2.0 */
#include "base/str.h"
#include "plan/stages.h"
#include "spec/names.h"

/* Who the process will be. */

#define DEFAULT_UMASK 0022u /* as everybody does; the spec says the caller's */

/* ---- capabilities ---- */

static uint64_t known_caps(const struct compile *c)
{
	uint64_t last = c->facts->last_cap;

	return last == 0 || last >= 63 ? UINT64_MAX : (2ull << last) - 1;
}

/* The spec wants a warning about what this kernel does not have, and no error. */
static uint64_t cap_set(const struct compile *c, const struct strs *names, const char *which)
{
	uint64_t set = 0;

	for (size_t i = 0; i < names->n; i++) {
		int cap = capability_number(names->v[i]);

		if (cap >= 0 && (known_caps(c) >> cap & 1))
			set |= 1ull << cap;
		else
			compile_warn(c, compile_at(c, "process.capabilities.%s[%zu]", which, i),
				     "this kernel has no capability \"%s\"", names->v[i]);
	}
	return set;
}

/* Those of @set that are in @within too; the kernel would refuse the others and so all. */
static uint64_t limit_set(const struct compile *c, uint64_t set, uint64_t within, const char *which,
			  const char *missing)
{
	for (uint64_t rest = set & ~within; rest; rest &= rest - 1)
		compile_warn(c, compile_at(c, "process.capabilities.%s", which),
			     "\"%s\" is not %s too, and ignored",
			     name_of(capability_names, __builtin_ctzll(rest)), missing);
	return set & within;
}

/* Without the property all are dropped, as the safe reading of a silent spec. */
void compile_capabilities(struct compile *c)
{
	static const struct capabilities none;
	const struct capabilities *caps = c->config->process->capabilities;
	uint64_t permitted, effective, inheritable, ambient;

	if (!caps)
		caps = &none;
	permitted = cap_set(c, &caps->permitted, "permitted");
	effective = limit_set(c, cap_set(c, &caps->effective, "effective"), permitted, "effective",
			      "permitted");
	inheritable = limit_set(c, cap_set(c, &caps->inheritable, "inheritable"), c->bounding,
				"inheritable", "in the bounding set");
	ambient = limit_set(c, cap_set(c, &caps->ambient, "ambient"), permitted & inheritable,
			    "ambient", "permitted and inheritable");
	BUILD(&c->b, CAPABILITIES, capabilities, "process.capabilities", .effective = effective,
	      .permitted = permitted, .inheritable = inheritable, .ambient = ambient);
}

static void compile_bounding(struct compile *c)
{
	const struct capabilities *caps = c->config->process->capabilities;

	c->bounding = caps ? cap_set(c, &caps->bounding, "bounding") : 0;
	BUILD(&c->b, BOUNDING, bounding, "process.capabilities.bounding", .keep = c->bounding);
}

/* ---- ids ---- */

static int compile_ids(struct compile *c, struct error *e)
{
	const struct user *u = &c->config->process->user;
	const char *keep = config_annotation(c->config, ANNOTATION_KEEP_GROUPS);

	for (size_t i = 0; i < u->additional_gids.n; i++)
		if (!gid_is_mapped(c, u->additional_gids.v[i]))
			return fail_at(e, compile_at(c, "process.user.additionalGids[%zu]", i), 0,
				       "group %u does not exist in the user namespace",
				       u->additional_gids.v[i]);
	if (u->additional_gids.n && c->no_setgroups)
		return fail_at(
			e, "process.user.additionalGids", 0,
			"groups cannot be set in this user namespace: map ranges of ids (/etc/subgid)");

	BUILD(&c->b, IDS, ids, "process.user", .uid = u->uid, .gid = u->gid,
	      .umask = u->umask.set ? u->umask.v & 0777 : DEFAULT_UMASK,
	      .groups = build_u32s(&c->b, u->additional_gids.v, u->additional_gids.n),
	      .no_setgroups = c->no_setgroups, .keep_groups = keep && str_eq(keep, "1"));
	return 0;
}

/* ---- labels ---- */

static int compile_labels(struct compile *c, struct error *e)
{
	const struct process *p = c->config->process;

	if (p->apparmor_profile && *p->apparmor_profile) {
		if (!c->facts->apparmor)
			return fail_at(e, "process.apparmorProfile", 0,
				       "this host has no AppArmor");
		BUILD(&c->b, EXEC_LABEL, exec_label, "process.apparmorProfile",
		      .lsm = LABEL_APPARMOR, .label = build_str(&c->b, p->apparmor_profile));
	}
	if (p->selinux_label && *p->selinux_label) {
		if (!c->facts->selinux)
			return fail_at(e, "process.selinuxLabel", 0, "this host has no SELinux");
		BUILD(&c->b, EXEC_LABEL, exec_label, "process.selinuxLabel", .lsm = LABEL_SELINUX,
		      .label = build_str(&c->b, p->selinux_label));
	}
	return 0;
}

/* PATH of the container's environment; of several the last one counts. */
static const char *path_of(const struct strs *env)
{
	const char *path = "";

	for (size_t i = 0; i < env->n; i++)
		if (str_starts(env->v[i], "PATH="))
			path = env->v[i] + 5;
	return path;
}

int compile_creds(struct compile *c, struct error *e)
{
	const struct process *p = c->config->process;

	if (!p)
		return 0;
	BUILD(&c->b, CWD, cwd, "process.cwd", .path = build_str(&c->b, p->cwd));
	compile_bounding(c);
	if (compile_ids(c, e) < 0)
		return -1;
	BUILD(&c->b, CWD, cwd, "process.cwd", .path = build_str(&c->b, p->cwd), .again = 1);

	/* Loading a filter without no_new_privs takes CAP_SYS_ADMIN: then see compile_exec(). */
	if (!c->options->seccomp_program || p->no_new_privileges)
		compile_capabilities(c);
	if (p->no_new_privileges)
		BUILD(&c->b, NO_NEW_PRIVS, no_new_privs, "process.noNewPrivileges");
	BUILD(&c->b, FIND_EXECUTABLE, find_executable, "process.args[0]",
	      .file = build_str(&c->b, p->args.v[0]), .path = build_str(&c->b, path_of(&p->env)));
	return compile_labels(c, e);
}
