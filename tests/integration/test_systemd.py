# SPDX-License-Identifier: Apache-2.0
"""The systemd cgroup driver where systemd is PID 1 (tests/vm/run), on cgroup v2: the system's and a user's own."""

import glob
import os
import shutil
import subprocess

import pytest

import harness
from harness import until
from session import HAS_SYSTEMD, Session

PATIENCE = 120  # a machine that is emulated takes its time

pytestmark = pytest.mark.skipif(not HAS_SYSTEMD, reason="needs systemd as PID 1, and cgroup v2 alone")


def systemctl(*words, user=None):
    return user.systemctl(*words) if user else subprocess.run(["systemctl", *words], capture_output=True, text=True)


def shown(unit, *properties, user=None):
    """What systemd says of a unit: one value, or a list."""
    text = systemctl("show", *(f"-p{p}" for p in properties), unit, user=user).stdout
    values = dict(line.split("=", 1) for line in text.splitlines())
    return values.get(properties[0]) if len(properties) == 1 else [values.get(p) for p in properties]


def gone(unit, user=None):
    return until(lambda: shown(unit, "LoadState", user=user) == "not-found", PATIENCE, f"{unit} to be gone")


def cgroup_of(pid):
    line, = [text for text in open(f"/proc/{pid}/cgroup") if text.startswith("0::")]
    return "/sys/fs/cgroup" + line.rstrip("\n")[3:]


class Knobs:
    """The files of a cgroup."""

    def __init__(self, path):
        self.path = path

    def __getitem__(self, name):
        with open(f"{self.path}/{name}") as f:
            return f.read().strip()

    def all(self):
        """Every setting; counters are none."""
        values = {}
        for name in os.listdir(self.path):
            if name.endswith((".max", ".min", ".low", ".high", ".weight", ".idle", ".burst", "cpuset.cpus", "cpuset.mems")):
                values[name] = self[name]
        return values


def with_systemd(runtime):
    if runtime.name == "yacr" and not (harness.TREE / "libexec" / "yacr" / "yacr-systemd").exists():
        pytest.skip("needs libsystemd, to build yacr-systemd")
    on = runtime.variant()
    on.global_options = ["--systemd-cgroup"]
    return on


@pytest.fixture
def unit(runtime, container):
    """Makes containers in the slice test.slice."""

    def make(script="sleep 1000", resources=None, annotations=None, path="test.slice:p:{}"):
        c = container(on=with_systemd(runtime))
        c.bundle.sh(script)
        c.scope = f"p-{c.id}.scope"
        c.bundle.linux["cgroupsPath"] = path.format(c.id)
        if resources:
            c.bundle.linux["resources"] = resources
        c.bundle.config["annotations"] = annotations or {}
        return c

    return make


def run(c):
    c.run_detached(timeout=PATIENCE).ok()
    c.knobs = Knobs(cgroup_of(c.pid))
    return c


# ---- a container's life ----

def test_a_container_is_a_scope_from_create_to_delete(unit, runtime):
    c = unit()
    c.create(timeout=PATIENCE).ok()
    state, slice, delegate, tasks, defaults = shown(c.scope, "ActiveState", "Slice", "Delegate", "TasksMax",
                                                    "DefaultDependencies")
    assert (state, slice, delegate, defaults) == ("active", "test.slice", "yes", "no")
    assert cgroup_of(c.pid) == f"/sys/fs/cgroup/test.slice/{c.scope}"
    assert open(cgroup_of(c.pid) + "/cgroup.procs").read().split() == [str(c.pid)]
    c.start().ok()
    runtime.call("delete", "--force", c.id, timeout=PATIENCE).ok()  # as containerd's shim does: no --systemd-cgroup
    gone(c.scope)


def test_no_limit_that_nobody_asked_for(unit):
    c = run(unit())
    assert c.knobs["pids.max"] == "max" and c.knobs["memory.max"] == "max"


def test_the_default_place(container, runtime):
    c = container(on=with_systemd(runtime))
    c.bundle.sh("sleep 1000")
    run(c)
    if runtime.name == "yacr":
        assert cgroup_of(c.pid) == f"/sys/fs/cgroup/system.slice/yacr-{c.id}.scope"
    assert cgroup_of(c.pid).startswith("/sys/fs/cgroup/system.slice/")


def test_the_program_ends_and_the_unit_with_it(unit):
    c = unit("exit 3")
    assert c.run(timeout=PATIENCE).code == 3
    gone(c.scope)


@pytest.mark.yacr
def test_what_systemd_has_forgotten_is_deleted_without_asking_it(unit, runtime, place):
    """By a yacr that has no helper to ask with, and says so where it is needed."""
    alone = runtime.variant(path=shutil.copy(runtime.path, place.path / "yacr"))
    ended, living = unit("true"), run(unit())
    ended.run_detached(timeout=PATIENCE).ok()
    gone(ended.scope)
    assert alone.call("delete", ended.id, timeout=PATIENCE).ok().err == ""
    assert "yacr-systemd" in alone.call("delete", "--force", living.id, timeout=PATIENCE).ok().err
    gone(living.scope)


def test_many_of_one_name_one_after_the_other(unit):
    c = unit("true")
    for _ in range(5):
        assert c.run(timeout=PATIENCE).code == 0
    gone(c.scope)


def test_a_create_that_fails_leaves_no_unit(unit):
    c = unit()
    c.bundle.process["args"] = ["/none"]
    assert c.create(timeout=PATIENCE).code != 0
    gone(c.scope)
    assert not glob.glob(f"/sys/fs/cgroup/**/{c.scope}", recursive=True)


@pytest.mark.yacr
def test_a_unit_that_exists_is_refused_and_stays(unit):
    c = unit()
    other = subprocess.Popen(["systemd-run", "--scope", f"--unit={c.scope}", "sleep", "1000"])
    try:
        until(lambda: shown(c.scope, "ActiveState") == "active", PATIENCE)
        c.create(timeout=PATIENCE).failed("another unit of this name", c.scope)
        assert other.poll() is None and shown(c.scope, "ActiveState") == "active"
    finally:
        systemctl("kill", "--signal=KILL", c.scope)
        other.wait()
        gone(c.scope)


@pytest.mark.yacr
def test_what_is_left_of_a_failed_unit_does_not_stand_in_the_way(unit):
    c = unit()
    # a process that no signal but KILL ends, and a stop that gives up at once: the scope has failed
    other = subprocess.Popen(["systemd-run", "--scope", f"--unit={c.scope}", "-p", "TimeoutStopSec=1ms", "sh", "-c",
                              "trap '' TERM; while :; do sleep 1; done"])
    until(lambda: shown(c.scope, "ActiveState") == "active", PATIENCE)
    systemctl("stop", c.scope)
    other.wait()
    until(lambda: shown(c.scope, "ActiveState") == "failed", PATIENCE)
    c.create(timeout=PATIENCE).ok()
    assert shown(c.scope, "ActiveState") == "active"


def test_verbs_work_through_the_cgroup(unit, runtime):
    c = run(unit("while :; do sleep 0.1; done"))
    runtime.call("pause", c.id, timeout=PATIENCE).ok()
    assert c.status == "paused"
    runtime.call("resume", c.id, timeout=PATIENCE).ok()
    assert runtime.call("exec", c.id, "/bin/true", timeout=PATIENCE).code == 0
    assert c.pid in runtime.call("ps", "--format", "json", c.id, timeout=PATIENCE).ok().json
    c.kill("KILL").ok()
    c.wait("stopped", PATIENCE)
    c.delete(timeout=PATIENCE).ok()
    gone(c.scope)


# ---- limits ----

RESOURCES = {
    "cpu": {"shares": 512, "quota": 12345, "period": 50000, "cpus": "0", "mems": "0"},
    "memory": {"limit": 64 << 20, "swap": 64 << 20, "reservation": 16 << 20},
    "pids": {"limit": 77},
}


def test_limits_stand_in_the_files_and_in_systemd(unit):
    c = run(unit(resources=RESOURCES))
    assert c.knobs["cpu.max"] == "12345 50000"
    assert c.knobs["memory.max"] == str(64 << 20) and c.knobs["memory.low"] == str(16 << 20)
    assert c.knobs["pids.max"] == "77" and c.knobs["cpuset.cpus"] == "0"
    assert shown(c.scope, "MemoryMax", "TasksMax", "AllowedCPUs") == [str(64 << 20), "77", "0"]
    assert shown(c.scope, "CPUQuotaPerSecUSec") == "250ms"  # rounded up: yacr's own file is exact


@pytest.mark.yacr
def test_daemon_reload_changes_nothing(unit):
    resources = {**RESOURCES, "devices": [{"allow": False}, {"allow": True, "type": "c", "major": 10, "minor": 229,
                                                            "access": "rw"}],
                 "unified": {"memory.high": str(60 << 20)}}
    c = unit("busybox mknod /dev/t c 4 1; touch /ready; while :; do sleep 0.1; done", resources=resources)
    run(c)
    until(lambda: (c.bundle.rootfs / "ready").exists(), PATIENCE)
    before = c.knobs.all()
    for _ in range(2):
        systemctl("daemon-reload")
        # a neighbour comes and goes: systemd looks at the whole family again
        subprocess.run(["systemd-run", "--scope", "--slice=test.slice", "-p", "CPUWeight=50", "true"], capture_output=True)
    after = c.knobs.all()
    # what no unit file can say exactly is written as it can be said: 12345 of 50000 us is 24.69 %
    assert {k: v for k, v in after.items() if k != "cpu.max"} == {k: v for k, v in before.items() if k != "cpu.max"}
    assert after["cpu.max"] in ("12345 50000", "12500 50000")
    denied = c.runtime.call("exec", c.id, "/bin/head", "-c0", "/dev/t", timeout=PATIENCE)
    assert denied.code != 0 and "not permitted" in denied.err
    allowed = c.runtime.call("exec", c.id, "/bin/head", "-c0", "/dev/null", timeout=PATIENCE)
    assert allowed.code == 0, allowed


def test_an_update_is_systemds_too(unit, runtime):
    c = run(unit(resources={"pids": {"limit": 50}}))
    runtime.call("update", "--pids-limit", "40", "--memory", str(32 << 20), "--memory-swap", str(32 << 20), "--cpu-quota",
                 "12345", "--cpu-period", "50000", c.id, timeout=PATIENCE).ok()
    assert shown(c.scope, "TasksMax", "MemoryMax") == ["40", str(32 << 20)]
    assert c.knobs["pids.max"] == "40" and c.knobs["memory.max"] == str(32 << 20)
    if runtime.name == "yacr":
        assert c.knobs["cpu.max"] == "12345 50000"
    systemctl("daemon-reload")
    assert c.knobs["pids.max"] == "40" and c.knobs["memory.max"] == str(32 << 20)


@pytest.mark.yacr
def test_one_task_is_enough(unit):
    c = unit("exec sleep 1000", resources={"pids": {"limit": 1}})
    run(c)
    assert c.knobs["pids.max"] == "1" and shown(c.scope, "TasksMax") == "1"


def test_devices_are_enforced(unit):
    c = unit("cat /dev/null && echo null; busybox mknod /dev/t c 4 1; head -c0 /dev/t 2>&1; true",
             resources={"devices": [{"allow": False}]})
    done = c.run(timeout=PATIENCE)
    assert "null" in done.out and "not permitted" in done.out, done


def test_io_limits(unit):
    disk = os.stat("/").st_dev
    numbers = {"major": os.major(disk), "minor": os.minor(disk)}
    c = run(unit(resources={"blockIO": {"throttleReadBpsDevice": [{**numbers, "rate": 1 << 20}]}}))
    assert f"{numbers['major']}:{numbers['minor']} rbps=1048576" in c.knobs["io.max"]


# ---- names, annotations ----

def test_annotations_are_properties(unit):
    c = run(unit(annotations={"org.systemd.property.TimeoutStopSec": "uint32 7",
                              "org.systemd.property.CollectMode": "'inactive-or-failed'",
                              "org.systemd.property.After": "['basic.target']"}))
    timeout, mode, after = shown(c.scope, "TimeoutStopUSec", "CollectMode", "After")
    assert (timeout, mode) == ("7s", "inactive-or-failed") and "basic.target" in after


@pytest.mark.yacr
def test_a_property_that_a_scope_does_not_have_is_named(unit):
    c = unit(annotations={"org.systemd.property.ExecStart": "'/bin/true'"})
    c.create(timeout=PATIENCE).failed("ExecStart", "annotations.org.systemd.property.ExecStart")
    gone(c.scope)


@pytest.mark.yacr
def test_a_property_of_another_type_is_named(unit):
    c = unit(annotations={"org.systemd.property.TimeoutStopUSec": "'long'"})
    assert c.create(timeout=PATIENCE).code == 1
    gone(c.scope)


def test_slices_within_slices(unit):
    c = run(unit(path="test-a-b.slice:p:{}"))
    assert c.knobs.path == f"/sys/fs/cgroup/test.slice/test-a.slice/test-a-b.slice/{c.scope}"


@pytest.mark.yacr
def test_a_plain_name(unit):
    c = run(unit(path="plain-{}"))
    assert c.knobs.path == f"/sys/fs/cgroup/system.slice/plain-{c.id}.scope"


@pytest.mark.yacr
def test_a_subgroup_with_limits(unit, runtime):
    c = run(unit(annotations={"run.oci.systemd.subgroup": "container"}, resources=RESOURCES))
    assert c.knobs.path == f"/sys/fs/cgroup/test.slice/{c.scope}/container"
    assert c.knobs["memory.max"] == str(64 << 20)
    assert runtime.call("exec", c.id, "/bin/true", timeout=PATIENCE).code == 0
    c.delete("--force", timeout=PATIENCE).ok()
    gone(c.scope)


@pytest.mark.yacr
def test_a_slice_is_a_unit_too(unit):
    c = unit(path="test.slice:p:test-{}.slice", resources={"memory": {"limit": 64 << 20}})
    run(c)
    name = f"test-{c.id}.slice"
    assert c.knobs.path == f"/sys/fs/cgroup/test.slice/{name}"
    assert shown(name, "ActiveState", "MemoryMax") == ["active", str(64 << 20)]
    c.delete("--force", timeout=PATIENCE).ok()
    until(lambda: shown(name, "ActiveState") != "active", PATIENCE)


# ---- a user's own systemd ----

@pytest.fixture(scope="module")
def user():
    return Session("tester")


@pytest.fixture
def of_user(place, runtime, bundle, user):
    """Makes a user's containers; called from a cgroup that is not his, as from a login."""

    def make(script="sleep 1000", resources=None):
        root = place.fresh("root")
        on = harness.Runtime(runtime.path, root, user=user.uid)
        on.global_options = ["--systemd-cgroup"]
        place.runtimes.append(on)
        c = harness.Container(on, bundle(user.uid))
        place.containers.append(c)
        c.bundle.sh(script)
        c.bundle.linux["cgroupsPath"] = f"user.slice:p:{c.id}"
        c.scope = f"p-{c.id}.scope"
        if resources:
            c.bundle.linux["resources"] = resources
        return c

    return make


def test_a_users_container_is_a_scope_of_the_users_systemd(of_user, user):
    c = of_user(resources={"memory": {"limit": 64 << 20}, "pids": {"limit": 33}})
    run(c)
    assert c.knobs.path == (f"/sys/fs/cgroup/user.slice/user-{user.uid}.slice/user@{user.uid}.service/user.slice/{c.scope}")
    assert shown(c.scope, "ActiveState", "MemoryMax", user=user) == ["active", str(64 << 20)]
    assert c.knobs["memory.max"] == str(64 << 20) and c.knobs["pids.max"] == "33"
    assert c.runtime.call("exec", c.id, "/bin/true", timeout=PATIENCE).code == 0
    c.runtime.call("update", "--pids-limit", "22", c.id, timeout=PATIENCE).ok()
    assert c.knobs["pids.max"] == "22"
    c.delete("--force", timeout=PATIENCE).ok()
    gone(c.scope, user=user)


def test_no_variable_of_the_environment_is_believed(of_user, user):
    c = of_user("true")
    assert c.run(env={"XDG_RUNTIME_DIR": str(c.runtime.root), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/none"},
                 timeout=PATIENCE).code == 0
