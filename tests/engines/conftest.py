# SPDX-License-Identifier: Apache-2.0
import os
import pathlib
import shutil
import sys

import pytest

sys.path.insert(0, os.path.dirname(__file__))
import image  # noqa: E402
from harness import until  # noqa: E402
from engine import PACKAGING, RUNTIMES, Docker, configure_docker, need  # noqa: E402
from room import Room  # noqa: E402

TESTS = pathlib.Path(__file__).resolve().parents[1]
YACR = TESTS.parent / "bin" / "yacr"


@pytest.fixture(scope="session", params=list(RUNTIMES))
def oci(request):
    """The same test with each, to know what the engine itself does."""
    return request.param


def furnish(path, hostname="room"):
    """A room where yacr is installed and the image's archive is /run/busybox.tar."""
    place = path / "upper" / "usr" / "local" / "bin"
    place.mkdir(parents=True)
    shutil.copy2(YACR, place / "yacr")
    room = Room(path, hostname)
    image.archive(room.root / "run" / "busybox.tar")
    return room


@pytest.fixture(scope="session")
def rooms(tmp_path_factory):
    """Makes rooms that last until the tests end: rooms(hostname)."""
    need("unshare", "nsenter", "ip")
    made = []

    def make(hostname="room"):
        made.append(furnish(tmp_path_factory.mktemp("room") / hostname, hostname))
        return made[-1]

    yield make
    for room in made:
        room.close()


@pytest.fixture(scope="session")
def room(rooms):
    return rooms()


@pytest.fixture(scope="session")
def dockerd(room):
    """An installed Docker, configured as docs/engines.md has it."""
    need("dockerd", "docker", "iptables")
    configure_docker(room)
    d = Docker(room).begin()
    d("load", "-i", "/run/busybox.tar")
    yield d
    d.end()


@pytest.fixture
def docker(dockerd, oci):
    """Docker with one of the runtimes; what a test made is removed."""
    d = Docker(dockerd.room, oci)
    yield d
    d.remove_what_was_made()


@pytest.fixture(scope="module")
def sleeper(dockerd, oci):
    """A container for tests that only look at it."""
    d = Docker(dockerd.room, oci)
    yield d.sleeper("--hostname", "sleeper")
    d.remove_what_was_made()


CNI = """{"cniVersion": "0.4.0", "name": "pods", "plugins": [{"type": "bridge", "bridge": "cni0", "isGateway": true,
 "ipam": {"type": "host-local", "ranges": [[{"subnet": "10.88.7.0/24"}]]}}]}"""
# What a distribution's containerd has in its configuration, an image that cannot be pulled here, and no lowering of
# the OOM score: that needs CAP_SYS_RESOURCE.
CONTAINERD = """version = 2
[plugins."io.containerd.grpc.v1.cri"]
  sandbox_image = "docker.io/library/pause:latest"
  restrict_oom_score_adj = true
[plugins."io.containerd.grpc.v1.cri".cni]
  bin_dir = "/usr/lib/cni"
"""


class Containerd:
    def __init__(self, room):
        self.room = room
        etc = room.root / "etc"
        for name in ("containerd", "cni", "cni/net.d"):
            (etc / name).mkdir(exist_ok=True)
        (etc / "cni/net.d/10-pods.conflist").write_text(CNI)
        (etc / "containerd/config.toml").write_text(CONTAINERD + (PACKAGING / "containerd.toml").read_text())
        self.daemon = room.daemon("containerd")
        until(lambda: room("ctr", "version", check=False).returncode == 0, 60, "containerd to answer")

    def load(self, namespace, archive):
        self.room("ctr", "-n", namespace, "images", "import", archive)


@pytest.fixture(scope="session")
def containerd(rooms):
    """containerd, configured as docs/engines.md has it."""
    need("containerd", "ctr", "bridge")
    c = Containerd(rooms())
    c.load("default", "/run/busybox.tar")
    yield c
    assert c.daemon.end() == 0
