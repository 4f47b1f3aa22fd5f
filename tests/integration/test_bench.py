# SPDX-License-Identifier: Apache-2.0
"""The benchmark itself: that a round of each of its parts runs, says something of each step, and shows it."""

import json
import shutil
import subprocess
import sys

import pytest

import harness

sys.path.insert(0, str(harness.TREE / "bench"))
import goals  # noqa: E402
import growth  # noqa: E402
import parts  # noqa: E402
import results  # noqa: E402
import rounds  # noqa: E402
from programs import Sample  # noqa: E402

pytestmark = [pytest.mark.yacr]
STEPS = {  # of parts that take samples; a step ends with the programs that have it beside yacr
    "run": {"run docker": {"floor"}},
    "spaced": {"run docker, 100 ms apart": {"floor"}},
    "minimal": {"run minimal": set()},
    "cold": {"run docker, seccomp profile cold": set()},
    "rootless": {"run rootless": {"floor"}},
    "life": {"create": {"floor"}, "start": {"floor"}, "kill": set(), "delete": {"floor"}},
    "exec": {"exec": {"floor"}},
    "exec-spaced": {"exec, 100 ms apart": {"floor"}},
    "small": {"state": {"floor"}, "kill, a signal": {"floor"}, "--version": {"floor"}},
    "list": {"list, 1 container": {"floor"}, "list, 100 containers": {"floor"}, "list, 1,000 containers": {"floor"}},
    "parallel": {"run docker, 8 at a time": {"floor"}},
}

WEIGHTS = {"system calls of run", "peak memory of run, KB", "peak memory of --version, KB", "created: RSS, KB", "created: PSS, KB",
           "created: anonymous, KB", "created: threads"}
ENGINES = {"docker run --rm: saved, of runc's own share", "docker exec: saved, of runc's own share"}


@pytest.fixture
def bench(runtime, place):
    """Runs one round of a part, without the other runtimes; (what it found, the directory with its pages)."""
    if not (harness.TREE / "build" / "kernel-headers").exists():
        pytest.skip("needs the tree that yacr was built in")

    def run(part, *options):
        results, docs = place.fresh("results"), place.fresh("docs")
        docs.mkdir()
        done = subprocess.run([sys.executable, harness.TREE / "bench/bench.py", "--only", part, "--rounds", "1", "--warm-up", "0",
                               "--peers", "/nowhere", "--results", results, "--docs", docs, *options, f"yacr={runtime.path}"],
                              capture_output=True, text=True, timeout=300)
        found = json.loads(results.read_text())["parts"][part]
        assert done.returncode == 0 and not any(f["failures"] for f in found.values()), done.stderr
        return found, docs

    return run


@pytest.mark.parametrize("part", STEPS)
def test_a_part_has_samples_of_all_its_steps(bench, part):
    found, docs = bench(part)
    assert set(found) == {f"v{layout}" for layout in parts.PARTS[part].layouts}
    for layout in found.values():
        assert {step: set(row) - {"yacr"} for step, row in layout["samples"].items()} == STEPS[part]
        assert all(sample["wall"] > 0 for row in layout["samples"].values() for samples in row.values() for sample in samples)
    page = (docs / "performance.md").read_text()
    assert all(f"| {step} |" in page for step in STEPS[part])


def test_the_weight_of_a_container(bench):
    found, docs = bench("weight")
    for layout, limit in (("v1", ["smallest memory limit, KB"]), ("v2", [])):
        values = found[layout]["values"]
        assert set(values) == {*WEIGHTS, *limit}
        assert all(row["yacr"] > 0 for row in values.values())
    assert found["v1"]["values"]["created: threads"] == {"yacr": 1}
    assert "| system calls of run |" in (docs / "performance.md").read_text()


def test_growth_with_the_size_of_things(bench):
    found, docs = bench("growth", "--most", "10")
    data = found["v2"]["data"]
    assert len(data) == len(growth.CONFIGS) + 5
    assert all(set(sizes) == {"1", "10"} and all(row["yacr"] for row in sizes.values()) for sizes in data.values())
    assert (docs / "performance-growth.svg").read_text().count("<polyline") > len(data)


@pytest.mark.skipif(not shutil.which("strace"), reason="needs strace")
def test_the_timeline_of_a_create(bench):
    found, docs = bench("timeline")
    lanes = found["v2"]["data"]["yacr"]
    assert {"own program protected", "config.json", "namespaces", "cgroup", "state", "waits"} <= {p for p, _, _ in lanes["host"]}
    assert {"mounts", "network", "identity"} <= {phase for phase, _, _ in lanes["init"]}
    for lane in lanes.values():
        assert all(begin < end for _, begin, end in lane) and lane == sorted(lane, key=lambda bar: bar[1])
    assert "yacr init" in (docs / "performance-create.svg").read_text()


@pytest.mark.skipif(not all(map(shutil.which, ("dockerd", "docker", "iptables", "runc"))),
                    reason="needs dockerd, docker, iptables, runc")
def test_docker_and_the_share_of_the_runtime(bench):
    found, docs = bench("engines", f"runc={shutil.which('runc')}")
    assert {step: set(row) for step, row in found["docker"]["samples"].items()} == {
        "docker run --rm": {"yacr", "runc"}, "docker exec": {"yacr", "runc"}}
    values = found["docker"]["values"]
    assert ENGINES < set(values)
    for step, row in found["docker"]["samples"].items():
        own = values[f"{step}: the runtime's own share, ms"]
        assert all(0 < own[name] < 10 * samples[0]["wall"] / 1000 for name, samples in row.items())


def sample(wall, cpu=1.0):
    return {"wall": wall, "cpu": cpu, "memory": 1}


@pytest.mark.parametrize("walls, met", [
    ([2.0] * 20, "yes"), ([2.0] * 18 + [2.5] * 2, "yes"), ([2.0] * 18 + [2.7] * 2, "**p95 not**"), ([2.1] * 20, "**no**"),
    ([], "not measured")])
def test_a_goal_is_met_by_the_median_and_by_the_p95(tmp_path, walls, met):
    found = results.Results(tmp_path / "none")
    found.add("run", "v2", {"samples": {"run docker": {"yacr": [sample(w) for w in walls], "crun": [sample(10.0)] * 20}}})
    goal = goals.Goal("run", "v2", "run docker", "wall/crun", "<= 0.20")
    assert goals.Outcome(goal, *goals.look(goal, found)).met == met


def test_a_rate_is_how_often_in_the_time_of_the_other(tmp_path):
    found = results.Results(tmp_path / "none")
    found.add("run", "v2", {"samples": {"run docker": {"yacr": [sample(2.0)], "runc": [sample(30.0)], "floor": [sample(1.5)]}}})
    assert goals.look(goals.Goal("run", "v2", "run docker", "rate/runc", ">= 12"), found) == (15.0, None, 20.0)
    assert goals.look(goals.Goal("run", "v2", "run docker", "rate/floor", ">= 0.85"), found) == (0.75, None, None)


def test_the_page_can_be_written_again(place):
    found, docs = results.Results(place.fresh("results")), place.fresh("docs")
    docs.mkdir()
    found.facts = {"machine": "a machine", "when": "now", "load": 0.1,
                   "runtimes": {"yacr": {"version": "yacr 1", "bytes": 300001, "libraries": 0}}}
    found.add("run", "v2", {"samples": {"run docker": {"yacr": [sample(2000.0)], "floor": [sample(1000.0)]}}, "failures": ["crun: no"],
                            "load": 0.1, "seconds": 1, "yacr": "abc"})
    found.save()
    subprocess.run([sys.executable, harness.TREE / "bench/bench.py", "--report", "--results", found.path, "--docs", docs], check=True)
    page = (docs / "performance.md").read_text()
    assert "| run docker | 2.00 / 2.00 | 1.00 / 1.00 |  |  | 2.00 · 2.00 · 1.00 |" in page
    assert "| executable, stripped, bytes |  | value | ≤ 300000 | 300,001 |  |  | **no** |" in page
    assert "* run, v2: crun: no" in page and "busy" not in page


def test_what_always_fails_is_given_up_and_said_once():
    tries = []

    def fail():
        tries.append(1)
        raise RuntimeError("no")

    samples, failures = rounds.interleave([("bad", fail), ("good", lambda: {"step": Sample(1.0, 1.0, 1)})], 10)
    assert len(tries) == rounds.ENOUGH and failures == [f"bad: no ({rounds.ENOUGH} times)"]
    assert list(samples["step"]) == ["good"] and len(samples["step"]["good"]) == 10


def test_a_goal_names_what_is_measured():
    steps = {step for part in STEPS.values() for step in part}
    figures = {*WEIGHTS, "smallest memory limit, KB", "bytes", "libraries", *ENGINES}
    wrong = [goal for goal in goals.read() if goal.measure not in (figures if goal.of.startswith("value") else steps)]
    assert not wrong


def test_every_part_of_the_benchmark_is_tested():
    assert set(parts.PARTS) == {*STEPS, "weight", "growth", "timeline", "engines"}
