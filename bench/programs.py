# SPDX-License-Identifier: Apache-2.0
"""What is measured: the runtimes and the floor, one command at a time, under bench/clock."""

import contextlib
import dataclasses
import json
import os
import pathlib
import re
import subprocess
import tempfile
import time
import uuid


@dataclasses.dataclass
class Sample:
    wall: float  # microseconds
    cpu: float
    memory: int  # kilobytes, of the largest process; the container's program is one of them


@dataclasses.dataclass
class Container:
    id: str
    pid: int

    def cgroups(self):
        """Its directories."""
        found = []
        mounted = {line.split(" - ")[1].split()[2]: line.split()[4] for line in open("/proc/self/mountinfo")
                   if " - cgroup" in line}
        for line in open(f"/proc/{self.pid}/cgroup"):
            _, controllers, path = line.strip().split(":")
            for options, point in mounted.items():
                if controllers in options.split(",") or not controllers and point == "/sys/fs/cgroup":
                    found.append(point + path)
        return found


def said(argv, timeout=120, **options):
    """(exit code, what it said); to a file, because a container that lives on holds a pipe open."""
    argv = list(map(str, argv))
    with tempfile.TemporaryFile("w+") as output:
        try:
            done = subprocess.run(argv, stdin=subprocess.DEVNULL, stdout=output, stderr=output, timeout=timeout, **options)
        except subprocess.TimeoutExpired:
            raise RuntimeError(complaint(argv, "does not end")) from None
        output.seek(0)
        return done.returncode, output.read()


def complaint(argv, text):
    """What is said of a failure: the same each time, without the names that this run gave to things."""
    words = " ".join(map(str, argv))[-300:] + ": " + text.strip()[-400:]
    return re.sub(r"bench[0-9a-f]{10}", "ID", re.sub(r"/[\w/.-]*yacr-bench-\w+/", "", words))


class Clock:
    """Takes the time of a command; as @user if there is one."""

    def __init__(self, path, user=None):
        become = ["setpriv", "--reuid", user, "--regid", user, "--clear-groups"] if user else []
        self.prefix, self.become, self.options = [*become, path], become, {}

    def __call__(self, argv, count=1, parallel=1):
        """Of @count runs, @parallel at a time, the time of one; % in @argv is the run's number."""
        many = ["-n", count, "-p", parallel] if count > 1 else []
        code, text = said([*self.prefix, *many, *argv], **self.options)
        fields = text.split()[-4:]
        if code or len(fields) != 4 or fields[3] != "0":
            raise RuntimeError(complaint(argv, re.sub(r"[\d.]+ \d+ \d+ \d+\s*$", "", text)))
        return Sample(float(fields[0]) / count, float(fields[1]) / count, int(fields[2]))


class Runtime:
    """One runtime with a root directory of its own."""

    def __init__(self, name, path, place, clock, user=None):
        self.name, self.path, self.clock = name, str(path), Clock(clock, user)
        self.root = pathlib.Path(place) / f"root-{name}"
        self.root.mkdir(mode=0o700, parents=True)
        if user:
            os.chown(self.root, user, user)
        self.options = ["--cgroup-manager", "cgroupfs"] if name == "crun" else []

    def argv(self, *args):
        return [self.path, "--root", str(self.root), *self.options, *map(str, args)]

    def time(self, *args, **many):
        return self.clock(self.argv(*args), **many)

    def call(self, *args):
        code, text = said([*self.clock.become, *self.argv(*args)])
        if code:
            raise RuntimeError(complaint([self.name, *args], text))
        return text

    def remove(self, id):
        said(self.argv("delete", "-f", id))

    def create(self, bundle):
        id = new_id()
        self.call("create", "-b", bundle, id)
        return Container(id, json.loads(self.call("state", id))["pid"])

    @contextlib.contextmanager
    def living(self, bundle):
        """A container that runs meanwhile."""
        container = self.create(bundle)
        try:
            self.call("start", container.id)
            yield container
        finally:
            self.remove(container.id)

    def wait_for_end(self, id):
        for _ in range(1000):
            if '"stopped"' in self.call("state", id):
                return
            time.sleep(0.002)
        raise RuntimeError(f"{self.name}: a killed container does not stop")


def new_id():
    return "bench" + uuid.uuid4().hex[:10]
