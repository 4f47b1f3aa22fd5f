/* SPDX-License-Identifier: Apache-2.0 */
#include "spec/features.h"
#include "cgroup/cgroup.h"
#include "cmd/command.h"
#include "cmd/output.h"
#include "host/helper.h"

static const char *layout(struct arena *a)
{
	struct facts f = {0};
	struct error ignored;

	return cgroup_detect(&f, a, &ignored) < 0 ? NULL : name_of(cgroup_layout_names, f.cgroup);
}

static int run(struct invocation *inv, struct error *e)
{
	struct buf out = buf_new(inv->arena);
	struct error ignored;
	char path[PATH_MAX];

	features_write(&out, UINT32_MAX, helper_find(path, "yacr-systemd", &ignored) == 0,
		       layout(inv->arena));
	return output(&out, e);
}

const struct command cmd_features = {
	.name = "features",
	.arguments = "",
	.summary = "print what this build of yacr can do, as JSON",
	.about = "Prints what this build of yacr can do, as JSON, in the form of the OCI runtime\n"
		 "specification (features.md).  The annotation yacr.host.cgroup is the layout of\n"
		 "this host's cgroups: none, v1, hybrid or v2.",
	.run = run,
};
