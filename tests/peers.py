#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""How the tests of cgroups and of the systemd driver end on cgroup2 alone with yacr, and with the runc and crun of the same
machine (tests/vm).

tests/data/peers.tsv has it, a column for each runtime, a line for each test: "yes"; "no" and perhaps why; "-" where it
was not run.  tests/vm/record writes that file, `make check-vm` holds the machine against it; printed, the table is
docs/compat-cgroup2.md.
"""

import csv
import pathlib

from differences import matches

RUNTIMES = ("yacr", "runc", "crun")
FILE = pathlib.Path(__file__).resolve().parent / "data" / "peers.tsv"

# Why a test fails with a runtime.
WHY = {
    "runc": {
        "test_a_member_of_resources[cpu.shares": "another curve",
        "test_a_member_of_resources[cpu.burst]": "newer than this version",
        "test_a_member_of_resources[cpu.idle": "newer than this version",
        "test_a_member_of_resources[unified lines]": "writes all lines at once",
        "test_a_path_is_below_the_mount_point_and_made[{}": "a relative path is below the caller's cgroup",
        "test_a_path_is_below_the_mount_point_and_made": "leaves the cgroups that it made on the way",
        "test_a_cgroup_that_others_live_in_is_refused": "warns that it will be",
        "test_device_rules_hold_when_devices_are_opened[both kinds]": "allows more than the rules do",
        "test_device_rules_hold_when_devices_are_opened[an exception": "refuses the rules as v1 would",
        "test_a_writable_mount_is_delegated_to_the_containers_root": "the container may make no cgroup in it",
        "test_a_users_container_has_its_limits_beside_the_users_own_cgroup": "another curve of shares",
        "test_statistics_tell_of_pressure": "newer than this version",
        "test_no_limit_that_nobody_asked_for": "leaves systemd's limit of tasks",
        "test_a_users_container_is_a_scope_of_the_users_systemd": "wants the variables of a session",
        "test_no_variable_of_the_environment_is_believed": "believes them",
        "test_each_option_of_update_writes_its_file[--cpu-share": "another curve",
        "test_update_reads_resources_from_a_file_and_from_standard_input": "another curve of shares",
        "test_pause_and_resume_wait_for_each_other": "they do not always",
    },
    "crun": {
        **{f"test_a_member_of_resources[{member}]": "the failing create leaves its cgroup" for member in (
            "memory.disableOOMKiller", "memory.useHierarchy false", "memory.swap alone", "memory.swap below memory",
            "memory.kernelTCP", "memory.swappiness", "network.priorities", "cpu.burst above the quota", "cpu.realtimeRuntime",
            "cpu.realtimePeriod", "cpu.cpus that are not there", "unified file that is none",
            "unified controller that is none", "blockIO.leafWeight", "unified of a path", "unified misc of no resource",
            "hugepageLimits of no size", "network.classID")},
        "test_a_member_of_resources[memory.limit 0": "0 is a limit",
        "test_a_member_of_resources[memory.useHierarchy]": "refuses what is so anyway, and leaves its cgroup",
        "test_a_member_of_resources[memory.kernelTCP none]": "refuses what is so anyway, and leaves its cgroup",
        "test_a_member_of_resources[cpu.shares": "another curve",
        "test_a_member_of_resources[hugepageLimits]": "does not limit reservations",
        "test_a_path_is_below_the_mount_point_and_made[//": "does not take dots and double slashes out",
        "test_a_path_is_below_the_mount_point_and_made": "leaves the cgroups that it made on the way",
        "test_device_rules_hold_when_devices_are_opened[none]": "allows all devices",
        "test_a_cgroup_that_is_mounted_read_only_stays_the_hosts": "gives it to the container's root",
        "test_a_users_container_has_its_limits_beside_the_users_own_cgroup": "another curve of shares",
        "test_statistics_tell_of_pressure": "has no events",
        "test_a_container_is_a_scope_from_create_to_delete": "is in a cgroup below the scope's",
        "test_slices_within_slices": "is in a cgroup below the scope's",
        "test_annotations_are_properties": "cannot set these properties",
        "test_a_users_container_is_a_scope_of_the_users_systemd": "systemd refuses it: outside a cgroup of the user's",
        "test_no_variable_of_the_environment_is_believed": "systemd refuses it: outside a cgroup of the user's",
        "test_a_created_container_can_be_paused_and_is_created_again": "its status stays created",
        "test_pause_and_resume_say_when_there_is_nothing_to_do": "does not say so",
        "test_a_stopped_container_cannot_be_updated": "does not say so",
        "test_each_option_of_update_writes_its_file[--cpu-share": "another curve",
        "test_each_option_of_update_writes_its_file[--cpu-quota--1": "does not take the quota away",
        "test_each_option_of_update_writes_its_file[--memory": "takes bytes only",
        "test_update_reads_resources_from_a_file_and_from_standard_input": "another curve of shares",
        "test_stats_have_the_names_that_engines_decode": "has no events",
        "test_events_": "has no events",
        "test_a_kill_for_memory_is_an_event": "has no events",
        "test_ps_lists_the_pids_of_all_processes": "takes no options of ps",
    },
}
SOMETIMES = {"runc": ("test_pause_and_resume_wait_for_each_other",)}  # what may end the other way than it is recorded


def outcome(said):
    """The word for what junit's file has of a test (tests/vm/machine.py)."""
    for kind, message, _ in said:
        if kind != "skipped":
            return f"no: {message}" if kind == "xfail" else "no"
        return "-"
    return "yes"


def read():
    """(the version of each runtime, rows of a test and its outcome with each)"""
    with open(FILE, newline="") as file:
        head, *rows = csv.reader(file, delimiter="\t")
    return dict(word.split(" ", 1) for word in head[1:]), rows


def write(versions, outcomes):
    """@outcomes: of each runtime the outcome of each test."""
    with open(FILE, "w", newline="") as file:
        table = csv.writer(file, delimiter="\t", lineterminator="\n")
        table.writerow(["test", *(f"{name} {versions[name]}" for name in RUNTIMES)])
        table.writerows([test, *(outcomes[name][test] for name in RUNTIMES)] for test in sorted(outcomes["yacr"]))


def recorded():
    """Of each runtime the outcome of each test."""
    _, rows = read()
    return {name: {row[0]: row[1 + i] for row in rows} for i, name in enumerate(RUNTIMES)}


def why(runtime, test):
    """What is known of a test that fails, or None; keys are as in tests/differences.py."""
    return next((words for key, words in WHY[runtime].items() if matches(key, test)), None)


def shown(runtime, test, outcome):
    if outcome != "no":
        return outcome.removeprefix("no: ")
    return why(runtime, test)


def grouped(rows):
    """Cells, of each function, and the parameters that have them."""
    groups = {}
    for test, *outcomes in rows:
        function, _, parameters = test.partition("[")
        cells = tuple(shown(name, test, outcome) for name, outcome in zip(RUNTIMES, outcomes))
        groups.setdefault((function, cells), []).append(parameters.removesuffix("]").replace("|", "\\|"))
    return groups.items()


def document():
    versions, rows = read()
    head = " | ".join(f"{name} {versions[name]}" for name in RUNTIMES)
    yield f"""# Beside runc and crun, on cgroup v2 alone

How the tests of cgroups and of the systemd driver end in the machine of `tests/vm` with yacr and with the runtimes of Debian 13,
recorded by `tests/vm/record` and printed by `tests/peers.py`; `docs/compat.md` is the same for the other tests. Of an error it is
asked that there is one, not how it reads. "-": not run, since the test is about what only yacr has or about another layout.

| test | of | {head} |
| --- | --- | --- | --- | --- |
"""
    for (function, cells), parameters in grouped(rows):
        yield f"| `{function}` | {', '.join(parameters)} | {' | '.join(cells)} |\n"


if __name__ == "__main__":
    print(*document(), sep="", end="")
