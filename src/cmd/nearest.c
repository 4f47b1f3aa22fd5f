/* SPDX-License-Identifier: Apache-2.0 */
#include <string.h>

#include "cmd/option.h"

#define WORD_MAX 32

static unsigned int least(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int ab = a < b ? a : b;

	return ab < c ? ab : c;
}

/* Letters to add, take away, change or swap with their neighbour to make one word of the other. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int rows[WORD_MAX + 1][WORD_MAX + 1];
	size_t la = strlen(a), lb = strlen(b);

	if (la > WORD_MAX || lb > WORD_MAX)
		return WORD_MAX;
	for (size_t i = 0; i <= la; i++)
		rows[i][0] = (unsigned int)i;
	for (size_t j = 0; j <= lb; j++)
		rows[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= la; i++) {
		for (size_t j = 1; j <= lb; j++) {
			unsigned int change = rows[i - 1][j - 1] + (a[i - 1] != b[j - 1]);

			rows[i][j] = least(rows[i - 1][j] + 1, rows[i][j - 1] + 1, change);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
				rows[i][j] = least(rows[i][j], rows[i - 2][j - 2] + 1, WORD_MAX);
		}
	}
	return rows[la][lb];
}

const char *word_nearest(const char *const *words, const char *typed)
{
	size_t len = strlen(typed);
	unsigned int best = len < 4 ? 2 : 3; /* one slip in a short word, two in a longer one */
	const char *near = NULL;

	for (; *words; words++) {
		unsigned int d = distance(*words, typed);

		if (len >= 3 && str_starts(*words, typed))
			d = 1;
		if (d < best) {
			best = d;
			near = *words;
		}
	}
	return near;
}
