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

#define KEYS_FEW 12

struct keys {
	struct arena *arena;
	struct json_text few[KEYS_FEW];
	struct json_text *slots; /* NULL while they are few; a power of two, at most half full */
	size_t count, size;
};

static inline struct keys keys_new(struct arena *a)
{
	struct keys k;

	k.arena = a; /* the array stays as it is: this runs for each object */
	k.slots = NULL;
	k.count = k.size = 0;
	return k;
}

/* False when @key is there already. The bytes of @key must stay. */
bool keys_add(struct keys *k, struct json_text key);

#endif
