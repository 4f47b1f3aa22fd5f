/* SPDX-License-Identifier: Apache-2.0 */
/* What a container's unit is called and where systemd puts it: systemd.unit(5), systemd.slice(5). */
#include <string.h>

#include "base/str.h"
#include "cgroup/hierarchy.h"
#include "cgroup/systemd.h"

#define AT "linux.cgroupsPath"
#define UNIT_NAME_MAX 255

static bool is_unit_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c && strchr("_.-@\\", c));
}

static int check_unit(const char *unit, struct error *e)
{
	if (strlen(unit) > UNIT_NAME_MAX)
		return fail_at(e, AT, 0, "the name of the unit is longer than %d bytes",
			       UNIT_NAME_MAX);
	for (const char *c = unit; *c; c++)
		if (!is_unit_char(*c))
			return fail_at(
				e, AT, 0,
				"\"%s\" is not the name of a systemd unit: it may have letters, "
				"digits and _.-@\\ (with systemd, cgroupsPath is slice:prefix:name)",
				unit);
	return 0;
}

static bool is_slice(const char *unit)
{
	return str_ends(unit, ".slice");
}

bool unit_is_scope(const struct cgroup_place *p)
{
	return !is_slice(p->unit);
}

const char *unit_subgroup(const struct cgroup_place *p)
{
	const char *last = p->dirs.n ? strrchr(p->dirs.v[0].path, '/') : NULL;

	return last && !str_eq(last + 1, p->unit) ? last : "";
}

/* "/a.slice/a-b.slice" of "a-b.slice"; "" of the root, "-.slice". */
static const char *slice_path(struct arena *a, const char *slice, struct error *e)
{
	size_t stem = strlen(slice) - (is_slice(slice) ? strlen(".slice") : 0);
	struct buf out = buf_new(a);

	if (str_eq(slice, "-.slice"))
		return "";
	if (check_unit(slice, e) < 0)
		return NULL;
	for (size_t i = 0; i <= stem; i++) {
		if (i < stem && slice[i] != '-')
			continue;
		if (!is_slice(slice) || i == 0 || slice[i - 1] == '-') {
			fail_at(e, AT, 0,
				"\"%s\" is not the name of a slice, such as system.slice or a-b.slice",
				slice);
			return NULL;
		}
		buf_printf(&out, "/%.*s.slice", (int)i, slice);
	}
	return out.s;
}

/* An id may have what a unit's name may not: as systemd-escape(1) writes it. */
static const char *escape(struct arena *a, const char *id)
{
	struct buf out = buf_new(a);

	for (; *id; id++) {
		if (is_unit_char(*id))
			buf_putc(&out, *id);
		else
			buf_printf(&out, "\\x%02x", (unsigned int)(unsigned char)*id);
	}
	return out.s;
}

/* @wanted has two colons, or none, or is absent. */
static int name_unit(struct cgroup_place *p, struct arena *a, const char *wanted, const char *id,
		     struct error *e)
{
	const char *first = wanted ? strchr(wanted, ':') : NULL;
	const char *second = first ? strchr(first + 1, ':') : NULL;

	if (!wanted || wanted[0] == '\0')
		p->unit = arena_printf(a, "yacr-%s.scope", escape(a, id));
	else if (!first)
		p->unit = is_slice(wanted) || str_ends(wanted, ".scope")
				  ? wanted
				  : arena_printf(a, "%s.scope", wanted);
	else if (!second)
		return fail_at(e, AT, 0, "\"%s\" has one part too few: slice:prefix:name", wanted);
	else if (is_slice(second + 1))
		p->unit = second + 1;
	else
		p->unit = arena_printf(a, "%.*s-%s.scope", (int)(second - first - 1), first + 1,
				       second + 1);
	if (first && first > wanted)
		p->slice = arena_strndup(a, wanted, (size_t)(first - wanted));
	return check_unit(p->unit, e);
}

const char *unit_manager(struct arena *a, const struct cgroup_place *p, const char *own)
{
	const char *service, *found;

	if (p->manager == 0)
		return "";
	service = arena_printf(a, "/user@%u.service", p->manager);
	found = str_find(own, service);
	if (found && (found[strlen(service)] == '/' || found[strlen(service)] == '\0'))
		return arena_strndup(a, own, (size_t)(found - own) + strlen(service));
	return arena_printf(a, "/user.slice/user-%u.slice%s", p->manager, service);
}

const char *unit_place(struct cgroup_place *p, struct arena *a, const struct config *c,
		       const struct facts *f, const char *id, struct error *e)
{
	const char *subgroup = config_annotation(c, ANNOTATION_SUBGROUP);
	const char *slice, *path;

	p->manager = f->host_uid;
	p->slice = p->manager == 0 ? "system.slice" : "user.slice";
	if (name_unit(p, a, c->linux_.cgroups_path, id, e) < 0)
		return NULL;
	slice = slice_path(a, p->slice, e);
	if (!slice)
		return NULL;
	path = unit_is_scope(p) ? arena_printf(a, "%s/%s", slice, p->unit)
				: slice_path(a, p->unit, e);
	if (!path || !subgroup || subgroup[0] == '\0')
		return path;
	return check_cgroup_name("annotations." ANNOTATION_SUBGROUP, subgroup, e) < 0
		       ? NULL
		       : arena_printf(a, "%s/%s", path, subgroup);
}
