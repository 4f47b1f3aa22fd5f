# SPDX-License-Identifier: Apache-2.0
"""An ordinary user: one id mapped directly, or ranges through newuidmap and newgidmap."""

import os
import pathlib
import shutil
import subprocess

import pytest

import cgroups
from harness import PATIENCE, STRANGER, SUB_IDS, TREE, make_rootless


def test_one_id_is_mapped_directly(container, rootless):
    seen = container(on=rootless).probe()
    assert [l.split() for l in seen["uid_map"]] == [["0", str(STRANGER), "1"]]
    assert [l.split() for l in seen["gid_map"]] == [["0", str(STRANGER), "1"]]
    assert seen["setgroups"] == ["deny"]
    assert seen["uids"] == [0] * 3


@pytest.mark.yacr
def test_a_user_namespace_is_joined_and_its_mappings_are_seen(container, rootless):
    pod, member = container(on=rootless), container(on=rootless)
    pod.bundle.process["args"] = ["sleep", "1000"]
    pod.run_detached().ok()
    member.bundle.namespace("user", f"/proc/{pod.pid}/ns/user")
    assert member.probe()["ns"]["user"] == os.readlink(f"/proc/{pod.pid}/ns/user")


@pytest.mark.yacr
def test_exec_before_start_is_roots(container, rootless):
    """Until then init is not dumpable, so that /proc tells a user nothing of it."""
    c = container(on=rootless)
    c.create().ok()
    rootless.call("exec", c.id, "true").failed("namespace of the container", "before `start`", code=255)


@pytest.fixture
def ranges(container, rootless):
    """A container of a user with subordinate ids."""
    on = rootless.variant(sub_ids=True)
    c = container(on=on)
    make_rootless(c.bundle.config, ranges=SUB_IDS)
    return c


def test_ranges_are_mapped_by_the_helpers(ranges):
    ranges.bundle.process["user"] = {"uid": 1000, "gid": 1000, "additionalGids": [5]}
    seen = ranges.probe()
    assert [l.split() for l in seen["uid_map"]] == [["0", str(STRANGER), "1"], ["1", *map(str, SUB_IDS)]]
    assert seen["uids"] == [1000] * 3 and 5 in seen["groups"]


def test_a_range_that_is_not_the_users_is_refused(ranges):
    ranges.bundle.linux["uidMappings"][1]["hostID"] = 5
    ranges.run().failed(code=1)


@pytest.mark.yacr
def test_missing_ranges_are_explained(container, rootless):
    c = container(on=rootless)
    make_rootless(c.bundle.config, ranges=SUB_IDS)
    done = c.run().failed(code=1)
    assert "/etc/subuid" in done.err or "newuidmap" in done.err


def test_a_helper_of_an_attacker_is_not_run(ranges, place):
    evil = place.path / "evil"
    evil.mkdir()
    for name in ("newuidmap", "newgidmap"):
        (evil / name).write_text(f"#!/bin/sh\ntouch {place.path}/ran; exec /usr/bin/{name} \"$@\"\n")
        (evil / name).chmod(0o755)
    os.chmod(place.path, 0o777)
    ranges.bundle.process["args"] = ["true"]
    ranges.run(env={"PATH": f"{evil}:{os.environ['PATH']}"})
    if ranges.runtime.name == "yacr":
        assert not (place.path / "ran").exists()


def test_an_id_that_is_not_mapped_is_refused(container, rootless):
    c = container(on=rootless)
    c.bundle.process["user"]["uid"] = 1000
    c.run().failed(code=1)


def test_without_a_user_namespace_it_is_refused(container, rootless):
    c = container(on=rootless)
    c.bundle.drop_namespace("user")
    c.run().failed(code=1)


def test_another_user_does_not_see_the_containers(container, rootless, place):
    c = container(on=rootless)
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    mode = os.stat(rootless.root).st_mode & 0o777
    assert mode == 0o700
    assert os.stat(rootless.root / c.id).st_mode & 0o007 == 0 or mode == 0o700


def test_a_network_namespace_of_its_own(container, rootless):
    c = container(on=rootless)
    c.bundle.namespace("network")
    for m in c.bundle.config["mounts"]:
        if m["destination"] == "/sys":
            m.update(type="sysfs", source="sysfs", options=["nosuid", "noexec", "nodev", "ro"])
    seen = c.probe()
    assert seen["ns"]["net"] != os.readlink("/proc/self/ns/net")


@pytest.mark.yacr
def test_sysfs_without_a_network_namespace_is_bound_from_the_host(container, rootless):
    c = container(on=rootless)
    for m in c.bundle.config["mounts"]:
        if m["destination"] == "/sys":
            m.update(type="sysfs", source="sysfs", options=["nosuid", "noexec", "nodev", "ro"])
    c.bundle.sh("ls /sys/kernel >/dev/null && touch /sys/x 2>/dev/null || echo bound")
    assert c.run().ok().out == "bound\n"


def test_the_sys_of_an_ordinary_user_is_not_writable(container, rootless):
    """A fallback that loses \"ro\" has happened to others."""
    c = container(on=rootless)
    seen = c.probe()
    sys = next(l for l in seen["mounts"] if l.split()[4] == "/sys")
    assert "ro" in sys.split()[5].split(",")


def test_the_default_root_directory(container, rootless, bundle, place):
    c = container(on=rootless)
    c.bundle.process["args"] = ["true"]
    c.bundle.save()
    rootless.call("run", "--bundle", c.bundle.path, c.id, root=False).ok()
    made = [n for n in os.listdir(rootless.root)]
    assert made in ([rootless.name], [])
    for name in made:
        os.rmdir(rootless.root / name)


@pytest.mark.yacr
def test_in_a_chroot_it_is_the_chroot_that_is_to_blame(runtime, bundle, place):
    """The kernel makes no user namespaces there, whoever asks."""
    b = bundle()
    make_rootless(b.config, 0)
    b.save()
    for name in ("proc", "sys", "run"):
        (place.path / name).mkdir()
    shutil.copy(runtime.path, place.path / "yacr")
    script = ('mount -t proc proc "$1/proc" && mount --rbind /sys "$1/sys" && '
              'exec chroot "$1" /yacr --root /run run --bundle "/$2" x')
    done = subprocess.run(["unshare", "-m", "sh", "-c", script, "sh", place.path, b.path.name], capture_output=True,
                          text=True, timeout=20 * PATIENCE)
    assert done.returncode == 1 and "in a chroot" in done.stderr.splitlines()[0] and "pivot_root" in done.stderr


@pytest.mark.yacr
@pytest.mark.parametrize("name, seen", [(None, True), ("somebody", True), ("root", False)], ids=str)
def test_root_of_a_user_namespace_has_its_state_where_the_user_has(container, rootless, name, seen):
    """Podman runs us so, with XDG_RUNTIME_DIR alone; in a container of LXC, USER is root."""
    rootless = rootless.variant(root=rootless.root / "yacr")
    rootless.root.mkdir(mode=0o700)
    os.chown(rootless.root, STRANGER, STRANGER)
    c = container(on=rootless)
    c.create().ok()
    c.runtime = rootless.variant(path="unshare", driver=[])
    done = c.runtime.call("-r", TREE / "bin" / "yacr", "list", "-q", root=False, env={"XDG_RUNTIME_DIR": rootless.root.parent, "USER": name})
    c.runtime = rootless
    assert (c.id in done.out) == seen, done


@pytest.fixture
def inside_user_namespace():
    """What brings a command into a user namespace of which it is root, in the host's pid namespace."""
    holder = subprocess.Popen(["unshare", "--user", "--map-root-user", "--mount", "sh", "-c", "echo; exec sleep 1000"],
                              stdout=subprocess.PIPE)
    holder.stdout.readline()
    yield ["nsenter", f"--target={holder.pid}", "--user", "--mount", "--preserve-credentials"]
    holder.kill()
    holder.communicate()


@pytest.mark.root
@pytest.mark.yacr
def test_root_of_a_user_namespace_executes_in_its_containers(inside_user_namespace, container, runtime):
    """As Podman without root runs us: the pid namespace that we are in belongs to somebody else."""
    c = container(on=runtime.variant(prefix=inside_user_namespace, global_options=["--cgroup-manager=disabled"]))
    c.bundle.process["args"] = ["sleep", "1000"]
    c.run_detached().ok()
    assert c.runtime.call("exec", c.id, "id", "-u").ok().out == "0\n"
    c.delete("--force").ok()


@pytest.mark.yacr
def test_a_cgroup_mount_shows_the_own_one_where_none_may_be_made(container, rootless):
    """As Podman asks for on cgroup v1."""
    c = container(on=rootless)
    c.bundle.mount("/sys/fs/cgroup", "cgroup", "cgroup", ["ro", "nosuid", "noexec", "nodev"])
    c.bundle.sh("ls /sys/fs/cgroup/*/cgroup.procs /sys/fs/cgroup/cgroup.procs 2>/dev/null; true")
    assert "cgroup.procs" in c.run().ok().out


@pytest.fixture
def delegated_v1(rootless):
    """The runtime of an ordinary user who has a cgroup in one of the v1 hierarchies."""
    if "pids" not in cgroups.mounted():
        pytest.skip("needs v1's hierarchy of \"pids\"")
    top = pathlib.Path(cgroups.mounted()["pids"]) / f"yacr-delegated-{os.urandom(4).hex()}"
    (top / "own").mkdir(parents=True)
    for directory in (top, top / "own"):
        os.chown(directory, STRANGER, STRANGER)
    rootless.top = top
    rootless.prefix = ["sh", "-c", f'echo 0 >{top}/own/cgroup.procs && exec "$@"', "sh"]
    yield rootless
    for directory, _, _ in os.walk(top, topdown=False):
        os.rmdir(directory)


@pytest.mark.yacr
@pytest.mark.parametrize("shown", [False, True])
def test_a_user_has_what_there_is_of_v1(delegated_v1, container, shown):
    c = container(on=delegated_v1)
    c.bundle.process["args"] = ["sleep", "1000"]
    if shown:
        c.bundle.mount("/sys/fs/cgroup", "cgroup", type="cgroup", options=["ro"])
    c.create().ok()
    own = pathlib.Path(cgroups.hierarchies(c.pid)["pids"])
    assert own.parent == delegated_v1.top and own.name != "own"
    c.start().ok()
    assert c.status == "running"
    c.delete("--force").ok()
