/* SPDX-License-Identifier: Apache-2.0 */
#include "base/arena.h"

#include <stdarg.h>
#include <stdint.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/str.h"

/*
 * Fresh memory is zero, from .bss as from mmap, and nothing is ever handed out
 * twice: so "zeroed" costs nothing, and pages that are never used are never
 * touched.
 */
#define FIRST_SIZE (256u << 10)
#define BLOCK_SIZE (1u << 20)
#define ALIGN 16u
#define ROOM_FIRST 16u /* elements of an array that is made one by one; a power of two */

struct arena_block {
	struct arena_block *older;
	size_t size;
};

static char first[FIRST_SIZE] __attribute__((aligned(64)));
static struct arena main_arena; /* zero at first, like all variables: see src/layout.ld */

struct arena *arena_main(void)
{
	if (!main_arena.end)
		main_arena = (struct arena){.next = first, .end = first + sizeof(first)};
	return &main_arena;
}

const char *arena_first(const char **end)
{
	*end = first + FIRST_SIZE;
	return first;
}

__attribute__((noreturn, cold)) static void out_of_memory(void)
{
	static const char text[] = "yacr: out of memory\n";
	ssize_t ignored = write(STDERR_FILENO, text, sizeof(text) - 1);

	(void)ignored;
	_exit(1);
}

/*
 * A block for @size bytes at least.  What is left of the present one is given
 * up, unless the new block is for these bytes alone.
 */
__attribute__((cold)) static char *alloc_from_new_block(struct arena *a, size_t size)
{
	const size_t header = (sizeof(struct arena_block) + ALIGN - 1) & ~(size_t)(ALIGN - 1);
	struct arena_block *block;
	size_t total = BLOCK_SIZE;
	char *p;

	if (size > SIZE_MAX / 2)
		out_of_memory();
	if (size > BLOCK_SIZE - header)
		total = header + size;
	block = mmap(NULL, total, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	if (block == MAP_FAILED)
		out_of_memory();
	block->older = a->blocks;
	block->size = total;
	a->blocks = block;
	p = (char *)block + header;
	if (total == BLOCK_SIZE) {
		a->next = p + size;
		a->end = (char *)block + total;
	}
	return p;
}

/* Strings need no alignment: a config is mostly short strings. */
static char *alloc_bytes(struct arena *a, size_t size)
{
	char *p = a->next;

	if (size > (size_t)(a->end - p))
		return alloc_from_new_block(a, size);
	a->next = p + size;
	return p;
}

void *arena_alloc(struct arena *a, size_t size)
{
	size_t pad = -(uintptr_t)a->next & (ALIGN - 1);
	size_t room = (size_t)(a->end - a->next);
	char *p;

	if (size == 0)
		size = 1; /* never NULL, never shared with the next one */
	if (pad > room || size > room - pad)
		return alloc_from_new_block(a, size);
	p = a->next + pad;
	a->next = p + size;
	return p;
}

void *arena_array(struct arena *a, size_t count, size_t size)
{
	size_t total;

	if (__builtin_mul_overflow(count, size, &total))
		out_of_memory();
	return arena_alloc(a, total);
}

void *arena_grow(struct arena *a, void *old, size_t old_count, size_t new_count, size_t size)
{
	size_t used = old_count * size, more;
	void *p;

	if (new_count <= old_count && old)
		return old;
	if (old && (char *)old + used == a->next && used > 0 &&
	    !__builtin_mul_overflow(new_count - old_count, size, &more) &&
	    more <= (size_t)(a->end - a->next)) {
		a->next += more; /* it was the last one: it grows where it is */
		return old;
	}
	p = arena_array(a, new_count, size);
	if (used > 0)
		memcpy(p, old, used);
	return p;
}

void *arena_more(struct arena *a, void *v, size_t n, size_t size)
{
	if (n == 0)
		return arena_array(a, ROOM_FIRST, size);
	if (n < ROOM_FIRST || n & (n - 1))
		return v;
	return arena_grow(a, v, n, 2 * n, size);
}

char *arena_strndup(struct arena *a, const char *s, size_t len)
{
	char *p = alloc_bytes(a, len + 1);

	memcpy(p, s, len);
	return p; /* the byte after it is zero, as all fresh memory */
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_strndup(a, s, strlen(s));
}

char *arena_vprintf(struct arena *a, const char *fmt, va_list ap)
{
	size_t room = (size_t)(a->end - a->next), len = str_vprint(a->next, room, fmt, ap);
	char *p;

	if (len < room)
		return alloc_bytes(a, len + 1);
	memset(a->next, 0, room); /* it was cut short there */
	p = alloc_bytes(a, len + 1);
	str_vprint(p, len + 1, fmt, ap);
	return p;
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap;
	char *p;

	va_start(ap, fmt);
	p = arena_vprintf(a, fmt, ap);
	va_end(ap);
	return p;
}

void arena_free(struct arena *a)
{
	struct arena_block *older;

	for (struct arena_block *b = a->blocks; b; b = older) {
		older = b->older;
		munmap(b, b->size);
	}
	*a = (struct arena){0};
	if (a == &main_arena) {
		memset(first, 0, sizeof(first)); /* zero again, as promised to the next */
		arena_main();
	}
}
