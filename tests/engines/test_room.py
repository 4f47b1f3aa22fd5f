# SPDX-License-Identifier: Apache-2.0
"""The rooms that the other tests are in."""

import glob
import pathlib

import pytest

from engine import CGROUP, need
from harness import until
from room import Room, sweep

pytestmark = pytest.mark.xdist_group("containerd")
INNER = "for d in /sys/fs/cgroup/*/; do mkdir $d/inner; done"


def test_a_room_ends_with_the_tests(tmp_path):
    """However these end, and with all that was started in it."""
    need("unshare", "nsenter", "ip")
    room = Room(tmp_path / "room")
    daemon = room.daemon("sh", "-c", f"{INNER}; trap '' TERM HUP INT; setsid sleep 1000 & wait")
    until(lambda: room("pgrep", "-x", "sleep", check=False).returncode == 0)
    room.process.stdin.close()
    assert room.process.wait(10) == 0 and daemon.process.wait(10) != 0
    sweep(room.name)
    assert not glob.glob(f"{CGROUP}/**/{room.name}", recursive=True)
    assert str(room.path) not in pathlib.Path("/proc/mounts").read_text()


def test_a_room_is_not_swept_while_its_tests_go_on(tmp_path):
    need("unshare", "nsenter", "ip")
    room = Room(tmp_path / "room")
    room("sh", "-c", INNER)
    sweep()
    assert room("sh", "-c", "ls -d /sys/fs/cgroup/*/inner").stdout
    room.close()
