/* SPDX-License-Identifier: Apache-2.0 */
#include "base/keys.h"

#include <string.h>
#include <sys/auxv.h>

#include "base/str.h"

static bool same(struct json_text a, struct json_text b)
{
	return a.len == b.len && str_same(a.s, b.s, a.len);
}

/* Random bytes that the kernel gave this process at execve. */
static uint64_t seed(void)
{
	static uint64_t value;
	unsigned long at;

	if (value == 0) {
		at = getauxval(AT_RANDOM);
		if (at)
			memcpy(&value, (const void *)at, sizeof(value));
		value |= 1;
	}
	return value;
}

static uint64_t mix(uint64_t a, uint64_t b)
{
	__extension__ unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

static size_t hash(struct json_text key)
{
	uint64_t h = seed() ^ key.len, word;

	while (key.len > 0) {
		size_t n = key.len < sizeof(word) ? key.len : sizeof(word);

		word = 0;
		memcpy(&word, key.s, n);
		h = mix(h ^ word, seed() ^ 0x9e3779b97f4a7c15u);
		key.s += n;
		key.len -= n;
	}
	return (size_t)h;
}

static bool insert(struct keys *k, struct json_text key)
{
	size_t i = hash(key) & (k->size - 1);

	while (k->v[i].s) {
		if (same(k->v[i], key))
			return false;
		i = (i + 1) & (k->size - 1);
	}
	k->v[i] = key;
	return true;
}

static void grow(struct keys *k)
{
	struct json_text *old = k->v;
	size_t old_size = k->size ? k->size : k->count;

	k->size = k->size ? k->size * 2 : 4 * KEYS_FEW;
	k->v = ARENA_ARRAY(k->arena, k->size, struct json_text);
	for (size_t i = 0; i < old_size; i++)
		if (old[i].s)
			insert(k, old[i]);
}

static bool add_to_few(struct keys *k, struct json_text key)
{
	if (!k->v)
		k->v = ARENA_ARRAY(k->arena, KEYS_FEW, struct json_text);
	for (size_t i = 0; i < k->count; i++)
		if (same(k->v[i], key))
			return false;
	k->v[k->count++] = key;
	return true;
}

bool keys_add(struct keys *k, struct json_text key)
{
	if (!k->size && k->count < KEYS_FEW)
		return add_to_few(k, key);
	if (2 * k->count >= k->size)
		grow(k);
	if (!insert(k, key))
		return false;
	k->count++;
	return true;
}
