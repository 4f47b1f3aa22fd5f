/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Without floating point: the curve is searched, not computed, so that one
 * logarithm is enough, and integers make the three exact points exact.
 */
#include "cgroup/limits.h"

#define FRACTION 40	      /* bits behind the point */
#define LOG2_10 3652498566966 /* log2(10) << FRACTION */
#define SLACK (1 << 12)	      /* more than the error of log2_of(), less than two weights differ */

/* log2(x) << FRACTION, a little too small at most. */
static int64_t log2_of(uint64_t x)
{
	int whole = 63 - __builtin_clzll(x);
	uint64_t mantissa = x << (62 - whole); /* 1.0 is 1 << 62 */
	int64_t result = whole;

	for (int i = 0; i < FRACTION; i++) {
		unsigned __int128 square = (unsigned __int128)mantissa * mantissa >> 62;
		bool two = square >> 63;

		result = result << 1 | two;
		mantissa = (uint64_t)(two ? square >> 1 : square);
	}
	return result;
}

/* Whether @weight is at or above the curve: 612 log10(weight) + 126 >= x^2 + 125x. */
static bool reaches(unsigned int weight, int64_t curve)
{
	__int128 log10 = ((__int128)log2_of(weight) << FRACTION) / LOG2_10;

	return 612 * log10 + ((__int128)126 << FRACTION) + SLACK >= curve;
}

unsigned int weight_of_shares(uint64_t shares)
{
	unsigned int low = 1, high = 10000;
	int64_t x, curve;

	if (shares <= 2)
		return low;
	if (shares >= 262144)
		return high;
	x = log2_of(shares);
	curve = (int64_t)(((__int128)x * x >> FRACTION) + (__int128)125 * x);
	while (low < high) {
		unsigned int middle = (low + high) / 2;

		if (reaches(middle, curve))
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

bool cpu_is_idle(const struct cpu *c)
{
	return c->idle.set && c->idle.v == 1;
}
