# SPDX-License-Identifier: Apache-2.0
"""The systemd cgroup driver where systemd is PID 1 (tests/vm/run): the system's and, on cgroup v2 alone, a user's own."""

import glob
import os
import shutil
import subprocess

import pytest

import cgroups
import harness
from cgroups import MIB, UNLIMITED
from harness import until
from session import Session
from test_checkpoint import helper, pipe, program  # noqa: F401: fixtures
from units import PATIENCE, Knobs, cgroup_of, gone, shown, systemctl

pytestmark = pytest.mark.skipif(not os.path.isdir("/run/systemd/system"), reason="needs systemd as PID 1")

# One after the other: when systemd reloads, or a neighbour comes, it may write what it can say of every unit's limits again.
reloading = pytest.mark.xdist_group("reload")
MEMORY = "MemoryLimit" if "memory" in cgroups.mounted() else "MemoryMax"  # what systemd calls it


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
    c.knobs = Knobs(c.pid)
    return c


# ---- a container's life ----

def test_a_container_is_a_scope_from_create_to_delete(unit, runtime):
    c = unit()
    c.create(timeout=PATIENCE).ok()
    state, slice, delegate, tasks, defaults = shown(c.scope, "ActiveState", "Slice", "Delegate", "TasksMax",
                                                    "DefaultDependencies")
    assert (state, slice, delegate, defaults) == ("active", "test.slice", "yes", "no")
    for directory in set(Knobs(c.pid).dirs.values()):
        assert directory.endswith(f"/test.slice/{c.scope}")
        assert open(directory + "/cgroup.procs").read().split() == [str(c.pid)]
    c.start().ok()
    runtime.call("delete", "--force", c.id, timeout=PATIENCE).ok()  # as containerd's shim does: no --systemd-cgroup
    gone(c.scope)


def test_no_limit_that_nobody_asked_for(unit):
    c = run(unit())
    assert c.knobs["pids.max"] == "max" and c.knobs["memory.limit_in_bytes"] in ("max", UNLIMITED)


def test_the_default_place(container, runtime):
    c = container(on=with_systemd(runtime))
    c.bundle.sh("sleep 1000")
    run(c)
    if runtime.name == "yacr":
        assert cgroup_of(c.pid) == f"/system.slice/yacr-{c.id}.scope"
    assert cgroup_of(c.pid).startswith("/system.slice/")


def test_the_program_ends_and_the_unit_with_it(unit):
    c = unit("exit 3")
    assert c.run(timeout=PATIENCE).code == 3
    gone(c.scope)


@pytest.mark.yacr
def test_what_systemd_has_forgotten_is_deleted_without_asking_it(unit, runtime, place):
    """By a yacr that has no helper to ask with, and says so where it is needed: a slice does not end by itself."""
    alone = runtime.variant(path=shutil.copy(runtime.path, place.path / "yacr"), global_options=["--log-level", "warning"])
    scope, slice = unit("true"), unit("true", path="test.slice:p:test-{}.slice")
    for c in (scope, slice):
        c.run_detached(timeout=PATIENCE).ok()
        c.wait("stopped", PATIENCE)
    gone(scope.scope)
    assert alone.call("delete", scope.id, timeout=PATIENCE).ok().err == ""
    assert "yacr-systemd" in alone.call("delete", slice.id, timeout=PATIENCE).ok().err
    systemctl("stop", f"test-{slice.id}.slice")


@pytest.mark.yacr
def test_from_a_pid_namespace_of_its_own_it_is_a_scope_too(unit):
    """Where yacr's numbers of processes are not systemd's."""
    c = unit("cat /proc/self/cgroup")
    c.runtime.prefix = ["unshare", "--pid", "--mount-proc", "--fork", "sh", "-c", '"$@"; exit', "sh"]
    assert f"/test.slice/{c.scope}\n" in c.run(timeout=PATIENCE).ok().out
    gone(c.scope)


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
                              "trap '' TERM; echo; while :; do sleep 1; done"], stdout=subprocess.PIPE)
    other.stdout.readline()
    assert shown(c.scope, "ActiveState") == "active"
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


@reloading
@pytest.mark.yacr
def test_a_restored_container_is_a_scope_again(unit, place, pipe, program):  # noqa: F811
    c = unit("n=0; while :; do n=$((n+1)); echo $n; sleep 0.1; done", resources=RESOURCES)
    c.runtime.global_options += ["--criu", str(program)]
    c.bundle.save()
    c.runtime.call("run", "-d", "--bundle", c.bundle.path, c.id, out=pipe.writer, timeout=PATIENCE).ok()
    until(lambda: "3\n" in pipe.read(), PATIENCE)
    c.runtime.call("checkpoint", "--image-path", place.path / "images", c.id, timeout=PATIENCE).ok()
    gone(c.scope)
    counted = len(pipe.read())
    c.runtime.call("restore", "-d", "--image-path", place.path / "images", "--bundle", c.bundle.path, c.id, out=pipe.writer,
                   timeout=PATIENCE).ok()
    until(lambda: len(pipe.read()) > counted, PATIENCE)
    assert pipe.read().split().count("1") == 1  # it went on, and did not begin again
    for _ in range(2):
        assert cgroup_of(c.pid) == f"/test.slice/{c.scope}" and shown(c.scope, "ActiveState", "Slice") == ["active", "test.slice"]
        assert Knobs(c.pid).shows({"pids.max": 77, "memory.limit_in_bytes": 64 * MIB})
        assert shown(c.scope, MEMORY, "TasksMax") == [str(64 * MIB), "77"]
        systemctl("daemon-reload")
    c.delete("--force", timeout=PATIENCE).ok()
    gone(c.scope)


# ---- limits ----

RESOURCES = {
    "cpu": {"shares": 512, "quota": 12345, "period": 50000, "cpus": "0", "mems": "0"},
    "memory": {"limit": 64 * MIB, "swap": 64 * MIB, "reservation": 16 * MIB},
    "pids": {"limit": 77},
}


@reloading
def test_limits_stand_in_the_files_and_in_systemd(unit):
    c = run(unit(resources=RESOURCES))
    assert c.knobs.shows({"cpu.cfs_quota_us": 12345, "cpu.cfs_period_us": 50000, "memory.limit_in_bytes": 64 * MIB,
                          "memory.soft_limit_in_bytes": 16 * MIB, "pids.max": 77, "cpuset.cpus": "0"})
    assert shown(c.scope, MEMORY, "TasksMax") == [str(64 * MIB), "77"]
    if "cpuset" not in cgroups.mounted():  # of v1's systemd knows nothing
        assert shown(c.scope, "AllowedCPUs") == "0"
    assert shown(c.scope, "CPUQuotaPerSecUSec") == "250ms"  # rounded up: yacr's own file is exact


@reloading
@pytest.mark.yacr
def test_daemon_reload_changes_nothing(unit):
    resources = {**RESOURCES, "devices": [{"allow": False}, {"allow": True, "type": "c", "major": 10, "minor": 229,
                                                            "access": "rw"}]}
    if "memory" in cgroups.controllers_of_v2():
        resources["unified"] = {"memory.high": str(60 * MIB)}
    c = unit("busybox mknod /dev/t c 4 1; touch /ready; while :; do sleep 0.1; done", resources=resources)
    run(c)
    until(lambda: (c.bundle.rootfs / "ready").exists(), PATIENCE)
    before = c.knobs.settings()
    for _ in range(2):
        systemctl("daemon-reload")
        # a neighbour comes and goes: systemd looks at the whole family again
        subprocess.run(["systemd-run", "--scope", "--slice=test.slice", "-p", "CPUWeight=50", "true"], capture_output=True)
    # what no unit file can say exactly is written as it can be said: 12345 of 50000 us is 24.69 %
    quota, *_ = c.knobs.find("cpu.cfs_quota_us")
    changed = {file: text for file, text in c.knobs.settings().items() if text != before[file]}
    assert changed == {} or (list(changed) == [quota] and c.knobs["cpu.cfs_quota_us"] == "12500"), changed
    denied = c.runtime.call("exec", c.id, "/bin/head", "-c0", "/dev/t", timeout=PATIENCE)
    assert denied.code != 0 and "not permitted" in denied.err
    allowed = c.runtime.call("exec", c.id, "/bin/head", "-c0", "/dev/null", timeout=PATIENCE)
    assert allowed.code == 0, allowed


@reloading
def test_an_update_is_systemds_too(unit, runtime):
    c = run(unit(resources={"pids": {"limit": 50}}))
    runtime.call("update", "--pids-limit", "40", "--memory", str(32 * MIB), "--memory-swap", str(32 * MIB), "--cpu-quota",
                 "12345", "--cpu-period", "50000", c.id, timeout=PATIENCE).ok()
    assert shown(c.scope, "TasksMax", MEMORY) == ["40", str(32 * MIB)]
    assert c.knobs.shows({"pids.max": 40, "memory.limit_in_bytes": 32 * MIB})
    if runtime.name == "yacr":
        assert c.knobs.shows({"cpu.cfs_quota_us": 12345, "cpu.cfs_period_us": 50000})
    systemctl("daemon-reload")
    assert c.knobs.shows({"pids.max": 40, "memory.limit_in_bytes": 32 * MIB})


@pytest.mark.yacr
def test_one_task_is_enough(unit):
    c = unit("exec sleep 1000", resources={"pids": {"limit": 1}})
    run(c)
    assert c.knobs["pids.max"] == "1" and shown(c.scope, "TasksMax") == "1"


def test_devices_are_enforced(unit):
    c = unit("cat /dev/null && echo null; busybox mknod /dev/t c 4 1; head -c0 /dev/t 2>&1; true",
             resources={"devices": [{"allow": False, "access": "rwm"}]})
    done = c.run(timeout=PATIENCE)
    assert "null" in done.out and "not permitted" in done.out, done


def test_io_limits(unit):
    disk = os.stat("/").st_dev
    numbers = {"major": os.major(disk), "minor": os.minor(disk)}
    c = run(unit(resources={"blockIO": {"throttleReadBpsDevice": [{**numbers, "rate": 1 << 20}]}}))
    if "blkio" in c.knobs.dirs:
        assert c.knobs["blkio.throttle.read_bps_device"] == f"{numbers['major']}:{numbers['minor']} 1048576"
    else:
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
    assert cgroup_of(c.pid) == f"/test.slice/test-a.slice/test-a-b.slice/{c.scope}"


@pytest.mark.yacr
def test_a_plain_name(unit):
    c = run(unit(path="plain-{}"))
    assert cgroup_of(c.pid) == f"/system.slice/plain-{c.id}.scope"


@pytest.mark.yacr
def test_a_subgroup_with_limits(unit, runtime):
    c = run(unit(annotations={"run.oci.systemd.subgroup": "container"}, resources=RESOURCES))
    assert cgroup_of(c.pid) == f"/test.slice/{c.scope}/container"
    assert c.knobs.shows({"memory.limit_in_bytes": 64 * MIB})
    assert runtime.call("exec", c.id, "/bin/true", timeout=PATIENCE).code == 0
    c.delete("--force", timeout=PATIENCE).ok()
    gone(c.scope)


@pytest.mark.yacr
def test_a_slice_is_a_unit_too(unit):
    c = unit(path="test.slice:p:test-{}.slice", resources={"memory": {"limit": 64 * MIB}})
    run(c)
    name = f"test-{c.id}.slice"
    assert cgroup_of(c.pid) == f"/test.slice/{name}"
    assert shown(name, "ActiveState", MEMORY) == ["active", str(64 * MIB)]
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
    c = of_user(resources={"memory": {"limit": 64 * MIB}, "pids": {"limit": 33}})
    run(c)
    assert cgroup_of(c.pid) == f"/user.slice/user-{user.uid}.slice/user@{user.uid}.service/user.slice/{c.scope}"
    assert shown(c.scope, "ActiveState", "MemoryMax", user=user) == ["active", str(64 * MIB)]
    assert c.knobs.shows({"memory.limit_in_bytes": 64 * MIB, "pids.max": 33})
    assert c.runtime.call("exec", c.id, "/bin/true", timeout=PATIENCE).code == 0
    c.runtime.call("update", "--pids-limit", "22", c.id, timeout=PATIENCE).ok()
    assert c.knobs["pids.max"] == "22"
    c.delete("--force", timeout=PATIENCE).ok()
    gone(c.scope, user=user)


def test_no_variable_of_the_environment_is_believed(of_user, user):
    c = of_user("true")
    assert c.run(env={"XDG_RUNTIME_DIR": str(c.runtime.root), "DBUS_SESSION_BUS_ADDRESS": "unix:path=/none"},
                 timeout=PATIENCE).code == 0
