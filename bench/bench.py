#!/usr/bin/python3
# SPDX-License-Identifier: Apache-2.0
"""Measures yacr beside other runtimes and the floor, interleaved in random order, and writes docs/performance.md.

    bench.py [--only PART,…] [--rounds N] [--peers DIRECTORY] [--engines] [RUNTIME=PATH]...

As root. Everything happens in mount namespaces of its own: once with the v1 hierarchies alone (crun refuses a
hybrid layout), once with cgroup2 in their place. What an earlier run found of other parts is kept.
"""

import argparse
import json
import os
import pathlib
import subprocess
import sys
import tempfile
import time
import traceback

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
import facts  # noqa: E402
import parts  # noqa: E402
import report  # noqa: E402
import results  # noqa: E402
import stage  # noqa: E402

TREE = pathlib.Path(__file__).resolve().parent.parent
LAYOUTS = {
    1: "umount -l /sys/fs/cgroup/unified 2>/dev/null; exec \"$@\"",
    2: "umount -Rl /sys/fs/cgroup; mount -t cgroup2 none /sys/fs/cgroup && exec \"$@\"",
    0: "exec \"$@\"",  # as the machine has them
}
NAMES = {0: "docker", 1: "v1", 2: "v2"}


def measure(options):
    """One layout, in this process's mount namespace; prints {part: what it found and how}, a line for each."""
    with tempfile.TemporaryDirectory(prefix="yacr-bench-") as place, stage.Stage(pathlib.Path(place), options) as bench:
        for name, part in parts.PARTS.items():
            if name not in options.only or options.layout not in part.layouts:
                continue
            begin, load = time.monotonic(), os.getloadavg()[0]
            print(f"{NAMES[options.layout]} {name} …", end=" ", file=sys.stderr, flush=True)
            try:
                with bench.part():
                    result = part.measure(bench)
            except Exception:  # one part that cannot be measured here takes no other with it
                traceback.print_exc()
                result = {"failures": [f"{name}: {traceback.format_exc(0).strip().splitlines()[-1]}"]}
            result |= {"load": load, "seconds": time.monotonic() - begin, "yacr": bench.yacr_hash()}
            print(json.dumps({name: result}), flush=True)
            print(f"{result['seconds']:.0f} s", file=sys.stderr, flush=True)


def find_runtimes(options):
    found = {"yacr": str(TREE / "bin/yacr")}
    for name in ("crun", "runc"):
        if (pathlib.Path(options.peers) / name).exists():
            found[name] = str(pathlib.Path(options.peers).resolve() / name)
    for word in options.runtime:
        name, _, path = word.partition("=")
        found[name] = os.path.abspath(path)
    return found


def arguments():
    parser = argparse.ArgumentParser(description=__doc__.split("\n")[0])
    names = ", ".join(f"{name} ({part.what})" for name, part in parts.PARTS.items())
    parser.add_argument("--only", type=lambda s: s.split(","), default=[name for name in parts.PARTS if name != "engines"],
                        help=f"some of: {names}")
    parser.add_argument("--rounds", type=int, default=50, help="samples of the quick verbs; others take a part of it")
    parser.add_argument("--warm-up", type=int, default=3)
    parser.add_argument("--most", type=int, default=10000, help="the largest size in list and growth")
    parser.add_argument("--peers", default=os.environ.get("PEERS", str(TREE / "build/peers")))
    parser.add_argument("--engines", action="store_true", help="also under Docker, in a room of its own (tests/engines)")
    parser.add_argument("--report", action="store_true", help="measure nothing, write the page again")
    parser.add_argument("--results", type=pathlib.Path, default=TREE / "build/bench.json")
    parser.add_argument("--docs", type=pathlib.Path, default=TREE / "docs", help="where performance.md goes")
    parser.add_argument("--layout", type=int, help=argparse.SUPPRESS)
    parser.add_argument("runtime", nargs="*", metavar="RUNTIME=PATH")
    options = parser.parse_args()
    options.only += ["engines"] if options.engines else []
    unknown = set(options.only) - set(parts.PARTS)
    if unknown:
        parser.error(f"no such part: {', '.join(sorted(unknown))}")
    options.runtimes = find_runtimes(options)
    return options


def main():
    options = arguments()
    if options.layout is not None:
        measure(options)
        return
    found = results.Results(options.results)
    broken = [] if options.report else measure_layouts(options, found)
    report.write(found, options.docs)
    for failure in [*found.failures(), *broken]:
        print(failure, file=sys.stderr)
    sys.exit(bool(broken))


def measure_layouts(options, found):
    """Each in a mount namespace and a process of its own; what is to be said of those that did not come to their end."""
    found.facts, broken = facts.of(options), []
    for layout, script in LAYOUTS.items():
        if not any(layout in parts.PARTS[name].layouts for name in options.only):
            continue
        done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", sys.executable, __file__,
                               "--layout", str(layout), *sys.argv[1:]], stdout=subprocess.PIPE)
        for line in done.stdout.splitlines():
            for part, data in json.loads(line).items():
                found.add(part, NAMES[layout], data)
        found.save()
        broken += [f"{NAMES[layout]}: ended with {done.returncode}"] if done.returncode else []
    return broken


main()
