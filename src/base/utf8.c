/* SPDX-License-Identifier: Apache-2.0 */
#include "base/utf8.h"

/* By first byte: length of the sequence and the range of its second byte; the rest are 80..BF. */
static const struct lead {
	unsigned char from, to, length, second_from, second_to;
} leads[] = {
	{0x00, 0x7f, 1, 0x00, 0x00}, {0xc2, 0xdf, 2, 0x80, 0xbf},
	{0xe0, 0xe0, 3, 0xa0, 0xbf},				  /* below: overlong */
	{0xe1, 0xec, 3, 0x80, 0xbf}, {0xed, 0xed, 3, 0x80, 0x9f}, /* above: surrogates */
	{0xee, 0xef, 3, 0x80, 0xbf}, {0xf0, 0xf0, 4, 0x90, 0xbf}, /* below: overlong */
	{0xf1, 0xf3, 4, 0x80, 0xbf}, {0xf4, 0xf4, 4, 0x80, 0x8f}, /* above: not Unicode */
};

static size_t tail_fits(const struct lead *l, const unsigned char *s)
{
	if (l->length > 1 && (s[1] < l->second_from || s[1] > l->second_to))
		return 0;
	for (size_t i = 2; i < l->length; i++)
		if (s[i] < 0x80 || s[i] > 0xbf)
			return 0;
	return l->length;
}

size_t utf8_length(const char *s, const char *end)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t left = (size_t)(end - s);

	if (left == 0)
		return 0;
	for (size_t i = 0; i < sizeof(leads) / sizeof(leads[0]); i++)
		if (u[0] >= leads[i].from && u[0] <= leads[i].to)
			return leads[i].length <= left ? tail_fits(&leads[i], u) : 0;
	return 0;
}

size_t utf8_put(char out[4], uint32_t code)
{
	static const unsigned char marks[] = {0, 0, 0xc0, 0xe0, 0xf0};
	size_t length = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;

	for (size_t i = length - 1; i > 0; i--) {
		out[i] = (char)(0x80 | (code & 0x3f));
		code >>= 6;
	}
	out[0] = (char)(marks[length] | code);
	return length;
}
