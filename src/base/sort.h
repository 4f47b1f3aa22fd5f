/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_SORT_H
#define YACR_BASE_SORT_H

#include <stddef.h>

/* qsort(3) in a tenth of the space: a heap sort. @size is at most 16. */
void sort(void *v, size_t n, size_t size, int (*compare)(const void *, const void *));

#endif
