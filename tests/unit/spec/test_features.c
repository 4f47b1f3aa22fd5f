/* SPDX-License-Identifier: Apache-2.0 */
#include "load.h"

#include "base/json.h"
#include "spec/features.h"
#include "spec/names.h"

static char *features(uint32_t seccomp_flags)
{
	struct buf b = buf_new(arena_main());

	features_write(&b, seccomp_flags, false, "hybrid");
	return b.s;
}

static void the_document_is_valid_json(void **state)
{
	char *text = features(UINT32_MAX);
	struct json j;
	struct error e;

	assert_int_equal(json_begin(&j, arena_main(), text, strlen(text), &e), 0);
	assert_int_equal(json_skip(&j, &e), 0);
	assert_int_equal(json_end(&j, &e), 0);
}

static void engines_find_what_they_look_for(void **state)
{
	static const char *const wanted[] = {
		"\"ociVersionMin\": \"1.0.0\"",
		"\"ociVersionMax\": \"" OCI_VERSION "\"",
		"\"rro\"",
		"\"idmap\": {\n                \"enabled\": true",
		"\"createContainer\"",
		"\"CAP_BPF\"",
		"\"SCMP_ARCH_SHEB\"",
		"\"supportedFlags\"",
		"\"time\"",
		"\"potentiallyUnsafeConfigAnnotations\"",
		"\"systemd\": false",
		"\"yacr.host.cgroup\": \"hybrid\"",
		"\"run.oci.keep_original_groups\"",
		"\"run.oci.hooks.stdout\"",
		"\"run.oci.hooks.stderr\"",
		"\"run.oci.mount_context_type\"",
		"\"netDevices\": {\n            \"enabled\": true",
		"\"intelRdt\": {\n            \"enabled\": true",
	};
	char *text = features(UINT32_MAX);

	for (size_t i = 0; i < ARRAY_SIZE(wanted); i++)
		if (!strstr(text, wanted[i]))
			fail_msg("%s is missing in\n%s", wanted[i], text);
}

static void only_flags_of_the_kernel_are_supported(void **state)
{
	static const char name[] = "SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV";
	char *with = strstr(features(UINT32_MAX), "supportedFlags");
	char *without = strstr(features(0x7), "supportedFlags");

	assert_non_null(strstr(with, name));
	assert_null(strstr(without, name));
	assert_non_null(strstr(without, "SECCOMP_FILTER_FLAG_LOG"));
	assert_non_null(strstr(features(0), "\"supportedFlags\": []"));
}

static void both_versions_are_accepted_as_a_config(void **state)
{
	struct config c;
	struct error e;

	assert_int_equal(load_text(&c, "{'ociVersion': '1.0.0', 'root': {'path': '.'}}", &e), 0);
	assert_int_equal(
		load_text(&c, "{'ociVersion': '" OCI_VERSION "', 'root': {'path': '.'}}", &e), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_document_is_valid_json),
		cmocka_unit_test(engines_find_what_they_look_for),
		cmocka_unit_test(only_flags_of_the_kernel_are_supported),
		cmocka_unit_test(both_versions_are_accepted_as_a_config),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
