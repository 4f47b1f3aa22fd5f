# SPDX-License-Identifier: Apache-2.0
"""bench/floor as a program to be measured: what it is told to do is what the runtimes do for the same bundle."""

import os
import pathlib
import re
import time

import bundles
from programs import Clock, new_id


class Floor:
    """bench/floor, with the options for cgroups of that @layout: 1 or 2."""

    name = "floor"

    def __init__(self, path, layout, place, clock):
        self.path, self.layout, self.clock_path, self.clock = path, layout, clock, Clock(clock)
        self.filter = pathlib.Path(place) / "filter"

    def take_filter(self, yacr, bundle):
        """yacr's program for the bundle's seccomp profile."""
        container = yacr.create(bundle)
        try:
            self.filter.write_bytes((yacr.root / container.id / "exec.bpf").read_bytes())
        finally:
            yacr.remove(container.id)

    def options_of(self, name):
        return ["-2", "-d", f"/sys/fs/cgroup/{name}"] if self.layout == 2 else v1_options(name)

    def run_argv(self, bundle, name):
        return [self.path, "run", *self.options_of(name), "-f", self.filter, bundle / "rootfs", bundle / "files"]

    def run(self, bundle, **many):
        return self.clock(self.run_argv(bundle, new_id() + ("%" if many else "")), **many)

    def life(self, bundle):
        """create, start and delete of one container; what it runs ends by itself."""
        name = new_id()
        socket, options, found = self.filter.with_name(name), self.options_of(name), {}
        found["create"] = self.time("create", "-s", socket, *options, "-f", self.filter, bundle / "rootfs", bundle / "files")
        found["start"] = self.time("start", socket)
        directories = [path for word, path in zip(options, options[1:]) if word == "-d"]
        while any(read(f"{directory}/cgroup.procs") for directory in directories):
            time.sleep(0.002)
        found["delete"] = self.time("delete", "-s", socket, *(word for path in directories for word in ("-d", path)))
        return found

    def run_rootless(self, bundle):
        user = bundles.ROOTLESS_UID
        return Clock(self.clock_path, user)([self.path, "run", "-r", user, bundle / "rootfs", bundle / "files"])

    def exec(self, container):
        directories = [word for path in container.cgroups() for word in ("-d", path)]
        return self.clock([self.path, "exec", *(["-2"] if self.layout == 2 else []), *directories, "-f", self.filter,
                           container.pid])

    def time(self, *args):
        return self.clock([self.path, *args])


def v1_options(name):
    """What Docker's limits make of nine hierarchies."""
    options = []
    for directory in v1_directories():
        options += ["-d", f"{directory}/{name}"]
        if directory.endswith("/cpuset"):
            options += [word for file in ("cpuset.cpus", "cpuset.mems")
                        for word in ("-w", f"{directory}/{name}/{file}={read(f'{directory}/{file}')}")]
        options += [word for file, value in LIMITS.get(os.path.basename(directory), ())
                    for word in ("-w", f"{directory}/{name}/{file}={value}")]
    return options


LIMITS = {
    "memory": [("memory.limit_in_bytes", 268435456), ("memory.memsw.limit_in_bytes", 536870912)],
    "cpu": [("cpu.cfs_period_us", 100000), ("cpu.cfs_quota_us", 100000)],
    "pids": [("pids.max", 100)],
    "devices": [("devices.deny", "a *:* rwm")] + [("devices.allow", rule) for rule in (
        "c 5:1 rwm", "c *:* m", "b *:* m", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm",
        "c 5:0 rwm", "c 5:2 rwm", "c 136:* rwm", "c 10:200 rwm")],
}


def read(path):
    return pathlib.Path(path).read_text().strip()


def v1_directories():
    with open("/proc/self/mountinfo") as mounts:
        return [line.split()[4] for line in mounts if re.search(" - cgroup ", line)]
