/* SPDX-License-Identifier: Apache-2.0 */
#include "host/open.h"

#include "base/fd.h"

int container_open(struct container *out, const struct runtime *rt, const char *id, bool lock,
		   struct error *e)
{
	struct store s;
	int r;

	if (store_check_id(id, e) < 0)
		return -1;
	if (store_open(&s, store_root(rt), false, e) < 0)
		return -1;
	r = store_load(out, &s, rt->arena, id, lock, e);
	close_fd(&s.root);
	return r;
}
