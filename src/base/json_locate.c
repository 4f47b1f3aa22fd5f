/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "base/json.h"
#include "base/str.h"

/* Keys may hold dots themselves ("net.ipv4.ip_forward"): the longest that fits is meant. */
static size_t key_matches(struct json_text key, const char *path)
{
	if (strncmp(path, key.s, key.len) != 0 || key.len == 0)
		return 0;
	return path[key.len] == '\0' || path[key.len] == '.' || path[key.len] == '[' ? key.len : 0;
}

/* Leaves @j before the member that @path begins with; returns the length of its key, 0 without one. */
static size_t find_member(struct json *j, const char *path)
{
	struct json found = *j;
	struct json_text key;
	struct error e;
	size_t best = 0;

	if (json_enter_object(j, &e) < 0)
		return 0;
	while (json_next_key_here(j, &key, &e) > 0) {
		size_t n = key_matches(key, path);

		if (n > best) {
			best = n;
			found = *j;
		}
		if (json_skip(j, &e) < 0)
			return 0;
	}
	*j = found;
	return best;
}

/* The same for "[3]". */
static size_t find_element(struct json *j, const char *path)
{
	struct error e;
	char number[20];
	uint64_t index;
	size_t len = strcspn(path + 1, "]");

	if (len >= sizeof(number) || path[1 + len] != ']')
		return 0;
	memcpy(number, path + 1, len);
	number[len] = '\0';
	if (str_to_u64(number, UINT64_MAX, &index) < 0 || json_enter_array(j, &e) < 0)
		return 0;
	while (json_next_element(j, &e) > 0) {
		if (index-- == 0)
			return len + 2;
		if (json_skip(j, &e) < 0)
			break;
	}
	return 0;
}

static int is_valid(const char *text, size_t len, struct arena *a)
{
	struct json j;
	struct error e;

	return json_begin(&j, a, text, len, &e) == 0 && json_skip(&j, &e) == 0 &&
	       json_end(&j, &e) == 0;
}

int json_locate(const char *text, size_t len, const char *path, struct json_place *out)
{
	struct arena scratch = {0};
	struct json j, deeper;
	struct error e;
	size_t n;

	if (!is_valid(text, len, &scratch) || json_begin(&j, &scratch, text, len, &e) < 0) {
		arena_free(&scratch);
		return -1;
	}
	json_peek(&j, &e);
	for (deeper = j; *path; path += n) {
		if (*path == '.')
			path++;
		n = *path == '[' ? find_element(&deeper, path) : find_member(&deeper, path);
		if (n == 0)
			break;
		json_peek(&deeper, &e); /* to the value itself */
		j = deeper;
	}
	*out = json_place(text, j.at);
	arena_free(&scratch);
	return 0;
}
