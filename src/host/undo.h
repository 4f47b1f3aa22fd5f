/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HOST_UNDO_H
#define YACR_HOST_UNDO_H

/*
 * What has to be taken back when create fails, newest first.  An entry is
 * pushed before the thing it takes back is made: taking back what is not there
 * is no error.
 */

#define UNDO_MAX 12

struct undo {
	struct {
		void (*act)(void *arg);
		void *arg;
	} entries[UNDO_MAX];
	unsigned int n;
};

static inline void undo_push(struct undo *u, void (*act)(void *arg), void *arg)
{
	u->entries[u->n].act = act;
	u->entries[u->n++].arg = arg;
}

static inline void undo_all(struct undo *u)
{
	while (u->n) {
		u->n--;
		u->entries[u->n].act(u->entries[u->n].arg);
	}
}

#endif
