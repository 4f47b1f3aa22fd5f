# SPDX-License-Identifier: Apache-2.0
"""A container's cgroup as the tests look at it: the files of both versions under the names of v1."""

import math
import os
import pathlib

import pytest

MIB = 1 << 20
UNLIMITED = str((1 << 63) - 4096)  # what v1 shows for -1

# Prefix of a command that sees nothing but cgroup2, as on a host that has no other; with fewer controllers, perhaps.
ONLY_V2 = ["unshare", "-m", "sh", "-c",
           "umount -Rl /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"", "sh"]


def mounted():
    """Of each v1 controller, and of cgroup2 (""), where it is mounted."""
    found = {}
    for line in open("/proc/self/mountinfo"):
        left, right = line.split(" - ")
        kind, _, options = right.split()[:3]
        names = {"cgroup": options.split(","), "cgroup2": [""]}.get(kind, [])
        for name in names:
            found.setdefault(name, left.split()[4])
    return found


def hierarchies(pid):
    """Of each controller, and of cgroup2 (""), the directory this process is in."""
    mounts, found = mounted(), {}
    for line in open(f"/proc/{pid}/cgroup"):
        _, controllers, path = line.rstrip("\n").split(":", 2)
        for c in controllers.split(","):
            if c in mounts:
                found[c] = mounts[c] + path
    return found


def v2():
    """The root of the cgroup2 tree."""
    return pathlib.Path(mounted().get("") or pytest.skip("cgroup2 is not mounted"))


def controllers_of_v2():
    return (v2() / "cgroup.controllers").read_text().split() if "" in mounted() else []


def weight_of_shares(shares):
    """cpu.weight of cpu.shares, by the formula of the runtimes' common agreement, in floating point."""
    if shares <= 2:
        return 1
    x = math.log2(shares)
    return min(10000, math.ceil(10 ** ((x * x + 125 * x) / 612 - 7 / 34)))


def same(value):
    return str(value)


def or_max(value):
    return "max" if value == -1 else str(value)


# What cgroup2 has for a file of v1: the file, which word of it, and how a value is shown.
V2 = {
    "memory.limit_in_bytes": ("memory.max", 0, or_max),
    "memory.soft_limit_in_bytes": ("memory.low", 0, or_max),
    "cpu.shares": ("cpu.weight", 0, weight_of_shares),
    "cpu.cfs_quota_us": ("cpu.max", 0, or_max),
    "cpu.cfs_period_us": ("cpu.max", 1, same),
    "cpu.cfs_burst_us": ("cpu.max.burst", 0, same),
}
V1_ONLY = {"cpu.rt_period_us", "cpu.rt_runtime_us", "blkio.bfq.weight", "memory.memsw.limit_in_bytes",
           "memory.oom_control"}


class Knobs:
    """The files of the cgroup that a process is in."""

    def __init__(self, pid):
        self.dirs = hierarchies(pid)

    def path(self, controller, name):
        """A file, where it is; @controller "" is cgroup2's."""
        if controller not in self.dirs:
            pytest.skip(f"the controller {controller} is not in a v1 hierarchy here")
        return os.path.join(self.dirs[controller], name)

    def find(self, name):
        """(the file, which of its words or None, how it shows a value) for a name of v1."""
        controller = "" if name.startswith("cgroup.") else name.split(".")[0]
        if controller in self.dirs:
            return self.path(controller, name), None, same
        if "" not in self.dirs or name in V1_ONLY:
            pytest.skip(f"{name}: the controller {controller} is in no v1 hierarchy here")
        file, word, shows = V2.get(name, (name, None, or_max))
        return os.path.join(self.dirs[""], file), word, shows

    def __getitem__(self, name):
        file, word, _ = self.find(name)
        text = open(file).read().strip()
        return text if word is None else text.split()[word]

    def shows(self, wanted):
        """Whether the files, by their names in v1, hold these values; an assertion says which do not."""
        found = {name: self[name] for name in wanted}
        assert found == {name: str(self.find(name)[2](value)) for name, value in wanted.items()}
        return True

    def write(self, controller, name, value):
        with open(self.path(controller, name), "w") as f:
            f.write(str(value))
