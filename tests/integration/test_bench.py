# SPDX-License-Identifier: Apache-2.0
"""The benchmark itself: that one round of it runs, and says something of each step."""

import json
import subprocess
import sys

import pytest

import harness

pytestmark = [pytest.mark.yacr]


def test_one_round_of_the_benchmark(runtime, place):
    if not (harness.TREE / "build" / "kernel-headers").exists():
        pytest.skip("needs the tree that yacr was built in")
    results, docs = place.fresh("results"), place.fresh("docs")
    docs.mkdir()
    done = subprocess.run([sys.executable, harness.TREE / "bench/bench.py", "--rounds", "1", "--warm-up", "0", "--peers",
                           "/nowhere", "--results", results, "--docs", docs, f"yacr={runtime.path}"],
                          capture_output=True, text=True, timeout=120)
    assert done.returncode == 0 and not done.stderr, done.stderr
    found = json.loads(results.read_text())
    for layout in ("v1", "v2"):
        steps = found[layout]["samples"]
        assert {"run docker", "run minimal", "create", "state", "start", "exec", "kill", "delete"} < set(steps)
        assert steps["run docker"]["floor"] and found[layout]["calls"]["yacr"] > 100
    assert "yacr / floor" in (docs / "performance.md").read_text()
    assert {p.name for p in docs.glob("*.svg")} == {"performance-v1.svg", "performance-v2.svg"}
