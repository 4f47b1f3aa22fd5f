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
#undef fail_msg
#define fail_msg(...)                               \
	do {                                        \
		print_error("ERROR: " __VA_ARGS__); \
		print_error("\n");                  \
		_fail(__FILE__, __LINE__);          \
	} while (0)

#endif
