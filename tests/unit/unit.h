/* SPDX-License-Identifier: Apache-2.0 */
#ifndef YACR_TESTS_UNIT_H
#define YACR_TESTS_UNIT_H

/* cmocka with what it needs before it, and without its macro fail(), which is our function's name. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#undef fail

#endif
