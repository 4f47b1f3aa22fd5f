/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include "base/list.h"
#include "spec/version.h"

static void versions_by_semver_are_read(void **state)
{
	static const char *const good[] = {"0.0.4",
					   "1.2.3",
					   "10.20.30",
					   "1.1.2-prerelease+meta",
					   "1.1.2+meta",
					   "1.0.0-alpha.beta.1",
					   "1.0.0-0A.is.legal",
					   "1.0.0--",
					   "1.0.0+001",
					   "999999999.0.0",
					   "1.0.0-rc.1+build.1"};
	struct version v;

	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_int_equal(version_parse(&v, good[i]), 0);
	assert_int_equal(version_parse(&v, "1.3.0-rc.1"), 0);
	assert_true(v.major == 1 && v.minor == 3 && v.patch == 0);
}

static void others_are_not(void **state)
{
	static const char *const bad[] = {"",	       "1",	    "1.2",	"1.2.3.4",
					  "01.1.1",    "1.01.1",    "1.1.01",	"v1.0.0",
					  "1.0.0-",    "1.0.0+",    "1.0.0-01", "1.0.0-a..b",
					  "1.0.0-a_b", "1.0.0+a+b", " 1.0.0",	"1.0.0 ",
					  "-1.0.0",    "1..0",	    "1.0.0-a.", "9999999999.0.0",
					  "a.b.c"};
	struct version v = {7, 7, 7};

	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (version_parse(&v, bad[i]) == 0)
			fail_msg("\"%s\" was accepted", bad[i]);
		assert_true(v.major == 7);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_by_semver_are_read),
		cmocka_unit_test(others_are_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
