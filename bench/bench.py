#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures yacr beside other runtimes and the floor, interleaved in random order, and writes docs/performance.md.

    bench.py [--rounds N] [--warm-up N] [--peers DIRECTORY] [RUNTIME=PATH]...

As root. Everything happens in mount namespaces of its own: once with the v1 hierarchies alone (crun refuses a
hybrid layout), once with cgroup2 in their place.
"""

import argparse
import json
import os
import pathlib
import platform
import random
import subprocess
import sys
import tempfile
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import cases  # noqa: E402
import report  # noqa: E402

TREE = pathlib.Path(__file__).resolve().parent.parent
LAYOUTS = {
    1: "umount -l /sys/fs/cgroup/unified 2>/dev/null; exec \"$@\"",
    2: "umount -Rl /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"",
}


def build(place):
    """The two programs of the bench; static, so that they cost what they must."""
    for name in ("clock", "floor"):
        subprocess.run([TREE / "scripts/musl-cc", "-Os", "-isystem", TREE / "build/kernel-headers",
                        "-o", place / name, TREE / f"bench/{name}.c"], check=True)


def jobs(bench):
    """Everything that one round does, as functions that return {step: Sample}."""
    for runtime in bench.runtimes:
        yield runtime.name, lambda r=runtime: bench.run(r)
        yield runtime.name, lambda r=runtime: bench.run(r, "minimal")
        yield runtime.name, lambda r=runtime: bench.life(r)
        yield runtime.name, lambda r=runtime: bench.version(r)
    yield "floor", bench.floor_run
    yield "floor", bench.floor_small


def measure(options):
    """One layout, in this process's mount namespace: {"samples": {step: {runtime: [sample of each round]}}, …}."""
    with tempfile.TemporaryDirectory(prefix="yacr-bench-") as place:
        place = pathlib.Path(place)
        build(place)
        state = place / "run"  # as /run is, where runtimes keep their state; it goes with this mount namespace
        state.mkdir()
        subprocess.run(["mount", "-t", "tmpfs", "tmpfs", state], check=True)
        runtimes = [cases.Runtime(name, path, state, place / "clock") for name, path in options.runtimes.items()]
        bench = cases.Bench(place, options.layout, runtimes, place / "clock", place / "floor")
        samples, failures = {}, []
        for number in range(-options.warm_up, options.rounds):
            todo = list(jobs(bench))
            random.shuffle(todo)
            for name, job in todo:
                try:
                    found = job()
                except RuntimeError as error:
                    failures.append(f"{name}: {error}")
                    continue
                for step, sample in found.items() if number >= 0 else ():
                    row = samples.setdefault(step, {}).setdefault(name, [None] * options.rounds)
                    row[number] = vars(sample)
        counts = count_calls(bench)
        subprocess.run(["umount", "-l", state], check=True)
        return {"samples": samples, "failures": failures, "calls": counts}


def count_calls(bench):
    found = {}
    for runtime in bench.runtimes:
        try:
            found[runtime.name] = bench.system_calls(runtime)
        except (subprocess.CalledProcessError, FileNotFoundError):
            traceback.print_exc()
    return found


def find_runtimes(options):
    found = {"yacr": str(TREE / "bin/yacr")}
    for name in ("crun", "runc"):
        if options.peers and (pathlib.Path(options.peers) / name).exists():
            found[name] = str(pathlib.Path(options.peers).resolve() / name)
    for word in options.runtime:
        name, _, path = word.partition("=")
        found[name] = os.path.abspath(path)
    return found


def version(path):
    return subprocess.run([path, "--version"], capture_output=True, text=True).stdout.split("\n")[0]


def facts(options):
    with open("/proc/cpuinfo") as info:
        model = next((line.split(":")[1].strip() for line in info if line.startswith("model name")), platform.machine())
    return {"kernel": platform.release(), "processors": f"{os.cpu_count()} x {model}",
            "load": [os.getloadavg()[0]], "rounds": options.rounds,
            "runtimes": {name: version(path) for name, path in options.runtimes.items()}}


def main():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    parser.add_argument("--rounds", type=int, default=50)
    parser.add_argument("--warm-up", type=int, default=3)
    parser.add_argument("--peers", default=os.environ.get("PEERS", str(TREE / "build/peers")))
    parser.add_argument("--results", type=pathlib.Path, default=TREE / "build/bench.json")
    parser.add_argument("--docs", type=pathlib.Path, default=TREE / "docs", help="where performance.md goes")
    parser.add_argument("--layout", type=int, help=argparse.SUPPRESS)
    parser.add_argument("runtime", nargs="*")
    options = parser.parse_args()
    options.runtimes = find_runtimes(options)
    if options.layout:
        json.dump(measure(options), sys.stdout)
        return
    results = {"facts": facts(options)}
    for layout, script in LAYOUTS.items():
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", sys.executable, __file__,
                               "--layout", str(layout), *sys.argv[1:]], stdout=subprocess.PIPE, check=True)
        results[f"v{layout}"] = json.loads(done.stdout)
    results["facts"]["load"].append(os.getloadavg()[0])
    options.results.parent.mkdir(exist_ok=True)
    options.results.write_text(json.dumps(results))
    report.write(results, options.docs)
    for layout in ("v1", "v2"):
        for failure in sorted(set(results[layout]["failures"])):
            print(f"{layout}: {failure}", file=sys.stderr)


main()
