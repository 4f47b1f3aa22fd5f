/* SPDX-License-Identifier: Apache-2.0 */
#include "unit.h"

#include <linux/mount.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "spec/mountopt.h"

static size_t blamed;

/* Options are separated by blanks here. */
static int parse(struct mount_options *out, const char *options, struct error *e)
{
	struct strs list = {.v = ARENA_ARRAY(arena_main(), 32, const char *)};
	char *copy = arena_strdup(arena_main(), options);

	for (char *s = strtok(copy, " "); s; s = strtok(NULL, " "))
		list.v[list.n++] = s;
	return mount_options_parse(out, arena_main(), &list, &blamed, e);
}

static struct mount_options parsed(const char *options)
{
	struct mount_options o;
	struct error e;

	if (parse(&o, options, &e) < 0)
		fail_msg("%s: %s", options, e.text);
	return o;
}

static void no_options_change_nothing(void **state)
{
	struct mount_options o = parsed(""), zero = {.data = o.data};

	assert_memory_equal(&o, &zero, sizeof(o));
	assert_string_equal(o.data, "");
}

static void each_attribute_is_set_and_cleared(void **state)
{
	static const struct {
		const char *on, *off;
		uint32_t bit;
	} rows[] = {
		{"ro", "rw", MOUNT_ATTR_RDONLY},
		{"nosuid", "suid", MOUNT_ATTR_NOSUID},
		{"nodev", "dev", MOUNT_ATTR_NODEV},
		{"noexec", "exec", MOUNT_ATTR_NOEXEC},
		{"nodiratime", "diratime", MOUNT_ATTR_NODIRATIME},
		{"nosymfollow", "symfollow", MOUNT_ATTR_NOSYMFOLLOW},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		char recursive[32];

		assert_int_equal(parsed(rows[i].on).set, rows[i].bit);
		assert_int_equal(parsed(rows[i].on).clear, 0);
		assert_int_equal(parsed(rows[i].off).set, 0);
		assert_int_equal(parsed(rows[i].off).clear, rows[i].bit);
		snprintf(recursive, sizeof(recursive), "r%s", rows[i].on);
		assert_int_equal(parsed(recursive).rec_set, rows[i].bit);
		assert_int_equal(parsed(recursive).set, 0);
		snprintf(recursive, sizeof(recursive), "r%s", rows[i].off);
		assert_int_equal(parsed(recursive).rec_clear, rows[i].bit);
	}
}

static void the_later_of_two_options_counts(void **state)
{
	struct mount_options o = parsed("ro rw nodev");

	assert_int_equal(o.set, MOUNT_ATTR_NODEV);
	assert_int_equal(o.clear, MOUNT_ATTR_RDONLY);
	o = parsed("rw ro");
	assert_int_equal(o.set, MOUNT_ATTR_RDONLY);
	assert_int_equal(o.clear, 0);
	o = parsed("sync async");
	assert_int_equal(o.sb_set, 0);
	assert_int_equal(o.sb_clear, MS_SYNCHRONOUS);
}

static void the_access_time_is_one_value(void **state)
{
	static const struct {
		const char *options;
		uint32_t set;
	} rows[] = {
		{"noatime", MOUNT_ATTR_NOATIME},
		{"strictatime", MOUNT_ATTR_STRICTATIME},
		{"relatime", MOUNT_ATTR_RELATIME},
		{"atime", MOUNT_ATTR_RELATIME},
		{"noatime strictatime", MOUNT_ATTR_STRICTATIME},
		{"strictatime noatime", MOUNT_ATTR_NOATIME},
		{"noatime atime", MOUNT_ATTR_RELATIME},
		{"noatime norelatime", MOUNT_ATTR_NOATIME},
		{"noatime nostrictatime", MOUNT_ATTR_NOATIME},
		{"strictatime nostrictatime", MOUNT_ATTR_RELATIME},
		{"strictatime atime", MOUNT_ATTR_STRICTATIME},
	};

	for (size_t i = 0; i < ARRAY_SIZE(rows); i++) {
		struct mount_options o = parsed(rows[i].options);

		assert_int_equal(o.set, rows[i].set);
		assert_int_equal(o.clear, MOUNT_ATTR__ATIME);
	}
	assert_int_equal(parsed("rnoatime").rec_set, MOUNT_ATTR_NOATIME);
	assert_int_equal(parsed("rnoatime ratime").rec_set, 0);
	assert_int_equal(parsed("rstrictatime rnorelatime").rec_set, MOUNT_ATTR_STRICTATIME);
	assert_int_equal(parsed("rrelatime").rec_clear, MOUNT_ATTR__ATIME);
	assert_int_equal(parsed("rnostrictatime").rec_clear, MOUNT_ATTR__ATIME);
}

static void flags_of_the_file_system_are_apart(void **state)
{
	assert_int_equal(parsed("sync dirsync lazytime iversion silent").sb_set,
			 MS_SYNCHRONOUS | MS_DIRSYNC | MS_LAZYTIME | MS_I_VERSION | MS_SILENT);
	assert_int_equal(parsed("async nolazytime noiversion loud").sb_clear,
			 MS_SYNCHRONOUS | MS_LAZYTIME | MS_I_VERSION | MS_SILENT);
}

static void a_bind_is_plain_or_recursive(void **state)
{
	assert_true(parsed("bind").bind);
	assert_false(parsed("bind").recursive);
	assert_true(parsed("rbind").bind);
	assert_true(parsed("rbind").recursive);
	assert_true(parsed("remount").remount);
	assert_false(parsed("defaults").bind);
}

static void propagations_are_kept_in_order(void **state)
{
	struct mount_options o = parsed("rslave shared");

	assert_int_equal(o.propagation[0], MOUNTOPT_SLAVE | MOUNTOPT_RECURSIVE);
	assert_int_equal(o.propagation[1], MOUNTOPT_SHARED);
	assert_int_equal(o.propagation[2], 0);
	assert_int_equal(parsed("runbindable").propagation[0],
			 MOUNTOPT_UNBINDABLE | MOUNTOPT_RECURSIVE);
	assert_int_equal(parsed("private").propagation[0], MOUNTOPT_PRIVATE);
}

static void a_fifth_propagation_is_refused(void **state)
{
	struct mount_options o;
	struct error e;

	assert_int_equal(parse(&o, "shared slave shared slave", &e), 0);
	assert_int_equal(parse(&o, "ro shared slave shared slave private", &e), -1);
	assert_int_equal(blamed, 5);
}

static void switches_are_found(void **state)
{
	assert_true(parsed("idmap").idmap);
	assert_false(parsed("idmap").idmap_recursive);
	assert_true(parsed("ridmap").idmap && parsed("ridmap").idmap_recursive);
	assert_true(parsed("tmpcopyup").copy_up);
	assert_true(parsed("src-nofollow").src_nofollow);
	assert_true(parsed("dest-nofollow").dest_nofollow);
	assert_true(parsed("copy-symlink").copy_symlink);
}

static void a_mapping_inside_an_option_is_refused(void **state)
{
	struct mount_options o;
	struct error e;

	assert_int_equal(parse(&o, "bind idmap=uids=0-1-2;gids=0-1-2", &e), -1);
	assert_int_equal(blamed, 1);
}

static void what_is_unknown_is_for_the_file_system(void **state)
{
	assert_string_equal(parsed("nosuid mode=755 ro size=65536k").data, "mode=755,size=65536k");
	assert_string_equal(parsed("lowerdir=/a:/b,upperdir=/c").data,
			    "lowerdir=/a:/b,upperdir=/c");
	assert_string_equal(parsed("RO").data, "RO");
}

static void what_only_mount8_knows_does_nothing(void **state)
{
	struct mount_options o =
		parsed("defaults nofail _netdev auto noauto user users owner group nouser "
		       "x-systemd.automount X-mount.mkdir comment=a mand nomand");

	assert_string_equal(o.data, "");
	assert_int_equal(o.set | o.clear | o.sb_set | o.sb_clear, 0);
}

static bool listed(const char *name)
{
	for (const char *const *n = mount_option_names(); *n; n++)
		if (str_eq(*n, name))
			return true;
	return false;
}

static void the_list_is_sorted_and_has_every_option_of_the_spec(void **state)
{
	static const char *const spec[] = {
		"async",	 "atime",	 "bind",
		"defaults",	 "dev",		 "diratime",
		"dirsync",	 "exec",	 "idmap",
		"iversion",	 "lazytime",	 "loud",
		"mand",		 "noatime",	 "nodev",
		"nodiratime",	 "noexec",	 "noiversion",
		"nolazytime",	 "nomand",	 "norelatime",
		"nostrictatime", "nosuid",	 "nosymfollow",
		"private",	 "ratime",	 "rbind",
		"rdev",		 "rdiratime",	 "relatime",
		"remount",	 "rexec",	 "ridmap",
		"rnoatime",	 "rnodev",	 "rnodiratime",
		"rnoexec",	 "rnorelatime",	 "rnostrictatime",
		"rnosuid",	 "rnosymfollow", "ro",
		"rprivate",	 "rrelatime",	 "rro",
		"rrw",		 "rshared",	 "rslave",
		"rstrictatime",	 "rsuid",	 "rsymfollow",
		"runbindable",	 "rw",		 "shared",
		"silent",	 "slave",	 "strictatime",
		"suid",		 "symfollow",	 "sync",
		"tmpcopyup",	 "unbindable",
	};
	const char *const *names = mount_option_names();

	for (size_t i = 0; i < ARRAY_SIZE(spec); i++) {
		assert_true(listed(spec[i]));
		assert_string_equal(parsed(spec[i]).data, "");
	}
	for (size_t i = 1; names[i]; i++)
		assert_true(strcmp(names[i - 1], names[i]) < 0);
	assert_false(listed("nofail"));
	assert_false(listed("mode"));
}

static void a_propagation_is_found_by_name(void **state)
{
	assert_int_equal(mount_propagation_find("rslave"), MOUNTOPT_SLAVE | MOUNTOPT_RECURSIVE);
	assert_int_equal(mount_propagation_find("private"), MOUNTOPT_PRIVATE);
	assert_int_equal(mount_propagation_find("ro"), -1);
	assert_int_equal(mount_propagation_find(""), -1);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_options_change_nothing),
		cmocka_unit_test(each_attribute_is_set_and_cleared),
		cmocka_unit_test(the_later_of_two_options_counts),
		cmocka_unit_test(the_access_time_is_one_value),
		cmocka_unit_test(flags_of_the_file_system_are_apart),
		cmocka_unit_test(a_bind_is_plain_or_recursive),
		cmocka_unit_test(propagations_are_kept_in_order),
		cmocka_unit_test(a_fifth_propagation_is_refused),
		cmocka_unit_test(switches_are_found),
		cmocka_unit_test(a_mapping_inside_an_option_is_refused),
		cmocka_unit_test(what_is_unknown_is_for_the_file_system),
		cmocka_unit_test(what_only_mount8_knows_does_nothing),
		cmocka_unit_test(the_list_is_sorted_and_has_every_option_of_the_spec),
		cmocka_unit_test(a_propagation_is_found_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
