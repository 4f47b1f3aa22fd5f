# SPDX-License-Identifier: Apache-2.0
"""Where the runtimes that distributions ship differ from what the tests ask for: runc 1.1.5 and crun 1.8.1.

A row holds for every test whose name begins with its key.  Such a test must fail with that runtime, in its
body or in what it leaves behind; for the attacks that is the proof that the test can fail at all.
`make check-peers` runs the suite with both.
"""

DIFFERENCES = {
    "runc": {
        # attacks that succeed
        "test_a_mask_is_made_of_the_real_dev_null[to a volume": "CVE-2025-31133: masks with what the image says",
        "test_a_mask_is_made_of_the_real_dev_null[f": "CVE-2025-31133",
        "test_a_mask_is_made_of_the_real_dev_null[zero": "CVE-2025-31133",
        "test_an_images_dev_null_is_not_given_as_a_standard_stream": "writes to a file of the host",
        "test_a_dev_that_is_a_link_to_the_host[rootful": "CVE-2026-41579: makes devices and links on the host",
        "test_the_images_system_directories_are_not_believed[absolute-dev]": "CVE-2026-41579",
        "test_the_images_system_directories_are_not_believed[relative-dev]": "CVE-2026-41579",
        "test_nothing_is_mounted_over_proc[/link-to-proc/sys-tmpfs": "allows a tmpfs below /proc",
        "test_nothing_is_mounted_over_proc[/proc/self/attr-tmpfs": "allows a tmpfs below /proc",
        "test_nothing_is_mounted_over_proc[/proc/sys-tmpfs": "allows a tmpfs below /proc",
        "test_nothing_is_mounted_over_proc[/proc/sys/kernel-tmpfs": "allows a tmpfs below /proc",
        "test_a_mount_lands_inside_or_nowhere[/abs/x-proc]": "makes the target of a proc mount on the host",
        "test_a_mount_lands_inside_or_nowhere[/chain/x-proc": "likewise",
        "test_a_mount_lands_inside_or_nowhere[/d/../abs/x-proc": "likewise",
        "test_a_mount_lands_inside_or_nowhere[/d/abs/x-proc": "likewise",
        "test_a_mount_lands_inside_or_nowhere[/d/rel/x-proc": "likewise",
        "test_a_mount_lands_inside_or_nowhere[/rel/x/y-proc": "likewise",
        "test_the_images_do_not_say_what_is_bound_and_how": "binds read-write what the config has read-only",
        # accidents
        "test_a_config_that_is_none[null]": "panics",
        "test_a_rootfs_that_is_a_file": "the error names neither the path nor the option",
        "test_a_path_that_is_no_such_namespace_is_refused[fifo]": "hangs in open(2)",
        "test_a_hook_that_takes_too_long_is_killed_with_its_children": "waits for the children of the hook",
        "test_create_is_killed_while_a_hook_runs": "leaves its init and the cgroup",
        "test_without_a_mount_namespace_the_hosts_mounts_stay_as_they_are": "mounts on the host",
        # choices, and what later versions do
        "test_a_destination_is_taken_from_the_root_of_the_container": "mode= of a tmpfs is overwritten",
        "test_data_goes_to_the_file_system": "mode= of a tmpfs is overwritten",
        "test_mounts_are_made_in_the_order_given": "mode= of a tmpfs is overwritten",
        "test_a_limit_given_twice_is_refused": "the last one holds",
        "test_a_signal_that_is_none[]": "the default",
        "test_deleting_a_created_container_needs_force": "does without",
        "test_hooks_run_in_the_order_of_the_specification": "poststart hooks run at create",
        "test_list_without_a_root_directory_is_empty_and_makes_none": "makes it",
        "test_propagation_of_the_root[rshared": "private all the same",
        "test_propagation_of_the_root[shared": "private all the same",
        "test_propagation_of_the_root[unbindable": "private all the same",
        "test_ranges_are_mapped_by_the_helpers": "no additional groups without root",
        "test_start_says_why_the_program_cannot_be_executed": "start cannot know: a FIFO carries no error",
        "test_the_callers_signal_settings_do_not_reach_the_program": "SIGPIPE stays ignored",
        "test_the_program_has_the_terminal_as_its_own": "ONLCR stays set",
        "test_the_program_is_searched_on_the_containers_path[None": "has no default PATH",
        "test_user_and_network_namespace_of_another_are_joined_together": "wants mappings for a path",
    },
    "crun": {
        # attacks that succeed
        "test_a_mask_is_made_of_the_real_dev_null[to a volume": "CVE-2025-31133: masks with what the image says",
        "test_a_mask_is_made_of_the_real_dev_null[f": "CVE-2025-31133",
        "test_an_images_dev_null_is_not_given_as_a_standard_stream[pipes": "CVE-2026-88265: writes, and changes the owner",
        "test_a_terminal_is_made_inside[console to new": "CVE-2026-88264: makes a file on the host",
        "test_nothing_is_mounted_over_proc[/link-to-proc": "does not look",
        "test_nothing_is_mounted_over_proc[/proc-": "does not look",
        "test_nothing_is_mounted_over_proc[/proc/self": "does not look",
        "test_nothing_is_mounted_over_proc[/proc/sys-": "does not look",
        "test_nothing_is_mounted_over_proc[/proc/sys/": "does not look",
        "test_the_program_is_inside[/proc/self/fd": "runs the host's busybox",
        "test_the_working_directory_is_inside[/proc/self/fd/20": "CVE-2024-21626: the host's root",
        "test_the_working_directory_is_inside[/proc/self/fd/30": "CVE-2024-21626",
        "test_the_working_directory_is_inside[/w]": "CVE-2024-21626",
        **{f"test_an_id_that_is_none[{id}": "makes directories of such names, or dies of them"
           for id in ("'/a'", "'a b'", "'a:b'", "'a\\\\", "'\\\\xe9'")},
        # accidents
        "test_a_path_that_is_no_such_namespace_is_refused[fifo]": "hangs in open(2)",
        "test_a_hook_that_takes_too_long_is_killed_with_its_children[prestart": "leaves the children",
        "test_create_is_killed_while_a_hook_runs": "leaves its init and the cgroup",
        "test_a_rootfs_that_is_a_file": "the error does not name it",
        "test_run_on_a_terminal": "restores the terminal late, or not",
        "test_the_window_size_is_forwarded": "it is not",
        "test_a_failing_hook_ends_create_or_start[prestart": "exit code 255",
        "test_a_failing_hook_ends_create_or_start[createRuntime": "exit code 255",
        "test_a_hook_killed_by_a_signal": "exit code 255",
        "test_a_hook_that_does_not_exist": "does not say which",
        "test_a_hooks_path_must_be_absolute": "does not look",
        "test_a_hook_gets_the_state_on_stdin[startContainer": "an empty bundle",
        # its state file goes with its process, so a stopped container is not there any more
        "test_the_life_of_a_container_seen_by_state": "no state of a deleted container: another message",
        "test_an_unknown_id": "another message",
        "test_state_has_what_the_specification_asks_for": "a relative rootfs",
        "test_the_pid_of_a_killed_container_may_be_reused_safely": "another message",
        # run here without cgroups: Debian's refuses a hybrid hierarchy
        "test_kill_with_all_reaches_every_process": "needs a cgroup",
        "test_cgroup_mount_without_a_namespace_shows_the_own_cgroup": "needs a cgroup",
        # choices, and what later versions do
        "test_a_console_socket_without_a_terminal_is_an_error": "ignores it",
        "test_a_limit_given_twice_is_refused": "the last one holds",
        "test_a_program_that_cannot_be_executed[directory": "another message",
        "test_a_relative_cwd_is_refused": "takes it",
        **{f"test_a_signal_that_is_none[{name}]": "takes it for something" for name in ("0x9", "9x", "SIGBEER", "")},
        "test_a_socket_of_systemd_is_passed_on": "LISTEN_PID is another",
        "test_a_type_given_twice_is_refused": "takes it",
        "test_an_error_is_one_json_line_in_the_log": "another message",
        "test_create_does_not_run_the_program_and_start_does[rootless": "warns of cgroups",
        "test_success_is_silent[rootless": "warns of cgroups",
        "test_run_exits_with_the_programs_code[rootless": "warns of cgroups",
        "test_deleting_a_created_container_needs_force": "does without",
        "test_home_comes_from_the_containers_passwd[4000": "no HOME",
        "test_ids_that_are_no_ids_are_refused[{'additionalGids': '5'}": "takes it",
        "test_ids_that_are_no_ids_are_refused[{'uid': '1000'}": "takes it",
        "test_impossible_mappings_are_refused[none]": "invents one",
        "test_list_without_a_root_directory_is_empty_and_makes_none": "makes it",
        "test_more_preserved_descriptors_than_there_are_is_refused": "does not look",
        "test_propagation_of_a_mount[shared": "private all the same",
        "test_propagation_of_a_mount[unbindable": "private all the same",
        "test_run_with_keep_leaves_the_stopped_container": "has no --keep",
        "test_start_says_why_the_program_cannot_be_executed": "start cannot know: a FIFO carries no error",
        "test_the_program_is_searched_on_the_containers_path[None": "has no default PATH",
        "test_without_a_user_namespace_it_is_refused": "makes one",
    },
}

# The same, for what depends on the moment or on the machine: these may fail.
SOMETIMES = {
    "runc": {
        "test_killed_while_creating": "leaves processes and cgroups",
        "test_only_one_of_many_gets_the_id": "several do",
        "test_many_starts_of_one_container": "several succeed",
        "test_a_race_for_the_destination": "CVE-2021-30465 and CVE-2024-45310",
        "test_few_descriptors": "fails without a word, or leaves a mount",
        # under engines, on a machine without all capabilities: yacr gives those that there are
        "test_option[runc---privileged]": "wants them all",
        "test_exec_option[runc---privileged]": "wants them all",
        "test_privileged_sees_the_devices_and_may_use_them[runc]": "wants all capabilities",
    },
    "crun": {
        "test_killed_while_": "leaves processes and cgroups",
        "test_only_one_of_many_gets_the_id": "several do",
        "test_many_starts_of_one_container": "several succeed",
        "test_start_and_delete_at_once": "delete fails",
        "test_a_race_for_the_destination": "follows the link",
        "test_poststop_hooks_run_once_for_a_forced_delete": "not when forced",
        "test_the_terminal_is_restored_when_create_fails": "it is not",
    },
}
