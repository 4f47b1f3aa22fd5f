/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/present.h"

#include <string.h>

#include "base/str.h"
#include "cgroup/hierarchy.h"
#include "cgroup/knob.h"
#include "cgroup/limits.h"

/* The first number of a file; "max" is -1. */
static bool first_number(int dir, const char *file, int64_t *out)
{
	char text[128];

	if (knob_read(dir, file, text, sizeof(text)) < 0)
		return false;
	text[strcspn(text, " \n")] = '\0';
	if (str_eq(text, "max")) {
		*out = -1;
		return true;
	}
	return str_to_i64(text, 0, INT64_MAX, out) == 0;
}

/* The directory, when @controller is one of cgroup2's; else -1. */
static int dir_in_v2(const struct cgroup *g, const char *controller)
{
	int i = place_index(g->place, controller);

	return i >= 0 && dir_is_v2(&g->place->dirs.v[i]) ? g->v2 : -1;
}

static void fill_quota(struct resources *r, struct arena *a, int dir)
{
	struct cpu *cpu;
	int64_t quota;

	if (dir < 0 || !r->cpu || !GIVEN(r->cpu->period) || GIVEN(r->cpu->quota) ||
	    !first_number(dir, "cpu.max", &quota))
		return;
	cpu = ARENA_NEW(a, struct cpu);
	*cpu = *r->cpu;
	cpu->quota = (struct opt_i64){.set = true, .v = quota};
	r->cpu = cpu;
}

static void fill_memory(struct resources *r, struct arena *a, int dir)
{
	struct memory *memory;
	int64_t limit;

	if (dir < 0 || !r->memory || !GIVEN(r->memory->swap) || r->memory->swap.v < 0 ||
	    GIVEN(r->memory->limit) || !first_number(dir, "memory.max", &limit))
		return;
	memory = ARENA_NEW(a, struct memory);
	*memory = *r->memory;
	memory->limit = (struct opt_i64){.set = true, .v = limit};
	r->memory = memory;
}

void present_fill(struct resources *out, struct arena *a, const struct cgroup *g,
		  const struct resources *r)
{
	*out = *r;
	fill_quota(out, a, dir_in_v2(g, "cpu"));
	fill_memory(out, a, dir_in_v2(g, "memory"));
}
