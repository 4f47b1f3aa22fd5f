/* SPDX-License-Identifier: Apache-2.0 */
#include "base/sort.h"

#include <string.h>

struct heap {
	char *v;
	size_t size;
	int (*compare)(const void *, const void *);
};

static void swap(const struct heap *h, size_t a, size_t b)
{
	char kept[16];

	memcpy(kept, h->v + a * h->size, h->size);
	memcpy(h->v + a * h->size, h->v + b * h->size, h->size);
	memcpy(h->v + b * h->size, kept, h->size);
}

static int less(const struct heap *h, size_t a, size_t b)
{
	return h->compare(h->v + a * h->size, h->v + b * h->size) < 0;
}

/* Element @i moves down to where none below it is larger. */
static void sink(const struct heap *h, size_t i, size_t n)
{
	for (size_t child; (child = 2 * i + 1) < n; i = child) {
		if (child + 1 < n && less(h, child, child + 1))
			child++;
		if (!less(h, i, child))
			return;
		swap(h, i, child);
	}
}

void sort(void *v, size_t n, size_t size, int (*compare)(const void *, const void *))
{
	const struct heap h = {v, size, compare};

	for (size_t i = n / 2; i > 0; i--)
		sink(&h, i - 1, n);
	for (size_t i = n; i > 1; i--) {
		swap(&h, 0, i - 1);
		sink(&h, 0, i - 1);
	}
}
