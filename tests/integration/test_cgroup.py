# SPDX-License-Identifier: Apache-2.0
"""linux.resources and linux.cgroupsPath, on the cgroups this host has: each row has what v1 and what cgroup2 makes of it."""

import json
import os
import pathlib
import subprocess

import pytest

import cgroups
import harness
from cgroups import MIB, UNLIMITED, Knobs
from harness import until

pytestmark = pytest.mark.cgroups

# ---- linux.resources, a row for each member ----

DISK = os.stat(harness.TREE).st_dev
DISK = f"{os.major(DISK)}:{os.minor(DISK)}"


def throttle(member, rate=1 << 20):
    major, minor = DISK.split(":")
    return {"blockIO": {member: [{"major": int(major), "minor": int(minor), "rate": rate}]}}


def memory(**members):
    return {"memory": members}


def cpu(**members):
    return {"cpu": members}


# name, resources, files of v1, files of cgroup2; instead of the files: words of the error
NOT_DELEGATED = ("hugepageLimits",)  # by systemd, to users
LIMITS = [
    ("memory.limit", memory(limit=64 * MIB), {"memory.limit_in_bytes": 64 * MIB}, {"memory.max": 64 * MIB}),
    ("memory.limit none", memory(limit=-1), {"memory.limit_in_bytes": UNLIMITED}, {"memory.max": "max"}),
    ("memory.limit 0 is not set", memory(limit=0), {"memory.limit_in_bytes": UNLIMITED}, {"memory.max": "max"}),
    ("memory.reservation", memory(reservation=32 * MIB), {"memory.soft_limit_in_bytes": 32 * MIB},
     {"memory.low": 32 * MIB}),
    ("memory.swap", memory(limit=64 * MIB, swap=96 * MIB), {"memory.memsw.limit_in_bytes": 96 * MIB},
     {"memory.swap.max": 32 * MIB}),
    ("memory.swap equal", memory(limit=64 * MIB, swap=64 * MIB), {"memory.memsw.limit_in_bytes": 64 * MIB},
     {"memory.swap.max": 0}),
    ("memory.swap none", memory(limit=64 * MIB, swap=-1), {"memory.limit_in_bytes": 64 * MIB}, {"memory.swap.max": "max"}),
    ("memory.swap alone", memory(swap=96 * MIB), "memory.swap", "memory.swap"),
    ("memory.swap below memory", memory(limit=64 * MIB, swap=32 * MIB), "memory.swap", "memory.swap"),
    ("memory.kernelTCP", memory(kernelTCP=32 * MIB), {"memory.kmem.tcp.limit_in_bytes": 32 * MIB}, "memory.kernelTCP"),
    ("memory.kernelTCP none", memory(kernelTCP=-1), {"memory.kmem.tcp.limit_in_bytes": UNLIMITED}, {}),
    ("memory.swappiness", memory(swappiness=10), {"memory.swappiness": 10}, "memory.swappiness"),
    ("memory.disableOOMKiller", memory(disableOOMKiller=True), {"memory.oom_control": "oom_kill_disable 1"},
     "memory.disableOOMKiller"),
    ("memory.disableOOMKiller false", memory(disableOOMKiller=False), {"memory.oom_control": "oom_kill_disable 0"}, {}),
    ("memory.useHierarchy", memory(useHierarchy=True), {}, {}),
    ("memory.useHierarchy false", memory(useHierarchy=False), "memory.use_hierarchy", "memory.useHierarchy"),
    ("memory.checkBeforeUpdate", memory(limit=64 * MIB, checkBeforeUpdate=True),
     {"memory.limit_in_bytes": 64 * MIB}, {"memory.max": 64 * MIB}),
    ("cpu.shares", cpu(shares=512), {"cpu.shares": 512}, {"cpu.weight": 59}),
    ("cpu.shares least", cpu(shares=2), {"cpu.shares": 2}, {"cpu.weight": 1}),
    ("cpu.shares usual", cpu(shares=1024), {"cpu.shares": 1024}, {"cpu.weight": 100}),
    ("cpu.shares most", cpu(shares=262144), {"cpu.shares": 262144}, {"cpu.weight": 10000}),
    ("cpu.quota", cpu(quota=20000), {"cpu.cfs_quota_us": 20000}, {"cpu.max": "20000 100000"}),
    ("cpu.quota none", cpu(quota=-1, period=50000), {"cpu.cfs_quota_us": -1, "cpu.cfs_period_us": 50000},
     {"cpu.max": "max 50000"}),
    ("cpu.period", cpu(quota=20000, period=50000), {"cpu.cfs_quota_us": 20000, "cpu.cfs_period_us": 50000},
     {"cpu.max": "20000 50000"}),
    ("cpu.burst", cpu(quota=20000, burst=10000), {"cpu.cfs_burst_us": 10000},
     {"cpu.max": "20000 100000", "cpu.max.burst": 10000}),
    ("cpu.burst above the quota", cpu(quota=20000, burst=30000), "cpu.burst", "cpu.burst"),
    ("cpu.realtimeRuntime", cpu(realtimeRuntime=1000), {"cpu.rt_runtime_us": 1000}, "cpu.realtimeRuntime"),
    ("cpu.realtimePeriod", cpu(realtimePeriod=500000), {"cpu.rt_period_us": 500000}, "cpu.realtimePeriod"),
    ("cpu.cpus", cpu(cpus="0"), {"cpuset.cpus": "0"}, {"cpuset.cpus": "0"}),
    ("cpu.cpus that are not there", cpu(cpus="7777"), "cpu.cpus", "cpu.cpus"),
    ("cpu.mems", cpu(mems="0"), {"cpuset.mems": "0"}, {"cpuset.mems": "0"}),
    ("cpu.idle", cpu(idle=1), {"cpu.idle": 1}, {"cpu.idle": 1}),
    ("cpu.idle with shares", cpu(idle=1, shares=512), {"cpu.idle": 1}, {"cpu.idle": 1}),
    ("blockIO.weight", {"blockIO": {"weight": 200}}, {"blkio.bfq.weight": 200}, {"io.weight": "default 1920"}),
    ("blockIO.leafWeight", {"blockIO": {"leafWeight": 200}}, "blockIO.leafWeight", "blockIO.leafWeight"),
    ("blockIO.throttleReadBpsDevice", throttle("throttleReadBpsDevice"),
     {"blkio.throttle.read_bps_device": f"{DISK} 1048576"}, {"io.max": f"{DISK} rbps=1048576 wbps=max riops=max wiops=max"}),
    ("blockIO.throttleWriteBpsDevice", throttle("throttleWriteBpsDevice"),
     {"blkio.throttle.write_bps_device": f"{DISK} 1048576"}, {"io.max": f"{DISK} rbps=max wbps=1048576 riops=max wiops=max"}),
    ("blockIO.throttleReadIOPSDevice", throttle("throttleReadIOPSDevice", 500),
     {"blkio.throttle.read_iops_device": f"{DISK} 500"}, {"io.max": f"{DISK} rbps=max wbps=max riops=500 wiops=max"}),
    ("blockIO.throttleWriteIOPSDevice", throttle("throttleWriteIOPSDevice", 500),
     {"blkio.throttle.write_iops_device": f"{DISK} 500"}, {"io.max": f"{DISK} rbps=max wbps=max riops=max wiops=500"}),
    ("hugepageLimits", {"hugepageLimits": [{"pageSize": "2MB", "limit": 4 * MIB}]},
     {"hugetlb.2MB.limit_in_bytes": 4 * MIB, "hugetlb.2MB.rsvd.limit_in_bytes": 4 * MIB},
     {"hugetlb.2MB.max": 4 * MIB, "hugetlb.2MB.rsvd.max": 4 * MIB}),
    ("hugepageLimits of no size", {"hugepageLimits": [{"pageSize": "3MB", "limit": 0}]}, "hugepageLimits[0]", "hugepageLimits[0]"),
    ("network.classID", {"network": {"classID": 1048577}}, {"net_cls.classid": 1048577}, "network.classID"),
    ("network.priorities", {"network": {"priorities": [{"name": "lo", "priority": 3}]}},
     {"net_prio.ifpriomap": "lo 3"}, "network.priorities"),
    ("pids.limit", {"pids": {"limit": 17}}, {"pids.max": 17}, {"pids.max": 17}),
    ("pids.limit none", {"pids": {"limit": -1}}, {"pids.max": "max"}, {"pids.max": "max"}),
    ("rdma of no device", {"rdma": {"none0": {"hcaHandles": 3}}}, "rdma.none0", "rdma.none0"),
    ("unified", {"unified": {"memory.high": "50331648", "pids.max": "23"}}, "unified.", {"memory.high": 48 * MIB, "pids.max": 23}),
    ("unified counts for more", {"pids": {"limit": 17}, "unified": {"pids.max": "23"}}, "unified.pids.max", {"pids.max": 23}),
    ("unified memory.oom.group", {"unified": {"memory.oom.group": "1"}}, "unified.memory.oom.group", {"memory.oom.group": 1}),
    ("unified lines", {"unified": {"io.max": f"{DISK} rbps=1048576\n{DISK} wiops=300"}}, "unified.io.max",
     {"io.max": f"{DISK} rbps=1048576 wbps=max riops=max wiops=300"}),
    ("unified file that is none", {"unified": {"pids.nonsense": "1"}}, "unified.pids.nonsense", "unified.pids.nonsense"),
    ("unified controller that is none", {"unified": {"nonsense.max": "1"}}, "unified.nonsense.max",
     '"nonsense" is not available'),
    ("unified of a path", {"unified": {"../pids.max": "1"}}, "unified.", "unified."),
    ("unified misc of no resource", {"unified": {"misc.max": "nothing 1"}}, "unified.misc.max", "unified.misc.max"),
]


def controller_of(resources, v1):
    """The controller that decides which column of a row holds."""
    if isinstance(v1, dict) and v1:
        return next(iter(v1)).split(".")[0]
    block = next(iter(resources))
    return {"blockIO": "blkio", "hugepageLimits": "hugetlb", "network": "net_cls"}.get(block, block)


@pytest.mark.parametrize("resources, v1, v2", [
    pytest.param(*row[1:], id=row[0], marks=[pytest.mark.root] * (row[0] in NOT_DELEGATED)) for row in LIMITS])
def test_a_member_of_resources(container, runtime, peer, resources, v1, v2):
    mounts = cgroups.mounted()
    name = controller_of(resources, v1)
    on_v1 = name in mounts or (name == "unified" and "pids" in mounts)
    expected = v1 if on_v1 else v2
    c = container()
    c.bundle.sh("sleep 1000")
    c.bundle.linux["resources"] = resources
    created = c.create()
    if isinstance(expected, str):
        if created.code == 0 and peer:
            pytest.xfail("does not say that it cannot be had")
        created.failed(expected)
        assert harness.cgroups_named([c.id]) == []
        return
    if created.code != 0 and "no such cgroup file" in created.err and not peer:
        pytest.skip(created.err.strip())
    created.ok()
    directory = Knobs(c.pid).dirs[name if on_v1 else ""]
    found = {file: pathlib.Path(directory, file).read_text().strip() for file in expected}
    for file, value in expected.items():
        assert str(value) in found[file].split("\n") or str(value) == found[file], found


def test_no_resources_touch_no_limits_but_the_container_has_a_cgroup(container):
    c = container()
    c.bundle.sh("sleep 1000")
    c.run_detached().ok()
    for directory in set(Knobs(c.pid).dirs.values()):
        assert c.id in directory
    assert Knobs(c.pid)["pids.max"] == "max" if "pids" in cgroups.controllers_of_v2() else True


# ---- linux.cgroupsPath ----

@pytest.fixture
def sleeper():
    """A process that is none of a container's."""
    with subprocess.Popen(["sleep", "1000"]) as process:
        yield process
        process.kill()


@pytest.fixture
def above(delegated_scope):
    """A cgroup of each hierarchy for containers to be below, a user's in their scope; gone after them, so tests name it first."""
    name = f"yacr-above-{os.urandom(4).hex()}"
    if delegated_scope:
        name = f"{os.path.relpath(delegated_scope.path, cgroups.v2())}/{name}"
    roots = {pathlib.Path(m) for m in cgroups.mounted().values()}
    yield name
    for root in roots:
        for directory, _, _ in os.walk(root / name, topdown=False):
            os.rmdir(directory)


def path_of(pid):
    return (pathlib.Path(f"/proc/{pid}/cgroup").read_text().splitlines()[-1]).split(":", 2)[2]


@pytest.mark.parametrize("form", ["/{}/x", "{}/x", "//{}/./x/"])
@pytest.mark.cgroupfs
def test_a_path_is_below_the_mount_point_and_made(above, container, form):
    c = container()
    c.bundle.sh("sleep 1000")
    c.bundle.linux["cgroupsPath"] = form.format(above)
    c.run_detached().ok()
    assert path_of(c.pid) == f"/{above}/x"
    c.delete("--force").ok()
    assert not [root for root in set(cgroups.mounted().values()) if os.path.exists(f"{root}/{above}")]


@pytest.mark.parametrize("path", ["/../x", "a:b:c", "/", "a\nb"])
@pytest.mark.yacr
@pytest.mark.cgroupfs
def test_a_path_that_makes_no_sense_is_refused(container, path):
    c = container()
    c.bundle.linux["cgroupsPath"] = path
    c.create().failed("linux.cgroupsPath")


@pytest.mark.cgroupfs
def test_a_cgroup_that_others_live_in_is_refused(above, container, peer):
    first, second = container(), container()
    for c in (first, second):
        c.bundle.sh("sleep 1000")
        c.bundle.linux["cgroupsPath"] = f"/{above}/x"
    first.run_detached().ok()
    r = second.create()
    if peer == "crun":
        pytest.xfail("does not look")
    r.failed("cgroup is not empty")
    assert first.status == "running"


@pytest.mark.yacr
@pytest.mark.cgroupfs
def test_a_frozen_cgroup_is_refused(above, container):
    mounts = cgroups.mounted()
    directory = pathlib.Path(mounts.get("freezer") or mounts[""], above)
    directory.mkdir()
    file, on = ("freezer.state", "FROZEN") if "freezer" in mounts else ("cgroup.freeze", "1")
    (directory / file).write_text(on)
    c = container()
    c.bundle.linux["cgroupsPath"] = f"/{above}"
    c.create().failed("cgroup unexpectedly frozen")


# ---- cgroup2: controllers down the path ----

@pytest.fixture
def pids_on_v2():
    if "pids" not in cgroups.controllers_of_v2():
        pytest.skip("needs cgroup2 with the pids controller")
    return cgroups.v2()


@pytest.mark.cgroupfs
def test_controllers_are_enabled_down_the_path(above, container, pids_on_v2):
    c = container()
    c.bundle.sh("sleep 1000")
    c.bundle.linux.update(cgroupsPath=f"/{above}/b/c", resources={"pids": {"limit": 17}, "memory": {"limit": 64 * MIB}})
    c.run_detached().ok()
    for level in (above, f"{above}/b"):
        assert {"pids", "memory"} <= set((pids_on_v2 / level / "cgroup.subtree_control").read_text().split())
    assert (pids_on_v2 / above / "b/c/cgroup.subtree_control").read_text().split() == []


@pytest.mark.yacr
@pytest.mark.cgroupfs
def test_a_level_with_processes_of_its_own_says_why_it_refuses(above, container, place, sleeper, pids_on_v2):
    level = pids_on_v2 / above
    level.mkdir()
    place.give(level, level / "cgroup.subtree_control")
    (level / "cgroup.procs").write_text(str(sleeper.pid))
    c = container()
    c.bundle.linux.update(cgroupsPath=f"/{above}/x", resources={"memory": {"limit": 64 * MIB}})
    c.create().failed("memory", above, "processes live in that cgroup", "linux.resources.memory.limit")
    assert not (level / "x").exists()


@pytest.mark.yacr
@pytest.mark.cgroupfs
def test_a_threaded_level_says_why_it_refuses(above, container, place, pids_on_v2):
    level = pids_on_v2 / above
    (level / "threads").mkdir(parents=True)
    place.give(level, level / "cgroup.subtree_control")
    (level / "threads/cgroup.type").write_text("threaded")
    c = container()
    c.bundle.linux.update(cgroupsPath=f"/{above}/x", resources={"memory": {"limit": 64 * MIB}})
    c.create().failed("memory", "threaded cgroup", "linux.resources.memory.limit")
    assert not (level / "x").exists()


@pytest.mark.yacr
@pytest.mark.cgroupfs
def test_a_controller_that_the_level_above_does_not_hand_down(above, container, place, pids_on_v2):
    level = pids_on_v2 / above
    level.mkdir()
    place.give(level, level / "cgroup.subtree_control")
    c = container()
    c.bundle.linux.update(cgroupsPath=f"/{above}/x", resources={"unified": {"nonsense.max": "1"}})
    c.create().failed("nonsense", "not available", "linux.resources.unified.nonsense.max")
    assert not (level / "x").exists()
