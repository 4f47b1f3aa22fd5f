/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/hierarchy.h"

#include "base/str.h"
#include "cgroup/knob.h"

const struct cgroup_hierarchy *hierarchy_v1(const struct facts *f, const char *controller)
{
	for (size_t i = 0; i < f->hierarchies.n; i++) {
		const struct cgroup_hierarchy *h = &f->hierarchies.v[i];

		if (h->mountpoint[0] == '\0')
			continue;
		for (size_t k = 0; k < h->controllers.n; k++)
			if (str_eq(h->controllers.v[k], controller))
				return h;
	}
	return NULL;
}

const struct cgroup_hierarchy *hierarchy_v2(const struct facts *f)
{
	for (size_t i = 0; i < f->hierarchies.n; i++) {
		const struct cgroup_hierarchy *h = &f->hierarchies.v[i];

		if (h->controllers.n == 0 && h->mountpoint[0] != '\0')
			return h;
	}
	return NULL;
}

int place_v2(const struct cgroup_place *p)
{
	for (size_t i = 0; i < p->dirs.n; i++)
		if (dir_is_v2(&p->dirs.v[i]))
			return (int)i;
	return -1;
}

int place_index(const struct cgroup_place *p, const char *controller)
{
	for (size_t i = 0; i < p->dirs.n; i++)
		if (!dir_is_v2(&p->dirs.v[i]) && word_in(p->dirs.v[i].hierarchy, ',', controller))
			return (int)i;
	return place_v2(p);
}

const char *dir_path(struct arena *a, const struct cgroup_dir *d)
{
	return arena_printf(a, "%s%s", d->mountpoint, d->path);
}
