/* SPDX-License-Identifier: Apache-2.0 */
#include "cgroup/undo.h"

#include <string.h>

#include "base/str.h"
#include "cgroup/knob.h"

const char *undo_value(const struct undo *u, int dir, const char *file, const char *value)
{
	char text[1024];

	/* "8:0 1048576": the other devices' lines would be needed, and which of them is the default */
	if (strchr(value, ':') || knob_read(dir, file, text, sizeof(text)) < 0 ||
	    strchr(text, '\n'))
		return NULL;
	/* an empty write never reaches the kernel; an empty line does */
	return arena_strdup(u->arena, text[0] ? text : "\n");
}

void undo_add(struct undo *u, int dir, const char *file, const char *before)
{
	u->v = arena_more(u->arena, u->v, u->n, sizeof(*u->v));
	u->v[u->n++] = (struct undo_step){.dir = dir, .file = file, .before = before};
}

void undo_all(const struct undo *u, struct buf *left)
{
	/* backwards every step leads to values that the kernel had together before */
	for (size_t i = u->n; i-- > 0;) {
		const struct undo_step *s = &u->v[i];

		if (s->before && knob_write(s->dir, s->file, s->before) == 0)
			continue;
		if (!left->len || !str_find(left->s, s->file))
			buf_printf(left, "%s%s", left->len ? ", " : "", s->file);
	}
}
