/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Runs a fuzz target as an ordinary test: over every file of the directories
 * given, and over damaged copies of each (the same ones in every run).
 */
#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum { COPIES = 64, SIZE_MAX_OF_A_SEED = 1 << 20 };

static uint8_t seed[SIZE_MAX_OF_A_SEED];

static uint32_t next_random(uint32_t *state)
{
	*state = *state * 1664525 + 1013904223;
	return *state >> 8;
}

/* A copy on the heap, so that a sanitizer sees the first byte read too far. */
static void run_copy(const uint8_t *data, size_t size)
{
	uint8_t *copy = malloc(size ? size : 1);

	if (!copy)
		abort();
	memcpy(copy, data, size);
	LLVMFuzzerTestOneInput(copy, size);
	free(copy);
}

static void run_damaged(uint8_t *data, size_t size, uint32_t *state)
{
	size_t at = next_random(state) % size;
	uint8_t kept = data[at];
	static const char tokens[] = "{}[]\",:\\-0e.\n";

	switch (next_random(state) % 3) {
	case 0: /* cut short */ run_copy(data, at); return;
	case 1: /* one bit */ data[at] ^= (uint8_t)(1u << next_random(state) % 8); break;
	default: /* something that means something */
		data[at] = (uint8_t)tokens[next_random(state) % (sizeof(tokens) - 1)];
	}
	run_copy(data, size);
	data[at] = kept;
}

static void run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	uint32_t state = 1;
	size_t size;

	if (!f) {
		perror(path);
		exit(1);
	}
	size = fread(seed, 1, sizeof(seed), f);
	fclose(f);
	run_copy(seed, size);
	for (int i = 0; size && i < COPIES; i++)
		run_damaged(seed, size, &state);
}

/* The number of files in @path and below. */
static int run_directory(const char *path)
{
	DIR *d = opendir(path);
	struct dirent *entry;
	char name[4096];
	int files = 0;

	if (!d) {
		perror(path);
		exit(1);
	}
	while ((entry = readdir(d))) {
		if (entry->d_name[0] == '.')
			continue;
		snprintf(name, sizeof(name), "%s/%s", path, entry->d_name);
		if (entry->d_type == DT_DIR) {
			files += run_directory(name);
			continue;
		}
		run_file(name);
		files++;
	}
	closedir(d);
	return files;
}

int main(int argc, char **argv)
{
	int files = 0;

	for (int i = 1; i < argc; i++)
		files += run_directory(argv[i]);
	printf("%d seeds, %d damaged copies of each\n", files, COPIES);
	return files == 0;
}
