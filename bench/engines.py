# SPDX-License-Identifier: Apache-2.0
"""Wall time under Docker, in a room of its own (tests/engines), and the share that is the runtime's own.

The share comes from another series of the same commands, in which bench/clock stands before the runtime and keeps a
log. On the host's network: otherwise the runtime's time contains a hook of Docker's that starts dockerd once more.
"""

import json
import pathlib
import shutil
import statistics
import sys
import time

import stats
from programs import Clock
from rounds import interleave

TESTS = pathlib.Path(__file__).resolve().parent.parent / "tests"
SHARE = 0.6  # of the rounds
BIN = "/usr/local/bin"
CLOCKED = """#!/bin/sh
exec {bin}/clock -l /run/{name}.log {path} "$@"
"""
RUN = ("docker run --rm", ("run", "--rm", "--network", "host"), ("busybox", "true"))


def open_room(stage):
    """A room with a daemon that knows each runtime, and each again under a clock."""
    sys.path[:0] = [str(TESTS / "engines"), str(TESTS)]
    import conftest
    import engine

    room = conftest.furnish(stage.place / "room")
    stage.things.callback(room.close)
    place = room.root / BIN.lstrip("/")
    shutil.copy(stage.clock, place / "clock")
    shutil.copy(stage.yacr.path, place / "yacr")
    paths = {r.name: f"{BIN}/yacr" if r.name == "yacr" else r.path for r in stage.runtimes if r.name in ("yacr", "runc")}
    for name, path in list(paths.items()):
        script = place / f"{name}-clocked"
        script.write_text(CLOCKED.format(bin=BIN, name=name, path=path))
        script.chmod(0o755)
        paths[script.name] = f"{BIN}/{script.name}"
    # Docker's own runc is "runc"; no other may have that name
    (room.root / "etc/docker").mkdir(exist_ok=True)
    (room.root / "etc/docker/daemon.json").write_text(json.dumps(
        {"runtimes": {"bench-" + name: {"path": path} for name, path in paths.items()}}))
    docker = engine.Docker(room, "bench-yacr").begin()
    stage.things.callback(docker.end)
    docker("load", "-i", "/run/busybox.tar")
    return room, docker, [name for name in paths if not name.endswith("-clocked")]


class Timed:
    """Commands of Docker's client, timed in the room."""

    def __init__(self, stage, room, docker):
        self.room, self.docker = room, docker
        self.clock = Clock(f"{BIN}/clock")
        self.clock.prefix = room.argv(*self.clock.prefix)
        self.clock.options = {"env": room.environment(), "timeout": 30}

    def run(self, runtime):
        step, options, command = RUN
        return {step: self.clock([*self.docker.command, *options, "--runtime", f"bench-{runtime}", *command])}

    def exec(self, id):
        return {"docker exec": self.clock([*self.docker.command, "exec", id, "true"])}

    def log(self, name):
        """Microseconds that the runtime took since the last call of this."""
        time.sleep(0.3)  # the last command is the shim's, and may come after Docker has answered
        file = self.room.root / "run" / f"{name}.log"
        lines = file.read_text().splitlines() if file.exists() else []
        file.unlink(missing_ok=True)
        return sum(float(line.split()[0]) for line in lines)


def shares(timed, names, rounds, sleeper):
    """{step: {runtime: the median of what it took itself}} in milliseconds."""
    found = {}
    for name in names:
        id = sleeper(name + "-clocked")
        timed.log(name)
        for _ in range(rounds):
            for command in (lambda: timed.run(name + "-clocked"), lambda: timed.exec(id)):
                step, = command()
                found.setdefault(step, {}).setdefault(name, []).append(timed.log(name) / 1000)
    return {step: {name: statistics.median(took) for name, took in row.items()} for step, row in found.items()}


def measure(stage):
    room, docker, names = open_room(stage)
    stage.things.callback(docker.remove_what_was_made)
    timed, rounds = Timed(stage, room, docker), stage.rounds(SHARE)

    def sleeper(runtime):
        docker.oci = f"bench-{runtime}"
        return docker.start("--network", "host", "busybox", "sleep", "10000")

    jobs = [(name, lambda name=name: timed.run(name)) for name in names]
    jobs += [(name, lambda id=sleeper(name): timed.exec(id)) for name in names]
    samples, failures = interleave(jobs, rounds, stage.options.warm_up)
    values = {}
    for step, own in shares(timed, names, max(1, rounds // 3), sleeper).items():
        values[f"{step}: the runtime's own share, ms"] = own
        if own.get("runc"):
            saved = stats.difference(samples[step], "runc", "yacr") / 1000
            values[f"{step}: saved, of runc's own share"] = {"yacr": saved / own["runc"]}
    return {"samples": samples, "failures": failures, "values": values}
