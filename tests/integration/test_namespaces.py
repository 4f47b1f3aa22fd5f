# SPDX-License-Identifier: Apache-2.0
"""Namespaces, made and joined; ids; names; sysctl; the root."""

import os
import signal
import subprocess

import pytest

from harness import host_mounts, mounts_under, until

TYPES = {"pid": "pid", "network": "net", "ipc": "ipc", "uts": "uts", "mount": "mnt", "cgroup": "cgroup", "user": "user",
         "time": "time"}


def own(kind):
    return os.readlink(f"/proc/self/ns/{kind}")


@pytest.fixture
def holder():
    """A process in namespaces of its own: gives the path of one of them."""
    started = []

    def make(kind, *more):
        flag = {"pid": "--pid", "net": "--net", "ipc": "--ipc", "uts": "--uts", "mnt": "--mount", "user": "--user",
                "cgroup": "--cgroup", "time": "--time"}[kind]
        p = subprocess.Popen(["unshare", "--fork", "--kill-child", flag, *more, "sh", "-c", "echo up; exec sleep 100"],
                             stdout=subprocess.PIPE, text=True)
        started.append(p)
        assert p.stdout.readline() == "up\n"
        child = int(open(f"/proc/{p.pid}/task/{p.pid}/children").read().split()[0])
        return f"/proc/{child}/ns/{kind}"

    yield make
    for p in started:
        p.kill()
        p.wait()
        p.stdout.close()


@pytest.mark.parametrize("type", [t for t in TYPES if t != "user"])
def test_a_namespace_of_its_own(container, type, peer):
    if type == "time" and peer:
        pytest.skip("newer than these versions")
    c = container()
    c.bundle.namespace(type)
    assert c.probe()["ns"][TYPES[type]] != own(TYPES[type])


@pytest.mark.parametrize("type", ["pid", "network", "ipc", "uts", "cgroup"])
def test_a_namespace_that_is_not_named_is_the_callers(container, type):
    c = container()
    c.bundle.drop_namespace(type)
    if type == "uts":
        del c.bundle.config["hostname"]
    if type == "network":
        c.bundle.drop_mount("/sys")
    if type == "pid" and c.runtime.user:  # whose procfs of their own is one of a pid namespace of their own
        c.bundle.drop_mount("/proc")
        c.bundle.mount("/proc", "/proc", "bind", ["rbind"])
    if type == "ipc":
        c.bundle.drop_mount("/dev/mqueue")
    assert c.probe()["ns"][TYPES[type]] == own(TYPES[type])


@pytest.mark.parametrize("type", ["network", "ipc", "uts", "cgroup", "time", "pid"])
@pytest.mark.root  # of a process of root's
def test_a_namespace_is_joined_by_its_path(container, holder, type, peer):
    if type == "time" and peer:
        pytest.skip("newer than these versions")
    path = holder(TYPES[type])
    c = container()
    c.bundle.namespace(type, path)
    if type == "uts":
        del c.bundle.config["hostname"]
    seen = c.probe()
    expected = os.readlink(path)
    assert seen["ns"][TYPES[type]] == expected


@pytest.mark.root
def test_in_a_joined_pid_namespace_the_program_is_not_the_first(container, holder):
    c = container()
    c.bundle.namespace("pid", holder("pid"))
    assert c.probe()["pid"] > 1


@pytest.mark.root
def test_state_of_a_container_in_a_joined_pid_namespace(container, holder):
    c = container()
    c.bundle.namespace("pid", holder("pid"))
    c.bundle.process["args"] = ["sleep", "1000"]
    c.create().ok()
    assert open(f"/proc/{c.pid}/status").read()
    c.start().ok()
    assert until(lambda: open(f"/proc/{c.pid}/cmdline").read()) .startswith("sleep")
    c.kill("KILL").ok()
    c.wait()


@pytest.mark.root
def test_user_and_network_namespace_of_another_are_joined_together(container, holder):
    path = holder("user", "--net", "--map-root-user")
    pid = path.split("/")[2]
    c = container()
    c.bundle.namespace("user", path)
    c.bundle.namespace("network", f"/proc/{pid}/ns/net")
    c.bundle.process["capabilities"] = {}
    seen = c.probe()
    assert seen["ns"]["user"] == os.readlink(path)
    assert seen["ns"]["net"] == os.readlink(f"/proc/{pid}/ns/net")


def mapping(*lines):
    return [dict(zip(("containerID", "hostID", "size"), line)) for line in lines]


@pytest.mark.parametrize("lines", [[(0, 100000, 65536)], [(1000, 101000, 64536), (0, 100000, 1000)]])
@pytest.mark.root
def test_mappings_beside_a_path_are_those_of_the_user_namespace(container, lines, peer):
    """As the containers of a Kubernetes pod have them."""
    pod, member = container(), container()
    pod.bundle.namespace("user")
    for key in ("uidMappings", "gidMappings"):
        pod.bundle.linux[key] = mapping((0, 100000, 65536))
        member.bundle.linux[key] = mapping(*lines)
    pod.bundle.rootfs.chmod(0o755)
    pod.bundle.process["args"] = ["sleep", "1000"]
    pod.run_detached().ok()
    member.bundle.namespace("user", f"/proc/{pod.pid}/ns/user")
    assert member.probe()["ns"]["user"] == os.readlink(f"/proc/{pod.pid}/ns/user")


@pytest.mark.yacr
@pytest.mark.parametrize("key", ["uid", "gid"])
@pytest.mark.parametrize("lines", [[(0, 100001, 65536)], [(0, 100000, 65535)], [(0, 100000, 65536), (70000, 300000, 1)]])
@pytest.mark.root
def test_mappings_that_a_joined_user_namespace_does_not_have_are_refused(container, runtime, key, lines):
    pod, member = container(), container()
    pod.bundle.namespace("user")
    for k in ("uidMappings", "gidMappings"):
        pod.bundle.linux[k] = member.bundle.linux[k] = mapping((0, 100000, 65536))
    pod.bundle.process["args"] = ["sleep", "1000"]
    pod.run_detached().ok()
    member.bundle.namespace("user", f"/proc/{pod.pid}/ns/user")
    member.bundle.linux[f"{key}Mappings"] = mapping(*lines)
    member.run().failed(f"another {key}_map: 0 100000 65536", f"linux.{key}Mappings", code=1)
    assert runtime.ids() == [pod.id]


def test_two_containers_share_namespaces_as_in_a_pod(container):
    pod, member = container(), container()
    pod.bundle.namespace("network")
    pod.bundle.process["args"] = ["sleep", "1000"]
    pod.run_detached().ok()
    for type in ("network", "ipc", "uts", "pid", *["user"] * bool(pod.runtime.user)):
        member.bundle.namespace(type, f"/proc/{pod.pid}/ns/{TYPES[type]}")
    del member.bundle.config["hostname"]
    seen = member.probe()
    for kind in ("net", "ipc", "uts", "pid"):
        assert seen["ns"][kind] == os.readlink(f"/proc/{pod.pid}/ns/{kind}")
    assert seen["hostname"] == "test"


@pytest.mark.root
def test_a_user_namespace_with_mappings(container):
    c = container()
    c.bundle.namespace("user")
    c.bundle.linux["uidMappings"] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    c.bundle.linux["gidMappings"] = [{"containerID": 0, "hostID": 200000, "size": 1000},
                                     {"containerID": 1000, "hostID": 300000, "size": 10}]
    c.bundle.process["user"] = {"uid": 0, "gid": 1005, "additionalGids": [7]}
    seen = c.probe()
    assert [line.split() for line in seen["uid_map"]] == [["0", "100000", "65536"]]
    assert [line.split() for line in seen["gid_map"]] == [["0", "200000", "1000"], ["1000", "300000", "10"]]
    assert seen["uids"] == [0] * 3 and seen["gids"] == [1005] * 3 and 7 in seen["groups"]


@pytest.mark.root
def test_the_files_of_a_user_namespace_belong_to_the_mapped_ids(container):
    c = container()
    c.bundle.namespace("user")
    for maps in ("uidMappings", "gidMappings"):
        c.bundle.linux[maps] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    c.bundle.sh("stat -c %u:%g /dev/null /dev/pts/ptmx /proc/1 /dev/shm /dev/mqueue")
    owners = c.run().ok().out.split()
    assert owners[2:] == ["0:0"] * 3


@pytest.mark.root
def test_a_user_namespace_changes_no_owner_in_the_root_file_system(container):
    c = container()
    c.bundle.namespace("user")
    for maps in ("uidMappings", "gidMappings"):
        c.bundle.linux[maps] = [{"containerID": 0, "hostID": 100000, "size": 65536}]
    owners = lambda: {path: (path.lstat().st_uid, path.lstat().st_gid) for path in c.bundle.rootfs.rglob("*")}
    before = owners()
    c.bundle.sh("stat -c %u /bin/busybox")
    assert c.run().ok().out == "65534\n"
    after = owners()
    assert {path: after[path] for path in before} == before


@pytest.mark.parametrize("maps", [
    [], [{"containerID": 0, "hostID": 0, "size": 0}],
    [{"containerID": 0, "hostID": 0, "size": 1}, {"containerID": 0, "hostID": 5, "size": 1}],
    [{"containerID": -1, "hostID": 0, "size": 1}], [{"containerID": 4294967290, "hostID": 0, "size": 100}],
], ids=["none", "of size 0", "overlapping", "negative", "beyond 2^32"])
def test_impossible_mappings_are_refused(container, maps):
    c = container()
    c.bundle.namespace("user")
    c.bundle.linux["uidMappings"] = c.bundle.linux["gidMappings"] = maps
    c.run().failed()


@pytest.mark.root
def test_many_mappings(container):
    c = container()
    c.bundle.namespace("user")
    maps = [{"containerID": i * 10, "hostID": 100000 + i * 20, "size": 10} for i in range(240)]  # a page of text is the limit
    c.bundle.linux["uidMappings"] = c.bundle.linux["gidMappings"] = maps
    assert len(c.probe()["uid_map"]) == 240


@pytest.mark.parametrize("what", ["missing", "file", "directory", "fifo", "wrong type", "relative"])
def test_a_path_that_is_no_such_namespace_is_refused(container, place, what):
    path = place.path / "ns"
    if what == "file":
        path.write_text("")
    elif what == "directory":
        path.mkdir()
    elif what == "fifo":
        os.mkfifo(path)
    elif what == "wrong type":
        path = "/proc/self/ns/net"
    elif what == "relative":
        path = "ns"
    c = container()
    c.bundle.namespace("ipc", path)
    c.run(timeout=5).failed(code=1)


def test_a_type_given_twice_is_refused(container):
    c = container()
    c.bundle.linux["namespaces"].append({"type": "pid"})
    c.run().failed(code=1)


def test_a_new_network_namespace_has_loopback_up(container):
    c = container()
    c.bundle.namespace("network")
    c.bundle.sh("ip -o link show lo")
    assert "UP" in c.run().ok().out


def test_hostname_and_domainname(container, peer):
    c = container()
    c.bundle.config["hostname"] = "a-name.example"
    if not peer:
        c.bundle.config["domainname"] = "a-domain"
    seen = c.probe()
    assert seen["hostname"] == "a-name.example"
    if not peer:
        assert seen["domainname"] == "a-domain"


def test_a_hostname_without_a_uts_namespace_is_refused(container):
    c = container()
    c.bundle.drop_namespace("uts")
    before = os.uname().nodename
    c.run().failed("hostname" if "crun" not in c.runtime.name else "")
    assert os.uname().nodename == before


def test_time_offsets(container, peer):
    if peer:
        pytest.skip("newer than these versions")
    c = container()
    c.bundle.namespace("time")
    c.bundle.linux["timeOffsets"] = {"boottime": {"secs": 1000000}, "monotonic": {"secs": 500000, "nanosecs": 5}}
    here = c.probe()
    up = float(open("/proc/uptime").read().split()[0])
    assert 990000 < here["boottime"] - up < 1010000
    assert 490000 < here["monotonic"] - up < 510000


# ---- sysctl ----

def test_sysctl_of_the_containers_namespaces(container):
    c = container()
    c.bundle.namespace("network")
    c.bundle.linux["sysctl"] = {"net.ipv4.ip_forward": "1", "kernel.msgmax": "4242", "net.ipv4.ip_default_ttl": "77"}
    c.bundle.sh("cat /proc/sys/net/ipv4/ip_forward /proc/sys/kernel/msgmax /proc/sys/net/ipv4/ip_default_ttl")
    before = open("/proc/sys/kernel/msgmax").read()
    assert c.run().ok().out.split() == ["1", "4242", "77"]
    assert open("/proc/sys/kernel/msgmax").read() == before


@pytest.mark.parametrize("key, drop", [
    ("kernel.core_pattern", None), ("vm.swappiness", None), ("net.ipv4.ip_forward", "network"),
    ("kernel.msgmax", "ipc"), ("net/../kernel/core_pattern", None), ("net..kernel.core_pattern", None),
    ("/kernel/msgmax", None), ("kernel.hostname", "uts"), ("net.../../kernel/core_pattern", None),
])
def test_a_sysctl_of_the_host_is_refused(container, key, drop):
    c = container()
    if drop:
        c.bundle.drop_namespace(drop)
        if drop == "uts":
            del c.bundle.config["hostname"]
    c.bundle.linux["sysctl"] = {key: "1"}
    before = open("/proc/sys/kernel/core_pattern").read(), os.uname().nodename
    c.run().failed(code=1)
    assert before == (open("/proc/sys/kernel/core_pattern").read(), os.uname().nodename)


# ---- without a mount namespace ----

def test_without_a_mount_namespace_the_hosts_mounts_stay_as_they_are(container):
    c = container()
    c.bundle.drop_namespace("mount")
    c.bundle.config["mounts"] = []
    c.bundle.linux["maskedPaths"] = c.bundle.linux["readonlyPaths"] = []
    before = host_mounts(c.bundle.path.parent)
    c.bundle.sh("echo inside; ls /probe")
    done = c.run()
    assert host_mounts(c.bundle.path.parent) == before
    if done.code == 0:
        assert done.out == "inside\n/probe\n"
    else:
        done.failed(code=1)


@pytest.fixture
def mounting(container, peer):
    """A container that mounts things in its caller's mount namespace, and where they may be."""
    c = container()
    c.bundle.drop_namespace("mount")
    c.bundle.drop_namespace("pid")
    c.bundle.config["mounts"] = [{"destination": "/tmp", "type": "tmpfs", "source": "tmpfs"},
                                 {"destination": "/tmp/in", "type": "tmpfs", "source": "tmpfs"},
                                 {"destination": "/mnt", "source": "/usr", "options": ["rbind", "ro"]},
                                 {"destination": "/tmp", "type": "tmpfs", "source": "again"}]
    c.bundle.linux["maskedPaths"], c.bundle.linux["readonlyPaths"] = [], []
    c.points = lambda: [line.split()[4] for line in mounts_under(c.bundle.path)]
    return c


@pytest.mark.yacr
@pytest.mark.parametrize("force", [False, True])
@pytest.mark.root  # a user's namespaces have a mount namespace, or mount nothing
def test_without_a_mount_namespace_its_mounts_go_with_the_container(mounting, force):
    own = mounting.bundle.rootfs / "var"
    subprocess.run(["mount", "-t", "tmpfs", "before", own], check=True)
    try:
        mounting.bundle.sh("exec sleep 100" if force else "[ -e /mnt/bin ] && echo seen")
        mounting.create().ok()
        assert len(mounting.points()) >= 5
        mounting.start().ok()
        if not force:
            mounting.wait()
            assert mounting.said() == "seen\n"
        mounting.delete(*["--force"] * force).ok()
        assert mounting.points() == [str(own)]
    finally:
        subprocess.run(["umount", own], check=True)


@pytest.mark.yacr
@pytest.mark.root
def test_without_a_mount_namespace_a_failing_create_leaves_no_mount(mounting):
    mounting.bundle.process["args"] = ["/no/such/program"]
    mounting.create().failed(code=1)
    assert mounting.points() == []


@pytest.mark.yacr
@pytest.mark.root
def test_without_a_mount_namespace_a_killed_create_leaves_what_delete_takes_away(mounting, place):
    mark = place.path / "mounted"
    mounting.bundle.config["hooks"] = {"createRuntime": [{"path": "/bin/sh",
                                                          "args": ["sh", "-c", f"echo > {mark}; exec sleep 100"]}]}
    mounting.bundle.save()
    create = mounting.runtime.popen("create", "--bundle", mounting.bundle.path, mounting.id)
    until(mark.exists)
    create.kill()
    create.wait()
    assert mounting.points()
    until(lambda: mounting.delete("--force").code == 0)
    assert mounting.points() == []


@pytest.mark.yacr
@pytest.mark.root
def test_without_a_mount_namespace_nothing_is_mounted_in_the_hosts_own_root(mounting):
    mounting.bundle.config["root"]["path"] = "/"
    mounting.runtime = mounting.runtime.variant(prefix=["unshare", "-m"])  # should it fail, the damage ends with it
    mounting.create().failed("the host's own", code=1)
