/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_HELPERS_SYSTEMD_VARIANT_H
#define YACR_HELPERS_SYSTEMD_VARIANT_H

/*
 * Values in GLib's text format for variants, as far as properties of units need it:
 *
 *	true  5  -5  2.5  'text'  "text"  [1, 2]  ('a', true)
 *	uint64 5  byte 0x1f  objectpath '/a'		the type in words
 *	@t 5  @as []					the type as D-Bus writes it
 *
 * A number without a type is an int32, with a point or exponent a double.
 * (GLib: "GVariant Text Format")
 */

#include <stddef.h>
#include <systemd/sd-bus.h>

#include "base/error.h"

#define VARIANT_TYPE_MAX 64

/* The type of the value in @text, which is all of @text. */
int variant_type(char out[VARIANT_TYPE_MAX], const char *text, struct error *e);

/* Appends the value, whose type is @type. */
int variant_append(sd_bus_message *m, const char *type, const char *text, struct error *e);

/* A value of seconds, whatever number @type is, in microseconds. */
int variant_microseconds(uint64_t *out, const char *type, const char *text, struct error *e);

#endif
