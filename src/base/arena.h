/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_ARENA_H
#define YACR_BASE_ARENA_H

/*
 * Memory of one command: allocated in order, freed by exit.  The first block
 * is in .bss, so that a small command never asks the kernel for memory; more
 * comes in blocks from mmap, never from malloc.  Out of memory ends the
 * program with one line on standard error and exit code 1: there is nothing
 * sensible a runtime could do instead.
 */

#include <stddef.h>

#include "base/error.h"

struct arena_block;

struct arena {
	char *next;		    /* first free byte */
	char *end;		    /* one past the last */
	struct arena_block *blocks; /* from mmap, for arena_free() */
};

/* The arena of the running command. There is one; tests make their own. */
struct arena *arena_main(void);

/* The block that arena_main() hands out first, in order: where it begins, and where it ends. */
const char *arena_first(const char **end);

/* Zeroed, aligned to 16; never NULL. @size may be 0. */
void *arena_alloc(struct arena *a, size_t size);

/* @count * @size, checked for overflow. */
void *arena_array(struct arena *a, size_t count, size_t size);

#define ARENA_NEW(a, T) ((T *)arena_alloc(a, sizeof(T)))
#define ARENA_ARRAY(a, count, T) ((T *)arena_array(a, count, sizeof(T)))

/* Grows an array: returns one of @new_count elements whose first @old_count are copied. */
void *arena_grow(struct arena *a, void *old, size_t old_count, size_t new_count, size_t size);

/*
 * An array that is made one by one: returns @v with room for one more behind its @n.  Its room is
 * told from @n alone, so all of its elements are to be added this way.
 */
void *arena_more(struct arena *a, void *v, size_t n, size_t size);

char *arena_strdup(struct arena *a, const char *s);
char *arena_strndup(struct arena *a, const char *s, size_t len);
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);
char *arena_vprintf(struct arena *a, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

/* Gives mapped blocks back; for tests and fuzzers, which run many commands in one process. */
void arena_free(struct arena *a);

#endif
