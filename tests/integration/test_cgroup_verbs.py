# SPDX-License-Identifier: Apache-2.0
"""pause, resume, update, events, ps and kill --all, on the cgroups this host has."""

import json
import os
import pathlib
import signal
import subprocess
import time

import pytest

import harness
from cgroups import MIB, ONLY_V2, Knobs
from harness import until
from stuck import Stuck

pytestmark = pytest.mark.cgroups


@pytest.fixture
def running(container):
    """Makes running containers: running(script)."""

    def make(script="while :; do sleep 0.02; echo x; done", resources=None, **kw):
        c = container(**kw)  # its cgroup's files are c.knobs
        c.bundle.sh(script)
        if resources:
            c.bundle.linux["resources"] = resources
        c.run_detached().ok()
        c.wait("running")
        c.knobs = Knobs(c.pid)
        return c

    return make


@pytest.fixture
def running_v2(place, runtime, running):
    """The same where nothing but cgroup2 is mounted, as on a pure v2 host (with fewer controllers)."""
    if runtime.name != "yacr":
        pytest.skip("yacr only")
    if "cgroup2" not in open("/proc/filesystems").read():
        pytest.skip("no cgroup2")
    on = runtime.variant(prefix=ONLY_V2)

    def make(*args, **kw):
        c = running(*args, on=on, **kw)
        c.knobs.dirs = {"": c.knobs.dirs[""]} if "" in c.knobs.dirs else pytest.skip("cgroup2 is not mounted")
        return c

    return make


@pytest.fixture
def stuck(place):
    """A directory in which whoever looks for a file waits, and does not end when killed."""
    directory = place.fresh("stuck")
    directory.mkdir()
    stuck = Stuck(directory)
    yield stuck
    stuck.end()


def path_of(pid):
    """Its cgroup, in cgroup2."""
    return pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines()[-1].removeprefix("0::")


# ---- pause and resume ----

def test_a_paused_container_stands_still_and_runs_again_after_resume(running, runtime):
    c = running()
    until(c.said)
    runtime.call("pause", c.id).ok()
    assert c.status == "paused"
    size = len(c.said())
    time.sleep(0.2)
    assert len(c.said()) == size
    runtime.call("resume", c.id).ok()
    assert c.status == "running"
    until(lambda: len(c.said()) > size)


def test_pause_and_resume_say_when_there_is_nothing_to_do(running, runtime):
    c = running()
    runtime.call("resume", c.id).failed("container not paused")
    runtime.call("pause", c.id).ok()
    runtime.call("pause", c.id).failed("container not running")
    runtime.call("resume", c.id).ok()
    c.kill("KILL").ok()
    c.wait("stopped")
    runtime.call("pause", c.id).failed("container not running")
    runtime.call("resume", c.id).failed("container not paused")
    runtime.call("pause", "nobody").failed("does not exist")
    runtime.call("resume", "nobody").failed("does not exist")


def test_a_created_container_can_be_paused_and_is_created_again(container, runtime):
    c = container()
    c.bundle.sh("true")
    c.create().ok()
    runtime.call("pause", c.id).ok()
    assert c.status == "paused"
    runtime.call("resume", c.id).ok()
    assert c.status == "created"
    c.start().ok()


def test_kill_with_sigkill_ends_a_paused_container(running, runtime):
    c = running()
    runtime.call("pause", c.id).ok()
    c.kill("KILL").ok()
    c.wait("stopped")
    c.delete().ok()


def test_another_signal_waits_until_a_paused_container_runs_again(running, runtime):
    c = running("trap 'echo got; exit' TERM; echo up; while :; do sleep 0.02; done")
    until(lambda: "up" in c.said())
    runtime.call("pause", c.id).ok()
    c.kill("TERM").ok()
    time.sleep(0.1)
    assert c.status == "paused" and "got" not in c.said()
    runtime.call("resume", c.id).ok()
    until(lambda: "got" in c.said())


def test_kill_all_ends_a_paused_container(running, runtime):
    c = running("sleep 1000 & sleep 1000 & wait")
    runtime.call("pause", c.id).ok()
    runtime.call("kill", "--all", c.id, "KILL").ok()
    c.wait("stopped")


def test_delete_force_takes_a_paused_container(running, runtime):
    c = running("sleep 1000 & sleep 1000")
    runtime.call("pause", c.id).ok()
    c.delete("--force").ok()
    assert runtime.ids() == []


def test_delete_without_force_refuses_a_paused_container(running, runtime):
    c = running()
    runtime.call("pause", c.id).ok()
    c.delete().failed("paused" if runtime.name == "yacr" else "not stopped")


@pytest.mark.yacr
def test_resume_frees_what_was_told_to_freeze_by_another_hand(running, runtime):
    c = running()
    if "" not in c.knobs.dirs or "freezer" not in c.knobs.dirs:
        pytest.skip("needs both freezers")
    c.knobs.write("", "cgroup.freeze", "1")
    until(lambda: c.status == "paused")
    runtime.call("resume", c.id).ok()
    assert "frozen 0" in c.knobs["cgroup.events"] and c.status == "running"


@pytest.mark.yacr
@pytest.mark.parametrize("name", ["freezer", ""])
@pytest.mark.cgroupfs
@pytest.mark.root
def test_resume_does_not_wait_for_a_cgroup_that_is_frozen_from_above(container, runtime, name):
    c = container()
    above = f"/yacr-above-{c.id}"
    c.bundle.sh("sleep 1000")
    c.bundle.linux["cgroupsPath"] = f"{above}/inner"
    c.run_detached().ok()
    knobs = Knobs(c.pid)
    if name == "" and "freezer" in knobs.dirs:
        pytest.skip("the v1 freezer is used where there is one")
    file, on, off = ("../freezer.state", "FROZEN", "THAWED") if name else ("../cgroup.freeze", "1", "0")
    knobs.write(name, file, on)
    try:
        until(lambda: c.status == "paused")
        begin = time.monotonic()
        runtime.call("resume", c.id).failed("a cgroup above its own is frozen")
        assert time.monotonic() - begin < 3 * harness.PATIENCE
    finally:
        knobs.write(name, file, off)
    c.wait("running")


def test_on_cgroup_v2_a_container_is_paused_by_its_freezer(running_v2):
    c = running_v2()
    until(c.said)
    c.runtime.call("pause", c.id).ok()
    assert c.status == "paused" and "frozen 1" in c.knobs["cgroup.events"]
    c.runtime.call("pause", c.id).failed("container not running")
    size = len(c.said())
    c.runtime.call("resume", c.id).ok()
    assert c.status == "running" and "frozen 0" in c.knobs["cgroup.events"]
    until(lambda: len(c.said()) > size)
    c.runtime.call("resume", c.id).failed("container not paused")


@pytest.mark.parametrize("end", [("kill", "KILL"), ("kill", "--all", "KILL"), ("delete", "--force")])
def test_on_cgroup_v2_a_paused_container_can_be_ended(running_v2, end):
    c = running_v2("sleep 1000 & sleep 1000")
    c.runtime.call("pause", c.id).ok()
    command, *rest = end
    c.runtime.call(command, *[a for a in rest if a[0] == "-"], c.id, *[a for a in rest if a[0] != "-"]).ok()
    if command == "kill":
        c.wait("stopped")
        c.delete().ok()
    assert c.runtime.ids() == []


@pytest.mark.cgroupfs
@pytest.mark.root
def test_on_cgroup_v2_resume_does_not_wait_for_a_cgroup_that_is_frozen_from_above(running_v2, bundle):
    b = bundle()
    b.linux["cgroupsPath"] = f"/yacr-above-{os.path.basename(b.path.parent)}/inner"
    c = running_v2("sleep 1000", b=b)
    c.knobs.write("", "../cgroup.freeze", "1")
    try:
        until(lambda: c.status == "paused")
        c.runtime.call("resume", c.id).failed("a cgroup above its own is frozen")
    finally:
        c.knobs.write("", "../cgroup.freeze", "0")
    c.wait("running")


def test_on_cgroup_v2_events_end_with_the_container(running_v2):
    c = running_v2("sleep 1000")
    p = follow(c.runtime, c, "--interval", "100ms")
    line = json.loads(p.stdout.readline())
    assert (line["type"], line["id"]) == ("stats", c.id)
    assert line["data"]["cpu"]["usage"]["total"] > 0
    c.delete("--force").ok()
    _, err = p.communicate(timeout=10)
    assert (p.returncode, err) == (0, "")


def test_a_container_that_forks_all_the_time_can_be_paused(running, runtime):
    c = running("while :; do (true) & (true) & wait; done")
    for _ in range(3):
        runtime.call("pause", c.id).ok()
        assert c.status == "paused"
        runtime.call("resume", c.id).ok()


@pytest.mark.yacr
def test_without_a_cgroup_there_is_no_pausing_updating_or_counting(container, rootless):
    c = container(on=rootless)
    c.bundle.sh("sleep 1000")
    c.run_detached().ok()
    if json.loads((rootless.root / c.id / "state.json").read_text()).get("cgroup", {}).get("dirs"):
        pytest.skip("this user has a cgroup")
    rootless.call("pause", c.id).failed("it has no cgroup with a freezer")
    rootless.call("resume", c.id).failed("container not paused")
    rootless.call("update", "--pids-limit", "10", c.id).failed("the container has no cgroup", "linux.resources.pids.limit")
    rootless.call("events", "--stats", c.id).failed("the container has no cgroup")
    c.kill("KILL").ok()


# ---- update ----

OPTIONS = [
    ("--memory", "64m", "memory.limit_in_bytes", 64 * MIB),
    ("--memory", str(48 * MIB), "memory.limit_in_bytes", 48 * MIB),
    ("--memory-reservation", "32MB", "memory.soft_limit_in_bytes", 32 * MIB),
    ("--pids-limit", "17", "pids.max", 17),
    ("--pids-limit", "-1", "pids.max", "max"),
    ("--cpu-share", "512", "cpu.shares", 512),
    ("--cpu-quota", "20000", "cpu.cfs_quota_us", 20000),
    ("--cpu-quota", "-1", "cpu.cfs_quota_us", -1),
    ("--cpu-period", "50000", "cpu.cfs_period_us", 50000),
    ("--cpu-burst", "1000", "cpu.cfs_burst_us", 1000),
    ("--cpu-idle", "1", "cpu.idle", 1),
    ("--cpu-rt-period", "500000", "cpu.rt_period_us", 500000),
    ("--cpu-rt-runtime", "1000", "cpu.rt_runtime_us", 1000),
    ("--cpuset-cpus", "0", "cpuset.cpus", 0),
    ("--cpuset-mems", "0", "cpuset.mems", 0),
    ("--blkio-weight", "200", "blkio.bfq.weight", 200),
]


@pytest.mark.parametrize("option, value, file, expected", OPTIONS)
def test_each_option_of_update_writes_its_file(running, runtime, option, value, file, expected):
    c = running("sleep 1000", {"memory": {"limit": 128 * MIB}, "pids": {"limit": 100},
                               "cpu": {"quota": 40000, "period": 100000, "cpus": "0-1"}})
    try:
        c.knobs[file]
    except FileNotFoundError:
        if file == "blkio.bfq.weight" and runtime.name == "yacr":
            runtime.call("update", option, value, c.id).failed("blkio.weight", "blockIO.weight")
        pytest.skip(f"this kernel has no {file}")
    if runtime.name != "yacr" and option in ("--cpu-burst", "--cpu-idle"):
        pytest.skip("a newer option")
    runtime.call("update", option, value, c.id).ok()
    assert c.knobs.shows({file: expected})


@pytest.mark.yacr
def test_update_leaves_alone_what_is_not_given(running, runtime):
    c = running("sleep 1000", {"memory": {"limit": 64 * MIB}, "pids": {"limit": 30},
                               "cpu": {"shares": 300, "quota": 30000, "period": 60000}})
    runtime.call("update", "--cpu-quota", "10000", c.id).ok()
    assert c.knobs.shows({"cpu.cfs_quota_us": 10000, "cpu.cfs_period_us": 60000, "cpu.shares": 300, "pids.max": 30,
                          "memory.limit_in_bytes": 64 * MIB})


@pytest.mark.yacr
@pytest.mark.cgroupfs  # systemd writes all of a unit when it is told of a change
def test_update_leaves_alone_what_another_hand_wrote(running, runtime):
    c = running("sleep 1000", {"memory": {"limit": 64 * MIB}})
    file, _, _ = c.knobs.find("memory.limit_in_bytes")
    pathlib.Path(file).write_text(str(60 * MIB))
    runtime.call("update", "--cpu-quota", "10000", c.id).ok()
    assert c.knobs.shows({"cpu.cfs_quota_us": 10000, "memory.limit_in_bytes": 60 * MIB})


@pytest.mark.parametrize("how", ["file", "stdin"])
def test_update_reads_resources_from_a_file_and_from_standard_input(running, runtime, place, how):
    c = running("sleep 1000")
    text = json.dumps({"memory": {"limit": 50 * MIB}, "pids": {"limit": 11}, "cpu": {"shares": 100, "cpus": "0"}})
    if how == "file":
        file = place.path / "resources.json"
        file.write_text(text)
        runtime.call("update", f"--resources={file}", c.id).ok()
    else:
        runtime.call("update", "-r", "-", c.id, input=text).ok()
    assert c.knobs.shows({"memory.limit_in_bytes": 50 * MIB, "pids.max": 11, "cpu.shares": 100, "cpuset.cpus": 0})


@pytest.mark.yacr
def test_options_replace_what_the_file_says(running, runtime):
    c = running("sleep 1000")
    runtime.call("update", "-r", "-", "--pids-limit", "12", c.id,
                 input=json.dumps({"pids": {"limit": 11}, "cpu": {"shares": 100}})).ok()
    assert c.knobs.shows({"pids.max": 12, "cpu.shares": 100})


def test_an_update_of_nothing_changes_nothing(running, runtime):
    c = running("sleep 1000", {"pids": {"limit": 30}})
    runtime.call("update", "-r", "-", c.id, input="{}").ok()
    assert c.knobs["pids.max"] == "30"


def test_memory_and_swap_grow_and_shrink_together_in_any_order(running, runtime):
    c = running("sleep 1000", {"memory": {"limit": 64 * MIB}})
    if not os.path.exists(c.knobs.path("memory", "memory.memsw.limit_in_bytes")):
        pytest.skip("this kernel does not count swap")
    for limit in (64, 256, 32, -1, 64):
        bytes = limit * MIB if limit > 0 else -1
        runtime.call("update", "--memory", str(bytes), "--memory-swap", str(bytes), c.id).ok()
        if limit > 0:
            assert c.knobs["memory.limit_in_bytes"] == c.knobs["memory.memsw.limit_in_bytes"] == str(bytes)


def test_a_paused_container_can_be_updated(running, runtime):
    c = running("sleep 1000")
    runtime.call("pause", c.id).ok()
    runtime.call("update", "--pids-limit", "9", c.id).ok()
    assert c.status == "paused" and c.knobs["pids.max"] == "9"


def test_a_stopped_container_cannot_be_updated(running, runtime):
    c = running("sleep 1000")
    c.kill("KILL").ok()
    c.wait("stopped")
    runtime.call("update", "--pids-limit", "9", c.id).failed("container not running")
    runtime.call("update", "--pids-limit", "9", "nobody").failed("does not exist")


@pytest.mark.yacr
def test_a_refusal_names_file_value_and_path_and_takes_back_the_rest(running, runtime, place):
    c = running("sleep 1000", {"pids": {"limit": 30}, "cpu": {"shares": 300, "cpus": "0-1"}, "memory": {"limit": 64 * MIB}})
    file = place.path / "r.json"
    # in the order of writing: cpuset, memory, cpu and then pids, which is too much for a kernel
    file.write_text(json.dumps({"memory": {"limit": 60 * MIB}, "cpu": {"shares": 200, "cpus": "0"},
                                "pids": {"limit": 1 << 40}}, indent=1))
    cpus = c.knobs["cpuset.cpus"]
    r = runtime.call("update", "-r", file, c.id)
    r.failed("pids.max", str(1 << 40), f"{file}:", "pids.limit")
    assert "put back" not in r.err
    assert c.knobs.shows({"memory.limit_in_bytes": 64 * MIB, "cpu.shares": 300, "pids.max": 30, "cpuset.cpus": cpus})


@pytest.mark.yacr
def test_what_cannot_be_put_back_is_named(running, runtime):
    c = running("sleep 1000")
    c.knobs.path("memory", "memory.oom_control")
    runtime.call("update", "-r", "-", c.id, input=json.dumps(
        {"memory": {"disableOOMKiller": True}, "pids": {"limit": 1 << 40}})).failed(
            "pids.max", "not put back: memory.oom_control")


@pytest.mark.yacr
def test_a_limit_below_the_present_use_is_refused_with_what_is_used(running, runtime):
    """By v1's kernel; cgroup2's would reclaim and kill, so there only who asks for the check is refused."""
    c = running("dd if=/dev/zero of=/dev/shm/x bs=1M count=30 2>/dev/null; echo full; sleep 1000",
                {"memory": {"limit": 200 * MIB}})
    until(lambda: "full" in c.said())
    limit = {"memory": {"limit": 4 * MIB, "checkBeforeUpdate": "memory" not in c.knobs.dirs}}
    file, _, _ = c.knobs.find("memory.limit_in_bytes")
    runtime.call("update", "-r", "-", c.id, input=json.dumps(limit)).failed(
        os.path.basename(file), str(4 * MIB), "memory.limit", "use")
    assert c.knobs.shows({"memory.limit_in_bytes": 200 * MIB})


@pytest.mark.yacr
@pytest.mark.parametrize("text, words", [
    ("", ["standard input"]),
    ("{", ["standard input", "line 1"]),
    ('{"pids": {"limit": "many"}}', ["pids.limit"]),
    ('{"memory": {"limit": -2}}', ["memory.limit"]),
    ('{"memory": {"limit": 200, "swap": 100}}', ["memory.swap"]),
    ('{"cpu": {"cpus": "77777"}}', ["cpuset.cpus", "77777", "cpu.cpus"]),
])
def test_resources_that_make_no_sense_are_refused_with_their_place(running, runtime, text, words):
    c = running("sleep 1000")
    runtime.call("update", "-r", "-", c.id, input=text).failed(*words)


@pytest.mark.yacr
def test_shares_that_v1_would_write_as_another_number_are_refused_there(running, runtime):
    c = running("sleep 1000")
    r = runtime.call("update", "-r", "-", c.id, input='{"cpu": {"shares": 1}}')
    if "cpu" in c.knobs.dirs:
        r.failed("cpu.shares")
    else:
        assert c.knobs.shows({"cpu.shares": 1})  # the smallest weight


@pytest.mark.yacr
@pytest.mark.parametrize("option, value", [
    ("--memory", "12x"), ("--memory", "-2"), ("--pids-limit", "many"), ("--pids-limit", "-2"), ("--cpu-share", "-1"),
    ("--blkio-weight", "70000"), ("--cpu-quota", "1.5")])
def test_values_that_are_no_numbers_are_refused(runtime, option, value):
    runtime.call("update", option, value, "x").failed(option, value)


@pytest.mark.yacr
def test_a_kernel_memory_limit_is_taken_and_not_told_of(running, runtime):
    c = running("sleep 1000")
    runtime.call("update", "--kernel-memory", "10m", "--kernel-memory-tcp", "10m", c.id).ok()
    assert "kernel-memory" not in runtime.call("update", "--help").ok().out


@pytest.mark.yacr
def test_updates_at_the_same_time_wait_for_each_other(running, runtime):
    c = running("sleep 1000")
    both = [{"cpu": {"shares": n}, "pids": {"limit": n}} for n in (100, 200)]
    for _ in range(5):
        runs = [runtime.popen("update", "-r", "-", c.id, stdin=subprocess.PIPE, stderr=subprocess.PIPE) for _ in both]
        for p, r in zip(runs, both):
            p.stdin.write(json.dumps(r).encode())
            p.stdin.close()
        assert [p.wait(20) for p in runs] == [0, 0], [p.stderr.read() for p in runs]
        assert c.knobs.shows({"cpu.shares": int(c.knobs["pids.max"])})


@pytest.mark.root
def test_device_rules_can_be_updated(running, runtime):
    if runtime.name != "yacr":
        pytest.skip("runc leaves devices alone")
    c = running("until test -c /dev/kmsgish; do sleep 0.02; done; while :; do (: >> /dev/kmsgish) 2>/dev/null && echo open || echo shut; sleep 0.05; done",
                {"devices": [{"allow": False, "access": "rwm"}]})
    c2 = [{"allow": False, "access": "rwm"}, {"allow": True, "type": "c", "major": 1, "minor": 11, "access": "rwm"}]
    # the kernel's log: opening it for writing takes no privilege but the device's
    os.mknod(f"/proc/{c.pid}/root/dev/kmsgish", 0o666 | 0o020000, os.makedev(1, 11))
    until(lambda: "shut" in c.said())
    assert "open" not in c.said()
    runtime.call("update", "-r", "-", c.id, input=json.dumps({"devices": c2})).ok()
    until(lambda: "open" in c.said())


# ---- events ----

def numbers(object, path=""):
    for key, value in object.items():
        if isinstance(value, dict):
            yield from numbers(value, f"{path}{key}.")
        else:
            yield path + key, value


def test_stats_have_the_names_that_engines_decode(running, runtime):
    c = running("sleep 1000", {"memory": {"limit": 64 * MIB}, "pids": {"limit": 30}})
    r = runtime.call("events", "--stats", c.id).ok()
    assert r.out.count("\n") == 1
    line = r.json
    assert (line["type"], line["id"]) == ("stats", c.id)
    found = dict(numbers(line["data"]))
    for key in ("cpu.usage.total", "cpu.usage.kernel", "cpu.usage.user", "memory.usage.limit", "memory.usage.usage",
                "memory.usage.failcnt", "pids.current", "pids.limit"):
        assert key in found, found
    assert found["memory.usage.limit"] == 64 * MIB
    assert (found["pids.current"], found["pids.limit"]) == (1, 30)
    assert found["cpu.usage.total"] > 0


def follow(runtime, c, *options):
    return runtime.popen("events", *options, c.id, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def watches(p):
    """Whether `events` has found the container running and watches its memory: by an eventfd on v1, the file itself on cgroup2."""
    return any(name == "anon_inode:[eventfd]" or name.endswith("/memory.events") for name in harness.descriptors(p.pid))


def test_events_come_in_every_interval_and_end_with_the_container(running, runtime):
    c = running("sleep 1000")
    p = follow(runtime, c, "--interval", "100ms")
    lines = [json.loads(p.stdout.readline()) for _ in range(3)]
    assert {l["type"] for l in lines} == {"stats"}
    assert p.poll() is None
    c.delete("--force").ok()
    rest, err = p.communicate(timeout=10)
    assert (p.returncode, err) == (0, "")
    assert all(json.loads(l)["id"] == c.id for l in rest.splitlines())


@pytest.mark.yacr
def test_events_end_when_the_container_stops_though_nobody_deletes_it(running, runtime):
    c = running("sleep 1000", {"memory": {"limit": 64 * MIB}})
    p = follow(runtime, c, "--interval=1h")
    until(lambda: watches(p))
    c.kill("KILL").ok()
    out, err = p.communicate(timeout=10)
    assert (p.returncode, out, err) == (0, "", "")


def test_a_kill_for_memory_is_an_event(running, runtime):
    c = running("sleep 0.5; while :; do (x=a; while :; do x=$x$x; done); sleep 0.2; done",
                {"memory": {"limit": 16 * MIB, "swap": 16 * MIB}})
    if "memory" not in c.knobs.dirs and "" not in c.knobs.dirs:
        pytest.skip("needs a memory controller")
    p = follow(runtime, c, "--interval", "1h")
    try:
        line = json.loads(p.stdout.readline())
        assert (line["type"], line["id"]) == ("oom", c.id)
    finally:
        c.delete("--force").ok()
        p.communicate(timeout=10)
    assert p.returncode == 0


@pytest.mark.yacr
def test_a_container_that_memory_killed_says_so_before_the_end(container, runtime):
    c = container()
    c.bundle.sh("x=a; while :; do x=$x$x; done")
    c.bundle.linux["resources"] = {"memory": {"limit": 16 * MIB, "swap": 16 * MIB}}
    c.create().ok()
    p = follow(runtime, c, "--interval", "1h")
    until(lambda: watches(p))
    c.start().ok()
    out, err = p.communicate(timeout=20)
    assert (p.returncode, err) == (0, "")
    assert json.loads(out.splitlines()[-1]) == {"type": "oom", "id": c.id}


def test_events_of_a_paused_container_go_on(running, runtime):
    c = running("sleep 1000")
    runtime.call("pause", c.id).ok()
    runtime.call("events", "--stats", c.id).ok()


def test_events_refuse_a_stopped_container(running, runtime):
    c = running("sleep 1000")
    c.kill("KILL").ok()
    c.wait("stopped")
    runtime.call("events", c.id).failed(f"container with id {c.id} is not running")
    runtime.call("events", "nobody").failed("does not exist")


@pytest.mark.yacr
@pytest.mark.parametrize("value", ["0", "0s", "-1s", "soon", ""])
def test_an_interval_is_a_duration_above_zero(runtime, value):
    runtime.call("events", "--interval", value, "x").failed("--interval")


def test_events_fail_when_nobody_can_read_them(running, runtime):
    c = running("sleep 1000")
    with open("/dev/full", "w") as full:
        p = runtime.popen("events", "--stats", c.id, stdout=full, stderr=subprocess.PIPE, text=True)
        _, err = p.communicate(timeout=10)
    if runtime.name == "yacr":
        assert p.returncode == 1 and "standard output" in err


# ---- ps, kill --all ----

def test_ps_lists_the_pids_of_all_processes(running, runtime):
    c = running("sleep 1000 & sleep 1000 & echo up; wait")
    until(lambda: "up" in c.said())
    pids = runtime.call("ps", "--format", "json", c.id).ok().json
    assert len(pids) == 3 and c.pid in pids
    table = runtime.call("ps", c.id).ok().out.splitlines()
    assert "PID" in table[0] and len(table) == 4
    short = runtime.call("ps", c.id, "-o", "pid,comm").ok().out.splitlines()
    assert short[0].split() == ["PID", "COMMAND"] and len(short) == 4


def test_kill_all_reaches_every_process(running, runtime):
    c = running("trap '' TERM; (trap 'echo one' TERM; echo up; while :; do sleep 0.02; done) & "
                "(trap 'echo two' TERM; echo up; while :; do sleep 0.02; done) & echo up; while :; do sleep 0.02; done")
    until(lambda: c.said().count("up") == 3)
    r = runtime.call("kill", "--all", c.id, "TERM")
    r.ok()
    if runtime.name == "yacr":  # runc's option does nothing but for a shared pid namespace
        until(lambda: "one" in c.said() and "two" in c.said())


@pytest.mark.yacr
def test_kill_all_of_a_shared_pid_namespace_ends_the_rest(container, runtime):
    c = container()
    c.bundle.drop_namespace("pid")
    c.bundle.drop_mount("/proc")
    c.bundle.sh("sleep 1000 & sleep 1000 & echo up; exec sleep 1000")
    c.run_detached().ok()
    until(lambda: "up" in c.said())
    pids = runtime.call("ps", "-f", "json", c.id).ok().json
    assert len(pids) == 3
    os.kill(c.pid, signal.SIGKILL)
    harness.until(lambda: runtime.state(c.id)["status"] == "stopped")
    runtime.call("kill", "--all", c.id, "KILL").ok()
    until(lambda: (harness.reap_children(), runtime.call("ps", "-f", "json", c.id).json)[1] == [])


@pytest.mark.yacr
@pytest.mark.parametrize("end", [["kill", "--all", "{}", "KILL"], ["delete", "--force", "{}"]])
@pytest.mark.parametrize("pid_namespace", [True, False])
def test_a_container_that_never_stops_forking_is_ended(container, runtime, end, pid_namespace):
    c = container()
    if not pid_namespace:
        c.bundle.drop_namespace("pid")
        c.bundle.drop_mount("/proc")
    c.bundle.linux["resources"] = {"pids": {"limit": 500}}
    c.bundle.sh("for i in 1 2 3; do (while :; do (sleep 0.05 &); done) & done; exec sleep 1000")
    c.run_detached().ok()
    until(lambda: len(runtime.call("ps", "-f", "json", c.id).json) > 8)
    runtime.call(*[word.format(c.id) for word in end]).ok()
    if end[0] == "kill":
        c.wait("stopped")
        until(lambda: (harness.reap_children(), runtime.call("ps", "-f", "json", c.id).json)[1] == [])


@pytest.mark.yacr
@pytest.mark.parametrize("end", [["kill", "--all", "{}", "KILL"], ["delete", "--force", "{}"]])
def test_on_cgroup_v2_a_fork_bomb_is_ended_by_freezing_where_cgroup_kill_is_missing(running_v2, end):
    """As before Linux 5.14: here the file may not be written, since it is mounted read-only where yacr looks."""
    c = running_v2("for i in 1 2 3; do (while :; do (sleep 0.05 &); done) & done; exec sleep 1000")
    file = f"/sys/fs/cgroup{path_of(c.pid)}/cgroup.kill"
    hide = f'mount --bind {file} {file} && mount -o remount,bind,ro {file} && exec "$@"'
    on = c.runtime.variant(prefix=[*c.runtime.prefix, "sh", "-c", hide, "sh"])
    on.call(*[word.format(c.id) for word in end]).ok()
    if end[0] == "kill":
        c.wait("stopped")
    harness.until(lambda: not harness.reap_children())


@pytest.mark.root
@pytest.mark.parametrize("kind", ["nested", "threaded"])
def test_cgroups_that_were_made_below_its_own_go_with_the_container(running, runtime, kind):
    """With the processes in them."""
    c = running("for i in $(seq 20); do sleep 1000 & done; echo up; exec sleep 1000")
    until(lambda: "up" in c.said())
    pids = [pid for pid in runtime.call("ps", "--format", "json", c.id).ok().json if pid != c.pid]
    made = below(c.knobs.dirs, pids) if kind == "nested" else threads_below(c.knobs.dirs, pids)
    assert made
    c.delete("--force").ok()
    assert not [directory for directory in made if directory.exists()]


def below(dirs, pids):
    """Makes cgroups below these, a few deep, and moves a process to the end of each where one may be moved without more ado."""
    controllers = {directory: name for name, directory in dirs.items()}
    for directory, name in controllers.items():
        deepest = pathlib.Path(directory, "below/b/c/d")  # "a" is the name of another test's container
        deepest.mkdir(parents=True)
        if "cpuset" not in name:  # of v1: it would want processors first
            (deepest / "cgroup.procs").write_text(str(pids.pop()))
    return [pathlib.Path(directory) for directory in controllers]


def threads_below(dirs, pids):
    if "" not in dirs:
        pytest.skip("needs cgroup2")
    inner = pathlib.Path(dirs[""], "threads")
    inner.mkdir()
    (inner / "cgroup.type").write_text("threaded")
    (inner / "cgroup.threads").write_text(str(pids[0]))
    return [inner]


@pytest.mark.yacr
@pytest.mark.root
def test_processes_are_found_however_deep_their_cgroups_are(running, runtime):
    """Deeper than a process has descriptors, which a container does with a cgroup that it may write to."""
    c = running("for i in $(seq 9); do sleep 1000 & done; echo up; exec sleep 1000")
    until(lambda: "up" in c.said())
    pids = runtime.call("ps", "--format", "json", c.id).ok().json
    top = c.knobs.dirs.get("") or c.knobs.dirs["pids"]  # where yacr looks for them
    here = os.open(top, os.O_DIRECTORY)
    for n in range(900):
        os.mkdir("deep", dir_fd=here)
        os.mkdir("beside", dir_fd=here)
        here, above = os.open("deep", os.O_DIRECTORY, dir_fd=here), here
        os.close(above)
        if n % 100 == 99:
            with open(os.open("cgroup.procs", os.O_WRONLY, dir_fd=here), "w") as file:
                file.write(str(pids[1 + n // 100]))
    os.close(here)
    few = runtime.variant(prefix=[*runtime.prefix, "prlimit", "--nofile=100:100"])
    assert few.call("ps", "--format", "json", c.id).ok().json == pids
    few.call("kill", "--all", c.id, "KILL").ok()
    c.wait()
    few.call("delete", c.id).ok()
    assert not os.path.exists(top)


@pytest.mark.yacr
def test_delete_names_what_would_not_die_and_can_be_asked_again(container, stuck):
    c = container()
    c.bundle.drop_namespace("pid")
    c.bundle.drop_mount("/proc")
    c.bundle.mount("/mnt", stuck.directory, "bind", ["bind"])
    c.bundle.sh("cat /mnt/x & exec sleep 1000")
    c.run_detached().ok()
    assert stuck.asked.wait(10 * harness.PATIENCE)
    pids = c.runtime.call("ps", "--format", "json", c.id).ok().json
    waiting, = [pid for pid in pids if pid != c.pid]
    c.delete("--force").failed(f"1 process(es) would not die: {waiting} (cat)")
    assert c.runtime.ids() == [c.id]
    stuck.end()
    c.delete("--force").ok()
    assert c.runtime.ids() == [] and harness.cgroups_named([c.id]) == []


def test_pause_and_resume_wait_for_each_other(running, runtime):
    """Whatever the order, each command succeeds or says why not, and the container is in one state."""
    c = running()
    runs = [runtime.popen(verb, c.id, stderr=subprocess.PIPE, text=True) for verb in ["pause", "resume"] * 4]
    for p in runs:
        _, err = p.communicate(timeout=20)
        assert p.returncode == 0 or "container not" in err, err
    assert c.status in ("running", "paused")
