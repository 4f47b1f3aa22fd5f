# SPDX-License-Identifier: Apache-2.0
import os
import shutil
import subprocess

import pytest

import harness
from sentinel import Sentinel


@pytest.fixture
def S(place, runtime):
    s = Sentinel(place.path / "S", runtime.path)
    yield s
    s.check()


@pytest.fixture
def mappable(place):
    """A directory where mounts can have mapped ids: where tests are otherwise, unless that is tmpfs before Linux 6.3."""
    directory = place.path / "mappable"
    kind = subprocess.run(["stat", "-f", "-c%T", place.path], capture_output=True, text=True).stdout.strip()
    if kind == "tmpfs" and tuple(map(int, os.uname().release.split(".")[:2])) < (6, 3):
        directory = harness.TREE / "build" / f"mappable-{os.urandom(4).hex()}"
    directory.mkdir()
    yield directory
    shutil.rmtree(directory)
