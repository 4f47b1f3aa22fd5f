# SPDX-License-Identifier: Apache-2.0
"""Checkpoint and restore through Docker, containerd and Podman, with a CRIU that works here (see tests/criu.py)."""

import os
import shutil
import uuid

import pytest

import criu
from conftest import configure_docker, need
from engine import RUNTIMES, Docker, Engine
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


def goes_on(read):
    """The numbers that a container has written: none is missing, none is there twice, and there will be more."""
    numbers = read()
    more = until(lambda: (now := read()) != numbers and now)
    assert more == [str(n + 1) for n in range(len(more))]
    return more


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


def test_docker_checkpoint_and_start_from_it(docker):
    id = docker.start("--network", "none", "busybox", "sh", "-c", COUNTER)
    until(lambda: docker.call("exec", id, "cat", "/numbers").code == 0)
    docker("checkpoint", "create", id, "one")
    assert docker("checkpoint", "ls", id).split()[-1] == "one"
    assert not docker.state(id)["Running"]
    docker("start", "--checkpoint", "one", id)
    goes_on(lambda: docker("exec", id, "cat", "/numbers").split())


def test_docker_checkpoint_of_what_goes_on(docker):
    id = docker.start("--network", "none", "busybox", "sh", "-c", COUNTER)
    docker("checkpoint", "create", "--leave-running", id, "one")
    assert docker.state(id)["Running"]
    goes_on(lambda: docker("exec", id, "cat", "/numbers").split())
