#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""Where the runtimes that distributions ship differ from what the tests ask for: runc 1.1.5 and crun 1.8.1.

A row is for one test, or for all whose names begin as its key does.  Such a test must fail with that runtime, in its
body or in what it leaves behind, but for those that depend on the moment; for the attacks that is the proof that
the test can fail at all.  `make check-peers` runs the suite with both; printed, the table is docs/compat.md.
"""

ATTACK = "An attack succeeds"
WRONG = "Wrong by the specification, or an accident"
CHOICE = "A choice, or what later versions do as well"
SOMETIMES = "It depends on the moment, or on the machine"

DIFFERENCES = {
    "runc": {
        ATTACK: {
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
            "test_a_mount_lands_inside_or_nowhere[//abs//x-proc": "makes the target of a proc mount on the host",
        },
        WRONG: {
            "test_a_path_that_is_no_such_namespace_is_refused[fifo]": "hangs in open(2)",
            "test_what_is_too_large_is_an_error_or_works[environment]": "takes more than ten seconds for 100,000 variables",
            "test_what_is_too_large_is_an_error_or_works[namespace path]": "a message of 64 KiB",
            "test_a_hook_that_takes_too_long_is_killed_with_its_children": "waits for the children of the hook",
            "test_a_hook_has_no_descriptors_but_the_standard_ones": "those in the container have three of its init",
            "test_create_is_killed_while_a_hook_runs": "leaves its init and the cgroup",
            "test_without_a_mount_namespace_the_hosts_mounts_stay_as_they_are": "mounts on the host",
            "test_a_path_is_below_the_mount_point_and_made": "leaves the cgroups that it made on the way",
            "test_cgroup_mount": "writable though the config says ro",
            "test_device_rules_hold_when_devices_are_opened[both kinds]": "allows more than the rules do",
            "test_config_json_is_not_read_again": "exec reads it",
            "test_what_is_no_user_is_never_root[4294967296]": "is root",
            "test_what_is_no_user_is_never_root[]": "is root",
            "test_what_is_no_user_is_never_root[+1]": "is 1",
            "test_user[4294967294:0": "no ids above 2147483647",
            "test_preserved_descriptors": "does not look whether they are there",
            "test_process_file": "not with the umask of the container",
            "test_without_a_mount_namespace_it_is_in_the_containers_root": "does not run, and leaves a mount on the host",
            "test_a_call_that_the_profile_refuses": "its own init needs what the profile refuses",
            "test_a_call_that_is_newer_than_the_profile_does_not_exist": "likewise",
            "test_a_call_of_": "likewise",
            "test_without_a_gate_and_as_an_ordinary_user": "its own init makes the call and waits for ever",
        },
        CHOICE: {
            "test_a_destination_is_taken_from_the_root_of_the_container": "mode= of a tmpfs is overwritten",
            "test_data_goes_to_the_file_system": "mode= of a tmpfs is overwritten",
            "test_mounts_are_made_in_the_order_given": "mode= of a tmpfs is overwritten",
            "test_a_limit_given_twice_is_refused": "the last one holds",
            "test_a_signal_that_is_none[]": "the default",
            "test_podman_option[runc-rootful---cgroups disabled]": "Podman refuses: runc 1.1 needs cgroups",
            "test_podman_option[runc-rootless---cgroups disabled]": "Podman refuses: runc 1.1 needs cgroups",
            "test_podman_option_as_a_user[runc---group-add keep-groups]": "has no such annotation",
            "test_podman_volume_with_mapped_ids[runc]": "1.1 has no mapped mounts",
            "test_ctr_option[runc---rootfs-propagation shared]": "private all the same",
            "test_a_cgroup_shown_without_its_namespace_is_read_only_in_a_user_namespace": "only when it is run without root",
            "test_deleting_a_created_container_needs_force": "does without",
            "test_hooks_run_in_the_order_of_the_specification": "poststart hooks run at create",
            "test_list_without_a_root_directory_is_empty_and_makes_none": "makes it",
            "test_propagation_of_the_root[rshared": "private all the same",
            "test_propagation_of_the_root[shared": "private all the same",
            "test_propagation_of_the_root[unbindable": "private all the same",
            "test_ranges_are_mapped_by_the_helpers": "no additional groups without root",
            "test_start_says_why_the_program_cannot_be_executed": "start cannot know: a FIFO carries no error",
            "test_the_callers_signal_settings_do_not_reach_the_program": "SIGPIPE stays ignored",
            "test_the_callers_processors_are_not_the_containers": "runs where its caller may",
            "test_the_program_is_searched_on_the_containers_path[None": "has no default PATH",
            "test_user_and_network_namespace_of_another_are_joined_together": "wants mappings for a path",
            "test_a_member_of_resources[memory.kernelTCP]": "ignores it",
            "test_a_member_of_resources[cpu.burst]": "newer than this version",
            "test_a_member_of_resources[cpu.idle": "newer than this version",
            "test_a_member_of_resources[hugepageLimits]": "uses v1 or cgroup2, not both",
            "test_a_cgroup_that_others_live_in_is_refused": "warns that it will be",
            "test_time_namespace": "newer than this version",
            "test_pidfd_socket": "newer than this version",
            "test_nothing_of_the_host_is_inherited": "exec has the umask of the caller",
            "test_environment_and_directory": "-e and --env together are an error",
            "test_additional_groups": "-g and --additional-gids together are an error",
            "test_more_capabilities_but_none_to_inherit": "-c and --cap together are an error",
            "test_an_agent_answers_a_call": "loads the filter at create",
            "test_the_execve_of_the_program_may_be_the_call": "start cannot know: a FIFO carries no error",
        },
        SOMETIMES: {
            "test_killed_while_creating": "leaves processes and cgroups",
            "test_only_one_of_many_gets_the_id": "several do",
            "test_many_starts_of_one_container": "several succeed",
            "test_a_race_for_the_destination": "CVE-2021-30465 and CVE-2024-45310",
            "test_what_is_shut_in_proc_is_shut_in_the_procfs_that_was_mounted": "1.3.6 as well",
            "test_a_new_user_namespace_is_no_way_to_the_host_for_root_without_capabilities[container": "1.3.6 as well",
            "test_few_descriptors": "fails without a word, or leaves a mount",
            # under engines, on a machine without all capabilities: yacr gives those that there are
            "test_option[runc---privileged]": "wants them all",
            "test_exec_option[runc---privileged]": "wants them all",
            "test_privileged_sees_the_devices_and_may_use_them[runc]": "wants all capabilities",
            "test_a_member_of_resources[cpu.shares": "delete leaves the cgroup",
            "test_the_containers_defaults": "Go raises the soft limit of descriptors",
            "test_in_a_file_a_newline_stays_one[exec]": "the program may be faster",
        },
    },
    "crun": {
        ATTACK: {
            "test_a_mask_is_made_of_the_real_dev_null[to a volume": "CVE-2025-31133: masks with what the image says",
            "test_a_mask_is_made_of_the_real_dev_null[f": "CVE-2025-31133",
            "test_an_images_dev_null_is_not_given_as_a_standard_stream[pipes": "CVE-2026-88265: writes, and changes the owner",
            "test_a_terminal_is_made_inside[console to new": "CVE-2026-88264: makes a file on the host",
            "test_nothing_is_mounted_over_proc[/link-to-proc": "does not look",
            "test_nothing_is_mounted_over_proc[/proc-": "does not look",
            "test_nothing_is_mounted_over_proc[/proc/self": "does not look",
            "test_nothing_is_mounted_over_proc[/proc/sys-": "does not look",
            "test_nothing_is_mounted_over_proc[/proc/sys/": "does not look",
            "test_a_new_user_namespace_is_no_way_to_the_host_for_root_without_capabilities": "1.28 as well",
            "test_the_program_is_inside[/proc/self/fd": "runs the host's busybox",
            "test_the_working_directory_is_inside[/proc/self/fd/20": "CVE-2024-21626: the host's root",
            "test_the_working_directory_is_inside[/proc/self/fd/30": "CVE-2024-21626",
            "test_the_working_directory_is_inside[/w]": "CVE-2024-21626",
            **{f"test_an_id_that_is_none[{id}": "makes directories of such names, or dies of them"
               for id in ("'/a'", "'a b'", "'a:b'", "'a\\\\", "'\\\\xe9'")},
        },
        WRONG: {
            "test_what_is_too_large_is_an_error_or_works[environment]": "takes more than ten seconds for 100,000 variables",
            "test_what_is_too_large_is_an_error_or_works[namespace path]": "a message of 64 KiB",
            "test_a_path_that_is_no_such_namespace_is_refused[fifo]": "hangs in open(2)",
            "test_a_hook_that_takes_too_long_is_killed_with_its_children[prestart": "leaves the children",
            "test_create_is_killed_while_a_hook_runs": "leaves its init and the cgroup",
            "test_run_on_a_terminal": "restores the terminal late, or not",
            "test_the_window_size_is_forwarded": "it is not",
            "test_a_hook_gets_the_state_on_stdin[startContainer": "an empty bundle",
            # its state file goes with its process, so a stopped container is not there any more
            "test_state_has_what_the_specification_asks_for": "a relative rootfs",
            "test_a_failing_hook_ends_create_or_start[prestart": "no poststop hooks",
            "test_a_failing_hook_ends_create_or_start[create": "no poststop hooks",
            "test_without_a_mount_namespace_it_is_in_the_containers_root": "exec has the root of the host",
            "test_the_containers_defaults": "exec has neither the directory nor the limits of the container",
            "test_environment_and_directory": "exec with --env has nothing else of the environment",
            "test_what_is_no_user_is_never_root[]": "is root",
            "test_what_is_no_user_is_never_root[-1]": "is root",
            "test_what_is_no_user_is_never_root[4294967295]": "is root",
            "test_what_is_no_user_is_never_root[4294967296]": "is root",
            "test_what_is_no_user_is_never_root[:1]": "is root",
            "test_what_is_no_user_is_never_root[ 1]": "is 1",
            "test_what_is_no_user_is_never_root[+1]": "is 1",
            "test_what_is_no_user_is_never_root[1:]": "is 1",
            "test_more_capabilities_but_none_to_inherit": "fails without a word",
            "test_labels_that_this_host_does_not_have_are_refused": "ignores them",
            "test_preserved_descriptors": "does not look whether they are there",
            "test_process_file": "not with the umask of the container",
            "test_a_bad_process_file[members1": "takes a relative directory",
            "test_a_bad_process_file[members2": "takes a variable without a value",
            "test_terminal_of_a_process_file": "no size",
            "test_without_a_gate_and_as_an_ordinary_user": "its own init makes the call and waits for ever",
        },
        CHOICE: {
            "test_a_mounted_cgroup_gives_no_power_over_others": "the tests run it without cgroups: it shows the caller's",
            "test_a_cgroup_shown_without_its_namespace_is_read_only_in_a_user_namespace": "likewise",
            "test_in_a_file_a_newline_stays_one": "a carriage return before each",
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
            "test_few_descriptors_are_enough_for_a_program": "needs more itself",
            "test_the_callers_processors_are_not_the_containers": "runs where its caller may",
            "test_an_empty_home_is_none": "it stays empty",
            "test_a_capability_that_the_container_may_inherit_reaches_a_user_without_privilege": "--cap has none ambient",
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
            "test_time_namespace": "newer than this version",
            "test_pidfd_socket": "newer than this version",
            "test_additional_groups": "has no such option",
            "test_user_namespace_of_a_container_of_root": "has no option for groups",
            "test_nothing_of_the_host_is_inherited": "exec has the umask of the caller",
            "test_terminal_and_socket_have_to_go_together": "ignores it",
            "test_the_end_of_the_container_ends_it": "a container that has ended has no state",
            "test_an_agent_answers_a_call[False]": "loads the filter at create",
            "test_the_execve_of_the_program_may_be_the_call": "start cannot know: a FIFO carries no error",
            "test_a_call_that_is_newer_than_the_profile_does_not_exist": "EPERM, which no C library takes for a missing call",
        },
        SOMETIMES: {
            "test_what_is_shut_in_proc_is_shut_in_the_procfs_that_was_mounted": "1.28 as well",
            "test_hooks_run_in_the_order_of_the_specification": "start does not wait for startContainer hooks",
            "test_a_container_cannot_write_to_the_runtimes_executable": "comes too late to the pid namespace",
            "test_killed_while_": "leaves processes and cgroups",
            "test_only_one_of_many_gets_the_id": "several do",
            "test_many_starts_of_one_container": "several succeed",
            "test_start_and_delete_at_once": "delete fails",
            "test_a_race_for_the_destination": "follows the link",
            "test_poststop_hooks_run_once_for_a_forced_delete": "not when forced",
            "test_the_terminal_is_restored_when_create_fails": "it is not",
        },
    },
}


def is_beginning(key):
    """A key with half a bracket, or ending in _, is the beginning of names; any other is a whole one."""
    return ("[" in key and not key.endswith("]")) or key.endswith("_")


def matches(key, name):
    return name.startswith(key) if is_beginning(key) else key in (name, name.split("[")[0])


def document():
    yield """# Beside runc and crun

What the integration tests of yacr find different with the runtimes of Debian 12, runc 1.1.5 and crun 1.8.1: printed by
`tests/differences.py`. The tests are the same; of an error it is asked that there is one, not how it reads. crun runs
without cgroups, since it refuses a hybrid hierarchy. A test whose name ends in … stands for all that begin so.
"""
    for runtime, groups in DIFFERENCES.items():
        yield f"\n## {runtime}\n"
        for group, rows in groups.items():
            yield f"\n### {group}\n\n| test | {runtime} |\n| --- | --- |\n"
            for test, why in rows.items():
                name = test + "…" * is_beginning(test)
                yield f"| `{name}` | {why} |\n"


if __name__ == "__main__":
    print(*document(), sep="", end="")
