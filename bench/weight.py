# SPDX-License-Identifier: Apache-2.0
"""What a container weighs: memory and system calls. Figures, not samples: {measure: {program: value}}."""

import bisect
import json
import re
import shutil
import subprocess
import time

import calls
from programs import new_id, said

STEP, STEPS, TRIES = 64 << 10, 512, 3


def tiny(stage, name, config):
    """A bundle whose program is smaller than any runtime: busybox would be the largest process."""
    bundle = stage.bundle(name, config, ["/bin/crowd"])
    shutil.copy(stage.place / "crowd", bundle / "rootfs/bin/crowd")
    return bundle


def peak(stage):
    """What the largest of the runtime's processes had resident in a run, see peak.c; the median of three."""
    bundle = tiny(stage, "tiny", stage.docker_config())

    def once(argv):
        code, text = said([stage.place / "peak", *argv])
        if code:
            raise RuntimeError(f"peak {argv}: {text}")
        return int(text.split()[-1])

    yield "peak memory of run, KB", {
        r.name: sorted(once(r.argv("run", "-b", bundle, new_id())) for _ in range(TRIES))[TRIES // 2] for r in stage.runtimes}
    yield "peak memory of --version, KB", {r.name: once(r.argv("--version")) for r in stage.runtimes}


def created(stage):
    """The init of a container that waits for its start."""
    found = {}
    for r in stage.runtimes:
        container = r.create(stage.sleeper)
        try:
            time.sleep(0.3)  # what it lets go of, it lets go of after create has returned
            with open(f"/proc/{container.pid}/status") as status, open(f"/proc/{container.pid}/smaps_rollup") as rollup:
                text = status.read() + rollup.read()
        finally:
            r.remove(container.id)
        for what, key in (("RSS, KB", "VmRSS"), ("PSS, KB", "Pss"), ("anonymous, KB", "RssAnon"), ("threads", "Threads")):
            found.setdefault(f"created: {what}", {})[r.name] = int(re.search(rf"^{key}:\s+(\d+)", text, re.M).group(1))
    yield from found.items()


def system_calls(stage):
    programs = {r.name: r.argv("run", "-b", stage.docker, new_id()) for r in stage.runtimes}
    programs["floor"] = stage.floor.run_argv(stage.docker, new_id())
    yield "system calls of run", {
        name: sum(c.total() for c in calls.count(argv, stage.place / "trace", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL))
        for name, argv in programs.items()}


def smallest_limit(stage):
    """The smallest limit, in steps of 64 KB, under which `run` works each of three times."""
    bundle = tiny(stage, "limited", stage.docker_config())
    config = json.loads((bundle / "config.json").read_text())

    def runs(r, steps):
        config["linux"]["resources"]["memory"] = {"limit": steps * STEP}
        (bundle / "config.json").write_text(json.dumps(config))
        for _ in range(TRIES):
            id = new_id()
            try:
                done = subprocess.run(["timeout", "-s", "KILL", "20", *r.argv("run", "-b", bundle, id)], stdin=subprocess.DEVNULL,
                                      stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
            finally:
                r.remove(id)
            if done.returncode:
                return False
        return True

    def smallest(r):
        found = bisect.bisect_left(range(1, STEPS), True, key=lambda steps: runs(r, steps)) + 1
        while found > 1 and runs(r, found - 1):  # where it works sometimes, bisection may stop too early
            found -= 1
        return found * STEP >> 10

    yield "smallest memory limit, KB", {r.name: smallest(r) for r in stage.runtimes}


MEASURES = {1: (system_calls, created, peak, smallest_limit), 2: (system_calls, created, peak)}


def measure(stage):
    found, failures = {}, []
    for function in MEASURES[stage.layout]:
        try:
            found.update(function(stage))
        except (RuntimeError, subprocess.CalledProcessError) as error:
            failures.append(f"{function.__name__}: {error}")
    return {"values": found, "failures": failures}
