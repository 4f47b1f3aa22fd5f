/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/explain.h"

#include "base/str.h"
#include "cgroup/devices.h"
#include "cgroup/hierarchy.h"
#include "cgroup/limits.h"

#define AT_COLUMN 90 /* as in plan_print() */

static int add_devices(struct limits *l, const struct cgroup_place *p, const struct resources *r,
		       const struct facts *f, struct error *e)
{
	int i = place_index(p, "devices");
	limit_list lines = {0};
	device_rules rules;

	if (!devices_wanted(f) || i < 0)
		return 0;
	if (devices_rules(&rules, l->arena, r, e) < 0)
		return -1;
	if (!dir_is_v2(&p->dirs.v[i]) && devices_v1(&lines, l->arena, &rules, e) < 0)
		return -1;
	FOR_EACH(line, lines)
		limit_add(l, line->controller, line->file, line->at, "%s", line->value)->neutral =
			line->neutral;
	if (dir_is_v2(&p->dirs.v[i]))
		FOR_EACH(rule, rules)
			limit_add(l, "devices", "(program)", rule->at, "%s %s",
				  rule->allow ? "allow" : "deny", device_text(l->arena, rule))
				->neutral = rules.n == 1 && rule->allow; /* no program at all */
	return 0;
}

int cgroup_explain(limit_list *out, struct arena *a, const struct cgroup_place *p,
		   const struct resources *r, const struct facts *f, struct error *e)
{
	struct limits l = {.arena = a};
	limit_list limits;
	size_t n = 0;

	if (cgroup_limits(&limits, a, r, f, e) < 0)
		return -1;
	if (p->dirs.n == 0 && limits_refuse_disabled(&limits, e) < 0)
		return -1;
	l.v = limits.v;
	l.n = limits.n;
	if (add_devices(&l, p, r, f, e) < 0)
		return -1;
	for (size_t i = 0; i < l.n; i++)
		if (!l.v[i].neutral)
			l.v[n++] = l.v[i];
	*out = (limit_list){.v = l.v, .n = n};
	return 0;
}

void explain_value(struct buf *out, const char *value)
{
	for (; *value; value++)
		buf_putc(out, (unsigned char)*value < ' ' || *value == 0x7f ? '?' : *value);
}

void explain_at(struct buf *out, size_t start, const char *at)
{
	size_t column = start + AT_COLUMN;

	if (at[0])
		buf_printf(out, "%*s%s", (int)(column > out->len ? column - out->len : 2), "", at);
	buf_putc(out, '\n');
}

void limits_print(struct buf *out, const limit_list *limits)
{
	FOR_EACH(l, *limits) {
		size_t start = out->len;

		buf_printf(out, "limit     %s %s ", l->controller, l->file);
		explain_value(out, l->value);
		if (l->or_file)
			buf_printf(out, " (or %s %s)", l->or_file, l->or_value);
		explain_at(out, start, l->at);
	}
}

void limits_print_json(struct json_writer *w, const limit_list *limits)
{
	json_write_array(w, "limits");
	FOR_EACH(l, *limits) {
		json_write_object(w, NULL);
		json_write_string(w, "controller", l->controller);
		json_write_string(w, "file", l->file);
		json_write_string(w, "value", l->value);
		json_write_string(w, "config", l->at);
		json_write_object_end(w);
	}
	json_write_array_end(w);
}
