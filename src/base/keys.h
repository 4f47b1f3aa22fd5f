/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_KEYS_H
#define YACR_BASE_KEYS_H

/*
 * The keys seen in one JSON object, to find those that appear twice.  Few are
 * compared one by one, many go to a hash table with a seed of this process, so
 * that no document can be made to be slow.
 */

#include <stdbool.h>
#include <stdint.h>

#include "base/arena.h"
#include "base/json.h"

#define KEYS_FEW 16

struct keys {
	struct arena *arena;
	struct json_text
		*v; /* one after the other while they are few; then slots, half full at most */
	size_t count, size; /* slots: a power of two, or 0 */
};

static inline struct keys keys_new(struct arena *a)
{
	return (struct keys){.arena = a};
}

/* False when @key is there already. The bytes of @key must stay. */
bool keys_add(struct keys *k, struct json_text key);

#endif
