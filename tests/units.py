# SPDX-License-Identifier: Apache-2.0
"""Units as a service manager shows them, and where their processes are."""

import os
import subprocess

import cgroups
from harness import until

PATIENCE = 120  # a machine that is emulated takes its time


def systemctl(*words, user=None):
    """@user: the session (session.py) whose systemd is asked."""
    return user.systemctl(*words) if user else subprocess.run(["systemctl", *words], capture_output=True, text=True)


def shown(unit, *properties, user=None):
    """What systemd says of a unit: one value, or a list."""
    text = systemctl("show", *(f"-p{p}" for p in properties), unit, user=user).stdout
    values = dict(line.split("=", 1) for line in text.splitlines())
    return values.get(properties[0]) if len(properties) == 1 else [values.get(p) for p in properties]


def gone(unit, user=None):
    return until(lambda: shown(unit, "LoadState", user=user) == "not-found", PATIENCE, f"{unit} to be gone")


def cgroup_of(pid):
    """Below the mount point, in the hierarchy that is systemd's."""
    paths = dict(line.rstrip("\n").split(":", 2)[1:] for line in open(f"/proc/{pid}/cgroup"))
    return paths[""] if "" in cgroups.mounted() else paths["name=systemd"]


# Files that are settings; the others are counters.
SETTINGS = (".max", ".min", ".low", ".high", ".weight", ".idle", ".burst", "cpuset.cpus", "cpuset.mems", "limit_in_bytes",
            ".shares", "cfs_quota_us", "cfs_period_us", "_device", "devices.list")


class Knobs(cgroups.Knobs):
    """The files of a container's cgroup."""

    def settings(self):
        return {f"{directory}/{name}": open(f"{directory}/{name}").read() for directory in set(self.dirs.values())
                for name in os.listdir(directory) if name.endswith(SETTINGS)}
