# SPDX-License-Identifier: Apache-2.0
"""What a container can do in and with its cgroup: devices, its namespace and mount, delegation, what limits do to it."""

import os
import pathlib
import shutil
import subprocess
import time

import pytest

import cgroups
import harness
from cgroups import MIB, ONLY_V2, Knobs
from harness import STRANGER, until

pytestmark = pytest.mark.cgroups

# ---- devices: numbers that no driver has (LOCAL/EXPERIMENTAL): what may be opened is missing, what may not is refused ----

DENY = {"allow": False, "access": "rwm"}


def allow(major=None, minor=None, access="rwm", type="c", yes=True):
    rule = {"allow": yes, "type": type, "access": access}
    return rule | ({"major": major} if major is not None else {}) | ({"minor": minor} if minor is not None else {})


# name, rules, of each device what may be done with it
DEVICE_RULES = [
    ("none", None, {"c60:1": "", "c1:3": "rw"}),
    ("nothing", [DENY], {"c60:1": "", "b60:1": "", "c1:3": "rw", "c5:0": "rw"}),
    ("one", [DENY, allow(60, 1)], {"c60:1": "rw", "c60:2": "", "c61:1": "", "b60:1": ""}),
    ("a block device", [DENY, allow(60, 1, type="b")], {"b60:1": "rw", "c60:1": ""}),
    ("to read", [DENY, allow(60, 1, "r")], {"c60:1": "r", "c60:2": ""}),
    ("to write", [DENY, allow(60, 1, "w")], {"c60:1": "w"}),
    ("to make", [DENY, allow(60, 1, "m")], {"c60:1": ""}),
    ("any minor", [DENY, allow(60)], {"c60:1": "rw", "c60:77": "rw", "c61:1": ""}),
    ("any major", [DENY, allow(None, 5)], {"c60:5": "rw", "c61:5": "rw", "c61:1": ""}),
    ("any number", [DENY, allow(-1, -1)], {"c60:5": "rw", "b60:5": ""}),
    ("both kinds", [DENY, allow(60, 1, type="a")], {"c60:1": "rw", "b60:1": "rw", "c60:2": ""}),
    ("later counts", [allow(60, 1), DENY, allow(61, 1)], {"c60:1": "", "c61:1": "rw"}),
    ("in two parts", [DENY, allow(60, 1, "r"), allow(60, 1, "w")], {"c60:1": "rw"}),
    ("all", [allow(type="a")], {"c60:1": "rw", "b60:1": "rw"}),
    ("all but one", [allow(type="a"), allow(60, 1, yes=False)], {"c60:1": "", "c60:2": "rw", "b60:1": "rw"}),
    ("all, one only to read", [allow(type="a"), allow(60, 1, "w", yes=False)], {"c60:1": "r", "c60:2": "rw"}),
]
V2_RULES = [
    ("an exception of an exception", [DENY, allow(60), allow(60, 1, "w", yes=False), allow(60, 1, "m")],
     {"c60:1": "r", "c60:2": "rw"}),
]


def opens(c, devices):
    """Of each device what the container may do with it."""
    letters = {}
    for device in devices:
        kind, (major, minor) = device[0], device[1:].split(":")
        c.bundle.linux.setdefault("devices", []).append(
            {"path": f"/dev/{device}", "type": kind, "major": int(major), "minor": int(minor), "fileMode": 0o666})
    c.bundle.sh("for d in %s; do (: </dev/$d) 2>&1 | grep -q 'not permitted' || echo $d r; "
                "(: >>/dev/$d) 2>&1 | grep -q 'not permitted' || echo $d w; done" % " ".join(devices))
    for line in c.run().ok().out.splitlines():
        device, letter = line.split()
        letters[device] = letters.get(device, "") + letter
    return {d: letters.get(d, "") for d in devices}


@pytest.mark.parametrize("rules, devices", [pytest.param(*row[1:], id=row[0]) for row in DEVICE_RULES + V2_RULES])
@pytest.mark.root
def test_device_rules_hold_when_devices_are_opened(container, request, rules, devices):
    c = container()
    if rules is not None:
        c.bundle.linux["resources"] = {"devices": rules}
    if "devices" in cgroups.mounted() and request.node.callspec.id in [row[0] for row in V2_RULES]:
        c.create().failed("cgroup v1 cannot make an exception", "linux.resources.devices[2]")
        return
    assert opens(c, devices) == devices


@pytest.mark.root
@pytest.mark.cgroupfs
@pytest.mark.yacr
@pytest.mark.skipif(not (harness.CGROUP2_ALONE and shutil.which("strace")), reason="needs cgroup2 alone, and strace")
def test_an_init_that_fails_before_its_device_rules_are_there_says_why(container):
    """Its cgroup may be gone by then: systemd removes that of a unit that nobody is in."""
    c = container()
    c.bundle.process["args"] = ["/no/such/program"]
    c.bundle.linux["cgroupsPath"] = f"/{c.id}"
    c.bundle.linux["resources"] = {"devices": [DENY]}
    c.bundle.save()
    trace = c.bundle.path / "trace"
    late = c.runtime.variant(prefix=["strace", "-qq", "-o", trace, "-e", "inject=bpf:delay_enter=1000000:when=2"])
    running = late.popen("run", "--bundle", c.bundle.path, c.id, stderr=subprocess.PIPE, text=True)
    until(lambda: trace.exists() and "BPF_PROG_LOAD" in trace.read_text())  # with init there already
    until(lambda: removed(pathlib.Path("/sys/fs/cgroup") / c.id))
    _, said = running.communicate(timeout=30)
    assert running.returncode == 1 and "/no/such/program" in said, said


def removed(path):
    try:
        path.rmdir()
    except OSError:
        return False
    return True


# ---- the namespace, the mount, and whose it is ----

RO = ["nosuid", "noexec", "nodev", "relatime", "ro"]


@pytest.fixture
def mounting(container):
    """A container that sees its cgroup at /sys/fs/cgroup: mounting(options); @ids: the host's id of its root."""

    def make(options, namespace=True, ids=None):
        c = container()
        if namespace:
            c.bundle.namespace("cgroup")
        if ids:
            c.bundle.namespace("user")
            for maps in ("uidMappings", "gidMappings"):
                c.bundle.linux[maps] = [{"containerID": 0, "hostID": ids, "size": 65536}]
        c.bundle.mount("/sys/fs/cgroup", "cgroup", "cgroup", options)
        return c

    return make


@pytest.fixture
def only_v2():
    if len(set(cgroups.mounted().values())) != 1:
        pytest.skip("needs a host with cgroup2 alone")


def test_cgroup_mount(mounting):
    c = mounting(RO)
    c.bundle.sh("ls /sys/fs/cgroup | head -1; mkdir /sys/fs/cgroup/x 2>&1 && echo made")
    out = c.run().out
    assert out.strip() and "made" not in out


def test_cgroup_mount_without_a_namespace_shows_the_own_cgroup(mounting):
    """Docker on cgroup v1: what is bound does not exist before the container's cgroup is made."""
    if harness.CGROUP2_ALONE:
        pytest.skip("needs a host with v1 hierarchies: cgroup2 shows all of it")
    c = mounting(RO, namespace=False)
    c.bundle.sh("cat $(find /sys/fs/cgroup -maxdepth 2 -name cgroup.procs | head -1)")
    assert c.run().ok().out.split()[0] == "1"


def test_in_a_namespace_of_its_own_the_containers_cgroup_is_the_root(mounting, only_v2):
    c = mounting(RO)
    c.bundle.sh("cat /proc/self/cgroup; cat /sys/fs/cgroup/cgroup.procs | head -1; mkdir /sys/fs/cgroup/x 2>&1")
    lines = c.run().out.splitlines()
    assert lines[:2] == ["0::/", "1"] and "Read-only" in lines[2]


def test_without_a_namespace_the_mount_is_the_hosts_and_read_only(mounting, only_v2):
    c = mounting(RO, namespace=False)
    c.bundle.sh("cat /proc/self/cgroup; mkdir /sys/fs/cgroup/x 2>&1")
    own, refused = c.run().out.splitlines()
    assert c.id in own and "Read-only" in refused


@pytest.mark.root
def test_a_writable_mount_is_delegated_to_the_containers_root(mounting, only_v2):
    c = mounting(["nosuid", "noexec", "nodev"], ids=300000)
    c.bundle.sh("mkdir /sys/fs/cgroup/x && echo 0 >/sys/fs/cgroup/x/cgroup.procs && cat /proc/self/cgroup; sleep 1000")
    c.run_detached().ok()
    until(lambda: c.said())
    assert c.said() == "0::/x\n"
    delegated = set(pathlib.Path("/sys/kernel/cgroup/delegate").read_text().split())
    directory = pathlib.Path(Knobs(c.pid).dirs[""]).parent
    there = {p.name for p in directory.iterdir()}
    assert {p.name for p in directory.iterdir() if p.stat().st_uid == 300000} - {"x"} == delegated & there
    assert directory.stat().st_uid == 300000


@pytest.mark.root
def test_a_cgroup_that_is_mounted_read_only_stays_the_hosts(mounting, only_v2):
    c = mounting(RO, ids=300000)
    c.bundle.sh("sleep 1000")
    c.run_detached().ok()
    directory = pathlib.Path(Knobs(c.pid).dirs[""])
    assert {p.stat().st_uid for p in (directory, *directory.iterdir())} == {0}


@pytest.mark.parametrize("ids", [None, pytest.param(300000, marks=pytest.mark.root)])
def test_a_delegated_cgroup_below_the_containers(mounting, runtime, ids):
    if "" not in cgroups.mounted() or runtime.name != "yacr":
        pytest.skip("needs cgroup2, and yacr")
    c = mounting(["nosuid", "noexec", "nodev"], ids=ids)
    c.runtime = runtime.variant(prefix=ONLY_V2)
    c.bundle.config["annotations"] = {"run.oci.delegate-cgroup": "inner"}
    c.bundle.sh("grep 0:: /proc/self/cgroup; mkdir /sys/fs/cgroup/inner/x && echo made; sleep 1000")
    c.run_detached().ok()
    until(lambda: "made" in c.said())
    assert c.said().split() == ["0::/inner", "made"]
    directory = pathlib.Path(Knobs(c.pid).dirs[""])
    assert directory.name == "inner" and directory.stat().st_uid == (ids or runtime.user or 0)
    assert c.runtime.call("exec", c.id, "echo", "works").ok().out == "works\n"
    c.delete("--force").ok()
    assert not directory.parent.exists()


@pytest.mark.yacr
@pytest.mark.parametrize("name, words", [("a/b", "is not the name of a cgroup"), ("..", "is not the name of a cgroup")])
def test_a_delegated_cgroup_has_a_name_and_takes_cgroup_v2(container, name, words):
    c = container()
    c.bundle.config["annotations"] = {"run.oci.delegate-cgroup": name}
    words = words if len(set(cgroups.mounted().values())) == 1 else "on cgroup v2 only"
    c.create().failed(words, "annotations.run.oci.delegate-cgroup")


# ---- an ordinary user, with a cgroup that was delegated and without ----

@pytest.fixture
def delegated(rootless):
    """The runtime of an ordinary user in a cgroup of theirs."""
    have = cgroups.controllers_of_v2()
    if "memory" not in have:
        pytest.skip("needs cgroup2 with controllers")
    top = cgroups.v2() / f"yacr-delegated-{os.urandom(4).hex()}"
    (cgroups.v2() / "cgroup.subtree_control").write_text(" ".join("+" + c for c in have if c in ("cpu", "memory", "pids", "cpuset", "io")))
    (top / "own").mkdir(parents=True)
    for directory in (top, top / "own"):
        os.chown(directory, STRANGER, STRANGER)
        for name in ("cgroup.procs", "cgroup.subtree_control", "cgroup.threads"):
            os.chown(directory / name, STRANGER, STRANGER)
    enter = ["sh", "-c", f'echo 0 >{top}/own/cgroup.procs && exec "$@"', "sh"]
    rootless.top = top
    rootless.prefix = enter
    yield rootless
    for directory, _, _ in os.walk(top, topdown=False):
        os.rmdir(directory)


@pytest.mark.cgroupfs
def test_a_users_container_has_its_limits_beside_the_users_own_cgroup(delegated, container):
    c = container(on=delegated)
    c.bundle.sh("sleep 1000")
    c.bundle.linux["resources"] = {"memory": {"limit": 64 * MIB}, "pids": {"limit": 30}, "cpu": {"shares": 512}}
    c.run_detached().ok()
    knobs = Knobs(c.pid)
    assert pathlib.Path(knobs.dirs[""]).parent == delegated.top
    assert knobs.shows({"memory.limit_in_bytes": 64 * MIB, "pids.max": 30, "cpu.shares": 512})
    delegated.call("update", "--pids-limit", "17", c.id).ok()
    assert knobs.shows({"pids.max": 17})
    delegated.call("pause", c.id).ok()
    assert c.status == "paused"
    delegated.call("resume", c.id).ok()
    assert delegated.call("events", "--stats", c.id).ok().json["data"]["pids"]["limit"] == 17
    assert delegated.call("exec", c.id, "cat", "/proc/self/cgroup").ok().out.strip().endswith(c.id)
    delegated.call("kill", "--all", c.id, "KILL").ok()
    c.wait("stopped")
    c.delete().ok()
    assert sorted(p.name for p in delegated.top.iterdir() if p.is_dir()) == ["own"]


@pytest.mark.yacr
@pytest.mark.cgroupfs
def test_a_user_who_names_a_place_that_is_not_theirs_is_told(delegated, container):
    c = container(on=delegated)
    c.bundle.linux.update(cgroupsPath="/elsewhere", resources={"pids": {"limit": 30}})
    c.create().failed("linux.resources.pids.limit", f"user {STRANGER} may not use cgroups here", "Delegate=yes")


@pytest.mark.yacr
@pytest.mark.cgroupfs
def test_without_delegation_a_user_may_have_no_limits_but_a_container(rootless, container):
    c = container(on=rootless.variant(entrance=[]))
    c.bundle.sh("echo works")
    assert c.run().ok().out == "works\n"
    c.bundle.linux["resources"] = {"pids": {"limit": 30}}
    c.run().failed("linux.resources.pids.limit", "may not use cgroups here", "Delegate=yes")


@pytest.mark.yacr
def test_limits_without_cgroups_are_refused_and_anything_else_runs(runtime, container):
    runtime.global_options = ["--cgroup-manager=disabled"]
    c = container()
    c.bundle.sh("echo works")
    assert c.run().ok().out == "works\n"
    c.bundle.linux["resources"] = {"pids": {"limit": 30}}
    c.run().failed("linux.resources.pids.limit", "cgroups are disabled or not mounted")


@pytest.mark.yacr
@pytest.mark.cgroupfs
def test_a_host_that_mounts_no_cgroups(runtime, container):
    runtime.prefix = ["unshare", "-m", "sh", "-c", 'umount -Rl /sys/fs/cgroup && exec "$@"', "sh"]
    c = container()
    c.bundle.sh("echo works")
    assert c.run().ok().out == "works\n"
    c.bundle.linux["resources"] = {"pids": {"limit": 30}}
    c.run().failed("linux.resources.pids.limit", "mounted")


@pytest.fixture
def nested(runtime, only_v2):
    """The runtime as in a container: its cgroup is the root of what it sees, and it is in one of its own below."""
    outer = cgroups.v2() / f"yacr-outer-{os.urandom(4).hex()}"
    (outer / "own").mkdir(parents=True)
    inside = "mount -t cgroup2 none /sys/fs/cgroup; echo 0 >/sys/fs/cgroup/own/cgroup.procs; echo; exec sleep 1000"
    with subprocess.Popen(["sh", "-c", f"echo 0 >{outer}/cgroup.procs; exec unshare -C -m sh -c '{inside}'"],
                          stdout=subprocess.PIPE) as holder:
        holder.stdout.readline()
        runtime.outer = outer
        runtime.prefix = ["sh", "-c", f'echo 0 >{outer}/own/cgroup.procs; exec nsenter -t {holder.pid} -C -m "$@"', "sh"]
        yield runtime
        holder.kill()
    until(lambda: "populated 0" in (outer / "cgroup.events").read_text())
    for directory, _, _ in os.walk(outer, topdown=False):
        os.rmdir(directory)


@pytest.mark.yacr
@pytest.mark.cgroupfs
@pytest.mark.root  # in a container of root's
def test_nested_in_a_container_it_uses_the_cgroup_it_was_given(nested, container):
    c = container()
    c.bundle.sh("sleep 1000")
    c.bundle.linux["resources"] = {"pids": {"limit": 30}}
    c.run_detached().ok()
    knobs = Knobs(c.pid)
    assert pathlib.Path(knobs.dirs[""]) == nested.outer / f"yacr-{c.id}" and knobs.shows({"pids.max": 30})
    c.delete("--force").ok()
    assert sorted(p.name for p in nested.outer.iterdir() if p.is_dir()) == ["own"]


# ---- what limits do ----

def test_the_oom_killer_takes_all_of_a_group(container, only_v2):
    c = container()
    c.bundle.sh("(x=a; while :; do x=$x$x; done); sleep 1000")
    c.bundle.linux["resources"] = {"memory": {"limit": 16 * MIB, "swap": 16 * MIB}, "unified": {"memory.oom.group": "1"}}
    c.run_detached().ok()
    c.wait("stopped", 20)


def test_a_throttled_disk_is_slow(container, only_v2):
    """Only the lower bound can be asserted."""
    place = harness.TREE / "build" / f"throttled-{os.urandom(4).hex()}"
    place.mkdir()
    try:
        device = os.stat(place).st_dev
        c = container()
        if c.runtime.user:
            os.chown(place, c.runtime.user, c.runtime.user)
        c.bundle.mount("/mnt", place, "bind", ["bind", "rw"])
        c.bundle.linux["resources"] = {"blockIO": {"throttleWriteBpsDevice": [
            {"major": os.major(device), "minor": os.minor(device), "rate": MIB}]}, "memory": {}}
        c.bundle.sh("dd if=/dev/zero of=/mnt/x bs=1M count=4 conv=fsync 2>/dev/null")
        begin = time.monotonic()
        c.run().ok()
        assert time.monotonic() - begin > 2
    finally:
        (place / "x").unlink(missing_ok=True)
        place.rmdir()


def test_statistics_tell_of_pressure(container, runtime, only_v2):
    c = container()
    c.bundle.sh("sleep 1000")
    c.bundle.linux["resources"] = {"memory": {"limit": 64 * MIB}, "cpu": {"shares": 100}}
    c.run_detached().ok()
    data = runtime.call("events", "--stats", c.id).ok().json["data"]
    for what in ("cpu", "memory"):
        assert {"some", "full"} <= set(data[what]["psi"]) and "avg10" in data[what]["psi"]["some"]
