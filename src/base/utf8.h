/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_BASE_UTF8_H
#define YACR_BASE_UTF8_H

#include <stddef.h>
#include <stdint.h>

/*
 * Length of the UTF-8 sequence at @s, 0 when there is none: cut off, overlong,
 * a surrogate, or beyond U+10FFFF (RFC 3629).
 */
size_t utf8_length(const char *s, const char *end);

/* Writes @code point to @out, returns its length. Surrogates are the caller's business. */
size_t utf8_put(char out[4], uint32_t code);

#endif
