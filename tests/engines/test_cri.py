# SPDX-License-Identifier: Apache-2.0
"""Kubernetes' calls to containerd: pods and their containers, with RuntimeClass yacr."""

import uuid

import pytest

import image
from engine import CGROUP
from harness import until

pytest.importorskip("grpc", reason="needs Python's grpc (package python3-grpcio)")
from cri import STATES, Cri  # noqa: E402

pytestmark = pytest.mark.xdist_group("containerd")

POD, CONTAINER, NODE, TARGET = range(4)


class Pod:
    def __init__(self, cri, room, handler, network=NODE, pid=CONTAINER, ipc=POD, userns_options=None, **more):
        self.cri, self.room = cri, room
        name = uuid.uuid4().hex[:8]
        self.options = {"network": network, "pid": pid, "ipc": ipc}
        if userns_options:
            self.options["userns_options"] = userns_options
        linux = {"cgroup_parent": f"/pods/{name}", "security_context": {"namespace_options": self.options}}
        linux.update(more)
        self.config = {"metadata": {"name": name, "uid": name, "namespace": "default"}, "hostname": "pod",
                       "log_directory": f"/run/logs/{name}", "linux": linux}
        if network == NODE:
            del self.config["hostname"]
        room("mkdir", "-p", self.config["log_directory"])
        self.id = cri("RunPodSandbox", config=self.config, runtime_handler=handler)["pod_sandbox_id"]

    def create(self, *command, context=None, **more):
        """The id of a container in the pod."""
        name = uuid.uuid4().hex[:8]
        linux = {"security_context": {"namespace_options": self.options, **(context or {})}}
        linux["resources"] = more.pop("resources", {})
        config = {"metadata": {"name": name}, "image": {"image": "docker.io/library/busybox:latest"},
                  "command": list(command), "log_path": f"{name}.log", "linux": linux, **more}
        id = self.cri("CreateContainer", pod_sandbox_id=self.id, config=config, sandbox_config=self.config)["container_id"]
        self.logs = {**getattr(self, "logs", {}), id: f"{self.config['log_directory']}/{name}.log"}
        return id

    def start(self, *command, **more):
        id = self.create(*command, **more)
        self.cri("StartContainer", container_id=id)
        return id

    def sleeper(self, **more):
        return self.start("sleep", "1000", **more)

    def status(self, id):
        return self.cri("ContainerStatus", container_id=id)["status"]

    def state(self, id):
        return STATES[self.status(id).get("state", 0)]

    def said(self, id):
        """The container's output: each line of the log has a time, a stream and a tag before it."""
        lines = (self.room.root / self.logs[id][1:]).read_text().splitlines()
        return "\n".join(line.split(" ", 3)[3] for line in lines)

    def sh(self, script, **more):
        """What it says.

        The container does not end by itself: containerd may take away what it reads from while it still opens that,
        and with it the last words of one that ended meanwhile ("Failed to pipe stdout", "file already closed").
        """
        id = self.start("sh", "-c", f"({script}); echo the end; exec sleep 1000", **more)
        until(lambda: "the end" in self.said(id))
        self.cri("StopContainer", container_id=id, timeout=0)
        return self.said(id).partition("the end")[0].rstrip()

    def exec(self, id, *command):
        """(exit code, output)."""
        done = self.cri("ExecSync", container_id=id, cmd=list(command), timeout=20)
        return done.get("exit_code", 0), done.get("stdout", "").strip()

    def remove(self):
        try:
            self.cri("StopPodSandbox", pod_sandbox_id=self.id)
        except Exception as e:  # the shim of a container that has just ended may go while containerd asks it
            if "ttrpc: closed" not in str(e):
                raise
            self.cri("StopPodSandbox", pod_sandbox_id=self.id)
        self.cri("RemovePodSandbox", pod_sandbox_id=self.id)


@pytest.fixture(scope="module")
def cri(containerd):
    containerd.load("k8s.io", "/run/busybox.tar")
    image.archive(containerd.room.root / "run" / "pause.tar", "docker.io/library/pause:latest", ("sleep", "100000"))
    containerd.load("k8s.io", "/run/pause.tar")
    c = Cri(containerd.room.root / "run/containerd/containerd.sock")
    c.room = containerd.room
    for name in ("busybox", "pause"):  # this part of containerd hears of images that others load
        until(lambda: c("ImageStatus", image={"image": f"docker.io/library/{name}:latest"}).get("image"), what=name)
    yield c
    c.close()


@pytest.fixture
def pod(cri, oci):
    """Makes pods: pod(pid=POD)."""
    made = []

    def make(**options):
        made.append(Pod(cri, cri.room, oci, **options))
        return made[-1]

    yield make
    for p in made:
        p.remove()


@pytest.fixture(scope="module")
def shared(cri, oci):
    """A pod for tests that only want one."""
    p = Pod(cri, cri.room, oci)
    yield p
    p.remove()


def test_the_version_of_the_interface(cri):
    assert cri("Version", version="v1")["runtime_name"] == "containerd"


def test_a_pod_has_its_runtime(cri, oci, shared):
    status = cri("PodSandboxStatus", pod_sandbox_id=shared.id)["status"]
    assert status["runtime_handler"] == oci and status.get("state", 0) == 0


def test_a_container_in_a_pod(shared):
    assert shared.sh("echo out") == "out"
    id = shared.start("sh", "-c", "exit 5")
    until(lambda: shared.state(id) == "exited")
    assert shared.status(id)["exit_code"] == 5


def test_a_program_that_is_not_there(shared):
    with pytest.raises(Exception, match="no-such-program"):
        shared.start("no-such-program")


@pytest.mark.parametrize("kind", ["net", "ipc", "uts"])
def test_the_containers_of_a_pod_share(shared, kind):
    a, b = (shared.sh(f"readlink /proc/self/ns/{kind}") for _ in range(2))
    assert a == b and a.startswith(f"{kind}:[")


def test_the_containers_of_a_pod_have_own_processes(shared):
    assert shared.sh("echo $$") == "1"


def test_a_pod_that_shares_its_processes(pod):
    p = pod(pid=POD)
    id = p.sleeper()
    code, said = p.exec(id, "ps", "-o", "pid,args")
    assert "sleep 100000" in said and "sleep 1000\n" in said + "\n"
    assert p.exec(id, "readlink", "/proc/self/ns/pid") == p.exec(id, "readlink", "/proc/1/ns/pid")


def test_what_a_container_of_such_a_pod_started_ends_with_it(pod):
    """kill --all: no pid namespace ends these."""
    p = pod(pid=POD)
    id = p.start("sh", "-c", "sleep 2222 & exec sleep 1000")
    other = p.sleeper()
    until(lambda: "sleep 2222" in p.exec(other, "ps", "-o", "args")[1])
    p.cri("StopContainer", container_id=id, timeout=0)
    until(lambda: "sleep 2222" not in p.exec(other, "ps", "-o", "args")[1])
    assert p.state(other) == "running"


def test_the_processes_of_the_node(pod):
    p = pod(pid=NODE)
    assert p.sh("readlink /proc/self/ns/pid") == p.room("readlink", "/proc/1/ns/pid").stdout.strip()


def test_the_processes_of_another_container(pod):
    p = pod()
    target = p.sleeper()
    id = p.sleeper(context={"namespace_options": {**p.options, "pid": TARGET, "target_id": target}})
    assert p.exec(id, "readlink", "/proc/self/ns/pid") == p.exec(target, "readlink", "/proc/self/ns/pid")


def test_a_pod_with_a_network(pod, cri):
    p = pod(network=POD)
    address = cri("PodSandboxStatus", pod_sandbox_id=p.id)["status"]["network"]["ip"]
    assert address.startswith("10.88.7.")
    assert p.sh("ip -o -4 addr show eth0 | grep -o '10.88.7.[0-9]*/' | head -1; hostname") == f"{address}/\npod"


def test_the_sysctls_of_a_pod(pod):
    assert pod(network=POD, sysctls={"net.core.somaxconn": "88"}).sh("cat /proc/sys/net/core/somaxconn") == "88"


@pytest.mark.parametrize("command, code, said", [
    (["echo", "in"], 0, "in"), (["sh", "-c", "exit 3"], 3, ""), (["sh", "-c", "cmp /proc/self/cgroup /proc/1/cgroup"], 0, "")],
    ids=["output", "code", "cgroup"])
def test_execsync(shared, command, code, said):
    id = shared.sleeper()
    assert shared.exec(id, *command) == (code, said)


def test_execsync_of_what_is_none(shared):
    id = shared.sleeper()
    with pytest.raises(Exception, match="no-such-program"):
        shared.exec(id, "no-such-program")


STATUS = "sed -n 's/^{}:\t//p' /proc/self/status".format

# name: (how the container is made, script, what it says)
CONTAINERS = {
    "user": (dict(context={"run_as_user": {"value": 1000}, "run_as_group": {"value": 2000}, "supplemental_groups": [3000]}),
             "id -u; id -G", "1000\n2000 3000"),
    "read-only": (dict(context={"readonly_rootfs": True}), "touch /x 2>/dev/null || echo refused", "refused"),
    "no new privileges": (dict(context={"no_new_privs": True}), STATUS("NoNewPrivs"), "1"),
    "capabilities": (dict(context={"capabilities": {"drop_capabilities": ["ALL"], "add_capabilities": ["NET_RAW"]}}),
                     STATUS("CapEff"), "0000000000002000"),
    "seccomp": (dict(context={"seccomp": {"profile_type": 0}}), STATUS("Seccomp"), "2"),
    "seccomp unconfined": (dict(context={"seccomp": {"profile_type": 1}}), STATUS("Seccomp"), "0"),
    "masked": (dict(context={"masked_paths": ["/proc/keys", "/sys/kernel"]}), "wc -c </proc/keys; ls /sys/kernel | wc -l", "0\n0"),
    "memory": (dict(resources={"memory_limit_in_bytes": 64 << 20}),
               f"cat {CGROUP}/memory/memory.limit_in_bytes 2>/dev/null || cat {CGROUP}/memory.max", str(64 << 20)),
    "cpu": (dict(resources={"cpu_quota": 30000, "cpu_period": 100000}),
            f"cat {CGROUP}/cpu/cpu.cfs_quota_us 2>/dev/null || cut -d' ' -f1 {CGROUP}/cpu.max", "30000"),
    "oom score": (dict(resources={"oom_score_adj": 500}), "cat /proc/self/oom_score_adj", "500"),
    "environment": (dict(envs=[{"key": "A", "value": "b"}]), "echo $A", "b"),
    "directory": (dict(working_dir="/new/dir"), "pwd", "/new/dir"),
    "mount": (dict(mounts=[{"container_path": "/mnt/d", "host_path": "/etc", "readonly": True}]),
              "touch /mnt/d/x 2>/dev/null || ls /mnt/d/hostname", "/mnt/d/hostname"),
    "device": (dict(devices=[{"container_path": "/dev/f", "host_path": "/dev/fuse", "permissions": "rwm"}]),
               "(: </dev/f) && echo opened", "opened"),
}


@pytest.mark.parametrize("what", CONTAINERS)
def test_a_container_of_a_pod(shared, what):
    options, script, expected = CONTAINERS[what]
    assert shared.sh(script, **options) == expected


def test_a_privileged_pod(pod):
    p = pod(**{"security_context": {"namespace_options": {"network": NODE, "pid": CONTAINER}, "privileged": True}})
    assert p.sh("mount -t tmpfs none /mnt && echo mounted", context={"privileged": True}) == "mounted"


def test_resizing_a_running_container(shared):
    id = shared.sleeper(resources={"memory_limit_in_bytes": 64 << 20})
    shared.cri("UpdateContainerResources", container_id=id, linux={"memory_limit_in_bytes": 96 << 20, "cpu_quota": 20000,
                                                                   "cpu_period": 100000})
    said = shared.exec(id, "sh", "-c", f"cat {CGROUP}/memory/memory.limit_in_bytes {CGROUP}/cpu/cpu.cfs_quota_us 2>/dev/null || "
                       f"cat {CGROUP}/memory.max {CGROUP}/cpu.max")[1].split()
    assert said[:2] == [str(96 << 20), "20000"]


def test_statistics(shared):
    id = shared.sleeper()
    stats = until(lambda: shared.cri("ContainerStats", container_id=id)["stats"])
    assert stats["memory"]["value"]["value"] > 0


def test_oom_killed(shared):
    id = shared.start("sh", "-c", "x=xxxxxxxxxxxxxxxx; while :; do x=$x$x; done",
                      resources={"memory_limit_in_bytes": 16 << 20})
    until(lambda: shared.state(id) == "exited")
    assert shared.status(id)["exit_code"] == 137
    until(lambda: shared.status(id)["reason"] == "OOMKilled")


def test_stop_asks_first(shared):
    id = shared.start("sh", "-c", "trap 'exit 9' TERM; echo ready; while :; do sleep 0.02; done")
    until(lambda: "ready" in shared.said(id))
    shared.cri("StopContainer", container_id=id, timeout=10)
    assert shared.status(id)["exit_code"] == 9


def test_a_terminal(shared):
    assert "/dev/pts/0" in shared.sh("tty", tty=True)


def test_a_pod_that_was_removed_leaves_nothing(pod, cri, oci):
    p = Pod(cri, cri.room, oci)
    id = p.sleeper()
    p.remove()
    assert cri.room("find", CGROUP, "/run/containerd", "-name", f"*{id}*", "-o", "-name", f"*{p.id}*").stdout == ""


def test_user_namespaces_of_pods(pod, containerd):
    """containerd asks `features` for them."""
    version = containerd.room("containerd", "--version").stdout.split()[2].lstrip("v")
    if int(version.split(".")[0]) < 2:
        pytest.skip("needs containerd 2 (without it: tests/golden/containerd-pod-userns, test_namespaces.py)")
    maps = [{"host_id": 700000, "container_id": 0, "length": 65536}]
    p = pod(network=POD, userns_options={"mode": POD, "uids": maps, "gids": maps})
    assert p.sh("awk '{print $1, $2, $3}' /proc/self/uid_map") == "0 700000 65536"
