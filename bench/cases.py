# SPDX-License-Identifier: Apache-2.0
"""What is measured: steps that run one command of a runtime each, under bench/clock."""

import dataclasses
import os
import pathlib
import re
import shutil
import subprocess
import tempfile
import time
import uuid

import bundles
import calls


@dataclasses.dataclass
class Sample:
    wall: float  # microseconds
    cpu: float
    memory: int  # kilobytes, of the largest process; the container's program is one of them


class Runtime:
    """One runtime, with a root directory of its own, seen through bench/clock."""

    def __init__(self, name, path, place, clock):
        self.name, self.path, self.clock = name, str(path), str(clock)
        self.root = pathlib.Path(place) / f"root-{name}"
        self.root.mkdir(mode=0o700)
        self.options = ["--cgroup-manager", "cgroupfs"] if name == "crun" else []

    def argv(self, *args):
        return [self.path, "--root", str(self.root), *self.options, *map(str, args)]

    def time(self, *args, prefix=()):
        return measure([*prefix, self.clock, *self.argv(*args)])

    def quietly(self, *args):
        subprocess.run(self.argv(*args), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


def measure(argv):
    # to a file: a container that lives on holds what it was given, and a pipe would never end
    with tempfile.TemporaryFile("w+") as errors:
        done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=errors, text=True)
        errors.seek(0)
        said = errors.read()
    fields = done.stdout.split()
    if done.returncode or len(fields) != 4 or fields[3] != "0":
        raise RuntimeError(f"{' '.join(argv)}: {done.stdout} {said}")
    return Sample(float(fields[0]), float(fields[1]), int(fields[2]))


class Bench:
    """The bundles of one layout of cgroups (1 or 2), the floor, and what can be done with them."""

    def __init__(self, place, layout, runtimes, clock, floor):
        self.place, self.layout, self.runtimes = pathlib.Path(place), layout, runtimes
        self.clock, self.floor = str(clock), str(floor)
        config = bundles.docker(layout, limits=layout == 1)
        self.docker = bundles.make(self.place / "docker", config)
        self.sleeper = bundles.make(self.place / "sleeper", config, ["/bin/sleep", "1000"])
        self.minimal = bundles.make(self.place / "minimal", bundles.minimal())
        self.filter = self.compiled_filter()

    def compiled_filter(self):
        """yacr's program for the same profile, for the floor to load."""
        yacr = next(r for r in self.runtimes if r.name == "yacr")
        yacr.quietly("create", "-b", self.sleeper, "filter")
        shutil.copy(yacr.root / "filter" / "exec.bpf", self.place / "filter")
        yacr.quietly("delete", "-f", "filter")
        return self.place / "filter"

    # Each returns {step: Sample}.

    def run(self, runtime, bundle="docker"):
        return {f"run {bundle}": runtime.time("run", "-b", getattr(self, bundle), new_id())}

    def life(self, runtime):
        """create, state, start, exec, kill, delete of one container."""
        id, found = new_id(), {}
        found["create"] = runtime.time("create", "-b", self.sleeper, id)
        try:
            found["state"] = runtime.time("state", id)
            found["start"] = runtime.time("start", id)
            found["exec"] = runtime.time("exec", id, "/bin/true")
            found["kill"] = runtime.time("kill", id, "KILL")
            self.wait_for_end(runtime, id)
            found["delete"] = runtime.time("delete", id)
        finally:
            runtime.quietly("delete", "-f", id)
        return found

    @staticmethod
    def wait_for_end(runtime, id):
        for _ in range(1000):
            if b"stopped" in subprocess.run(runtime.argv("state", id), capture_output=True).stdout:
                return
            time.sleep(0.002)
        raise RuntimeError(f"{runtime.name}: a killed container does not stop")

    def version(self, runtime):
        return {"--version": runtime.time("--version")}

    def floor_run(self):
        name = new_id()
        if self.layout == 2:
            options = ["-2", "-d", f"/sys/fs/cgroup/{name}"]
        else:
            options = []
            for directory in v1_directories():
                options += ["-d", f"{directory}/{name}"]
                if directory.endswith("/cpuset"):
                    options += ["-w", f"{directory}/{name}/cpuset.cpus={read(directory + '/cpuset.cpus')}",
                                "-w", f"{directory}/{name}/cpuset.mems={read(directory + '/cpuset.mems')}"]
                options += [word for file, value in LIMITS.get(os.path.basename(directory), ())
                            for word in ("-w", f"{directory}/{name}/{file}={value}")]
        return {"run docker": measure([self.clock, self.floor, "run", *options, "-f", str(self.filter),
                                       str(self.docker / "rootfs"), str(self.docker / "files")])}

    def floor_small(self):
        state = self.place / "state.json"
        state.write_text("x" * 1300)
        found = measure([self.clock, self.floor, "state", str(state), str(os.getpid())])
        return {"state": found, "--version": measure([self.clock, self.floor, "exit"])}

    def system_calls(self, runtime):
        return sum(calls.count(runtime.argv("run", "-b", self.docker, new_id()), self.place / "trace",
                               stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))


LIMITS = {
    "memory": [("memory.limit_in_bytes", 268435456), ("memory.memsw.limit_in_bytes", 536870912)],
    "cpu": [("cpu.cfs_period_us", 100000), ("cpu.cfs_quota_us", 100000)],
    "pids": [("pids.max", 100)],
    "devices": [("devices.deny", "a *:* rwm")] + [("devices.allow", rule) for rule in (
        "c 5:1 rwm", "c *:* m", "b *:* m", "c 1:3 rwm", "c 1:5 rwm", "c 1:7 rwm", "c 1:8 rwm", "c 1:9 rwm",
        "c 5:0 rwm", "c 5:2 rwm", "c 136:* rwm", "c 10:200 rwm")],
}


def new_id():
    return "bench" + uuid.uuid4().hex[:10]


def read(path):
    return pathlib.Path(path).read_text().strip()


def v1_directories():
    with open("/proc/self/mountinfo") as mounts:
        return [line.split()[4] for line in mounts if re.search(" - cgroup ", line)]
