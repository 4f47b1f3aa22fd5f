# SPDX-License-Identifier: Apache-2.0
"""Checkpoint and restore through Docker, containerd and Podman, with a CRIU that works here (see tests/criu.py)."""

import os
import re
import shutil
import uuid

import pytest

import criu
from engine import RUNTIMES, Docker, Engine, configure_docker, need
from harness import TREE, until

pytestmark = pytest.mark.xdist_group("checkpoint")

COUNTER = "n=0; while :; do n=$((n+1)); echo $n >>/numbers; sleep 0.1; done"


@pytest.fixture(scope="module")
def room(rooms):
    """A room where CRIU and yacr's helper are installed, too."""
    need("dockerd", "docker", "ctr", "containerd", "podman", "iptables")
    program, lacking = criu.find()
    if not program:
        pytest.skip(lacking)
    helper = TREE / "libexec" / "yacr" / "yacr-criu"
    if not helper.exists():
        pytest.skip("needs yacr-criu: `make helpers` where scripts/need test is content")
    room = rooms("checkpoint")
    place = room.root / "usr" / "local" / "libexec" / "yacr"
    place.mkdir(parents=True)
    shutil.copy2(helper, place)
    for directory in ("/usr/local/sbin", "/usr/sbin"):      # the machine's own may not work here
        if directory == "/usr/local/sbin":
            (room.root / "usr/local/sbin").mkdir(exist_ok=True)
            (room.root / "usr/local/sbin/criu").symlink_to(program)
        elif os.path.exists("/usr/sbin/criu"):
            room("mount", "--bind", program, "/usr/sbin/criu")
    return room


def grows(read):
    """The numbers that a container has written, once there are more than at first."""
    numbers = read()
    return until(lambda: (now := read()) != numbers and now)


def goes_on(read):
    """The same; and none is missing, none is there twice."""
    numbers = grows(read)
    assert numbers == [str(n + 1) for n in range(len(numbers))]


# ---- Docker ----

@pytest.fixture(scope="module")
def experimental(room):
    configure_docker(room)
    d = Docker(room).begin("dockerd", "--experimental")
    d("load", "-i", "/run/busybox.tar")
    yield d
    d.end()


@pytest.fixture
def docker(experimental, oci):
    d = Docker(experimental.room, oci)
    yield d
    d.remove_what_was_made()


def start_from(docker, id, checkpoint):
    """docker start --checkpoint; the images may still be among containerd's contents, and Docker then gives up (moby#42900)."""
    done = docker.call("start", "--checkpoint", checkpoint, id)
    if found := re.search(r"content (sha256:\w+): already exists", done.err):
        docker.room("ctr", "--address", "/run/docker/containerd/containerd.sock", "--namespace", "moby", "content", "rm", found[1])
        done = docker.call("start", "--checkpoint", checkpoint, id)
    done.ok()


@pytest.mark.parametrize("network", ["none", "bridge"])
def test_docker_checkpoint_and_start_from_it(docker, network):
    id = docker.start("--network", network, "busybox", "sh", "-c", COUNTER)
    until(lambda: docker.call("exec", id, "cat", "/numbers").code == 0)
    docker("checkpoint", "create", id, "one")
    assert docker("checkpoint", "ls", id).split()[-1] == "one"
    until(lambda: not docker.state(id)["Running"])
    start_from(docker, id, "one")
    goes_on(lambda: docker("exec", id, "cat", "/numbers").split())
    if network == "bridge":
        assert docker("exec", id, "ip", "-o", "addr", "show", "eth0").split()[3].startswith("172.")


def test_docker_checkpoint_of_what_goes_on(docker):
    id = docker.start("--network", "none", "busybox", "sh", "-c", COUNTER)
    until(lambda: docker.call("exec", id, "cat", "/numbers").code == 0)
    docker("checkpoint", "create", "--leave-running", id, "one")
    assert docker.state(id)["Running"]
    goes_on(lambda: docker("exec", id, "cat", "/numbers").split())


# ---- containerd ----

IMAGE = "docker.io/library/busybox:latest"


class Ctr(Engine):
    command = ["ctr"]

    def remove_what_was_made(self):
        for id in self.made:
            self.call("tasks", "delete", "--force", id)
            self.call("containers", "delete", id)
        self.made = []


@pytest.fixture(scope="module")
def containerd(room, experimental):
    """dockerd has started one of its own: this is another, at the usual place."""
    daemon = room.daemon("containerd")
    ctr = Ctr(room)
    until(lambda: ctr.call("version").code == 0, 30, "containerd to answer")
    ctr("images", "import", "/run/busybox.tar")
    yield ctr
    assert daemon.end() == 0, room.log[-3000:]


@pytest.fixture
def ctr(containerd, oci):
    c = Ctr(containerd.room, oci)
    yield c
    c.remove_what_was_made()


def test_containerd_checkpoint_to_an_image_and_restore_from_it(ctr):
    first, second, reference = (f"{kind}{uuid.uuid4().hex[:8]}" for kind in ("a", "b", "registry/c"))
    ctr.made += [first, second]
    ctr("run", "-d", f"--runc-binary={RUNTIMES[ctr.oci]}", IMAGE, first, "sh", "-c", COUNTER)
    until(lambda: ctr.call("tasks", "exec", "--exec-id", "x", first, "test", "-s", "/numbers").code == 0)
    ctr("containers", "checkpoint", "--rw", "--image", "--task", first, reference)
    ctr("tasks", "kill", "--signal", "KILL", first)
    ctr("containers", "restore", "--live", "--rw", second, reference)
    numbers = iter(range(1000))
    goes_on(lambda: ctr("tasks", "exec", "--exec-id", f"n{next(numbers)}", second, "cat", "/numbers").split())


# ---- Podman ----

@pytest.fixture(scope="module")
def images(room):
    room("podman", "load", "-i", "/run/busybox.tar")


class Podman(Engine):
    command = ["podman", "--cgroup-manager", "cgroupfs"]
    remove = ("rm", "-f", "-v", "-t", "0")

    def __init__(self, room, oci):
        super().__init__(room, oci)
        self.command = [*Podman.command, "--runtime", RUNTIMES[oci]]

    def options(self):
        return ["--network", "none", "--ulimit", "nofile=1024:1024", "--ulimit", "nproc=1024:1024"]


@pytest.fixture
def podman(room, images, oci):
    p = Podman(room, oci)
    yield p
    p.remove_what_was_made()


def test_podman_checkpoint_and_restore(podman):
    id = podman.start("busybox", "sh", "-c", COUNTER)
    until(lambda: podman.call("exec", id, "cat", "/numbers").code == 0)
    podman("container", "checkpoint", id)
    assert not podman.state(id)["Running"]
    podman("container", "restore", id)
    goes_on(lambda: podman("exec", id, "cat", "/numbers").split())


def test_podman_checkpoint_to_a_file_and_two_restores_from_it(podman):
    id = podman.start("busybox", "sh", "-c", COUNTER)
    until(lambda: podman.call("exec", id, "cat", "/numbers").code == 0)
    podman("container", "checkpoint", "--leave-running", "--export", "/run/checkpoint.tar", id)
    assert podman.state(id)["Running"]
    for name in ("twin1", "twin2"):
        podman.made.append(podman("container", "restore", "--import", "/run/checkpoint.tar", "--name", name).strip())
        grows(lambda: podman("exec", name, "cat", "/numbers").split())      # the file was copied a moment later
